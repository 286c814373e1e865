//! The documents below the wrappers of each source.

use std::sync::Arc;
use std::time::Duration;

use vast_xml::Text;

use super::source::{CHAIN, SourceReport};
use crate::journal::{DocumentInfo, Entry, Fact, Outcome};
use crate::transport::RedirectStep;

/// The documents below the wrappers of each source, by the number of the source. The list is empty without wrappers.
#[derive(Default)]
pub(super) struct Hops<'j>(Vec<Vec<Hop<'j>>>);

/// A document below a wrapper.
struct Hop<'j> {
    number: u32,
    course: HopCourse<'j>,
}

/// What the facts so far say of a document.
enum HopCourse<'j> {
    /// It was not read. It borrows from the journal until all facts are read, because most facts replace what an earlier one has said.
    Unread(UnreadHop<'j>),
    /// The record of its reader, which is complete. It is shared with the journal unless its ad was refused.
    Read(Arc<DocumentInfo>),
}

/// A document below a wrapper that was not read.
struct UnreadHop<'j> {
    parent: u32,
    url: HopUrl<'j>,
    ad_system: Option<&'j Text>,
    status: Option<u16>,
    bytes: u64,
    redirects: Vec<&'j RedirectStep>,
    from_cache: bool,
    began: Duration,
    elapsed: Duration,
    outcome: Outcome,
}

/// The URL of a document.
enum HopUrl<'j> {
    /// As the wrapper has it.
    Written(&'j str),
    /// As it was requested.
    Requested(&'j Arc<str>),
}

impl<'j> Hops<'j> {
    /// Adds a fact. The request has `sources` sources.
    pub(super) fn add(&mut self, sources: usize, Entry { at, lane, fact }: &'j Entry) {
        if let (true, Fact::Followed { .. }) = (self.0.is_empty(), fact) {
            self.0.resize_with(sources, Vec::new);
        }
        let Some(hops) = self.0.get_mut(*lane) else { return };
        match fact {
            Fact::Followed { hop, parent, uri, ad_system } => {
                if hops.is_empty() {
                    hops.reserve_exact(CHAIN);
                }
                hops.push(Hop::followed(*hop, *parent, uri, ad_system.as_ref(), *at));
            }
            Fact::Ended { outcome, .. } => close(hops, *at, *outcome),
            Fact::Parsed { document, .. } => {
                if let Some(hop) = of_number(hops, document.hop) {
                    hop.course = HopCourse::Read(Arc::clone(document));
                }
            }
            Fact::Attempt { hop, .. }
            | Fact::FromCache { hop, .. }
            | Fact::Redirected { hop, .. }
            | Fact::Answered { hop, .. }
            | Fact::Failed { hop, .. }
            | Fact::Judged { hop, .. } => {
                // Document 0 is the source's own.
                if let Some(hop) = Some(*hop).filter(|hop| *hop > 0).and_then(|hop| of_number(hops, hop)) {
                    hop.add(*at, fact);
                }
            }
            Fact::Asked
            | Fact::Kept
            | Fact::WrapperRead(_)
            | Fact::ReportDue { .. }
            | Fact::Warned { .. }
            | Fact::BreakFailed { .. } => {}
        }
    }

    /// Adds the documents to the reports of their sources.
    pub(super) fn report(self, sources: &mut [SourceReport]) {
        for (source, hops) in sources.iter_mut().zip(self.0) {
            source.hops = hops.into_iter().map(Hop::into_document).collect();
        }
    }
}

/// The document with this number. Most facts are about the last one.
fn of_number<'h, 'j>(hops: &'h mut [Hop<'j>], number: u32) -> Option<&'h mut Hop<'j>> {
    hops.iter_mut().rev().find(|hop| hop.number == number)
}

/// Ends documents that had not arrived when the lane ended. If the lane has a usable ad, they are cancelled: the ad came from an
/// alternative before them.
fn close(hops: &mut [Hop<'_>], at: Duration, outcome: Outcome) {
    let outcome = if outcome == Outcome::Filled { Outcome::Cancelled } else { outcome };
    for hop in hops {
        match &mut hop.course {
            HopCourse::Unread(unread) if unread.outcome == Outcome::NotStarted => unread.end(at, outcome),
            _ => {}
        }
    }
}

impl<'j> Hop<'j> {
    /// The document that a wrapper was followed to at the time `at`.
    fn followed(number: u32, parent: u32, uri: &'j Text, ad_system: Option<&'j Text>, at: Duration) -> Self {
        let course = HopCourse::Unread(UnreadHop {
            parent,
            url: HopUrl::Written(uri),
            ad_system,
            status: None,
            bytes: 0,
            redirects: Vec::new(),
            from_cache: false,
            began: at,
            elapsed: Duration::ZERO,
            outcome: Outcome::NotStarted,
        });
        Self { number, course }
    }

    fn add(&mut self, at: Duration, fact: &'j Fact) {
        match &mut self.course {
            HopCourse::Unread(unread) => unread.add(at, fact),
            HopCourse::Read(document) => revise(document, at, fact),
        }
    }

    fn into_document(self) -> Arc<DocumentInfo> {
        match self.course {
            HopCourse::Unread(unread) => Arc::new(unread.into_document(self.number)),
            HopCourse::Read(document) => document,
        }
    }
}

/// Adds what happened to a document after it was read.
fn revise(document: &mut Arc<DocumentInfo>, at: Duration, fact: &Fact) {
    match fact {
        Fact::Failed { failure, .. } => {
            let document = Arc::make_mut(document);
            document.status = failure.status.or(document.status);
            document.outcome = Outcome::of_failure(failure);
            // A rejected ad comes from a document that has arrived, so its end is already recorded.
            if document.outcome != Outcome::Rejected {
                document.elapsed = at.saturating_sub(document.began);
            }
        }
        Fact::Judged { rejection: None, .. } if document.outcome != Outcome::Filled => {
            Arc::make_mut(document).outcome = Outcome::Filled;
        }
        _ => {}
    }
}

impl<'j> UnreadHop<'j> {
    fn add(&mut self, at: Duration, fact: &'j Fact) {
        match fact {
            Fact::Attempt { url, .. } => {
                self.url = HopUrl::Requested(url);
                self.redirects.clear();
            }
            Fact::FromCache { url, .. } => (self.url, self.from_cache) = (HopUrl::Requested(url), true),
            Fact::Redirected { step, .. } => self.redirects.push(step),
            Fact::Answered { status, bytes, url, .. } => {
                (self.status, self.bytes, self.url) = (*status, *bytes, HopUrl::Requested(url));
            }
            Fact::Failed { failure, .. } => {
                self.status = failure.status.or(self.status);
                self.end(at, Outcome::of_failure(failure));
            }
            _ => {}
        }
    }

    fn end(&mut self, at: Duration, outcome: Outcome) {
        self.elapsed = at.saturating_sub(self.began);
        self.outcome = outcome;
    }

    fn into_document(self, number: u32) -> DocumentInfo {
        let Self { parent, url, ad_system, status, bytes, redirects, from_cache, began, elapsed, outcome } = self;
        let url = match url {
            HopUrl::Written(uri) => uri.into(),
            HopUrl::Requested(url) => Arc::clone(url),
        };
        DocumentInfo {
            ad_system: ad_system.cloned(),
            status,
            bytes,
            redirects: redirects.into_iter().cloned().collect(),
            from_cache,
            began,
            elapsed,
            outcome,
            ..DocumentInfo::new(number, Some(parent), url)
        }
    }
}
