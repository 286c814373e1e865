//! How long a document may be used.

use std::time::Duration;

use vast_xml::AnyDocument;
use vast_xml::model::{AdKind, Vast};
use vast_xml::vmap::{AdData, Vmap};

use super::CacheRules;
use crate::parse;
use crate::transport::Fetched;

/// How long `fetched` may be used: the time to live of its source, or the shortest `Expires` of its ads. A document that is empty or
/// cannot be read counts as a failure.
pub(super) fn lifetime(fetched: &Fetched, rules: CacheRules) -> Duration {
    let lifetime = match parse::any_document(&fetched.body, fetched.charset.as_deref()) {
        Ok(AnyDocument::Vast(document)) if !document.vast.ads.is_empty() => with_ads(rules, expires(&document.vast)),
        Ok(AnyDocument::Vmap(document)) if !document.vmap.breaks.is_empty() => {
            with_ads(rules, inline_documents(&document.vmap).filter_map(expires).min())
        }
        _ => rules.negative,
    };
    lifetime.unwrap_or_default()
}

fn with_ads(rules: CacheRules, expires: Option<Duration>) -> Option<Duration> {
    rules.ttl.map(|ttl| expires.map_or(ttl, |expires| expires.min(ttl)))
}

fn expires(vast: &Vast) -> Option<Duration> {
    let of_ad = |kind: &AdKind| match kind {
        AdKind::InLine(inline) => inline.expires.map(Duration::from_secs),
        _ => None,
    };
    vast.ads.iter().filter_map(|ad| of_ad(&ad.kind)).min()
}

fn inline_documents(vmap: &Vmap) -> impl Iterator<Item = &Vast> {
    let sources = vmap.breaks.iter().filter_map(|one| one.source.as_ref());
    sources.filter_map(|source| match &source.data {
        Some(AdData::Vast(vast)) => Some(&**vast),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ads_live_as_long_as_the_source_says_or_shorter_and_everything_else_as_a_failure() {
        let vast = |expires: &str| {
            format!(
                "<VAST version=\"4.2\"><Ad><InLine><AdSystem>a</AdSystem><AdTitle>t</AdTitle>{expires}</InLine></Ad></VAST>"
            )
        };
        let vmap = |inner: &str| {
            format!(
                "<vmap:VMAP xmlns:vmap=\"http://www.iab.net/videosuite/vmap\" version=\"1.0\"><vmap:AdBreak timeOffset=\"start\" \
                 breakType=\"linear\"><vmap:AdSource><vmap:VASTAdData>{inner}</vmap:VASTAdData></vmap:AdSource></vmap:AdBreak></vmap:VMAP>"
            )
        };
        let both =
            vast("<Expires>7</Expires>").replace("</VAST>", "<Ad><InLine><Expires>5</Expires></InLine></Ad></VAST>");
        let cases = [
            (vast(""), 60),
            (vast("<Expires>7</Expires>"), 7),
            (vast("<Expires>0</Expires>"), 0),
            (vast("<Expires>3600</Expires>"), 60),
            (both, 5),
            (vmap(&vast("")), 60),
            (vmap(&vast("<Expires>9</Expires>")), 9),
            ("<VAST version=\"4.2\"/>".to_owned(), 2),
            (String::new(), 2),
            ("<html>".to_owned(), 2),
        ];
        let rules = CacheRules::default().with_ttl(Duration::from_secs(60)).with_negative(Duration::from_secs(2));
        for (body, seconds) in cases {
            assert_eq!(lifetime(&Fetched::local(body.clone()), rules), Duration::from_secs(seconds), "{body}");
            let nothing = CacheRules::default();
            assert_eq!(lifetime(&Fetched::local(body), nothing), Duration::ZERO);
        }
    }
}
