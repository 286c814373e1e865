pub mod first {
    pub use crate::second::Second;
    pub struct First;
}

pub mod second {
    pub struct Second(crate::first::First);
}
