//! The error codes of VMAP (VMAP 1.0.1 section 2.5). Pure.

use crate::error::{ErrorType, Failure};

/// The code for a failure of the first document of a break. Failures of its ads keep their VAST code.
pub(super) fn of_document(failure: &Failure) -> u16 {
    match failure.error_type {
        ErrorType::Timeout => 1007,
        ErrorType::Dns
        | ErrorType::Connect
        | ErrorType::Tls
        | ErrorType::Reset
        | ErrorType::HttpStatus
        | ErrorType::Redirect
        | ErrorType::BlockedAddress => 1008,
        ErrorType::Encoding | ErrorType::NotXml | ErrorType::NotVast | ErrorType::TooLarge => 1006,
        // A limit of the request, and a URL that cannot be requested, have no code.
        ErrorType::Limit | ErrorType::WrapperUri | ErrorType::Overloaded | ErrorType::Internal => 900,
        _ => failure.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::TimeLimit;

    #[test]
    fn r175_each_failure_of_the_document_of_a_break_has_the_code_of_vmap() {
        let of = |error_type| of_document(&Failure::new(error_type, "x"));
        assert_eq!(of_document(&Failure::timeout(TimeLimit::Source)), 1007);
        assert_eq!(of_document(&Failure::http_status(500, None)), 1008);
        let cases = [
            (ErrorType::Dns, 1008),
            (ErrorType::Connect, 1008),
            (ErrorType::BlockedAddress, 1008),
            (ErrorType::NotXml, 1006),
            (ErrorType::NotVast, 1006),
            (ErrorType::NestedPlaylist, 1004),
            (ErrorType::BreakInvalid, 1000),
            (ErrorType::Overloaded, 900),
            (ErrorType::Internal, 900),
            (ErrorType::NoAd, 303),
        ];
        for (error_type, code) in cases {
            assert_eq!(of(error_type), code, "{error_type}");
        }
        let unsupported = Failure::new(ErrorType::BreakInvalid, "templateType").with_code(1005);
        assert_eq!(of_document(&unsupported), 1005);
    }
}
