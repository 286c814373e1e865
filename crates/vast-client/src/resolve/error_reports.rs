//! Decides which error reports are due: the `<Error>` URLs of the path that failed, each once per failure (VAST 4.3
//! section 2.3.6).

use std::collections::HashSet;
use std::sync::Arc;

use vast_xml::{Text, vmap};

use crate::ad::{ErrorUrl, ResolvedAd};
use crate::context::{LaneContext, MAX_REPORTS};
use crate::error::ErrorType;
use crate::journal::{DocumentInfo, Fact, TreeWarning};
use crate::request::{MAX_URL_BYTES, SourceTree};
use crate::select::{Candidate, Selection};
use crate::transport::Target;

/// Records the error reports of one source's tree.
pub(crate) struct ErrorReports<'a> {
    lane: &'a LaneContext,
}

impl<'a> ErrorReports<'a> {
    pub(crate) fn new(lane: &'a LaneContext) -> Self {
        Self { lane }
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

    /// An error of a break of the playlist `document`: `code` is reported to each of `trackers`, the URLs of its `error` event (VMAP
    /// 1.0.1 section 2.5). `message` is for people.
    pub(crate) fn report_break<'u>(
        &self,
        document: &DocumentInfo,
        trackers: impl Iterator<Item = &'u Text>,
        code: u16,
        message: &str,
    ) {
        for url in trackers {
            let url = self.with_error(url, code, message);
            self.record(std::iter::once((ErrorUrl { document, url: &url }, code)), None);
        }
    }

    /// The URL with the macros of the error filled in. A URL that gets too long, or for which the source has no bytes left, stays as it
    /// is.
    fn with_error(&self, url: &Text, code: u16, message: &str) -> Text {
        if !url.contains("[ERROR_") || url.len() > MAX_URL_BYTES {
            return url.clone();
        }
        let filled = vmap::with_error(url, code, message);
        let is_small = filled.len() <= MAX_URL_BYTES && self.lane.take_bytes(0, filled.len()).is_ok();
        if is_small { filled.into() } else { url.clone() }
    }

    fn record<'u>(&self, urls: impl Iterator<Item = (ErrorUrl<'u>, u16)>, ad_serving_id: Option<&Text>) {
        for (url, code) in distinct(urls) {
            let count = self.lane.report(report(url, code, self.lane.tree(), ad_serving_id));
            if count >= MAX_REPORTS {
                return self.warn(url.document.hop, count);
            }
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
    let (tree, ad_serving_id) = (Arc::clone(tree), ad_serving_id.cloned().map(Box::new));
    let base = Arc::clone(&document.url);
    Fact::ReportDue { hop: document.hop, base, url: url.clone(), code, tree, ad_serving_id }
}
