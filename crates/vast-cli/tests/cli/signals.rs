//! Ctrl-C and SIGTERM.
#![cfg(unix)]

use std::io::Read;
use std::process::{Child, Command, Stdio};

use crate::binary::vast;
use crate::servers::{at, start};

/// Both signals and the exit codes that they end with.
const SIGNALS: [(&str, i32); 2] = [("-INT", 130), ("-TERM", 143)];

/// Sends a signal to the program.
pub(crate) fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).stdin(Stdio::null()).status().expect("kill runs");
    assert!(sent.success());
}

fn stderr_of(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut text).expect("text");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_cancels_the_request() {
    for (signal, code) in SIGNALS {
        for command in ["request", "parse", "check", "track"] {
            let mock = start().await;
            let mut child = vast(&[command, &at(&mock, "/hang"), "--timeout", "20s"]).start();
            mock.wait_for(|log| log.len() == 1).await.expect("it asks");
            send(signal, &child);
            assert_eq!(child.wait().expect("it ends").code(), Some(code), "{command} {signal}");
            assert_eq!(stderr_of(&mut child), "", "{command} {signal}");
            let log = mock.wait_for(|log| log.iter().all(|exchange| exchange.ended.is_some())).await.expect("it ends");
            assert_eq!(log[0].ending, vast_mock::ExchangeEnding::ClientClosed);
        }
    }
}

/// Requests that are running get a moment to end, the outbox is closed, and the summary is printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_wait_for_trackers_in_order() {
    for (signal, code) in SIGNALS {
        let mock = crate::tracking::hanging().await;
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = folder.path().join("beacons");
        let outbox = outbox.to_str().expect("a path");
        let arguments = ["request", "--track", "--outbox", outbox, &at(&mock, "/ad"), "--drain", "20s"];
        let mut child = vast(&arguments).start();
        let is_hanging = |log: &[vast_mock::Exchange]| log.iter().any(|exchange| exchange.request.path() == "/hang");
        mock.wait_for(is_hanging).await.expect("the tracker is called");
        send(signal, &child);
        assert_eq!(child.wait().expect("it ends").code(), Some(code), "{signal}");
        let message = "trackers: 0 of 1 called, 0 failed, 1 kept for the next process\n";
        assert_eq!(stderr_of(&mut child), message, "{signal}");
        let stats = vast(&["outbox", "stats", "--format", "json", "--outbox", outbox]).run().json();
        assert_eq!((&stats["waiting"], &stats["repaired"]), (&1.into(), &false.into()), "{signal}: {stats}");
    }
}
