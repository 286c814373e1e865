use crate::fetch::Request;

pub struct Tracker(pub Request);
