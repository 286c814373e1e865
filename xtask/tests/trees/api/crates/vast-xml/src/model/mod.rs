#[derive(Clone)]
#[non_exhaustive]
pub enum Ad {
    InLine,
    Wrapper { tag: String },
    Other(u8),
}

pub trait Visit: Send {
    fn visit(&mut self, ad: &Ad);
    fn end(&mut self) {}
}

impl<T: Visit> Visit for Box<T> {
    fn visit(&mut self, ad: &Ad) {}
}

events! { Start "start", Skip "skip" }
pub use std::time::Duration;

#[doc(hidden)]
pub fn internal() {}
