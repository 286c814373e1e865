mod child;

use child::Child;

pub struct Parent(Option<Box<Child>>);
