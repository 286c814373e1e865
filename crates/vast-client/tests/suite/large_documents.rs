//! Documents whose reading takes long (rule S14 of docs/security.md).

use std::sync::mpsc;

use tokio::runtime::Builder;
use vast_client::{SourceConfig, VastClient};

/// An ad in a document that has about this many bytes.
fn client(bytes: usize) -> VastClient {
    let document = format!(
        "<VAST version='3.0'><!--{}--><Ad id='1'><InLine><AdSystem>a</AdSystem><AdTitle>a</AdTitle><Impression>https://t.example/i</Impression>\
         <Creatives><Creative><Linear><Duration>00:00:15</Duration><MediaFiles><MediaFile delivery='progressive' type='video/mp4' width='640' \
         height='360'>https://c.example/a.mp4</MediaFile></MediaFiles></Linear></Creative></Creatives></InLine></Ad></VAST>",
        "x".repeat(bytes)
    );
    VastClient::new(SourceConfig::inline(document)).expect("a configuration")
}

/// The only thread for blocking work is busy: a large document waits for it, a small one is read on the thread of the runtime.
#[test]
fn a_large_document_is_read_on_another_thread_and_other_requests_do_not_wait() {
    let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(1).build().expect("a runtime");
    runtime.block_on(async {
        let (release, released) = mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || released.recv().is_err());
        let (large, small) = (client(256 * 1024), client(0));
        let mut reading = std::pin::pin!(large.request_ad());
        tokio::select! {
            biased;
            _ = &mut reading => panic!("the large document was read on the thread of the runtime"),
            result = async { small.request_ad().await } => assert!(result.success, "the small document has its ad"),
        }
        drop(release);
        assert!(reading.await.success, "the large document is read when the thread is free");
        assert!(busy.await.expect("it ends"), "it was released");
    });
}
