//! Names the same item through the root's glob and by its own path.

pub fn words() -> usize {
    let (inner, _) = crate::Inner::new();
    format!("{:?} {}", inner, crate::numbers::one()).len()
}
