pub mod parent {
    mod child {
        pub struct Child(super::Parent);
    }

    pub use child::Child;

    pub struct Parent(Option<Box<Child>>);
}
