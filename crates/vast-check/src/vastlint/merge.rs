//! Merges findings: a mistake that both checkers find becomes one finding, with the id and severity of vastlint-core, our
//! position, and our message as the note.

use std::collections::HashMap;

use super::issue::Issue;
use crate::drafts::Draft;
use crate::outline::Outline;
use crate::rule::Rule;

/// The condition under which a finding of ours and one of vastlint-core about the same element are the same mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// The two are always the same mistake.
    Always,
    /// The two are the same mistake if our message contains this text.
    Saying(&'static str),
    /// The two are the same mistake if the message of vastlint-core names the last element that our message names.
    Naming,
}

use When::{Always, Naming, Saying};

/// The rules that find the same mistakes: our rule, the end of the id of vastlint-core's rule, and the condition.
/// Several ids of vastlint-core can have the same end.
const SAME: &[(Rule, &str, When)] = &[
    (Rule::MissingElement, "-adsystem", Naming),
    (Rule::MissingElement, "-adtitle", Naming),
    (Rule::MissingElement, "-impression", Naming),
    (Rule::MissingElement, "-creatives", Saying("<Creative>")),
    (Rule::MissingElement, "-vastadtaguri", Naming),
    (Rule::MissingAttribute, "-root-version", Saying("@version")),
    (Rule::MissingAttribute, "-adbreak-breaktype", Saying("@breakType")),
    (Rule::MissingAttribute, "-adbreak-timeoffset", Saying("@timeOffset")),
    (Rule::MissingElement, "-adsource-content", Saying("<AdSource>")),
    (Rule::LooseValue, "-adbreak-timeoffset-format", Saying("imeOffset ")),
    (Rule::InvalidValue, "-adbreak-timeoffset-format", Saying("timeOffset ")),
    (Rule::LooseValue, "-adbreak-breaktype-value", Saying("breakType ")),
    (Rule::InvalidValue, "-adbreak-breaktype-value", Saying("breakType ")),
    (Rule::EscapedVast, "-vastaddata-vast-root", Always),
    (Rule::EmptyUrl, "-adtaguri-empty", Always),
    (Rule::UnusableAd, "-ad-has-inline-or-wrapper", Always),
    (Rule::AmbiguousAd, "-ad-has-inline-or-wrapper", Always),
    (Rule::DuplicateElement, "-duplicate-singular-element", Naming),
    (Rule::UnknownElement, "-unknown-child", Always),
    (Rule::UnknownElement, "-text-only-element", Always),
    (Rule::MisplacedElement, "-unknown-child", Always),
    (Rule::MisplacedElement, "-text-only-element", Always),
    (Rule::WrongCase, "-root-element", Saying("<VAST>")),
    (Rule::WrongCase, "-unknown-child", Saying("<")),
    (Rule::WrongCase, "-unknown-attribute", Saying("@")),
    (Rule::WrongCase, "-tracking-event-value", Saying("event ")),
    (Rule::UnknownAttribute, "-unknown-attribute", Always),
    (Rule::EmptyUrl, "-url-empty", Always),
    (Rule::ProgressWithoutOffset, "-progress-offset", Always),
    (Rule::LooseValue, "-duration-format", Saying("Duration ")),
    (Rule::InvalidValue, "-duration-format", Saying("Duration ")),
    (Rule::LooseValue, "-skipoffset-format", Saying("skipoffset ")),
    (Rule::InvalidValue, "-skipoffset-format", Saying("skipoffset ")),
    (Rule::LooseValue, "-progress-offset-format", Saying("offset ")),
    (Rule::InvalidValue, "-progress-offset-format", Saying("offset ")),
    (Rule::InvalidValue, "-expires-integer", Saying("Expires ")),
    (Rule::MacroMisspelt, "-macro-unknown", Always),
    (Rule::MacroMisspelt, "-macro-lowercase", Always),
    (Rule::MacroUnknown, "-macro-unknown", Always),
    (Rule::MacroContext, "-macro-wrong-context", Always),
    (Rule::MacroDeprecated, "-macro-deprecated", Always),
    (Rule::InsecureUrl, "-https", Always),
    (Rule::DuplicateTracker, "-duplicate-impression", Saying("<Impression>")),
    (Rule::Vpaid, "-vpaid-apiframework", Always),
    (Rule::Vpaid, "-vpaid-in-interactive-context", Always),
];

/// Adds `issues` to `drafts`.
pub(super) fn merge(outline: &Outline<'_>, drafts: &mut Vec<Draft>, issues: Vec<Issue>) {
    let by_element = by_element(outline, drafts);
    let mut said = vec![false; drafts.len()];
    let mut theirs = Vec::with_capacity(issues.len());
    for issue in issues {
        let ours = issue.candidates.iter().filter_map(|element| by_element.get(element)).flatten();
        let same = ours.copied().find(|number| !said[*number] && is_same(&drafts[*number], &issue));
        let mut draft = issue.draft(outline);
        if let Some(number) = same {
            said[number] = true;
            draft.range.clone_from(&drafts[number].range);
            draft.note = Some(std::mem::take(&mut drafts[number].message));
            draft.help = drafts[number].help;
        }
        theirs.push(draft);
    }
    let mut said = said.into_iter();
    drafts.retain(|_| !said.next().unwrap_or_default());
    drafts.extend(theirs);
}

/// The indices of our findings, by the element that vastlint-core would name.
fn by_element(outline: &Outline<'_>, drafts: &[Draft]) -> HashMap<usize, Vec<usize>> {
    let mut by_element: HashMap<usize, Vec<usize>> = HashMap::new();
    for (number, draft) in drafts.iter().enumerate() {
        let element = draft.range.as_ref().and_then(|range| outline.at(range.start));
        let parent = |element: usize| outline.elements.get(element).and_then(|element| element.parent);
        // We name the superfluous element, vastlint-core names its parent.
        let is_too_much = matches!(draft.own, Some(Rule::DuplicateElement | Rule::AmbiguousAd));
        let named = if is_too_much { element.and_then(parent) } else { element };
        if let Some(named) = named {
            by_element.entry(named).or_default().push(number);
        }
    }
    by_element
}

fn is_same(draft: &Draft, issue: &Issue) -> bool {
    let holds = |when: When| match when {
        Always => true,
        Saying(words) => draft.message.contains(words),
        Naming => last_name(&draft.message).is_some_and(|name| issue.message.contains(&format!("<{name}>"))),
    };
    SAME.iter().any(|(rule, id, when)| draft.own == Some(*rule) && issue.id.ends_with(id) && holds(*when))
}

/// The name in the last `<prefix:Name>` of a message.
fn last_name(message: &str) -> Option<&str> {
    let (_, rest) = message.rsplit_once('<')?;
    let (name, _) = rest.split_once('>')?;
    name.rsplit(':').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_of_theirs_is_one() {
        for (rule, id, _) in SAME {
            let known = vastlint_core::all_rules().iter().any(|known| known.id.ends_with(id));
            assert!(known, "{rule:?} {id}");
        }
    }
}
