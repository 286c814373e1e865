//! The result of a check.

use std::fmt;

use vast_xml::ParseErrorKind;

use crate::finding::{Finding, Severity};

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A VAST document that could be read.
    Vast,
    /// A VMAP playlist.
    Vmap,
    /// A document that cannot be read as VAST, for this reason. The report has one finding, with the position and the
    /// reason.
    Unreadable(ParseErrorKind),
}

impl DocumentKind {
    /// A stable name: `vast`, `vmap` or `unreadable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vast => "vast",
            Self::Vmap => "vmap",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// A part of the document or a group of rules that was not checked. Without remarks, a report without findings could
/// seem to mean that the document has no mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Remark {
    /// A VMAP: the parser and vastlint-core check the whole document, our rules only the VAST documents in it that are XML.
    Vmap,
    /// A wrapper or a break leads to another document, which was not checked.
    WrapperNotFollowed,
    /// A wrapper or a break leads back to a document on the way to it. A client gives up there.
    LeadsBack,
    /// A playlist behind a wrapper or a break, which a client does not read.
    NestedPlaylist,
    /// The document was escaped inside another text, such as JSON: the positions of the findings are positions in the document.
    Opened,
    /// VAST 1.0, which vastlint-core does not support: its rules were not applied.
    VastOne,
    /// vastlint-core refuses XML that is not well formed: its rules were not applied.
    NotWellFormed,
    /// The document is above the size limit for vastlint-core: its rules were not applied.
    TooLargeForVastlint,
    /// Built without the feature `vastlint`.
    WithoutVastlint,
    /// Our rules checked only the beginning: at most 50,000 elements, nested at most 128 deep.
    OutlineCut,
    /// A rule stopped after 1,000 findings: there may be more.
    RuleCut,
}

impl Remark {
    /// A stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vmap => "vmap",
            Self::WrapperNotFollowed => "wrapper_not_followed",
            Self::LeadsBack => "leads_back",
            Self::NestedPlaylist => "nested_playlist",
            Self::Opened => "opened",
            Self::VastOne => "vast_one",
            Self::NotWellFormed => "not_well_formed",
            Self::TooLargeForVastlint => "too_large_for_vastlint",
            Self::WithoutVastlint => "without_vastlint",
            Self::OutlineCut => "outline_cut",
            Self::RuleCut => "rule_cut",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Vmap => "a VMAP playlist: our rules checked only the VAST that is in it as XML",
            Self::WrapperNotFollowed => {
                "a wrapper or a break was not followed: the document that it leads to was not checked"
            }
            Self::LeadsBack => {
                "a wrapper or a break leads back to a document on the way to it: a client gives up there"
            }
            Self::NestedPlaylist => "a playlist behind a wrapper or a break: a client does not read it",
            Self::Opened => {
                "the document is escaped inside another text: lines and columns are those of the unescaped document"
            }
            Self::VastOne => "VAST 1.0: vastlint-core does not support it, so its rules were left out",
            Self::NotWellFormed => "not well-formed XML: vastlint-core does not read it, so its rules were left out",
            Self::TooLargeForVastlint => "too large for vastlint-core: its rules were left out",
            Self::WithoutVastlint => "built without vastlint-core: its rules were left out",
            Self::OutlineCut => {
                "our rules checked the beginning only: the document has too many elements, or they are nested too deep"
            }
            Self::RuleCut => "a rule stopped after 1,000 findings: there may be more",
        })
    }
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What kind of document it is.
    pub kind: DocumentKind,
    /// The version that the document declares, as written; `1.0` for VAST 1.0, which has no version attribute.
    pub version: Option<String>,
    /// The findings: the most severe first, within one severity by position, those without a position first. Findings of a rule
    /// that nearly every document breaks without harm come last.
    pub findings: Vec<Finding>,
    /// The number of findings above the limit, which were omitted: for each severity, in the order of [`Severity::ALL`].
    pub omitted: [usize; 3],
    /// The parts of the document and the rules that were not checked.
    pub remarks: Vec<Remark>,
}

impl Report {
    /// The number of findings of this severity, including the omitted ones.
    pub fn count(&self, severity: Severity) -> usize {
        let kept = self.findings.iter().filter(|finding| finding.severity == severity).count();
        kept + self.omitted.get(severity as usize).copied().unwrap_or_default()
    }

    /// Whether the document has a finding with the severity error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}
