//! Sources and documents in words.

use vast_client::FetchResult;
use vast_client::report::SourceReport;

/// The source of a fact.
pub(super) fn source_of(result: &FetchResult, lane: usize) -> Option<&SourceReport> {
    result.sources.get(lane)
}

/// The document of a source in words.
pub(super) fn document_name(hop: u32) -> String {
    if hop == 0 { "the document".to_owned() } else { format!("document {hop}") }
}

/// The sources of the ads, each once, in order of play.
pub(super) fn winners(result: &FetchResult) -> Vec<&str> {
    let playlist = result.source.as_deref().filter(|_| result.success && result.ads.is_empty());
    let mut names: Vec<&str> = playlist.into_iter().collect();
    for ad in &result.ads {
        let name = &*ad.ad.tree.source;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Names in a sentence: `a`, `a and b`, `a, b and c`.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
