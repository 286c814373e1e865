//! Opening the file of an outbox.

use std::io::Read;

use flate2::read::GzDecoder;
use vast_client::track::outbox::{DiskOutbox, LedgerQuery, Outbox};

const INPUT: &[u8] = include_bytes!("../../vast-client/src/track/outbox/disk/tests/format-1.outbox.gz");

/// A file is opened or refused with a message, and an outbox that was opened can list its beacons.
///
/// # Panics
/// If that does not hold.
pub fn outbox(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("beacons.outbox");
    std::fs::write(&path, data).expect("a file");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match DiskOutbox::open(&path) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(outbox) => {
                // A damage that the opening has not read is an error of the list.
                let _ = outbox.rows(LedgerQuery::default()).await;
                outbox.close();
            }
        }
    });
}

/// A file with beacons in each state.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    let mut file = Vec::new();
    GzDecoder::new(INPUT).read_to_end(&mut file).expect("a gzip file");
    vec![file]
}
