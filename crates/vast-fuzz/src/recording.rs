//! Reading and replaying recordings.

use vast_client::recording::{Recording, RecordingReader, to_bytes};
use vast_client::replay::Replayer;

const INPUT: &[u8] = include_bytes!("../../../fixtures/recordings/version-1.vastrec");

/// A file is read or refused, and what was read can be written, read again and replayed. The parts of a recording are JSON; mutations of that
/// are put into a file, because mutations of a file seldom pass its checksums.
///
/// # Panics
/// If that does not hold.
pub fn recording(data: &[u8]) {
    match serde_json::from_slice::<Recording>(data) {
        Ok(parts) => read_file(&to_bytes(&parts)),
        Err(_) => read_file(data),
    }
}

fn read_file(file: &[u8]) {
    for read in RecordingReader::new(file).take(8) {
        match read {
            Err(error) => return assert!(!error.to_string().is_empty()),
            Ok(read) => check(&read),
        }
    }
}

fn check(read: &Recording) {
    let written = to_bytes(read);
    let again: Vec<_> = RecordingReader::new(&written[..]).collect();
    assert!(matches!(&again[..], [Ok(again)] if again == read), "written and read: {:?}", again.first());
    if let Ok(mut replayer) = Replayer::new() {
        // A recording that contradicts itself cannot be replayed, which is an error.
        let _ = replayer.exact(read);
    }
}

/// A file, and its recording as JSON.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    let read = RecordingReader::new(INPUT).next().expect("a recording").expect("a recording");
    vec![INPUT.to_vec(), serde_json::to_vec(&read).expect("JSON")]
}
