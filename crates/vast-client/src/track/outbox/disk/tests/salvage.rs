//! Salvage: what damage costs.

use std::fs;

use super::files::{bytes, filled, folder, open};
use super::records::{NOW, record, rows};
use crate::track::outbox::{DiskOutbox, Outbox, OutboxError, PutOutcome, salvage};

/// The first bytes of an outbox are damaged: its rows are still found.
#[tokio::test]
async fn salvage_needs_no_header() {
    let (folder, path) = folder();
    filled(&path, 100).await;
    let mut bad = bytes(&path);
    bad[..4096].fill(0);
    fs::write(&path, &bad).expect("a file");
    assert!(matches!(DiskOutbox::open(&path), Err(OutboxError::NotAnOutbox { .. })));
    let salvaged = salvage(&path, folder.path().join("new")).expect("it is salvaged");
    assert_eq!((salvaged.waiting, salvaged.searched_pages), (100, true));
}

/// A changed bit costs the rows of one page at most. Only a bit in the number of the format makes a file that is refused.
#[tokio::test]
async fn a_changed_bit_costs_salvage_one_page_at_most() {
    let (_folder, original) = folder();
    filled(&original, 200).await;
    let good = bytes(&original);
    let mut rng = fastrand::Rng::with_seed(12);
    for _ in 0..100 {
        let (folder, path) = folder();
        let place = rng.usize(..good.len());
        let mut bad = good.clone();
        bad[place] ^= 1 << rng.u8(..8);
        fs::write(&path, &bad).expect("a file");
        match salvage(&path, folder.path().join("new")) {
            Ok(salvaged) => assert!(salvaged.waiting >= 200 - 20, "byte {place}: {salvaged:?}"),
            Err(error) => assert!(matches!(error, OutboxError::NewerFormat { .. }), "byte {place}: {error}"),
        }
        assert!(bytes(&path) == bad, "byte {place}: salvage changed the file");
    }
}

/// A damaged page loses only the rows in it.
#[tokio::test]
async fn salvage_loses_only_the_rows_of_the_damaged_page() {
    let (_folder, original) = folder();
    filled(&original, 400).await;
    let good = bytes(&original);
    let mut searched = 0;
    for page in 0..good.len() / 4096 {
        let (folder, path) = folder();
        let mut bad = good.clone();
        bad[page * 4096..(page + 1) * 4096].fill(0xff);
        fs::write(&path, &bad).expect("a file");
        let target = folder.path().join("new");
        let salvaged = salvage(&path, &target).unwrap_or_else(|error| panic!("page {page}: {error}"));
        searched += u32::from(salvaged.searched_pages);
        assert_eq!(bytes(&path), bad, "page {page}: the damaged file is unchanged");
        let new = open(&target);
        let rows = rows(&new).await;
        assert!(rows.len() >= 400 - 80, "page {page}: {} rows, {salvaged:?}", rows.len());
        assert!(rows.iter().all(|row| row.url == record(&row.key).url), "page {page}");
        assert_eq!(new.stats().await.unreadable, 0, "page {page}");
        assert_eq!(new.put(vec![record(&rows[0].key)], NOW).await, Ok(vec![PutOutcome::Duplicate]), "keys are kept");
    }
    assert!(searched > 3, "{searched}");
}
