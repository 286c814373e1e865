mod parent {
    use child::*;

    pub struct Parent;

    pub fn children() -> usize {
        count()
    }

    mod child {
        use super::*;

        pub fn count() -> usize {
            size_of::<Parent>()
        }
    }
}
