use crate::track::event::late::Late;

pub struct Entry(pub Late);
