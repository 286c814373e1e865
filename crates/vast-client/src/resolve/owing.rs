//! Who is owed an error report: exactly the URLs of the path that failed, each once per failure (VAST 4.3 section 2.3.6).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use vast_xml::Text;

use crate::ad::{ErrorUrl, ResolvedAd, SourceTree};
use crate::error::ErrorType;
use crate::journal::{Fact, LaneLog, Oddity};
use crate::select::{Candidate, Selection};
use crate::transport::Target;

/// The most error reports that one source's tree can make us owe. Every ad that fails owes one to each error URL of each
/// wrapper above it, so without a bound a hundred ads below five wrappers full of URLs would owe a million.
const MOST: u32 = 500;

/// The error reports that a tree makes us owe.
pub(super) struct Owing<'a> {
    tree: &'a Arc<SourceTree>,
    log: &'a LaneLog,
    count: AtomicU32,
}

impl<'a> Owing<'a> {
    pub(super) fn new(tree: &'a Arc<SourceTree>, log: &'a LaneLog) -> Self {
        Self { tree, log, count: AtomicU32::new(0) }
    }

    /// One failure on a path: each of `urls` is owed `code`, once, also when it stands there twice.
    pub(super) fn report<'u>(&self, urls: impl Iterator<Item = ErrorUrl<'u>>, code: u16) {
        self.tell(urls.map(|url| (url, code)), None);
    }

    /// The same for an ad, which all its levels are told the name of.
    pub(super) fn report_ad(&self, ad: &ResolvedAd, code: u16) {
        self.tell(ad.error_urls().map(|url| (url, code)), ad.ad_serving_id());
    }

    /// A document of which nothing can be used: the path to it is owed `code`, its own root errors 303 (VAST 4.3 section
    /// 2.3.6.4).
    pub(super) fn report_document<'u>(
        &self,
        path: impl Iterator<Item = ErrorUrl<'u>>,
        code: u16,
        roots: impl Iterator<Item = ErrorUrl<'u>>,
    ) {
        let roots = roots.map(|url| (url, ErrorType::WrapperNoAd.code()));
        self.tell(path.map(|url| (url, code)).chain(roots), None);
    }

    fn tell<'u>(&self, urls: impl Iterator<Item = (ErrorUrl<'u>, u16)>, serving: Option<&Text>) {
        for (url, code) in once_each(urls) {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            if count >= MOST {
                return self.warn(url.document.hop, count);
            }
            self.log.record(owed(url, code, self.tree, serving));
        }
    }

    /// Says once that from here on nothing is reported.
    fn warn(&self, hop: u32, count: u32) {
        if count == MOST {
            let message = format!("more than {MOST} error reports are owed; the rest is not sent");
            self.log.record(Fact::Warned { hop, oddity: Oddity::ReportsCut, message: message.into() });
        }
    }
}

/// The reports owed to ads that SELECT cut from the end of their pod, each with its lane.
pub(crate) fn owed_by_selection(selection: &Selection) -> impl Iterator<Item = (usize, Fact)> {
    selection.told().flat_map(|(candidate, code)| owed_to(candidate, code)).take(MOST as usize)
}

fn owed_to(Candidate { lane, ad, .. }: &Candidate, code: u16) -> impl Iterator<Item = (usize, Fact)> {
    let urls = once_each(ad.error_urls().map(move |url| (url, code)));
    urls.map(|(url, code)| (*lane, owed(url, code, &ad.tree, ad.ad_serving_id())))
}

fn once_each<'u>(urls: impl Iterator<Item = (ErrorUrl<'u>, u16)>) -> impl Iterator<Item = (ErrorUrl<'u>, u16)> {
    let mut told = HashSet::new();
    urls.filter(move |(ErrorUrl { document, url }, _)| {
        // What is relative is another URL in another document.
        let base = (!Target::is_absolute(url)).then_some(&*document.url);
        told.insert((url.as_str(), base))
    })
}

fn owed(ErrorUrl { document, url }: ErrorUrl<'_>, code: u16, tree: &Arc<SourceTree>, serving: Option<&Text>) -> Fact {
    let (tree, ad_serving_id) = (Arc::clone(tree), serving.cloned());
    let base = Arc::clone(&document.url);
    Fact::Owed { hop: document.hop, base, url: url.clone(), code, tree, ad_serving_id }
}
