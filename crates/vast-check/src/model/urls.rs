//! Rules about URLs: schemes, placeholders and escaping.

use vast_xml::model::is_placeholder;

use super::url::{self, Purpose};
use crate::drafts::{Drafts, clipped};
use crate::outline::Outline;
use crate::rule::Rule;

/// Reports `http:` URLs where browsers and apps require `https:`. Landing pages are not reported, because the browser
/// opens them.
pub(super) fn insecure(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element, purpose) in url::all(outline) {
        if purpose != Purpose::Landing && url::has_scheme(&element.text(outline.text), "http") {
            let message = format!("<{}> is http, not https", clipped(element.name));
            drafts.add(Rule::InsecureUrl, element.text_range(outline.text), message);
        }
    }
}

/// Reports a media file whose URL is neither http nor https.
pub(super) fn media_scheme(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element, _) in url::all(outline).filter(|(_, _, purpose)| *purpose == Purpose::Media) {
        let text = element.text(outline.text);
        let is_http = |scheme: &&str| ["http", "https"].iter().any(|http| scheme.eq_ignore_ascii_case(http));
        if let Some(scheme) = url::scheme(&text).filter(|scheme| !is_http(scheme) && !is_placeholder(&text)) {
            let message = format!("<{}> is {}, neither https nor http", clipped(element.name), clipped(scheme));
            drafts.add(Rule::MediaScheme, element.text_range(outline.text), message);
        }
    }
}

/// Reports `about:blank` where a player must fetch the URL.
pub(super) fn placeholders(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element, purpose) in url::all(outline) {
        let is_needed = matches!(purpose, Purpose::Request | Purpose::Media | Purpose::Asset);
        if is_needed && is_placeholder(&element.text(outline.text)) {
            let message = format!("about:blank in <{}> leads nowhere", clipped(element.name));
            drafts.add(Rule::PlaceholderUrl, element.text_range(outline.text), message);
        }
    }
}

/// Reports an escaped ampersand that remains after the document was decoded: inside CDATA, or escaped twice.
pub(super) fn escaped_ampersands(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element, _) in url::all(outline) {
        let text = element.text(outline.text).to_ascii_lowercase();
        if let Some(escaped) = ["&amp;", "&#38;", "&#x26;"].into_iter().find(|escaped| text.contains(escaped)) {
            let message = format!("{escaped} in the URL of <{}> is not unescaped", clipped(element.name));
            drafts.add(Rule::EscapedAmpersand, element.text_range(outline.text), message);
        }
    }
}
