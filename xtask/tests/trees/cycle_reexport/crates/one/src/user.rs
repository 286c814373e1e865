use crate::facade::{self, Hidden as Shown};

pub struct User(Shown, Option<facade::Hidden>);
