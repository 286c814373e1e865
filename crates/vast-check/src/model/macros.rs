//! Macros in URLs, such as `[CACHEBUSTING]`.

use std::ops::Range;

use vast_xml::macros::{Context, Macro, Scope, Support};

use super::nearest::nearest;
use super::url;
use crate::drafts::{Drafts, clipped};
use crate::outline::{Outline, OutlineElement};
use crate::rule::Rule;

/// The longest name of a macro in bytes. Longer text in brackets is not a macro.
const LONGEST_NAME: usize = 64;

/// Reports macros that are not in the registry, that are deprecated, or that have no meaning in this kind of URL.
pub(super) fn unknown_deprecated_or_out_of_place(outline: &Outline<'_>, drafts: &mut Drafts) {
    for (_, element, purpose) in url::all(outline) {
        for (name, place) in names(outline, element) {
            match Macro::from_name(name) {
                None if is_of_vmap(outline, element, name) => {}
                None => unknown(name, place, drafts),
                Some(known) => {
                    deprecated(known, &place, drafts);
                    out_of_place(known, purpose.context(), place, drafts);
                }
            }
        }
    }
}

/// The macros of VMAP, in trackers of the event `error` of an ad break (VMAP 1.0.1, section 2.5).
const OF_VMAP: [&str; 2] = ["ERROR_CODE", "ERROR_MESSAGE"];

/// Whether `name` is a macro of VMAP and the element is a tracker of an ad break, where VMAP defines it.
pub(crate) fn is_of_vmap(outline: &Outline<'_>, element: &OutlineElement<'_>, name: &str) -> bool {
    let parent = |element: &OutlineElement<'_>| element.parent.and_then(|parent| outline.elements.get(parent));
    let is_in_break = || parent(element).and_then(parent).is_some_and(|around| around.is("AdBreak"));
    OF_VMAP.contains(&name) && element.is("Tracking") && is_in_break()
}

fn unknown(name: &str, place: Range<usize>, drafts: &mut Drafts) {
    // Return early, because the search for the intended macro is the most expensive step.
    if drafts.is_full(Rule::MacroMisspelt) || drafts.is_full(Rule::MacroUnknown) {
        return;
    }
    match nearest(name) {
        Some(meant) => {
            let message = format!("[{}] is not in the registry: did you mean [{}]?", clipped(name), meant.name());
            drafts.add(Rule::MacroMisspelt, place, message);
        }
        None => drafts.add(Rule::MacroUnknown, place, format!("[{}] is not in the registry", clipped(name))),
    }
}

fn deprecated(known: Macro, place: &Range<usize>, drafts: &mut Drafts) {
    if known.support() == Support::Deprecated {
        let instead = if known == Macro::ContentPlayhead { ": use [MEDIAPLAYHEAD]" } else { "" };
        let message = format!("[{}] is deprecated{instead}", known.name());
        drafts.add(Rule::MacroDeprecated, place.clone(), message);
    }
}

fn out_of_place(known: Macro, context: Option<Context>, place: Range<usize>, drafts: &mut Drafts) {
    if context.is_some_and(|context| !known.applies_to(context)) {
        let message = format!("[{}] means nothing here: it belongs into {}", known.name(), home(known.scope()));
        drafts.add(Rule::MacroContext, place, message);
    }
}

fn home(scope: Scope) -> &'static str {
    match scope {
        Scope::Request => "requests for ads",
        Scope::Click => "click trackers",
        Scope::Error => "<Error>",
        Scope::Verification => "trackers of verificationNotExecuted",
        Scope::Tracking | Scope::Both => "trackers",
    }
}

/// The names of the macros in the URL of an element, with the byte ranges of the macros.
pub(crate) fn names<'a, 't>(
    outline: &'a Outline<'t>,
    element: &'a OutlineElement<'t>,
) -> impl Iterator<Item = (&'t str, Range<usize>)> + 'a {
    element.plain_parts().flat_map(|part| {
        let found = names_in(&outline.text[part.clone()]);
        found.map(move |(name, place)| (name, part.start + place.start..part.start + place.end))
    })
}

/// The names of the macros in a text, written `[NAME]` or `%5BNAME%5D`, with their byte ranges.
fn names_in(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let start = at + rest.find(['[', '%'])?;
            if let Some((name, end)) = macro_at(text, start) {
                at = end;
                return Some((name, start..end));
            }
            at = start + 1;
        }
    })
}

/// The macro that begins at `start`: its name, and where it ends.
fn macro_at(text: &str, start: usize) -> Option<(&str, usize)> {
    let rest = &text[start..];
    let (opening, closing) = if rest.starts_with('[') { (1, "]") } else { (3, "%5D") };
    if opening == 3 && !rest.get(..3)?.eq_ignore_ascii_case("%5B") {
        return None;
    }
    let name_end = rest.bytes().skip(opening).take(LONGEST_NAME + 1).position(|byte| !is_name(byte))?;
    let name = rest.get(opening..opening + name_end)?;
    let end = opening + name_end + closing.len();
    let is_closed = rest.get(opening + name_end..end)?.eq_ignore_ascii_case(closing);
    let is_macro = is_closed && name.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_macro.then_some((name, start + end))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macros_are_found_in_both_spellings() {
        let cases = [
            ("https://a/?x=[A]&y=%5bB_1%5D&z=[C", "A B_1"),
            ("[[CACHEBUSTING]", "CACHEBUSTING"),
            ("key[0]=1&k[]=2&[é]", ""),
            ("http://[::1]/%5B%5D", ""),
            ("%%A%%%", ""),
            ("%5Bé%5D", ""),
        ];
        for (text, names) in cases {
            let found: Vec<_> = names_in(text).map(|(name, _)| name).collect();
            assert_eq!(found.join(" "), names, "{text}");
        }
        assert!(names_in(&format!("[{}]", "A".repeat(65))).next().is_none());
    }
}
