use std::fmt;

use super::Base;
use crate::numbers::*;

pub struct Inner(Base);

pub enum Kind {
    First,
}

impl Inner {
    pub fn new() -> (Self, u8) {
        (Self(Base), one())
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Kind::First {
            Kind::First => formatter.write_str("inner"),
        }
    }
}

pub(crate) fn secret() {}
