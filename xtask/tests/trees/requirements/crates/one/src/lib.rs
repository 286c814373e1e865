//! Tests named for requirements.

/// Not a test, so it proves nothing.
pub fn r001_looks_like_a_test() {}

#[cfg(test)]
mod tests {
    #[test]
    fn r002_asserts() {
        assert_eq!(1, 1);
    }

    #[tokio::test]
    async fn r003_r004_calls_a_check() {
        check_case("a", "b");
    }

    #[test]
    fn r005_proves_nothing() {
        Some(1).expect("there");
    }

    #[test]
    #[ignore]
    fn r006_never_runs() {
        assert!(true);
    }

    #[test]
    fn r999_has_no_requirement() {
        assert!(true);
    }

    proptest! {
        #[test]
        fn r007_for_all(number in 0u8..9) {
            prop_assert!(number < 9);
        }
    }
}
