//! Re-exports a child that uses an item of its parent: an alias is no edge.

mod inner;

pub use self::inner::{Inner, Kind};
pub(crate) use inner::secret as plain;

pub struct Base;

#[cfg(test)]
mod tests {
    use super::inner::Inner;

    #[test]
    fn uses_what_it_likes() {
        Inner::new();
    }
}
