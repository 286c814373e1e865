use super::*;

fn assert_sendable<T: Send>(_: &T) {}
fn assert_shareable<T: Clone + Send + Sync + 'static>(_: &T) {}

#[test]
fn the_futures_of_requests_are_small() {
    let client = VastClient::new(SourceConfig::inline("<VAST/>")).expect("a configuration");
    // In bytes. A program may have thousands of requests.
    let sizes = [
        ("request_ad", size_of_val(&client.request_ad()), 1_700),
        ("request_ad_with_fallback", size_of_val(&client.request_ad_with_fallback("a.xml", ["b.xml"])), 3_700),
    ];
    assert!(sizes.iter().all(|(_, size, most)| size <= most), "{sizes:?}");
}

#[test]
fn a_client_and_its_requests_can_move_between_threads() {
    let client = VastClient::new(SourceConfig::inline("<VAST/>")).expect("a configuration");
    assert_shareable(&client);
    assert_sendable(&client.request_ad());
    assert_sendable(&client.request_ad_with_fallback("a.xml", ["b.xml"]));
}
