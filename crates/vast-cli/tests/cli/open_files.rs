//! More connections than the process may have files open at its start.
#![cfg(unix)]

use crate::binary::vast;
use crate::servers::{at, start};

const SOURCES: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_open_files_is_raised() {
    let mock = start().await;
    let urls = vec![at(&mock, "/ad"); SOURCES];
    let mut arguments = vec!["request", "--mode", "collect", "--format", "json", "--timeout", "20s"];
    arguments.extend(urls.iter().map(String::as_str));
    let ended = vast(&arguments).with_open_files(48).run();
    let answer = ended.json();
    let sources = answer["sources"].as_array().expect("reports");
    let failed: Vec<_> = sources.iter().filter(|source| source["outcome"] != "filled").collect();
    assert_eq!((sources.len(), failed.len()), (SOURCES, 0), "{failed:?}");
}
