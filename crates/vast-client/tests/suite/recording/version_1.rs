//! Recordings that the first version of the form has written. Every later version must read them, or refuse version 1 by its number.
//! The file is never written again.

use super::*;
use crate::replay::live::exact;

const VERSION_1: &[u8] = include_bytes!("../../../../../fixtures/recordings/version-1.vastrec");

/// Each recording of the file: its winner, the outcomes of its sources, and its numbers of exchanges, documents, decisions and facts.
const EXPECTED: [(Option<&str>, &str, [usize; 4]); 4] = [
    (Some("east"), "east filled, west failed", [4, 0, 3, 16]),
    (Some("fast"), "fast filled, slow cancelled, reset failed, silent cancelled", [5, 0, 6, 18]),
    (Some("own"), "empty failed, text no_ad, own filled", [0, 2, 5, 15]),
    (Some("list"), "list filled", [3, 0, 2, 6]),
];

#[test]
fn recordings_of_version_1_are_read_and_replayed() {
    let recordings: Vec<Recording> =
        RecordingReader::new(VERSION_1).collect::<Result<_, _>>().expect("recordings of version 1");
    let found: Vec<_> = recordings
        .iter()
        .map(|recording| {
            let replay = exact(recording);
            assert_eq!(replay.differences, []);
            let outcomes = replay.result.sources.iter().map(|one| format!("{} {}", one.name, one.outcome.as_str()));
            let outcomes = outcomes.collect::<Vec<_>>().join(", ");
            let Recording { exchanges, documents, policy, journal, .. } = recording;
            let numbers = [exchanges.len(), documents.len(), policy.len(), journal.facts.len()];
            (replay.result.source.map(|name| name.to_string()), outcomes, numbers)
        })
        .collect();
    let expected =
        EXPECTED.map(|(winner, outcomes, numbers)| (winner.map(str::to_owned), outcomes.to_owned(), numbers));
    assert_eq!(found, expected);
}
