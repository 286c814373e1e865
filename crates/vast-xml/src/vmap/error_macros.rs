//! The two macros of VMAP's `error` trackers (VMAP 1.0.1, section 2.5).

use std::fmt::Write as _;

/// The most bytes of the text that fills `[ERROR_MESSAGE]`. A longer text is cut.
const MAX_MESSAGE: usize = 200;

/// The URL of an `error` tracker with `[ERROR_CODE]` and `[ERROR_MESSAGE]` filled in. The message is free text; it is
/// percent-encoded, and cut after 200 bytes. `[ERRORCODE]`, the macro of VAST, is left to
/// [`macros`](crate::macros).
///
/// ```
/// let url = vast_xml::vmap::with_error("https://t/e?c=[ERROR_CODE]&m=[ERROR_MESSAGE]", 1007, "no answer");
/// assert_eq!(url, "https://t/e?c=1007&m=no%20answer");
/// ```
pub fn with_error(url: &str, code: u16, message: &str) -> String {
    // The code holds no bracket and the message is encoded, so that nothing is filled in twice.
    let mut url = url.replace("[ERROR_CODE]", &code.to_string());
    if url.contains("[ERROR_MESSAGE]") {
        url = url.replace("[ERROR_MESSAGE]", &encoded(message));
    }
    url
}

/// Every byte that is not unreserved (RFC 3986, section 2.3) as `%XX`. The text is cut between two characters.
fn encoded(message: &str) -> String {
    let end = (0..=message.len().min(MAX_MESSAGE)).rev().find(|end| message.is_char_boundary(*end));
    let mut encoded = String::new();
    for byte in message[..end.unwrap_or_default()].bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            // Writing into a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}
