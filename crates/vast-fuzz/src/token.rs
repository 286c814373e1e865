//! Opening sealed tokens of a gateway.

use vast_gateway::properties;
pub use vast_gateway::properties::token;

/// Texts in the form of a token, and the content of one.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    properties::CONTENTS
        .map(properties::sealed)
        .into_iter()
        .map(String::into_bytes)
        .chain([b"11".to_vec(), properties::event()])
        .collect()
}
