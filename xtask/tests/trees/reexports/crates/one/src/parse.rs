//! A module and a function of one name.

use crate::{plain, Inner as Renamed, Root};

pub fn parse(_: Renamed) -> Root {
    plain();
    Root
}
