//! The headers of a request.

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

use super::decode::ACCEPTED_ENCODINGS;

/// The headers that a client sends to all origins.
pub(crate) trait ClientHeaders: Send + Sync {
    /// The headers in a map of their own, with room for this many `more`. A clone of a map has room for none, so that a larger list is made
    /// with the next header.
    fn to_send(&self, more: usize) -> HeaderMap;
}

impl ClientHeaders for HeaderMap {
    fn to_send(&self, more: usize) -> HeaderMap {
        let mut copy = Self::with_capacity(self.len() + more);
        for (name, value) in self {
            copy.append(name, value.clone());
        }
        copy
    }
}

/// The headers of a request: those of the client, and `own`, those of its source.
pub(super) fn sent(client: &dyn ClientHeaders, own: Option<&HeaderMap>) -> HeaderMap {
    // The accepted encodings, and the host, which the transport adds.
    let mut headers = client.to_send(2);
    // The headers of the client have the accepted encodings already. Those of the source may have other ones.
    let mut is_given = headers.keys().any(|name| *name == ACCEPT_ENCODING);
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        headers.extend(own.clone());
        is_given = false;
    }
    if !is_given {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(ACCEPTED_ENCODINGS));
    }
    headers
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, COOKIE};

    use super::*;

    fn headers(list: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        let one = |(name, value): &(http::HeaderName, &'static str)| (name.clone(), HeaderValue::from_static(value));
        list.iter().map(one).collect()
    }

    #[test]
    fn all_values_are_sent_and_the_accepted_encodings_are_ours() {
        let ours = (ACCEPT_ENCODING, ACCEPTED_ENCODINGS);
        let twice = [(COOKIE, "a"), (COOKIE, "b")];
        for (client, own, expected) in [
            (&[][..], None, vec![ours.clone()]),
            (&[(ACCEPT, "x"), ours.clone()], None, vec![(ACCEPT, "x"), ours.clone()]),
            (&twice, Some(&[][..]), vec![(COOKIE, "a"), (COOKIE, "b"), ours.clone()]),
            (std::slice::from_ref(&ours), Some(&[(ACCEPT_ENCODING, "br")]), vec![ours.clone()]),
            (std::slice::from_ref(&ours), Some(&twice), vec![ours.clone(), (COOKIE, "a"), (COOKIE, "b")]),
        ] {
            let sent = sent(&headers(client), own.map(headers).as_ref());
            assert_eq!(sent, headers(&expected), "{client:?} {own:?}");
        }
    }
}
