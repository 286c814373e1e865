use std::fmt;

use crate::model::Ad;

pub fn read<'a>(
    text: &'a str,
    limit: Option<usize>,
) -> Result<Ad, fmt::Error> {
    todo!()
}

/// Reads.
#[derive(Debug)]
pub struct Reader {
    pub depth: usize,
    place: usize,
}

impl Reader {
    pub fn new() -> Self {
        todo!()
    }
    fn private(&self) {}
    setters! {
        /// Sets the depth.
        with_depth(depth: usize);
        with_place(place: usize);
    }
}

#[cfg(feature = "json")]
impl fmt::Display for Reader {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

pub struct NotExported;
