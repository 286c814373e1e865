//! Namespace prefixes.

use std::collections::{HashMap, HashSet};

use crate::drafts::{Drafts, clipped};
use crate::outline::{Outline, OutlineElement};
use crate::rule::Rule;

/// Reports prefixes that neither the element nor one of its ancestors declares. Each prefix is reported once.
pub(super) fn undeclared_prefixes(outline: &Outline<'_>, drafts: &mut Drafts) {
    let mut reported: HashSet<&str> = HashSet::new();
    // `open` has the prefixes that the open elements declare, each with the number of the first element after its
    // element. `declared` counts them by prefix.
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut declared: HashMap<&str, usize> = HashMap::new();
    for (index, element) in outline.elements.iter().enumerate() {
        while let Some((prefix, _)) = open.pop_if(|(_, end)| *end <= index) {
            declared.entry(prefix).and_modify(|count| *count -= 1);
        }
        for prefix in element.attributes.iter().filter_map(|attribute| attribute.name.strip_prefix("xmlns:")) {
            open.push((prefix, element.next));
            *declared.entry(prefix).or_default() += 1;
        }
        let name = element_prefix(outline, element);
        let names = element.attributes.iter().filter_map(|attribute| prefix(attribute.name));
        for prefix in name.into_iter().chain(names) {
            let is_declared = matches!(prefix, "xml" | "xmlns") || declared.get(prefix).is_some_and(|count| *count > 0);
            if !is_declared && reported.insert(prefix) {
                drafts.add(Rule::UndeclaredPrefix, element.tag.clone(), undeclared(prefix));
            }
        }
    }
}

/// The message about a prefix that is not declared.
pub(crate) fn undeclared(prefix: &str) -> String {
    format!("the prefix {}: is not declared", clipped(prefix))
}

/// The prefix of an element's name.
pub(crate) fn element_prefix<'t>(outline: &Outline<'t>, element: &OutlineElement<'t>) -> Option<&'t str> {
    let tag = outline.text.get(element.tag.start + 1..)?;
    prefix(full_name(tag, element))
}

/// The name at the beginning of a tag, with its prefix. `element` has the name without the prefix.
fn full_name<'t>(tag: &'t str, element: &OutlineElement<'_>) -> &'t str {
    let end = tag.find(element.name).map_or(0, |start| start + element.name.len());
    tag.get(..end).unwrap_or_default()
}

fn prefix(name: &str) -> Option<&str> {
    name.split_once(':').map(|(prefix, _)| prefix).filter(|prefix| !prefix.is_empty())
}
