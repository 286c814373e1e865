//! One hop: the document that a wrapper names.

use std::sync::Arc;

use http::HeaderMap;
use tokio::time::Instant;
use vast_xml::model::Vast;

use crate::ad::{DocumentInfo, SourceTree, WrapperLevel, blocked_categories};
use crate::error::{ErrorType, Failure};
use crate::fetch::{Attempts, FetchContext, Fetched};
use crate::journal::Fact;
use crate::parse;
use crate::policy::TimeLimit;
use crate::transport::Target;

/// A document that was read.
pub(crate) struct ReadDocument {
    pub(crate) info: Arc<DocumentInfo>,
    /// Where it came from, for relative URLs in it.
    pub(crate) base: Option<Target>,
    pub(crate) vast: Vast,
    /// Whether an ad had to be left out because nothing can be made of it.
    pub(crate) is_damaged: bool,
}

/// A wrapper to follow.
pub(super) struct Hop<'a> {
    /// The number of the document it names.
    pub(super) number: u32,
    /// The wrapper.
    pub(super) level: &'a WrapperLevel,
    /// The wrappers up to and including this one, outermost first.
    pub(super) above: &'a [Arc<WrapperLevel>],
    /// Where the wrapper's document came from.
    pub(super) base: Option<&'a Target>,
    pub(super) tree: &'a SourceTree,
    pub(super) attempts: Attempts<'a>,
    pub(super) context: FetchContext<'a>,
}

impl Hop<'_> {
    /// Gets and reads the document that the wrapper names, under the hop's time limit.
    pub(super) async fn follow(&self) -> Result<ReadDocument, Failure> {
        let began = Instant::now();
        let (hop, parent) = (self.number, self.level.document.hop);
        let ad_system = self.level.wrapper.ad_system.as_ref().map(|system| system.name.clone());
        self.attempts.log.record(Fact::Followed { hop, parent, ad_system });
        let target = self.target()?;
        let fetched = self.fetch(&target).await?;
        let document = parse::document(&fetched.body, fetched.charset.as_deref()).map_err(in_chain)?;
        let (version, ads) = (document.vast.version.clone(), document.vast.ads.len());
        let is_damaged = parse::has_unusable_ads(&document.warnings);
        self.attempts.log.record(Fact::Parsed { hop, version: version.clone(), ads, warnings: document.warnings });
        let url = Arc::from(fetched.base.as_ref().unwrap_or(&target).as_str());
        let (status, elapsed) = (fetched.status, began.elapsed());
        let info = Arc::new(DocumentInfo { hop, parent: Some(parent), url, version, status, elapsed });
        Ok(ReadDocument { info, base: fetched.base, vast: document.vast, is_damaged })
    }

    /// The wrapper's URI with its macros filled in, before any URL parser sees it.
    fn target(&self) -> Result<Target, Failure> {
        let uri = &self.level.wrapper.vast_ad_tag_uri;
        let uri = self
            .context
            .values
            .expand_hop(uri, &self.tree.transaction_id, &self.tree.disclosure, || blocked_categories(self.above));
        Target::parse(&uri, self.base)
            .map_err(|error| Failure::new(ErrorType::WrapperUri, format!("the VASTAdTagURI cannot be asked: {error}")))
    }

    async fn fetch(&self, target: &Target) -> Result<Fetched, Failure> {
        let attempts = Attempts { hop: self.number, ..self.attempts };
        let url = Arc::from(target.as_str());
        attempts.run(&url, |now| self.exchange(target, now)).await
    }

    async fn exchange(&self, target: &Target, now: Instant) -> Result<Fetched, Failure> {
        let deadline = self.attempts.deadline.cut(now, self.attempts.limits.hop_timeout, TimeLimit::Hop);
        // A source's own headers never leave its own request.
        let no_own_headers = HeaderMap::new();
        FetchContext { deadline, ..self.context }.get_within(target, &self.tree.rule, &no_own_headers, None).await
    }
}

/// The same failure as seen from the wrapper: an empty document below it is "no ad after wrappers".
fn in_chain(mut failure: Failure) -> Failure {
    if failure.error_type == ErrorType::NoAd {
        failure.error_type = ErrorType::WrapperNoAd;
    }
    failure
}
