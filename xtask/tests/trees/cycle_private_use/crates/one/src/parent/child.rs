use super::Parent;

pub struct Child(Parent);
