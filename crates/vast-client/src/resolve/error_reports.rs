//! Decides which error reports are due: the `<Error>` URLs of the path that failed, each once per failure (VAST 4.3
//! section 2.3.6).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use vast_xml::Text;

use crate::ad::{ErrorUrl, ResolvedAd};
use crate::context::LaneContext;
use crate::error::ErrorType;
use crate::journal::{Fact, TreeWarning};
use crate::request::SourceTree;
use crate::select::{Candidate, Selection};
use crate::transport::Target;

/// The largest number of error reports of one source's tree. Every ad that fails is reported to each `<Error>` URL of
/// each wrapper above it. Without a limit, a hundred ads below five wrappers with many URLs would cause a million
/// reports.
const MAX_REPORTS: u32 = 500;

/// Records the error reports of one source's tree.
pub(super) struct ErrorReports<'a> {
    lane: &'a LaneContext,
    count: AtomicU32,
}

impl<'a> ErrorReports<'a> {
    pub(super) fn new(lane: &'a LaneContext) -> Self {
        Self { lane, count: AtomicU32::new(0) }
    }

    /// Records one failure on a path: `code` is reported to each of `urls`. A URL that occurs twice is reported once.
    pub(super) fn report<'u>(&self, urls: impl Iterator<Item = ErrorUrl<'u>>, code: u16) {
        self.record(urls.map(|url| (url, code)), None);
    }

    /// Records an ad that failed: `code` is reported to the URLs of all levels of the ad, with its `AdServingId`.
    pub(super) fn report_ad(&self, ad: &ResolvedAd, code: u16) {
        self.record(ad.error_urls().map(|url| (url, code)), ad.ad_serving_id());
    }

    /// Records a document without a usable ad: `code` is reported to the wrappers above it, and 303 to its own root
    /// error URLs (VAST 4.3 section 2.3.6.4).
    pub(super) fn report_document<'u>(
        &self,
        path: impl Iterator<Item = ErrorUrl<'u>>,
        code: u16,
        roots: impl Iterator<Item = ErrorUrl<'u>>,
    ) {
        let roots = roots.map(|url| (url, ErrorType::WrapperNoAd.code()));
        self.record(path.map(|url| (url, code)).chain(roots), None);
    }

    fn record<'u>(&self, urls: impl Iterator<Item = (ErrorUrl<'u>, u16)>, ad_serving_id: Option<&Text>) {
        for (url, code) in distinct(urls) {
            let count = self.count.fetch_add(1, Ordering::Relaxed);
            if count >= MAX_REPORTS {
                return self.warn(url.document.hop, count);
            }
            self.lane.log().record(report(url, code, self.lane.tree(), ad_serving_id));
        }
    }

    /// Records once that the limit was reached.
    fn warn(&self, hop: u32, count: u32) {
        if count == MAX_REPORTS {
            let message = format!("more than {MAX_REPORTS} error reports of one source; the others are not sent");
            self.lane.log().record(Fact::Warned { hop, kind: TreeWarning::ReportsCut, message: message.into() });
        }
    }
}

/// The error reports of ads that SELECT cut from the end of their pod, each with its lane.
pub(crate) fn reports_of_selection(selection: &Selection) -> impl Iterator<Item = (usize, Fact)> {
    selection.reported().flat_map(|(candidate, code)| reports_of(candidate, code)).take(MAX_REPORTS as usize)
}

fn reports_of(Candidate { lane, ad, .. }: &Candidate, code: u16) -> impl Iterator<Item = (usize, Fact)> {
    let urls = distinct(ad.error_urls().map(move |url| (url, code)));
    urls.map(|(url, code)| (*lane, report(url, code, &ad.tree, ad.ad_serving_id())))
}

fn distinct<'u>(urls: impl Iterator<Item = (ErrorUrl<'u>, u16)>) -> impl Iterator<Item = (ErrorUrl<'u>, u16)> {
    let mut seen = HashSet::new();
    urls.filter(move |(ErrorUrl { document, url }, _)| {
        // The same relative URL is a different URL in each document.
        let base = (!Target::is_absolute(url)).then_some(&*document.url);
        seen.insert((url.as_str(), base))
    })
}

fn report(
    ErrorUrl { document, url }: ErrorUrl<'_>,
    code: u16,
    tree: &Arc<SourceTree>,
    ad_serving_id: Option<&Text>,
) -> Fact {
    let (tree, ad_serving_id) = (Arc::clone(tree), ad_serving_id.cloned());
    let base = Arc::clone(&document.url);
    Fact::ReportDue { hop: document.hop, base, url: url.clone(), code, tree, ad_serving_id }
}
