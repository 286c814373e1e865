#[cfg(test)]
use crate::facade::Kind;

pub fn one() -> u8 {
    1
}

/// Only the tests look back.
#[cfg(test)]
mod tests {
    use crate::facade::Inner;

    #[test]
    fn one_is_one() {
        assert_eq!(Inner::new().1, super::one());
    }
}
