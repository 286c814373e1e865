use crate::track::Tracker;

pub struct Source(pub Tracker);
