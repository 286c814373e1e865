//! Ads for the tests of RESOLVE and of the later stages.

use std::sync::Arc;

use vast_xml::model::AdKind;

use crate::ad::{DocumentInfo, ResolvedAd, SourceTree, WrapperLevel};
use crate::request::Disclosure;
use crate::transport::AddressRule;

impl ResolvedAd {
    /// An ad with these creatives, for tests of the stages after RESOLVE.
    pub(crate) fn of_creatives(creatives: &str) -> Self {
        Self::read(
            0,
            &format!(
                "<VAST version='4.2'><Ad id='a'><InLine><Impression>https://t/own</Impression><Error>https://e/own</Error><Creatives>{creatives}</Creatives></InLine></Ad></VAST>"
            ),
            &[],
        )
    }

    /// The first ad of the document `inline` below `wrappers`: documents with one wrapper each, outermost first.
    pub(crate) fn read(hop: u32, inline: &str, wrappers: &[&str]) -> Self {
        Self::read_at(&[], hop, inline, wrappers)
    }

    /// Like `read`, with the URLs of the documents by hop. Missing URLs are not set.
    pub(crate) fn read_at(urls: &[&str], hop: u32, inline: &str, wrappers: &[&str]) -> Self {
        let tree = SourceTree {
            source: "s".into(),
            rule: AddressRule::default(),
            transaction_id: "t".into(),
            disclosure: Disclosure::default(),
        };
        let read = |hop: u32, xml: &str| {
            let vast = vast_xml::parse(xml.as_bytes(), &vast_xml::ParseOptions::default()).expect("VAST").vast;
            let url = urls.get(hop as usize).copied().unwrap_or("u");
            let info = DocumentInfo { version: vast.version, ..DocumentInfo::new(hop, hop.checked_sub(1), url) };
            (Arc::new(info), vast.ads.into_iter().next().expect("an ad"))
        };
        let level = |(hop, xml): (u32, &&str)| {
            let (document, mut ad) = read(hop, xml);
            let AdKind::Wrapper(wrapper) = std::mem::take(&mut ad.kind) else { panic!("a wrapper") };
            Arc::new(WrapperLevel::new(document, ad, wrapper))
        };
        let wrappers = (0..).zip(wrappers).map(level).collect();
        let (document, ad) = read(hop, inline);
        Self::new(Arc::new(tree), wrappers, document, ad).expect("an InLine")
    }
}
