//! Runs every program of `examples` against its ad servers and compares the printed lines.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::Path;
use std::process::Command;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::pipeline::{start, within};
use vast_mock::Script;

/// Includes an example as a module.
macro_rules! example {
    ($name:ident, $file:literal) => {
        #[allow(dead_code, unreachable_pub, reason = "the program's `main` is not called here")]
        #[path = $file]
        mod $name;
    };
}

example!(ad_break, "../../examples/ad_break.rs");
example!(device_and_consent, "../../examples/device_and_consent.rs");
#[cfg(feature = "disk")]
example!(durable_outbox, "../../examples/durable_outbox.rs");
example!(filters_and_fallbacks, "../../examples/filters_and_fallbacks.rs");
example!(first_ad, "../../examples/first_ad.rs");
example!(own_selector, "../../examples/own_selector.rs");
example!(own_source, "../../examples/own_source.rs");
example!(own_transport, "../../examples/own_transport.rs");
example!(playing, "../../examples/playing.rs");
example!(server, "../../examples/server.rs");

/// The program of `scripts/kill9.py`, which is not an example for users.
const NO_EXAMPLE: &str = "outbox_load";

/// Collects what the examples print.
#[derive(Default)]
struct Checked(BTreeSet<String>);

impl Checked {
    fn check(&mut self, name: &str, server: &str, printed: Result<Vec<String>, Box<dyn Error>>, expected: &[&str]) {
        let printed = printed.unwrap_or_else(|error| panic!("{name}: {error}"));
        let printed: Vec<String> = printed.iter().map(|line| line.replace(server, "SERVER")).collect();
        assert_eq!(printed, expected, "{name}");
        self.0.insert(name.to_owned());
    }
}

/// Calls the service of the example `server`, and ends it with a real signal.
async fn viewers_of_a_service(ad_server: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let viewers = async {
        let mut lines = Vec::new();
        for call in ["ad one", "ad two", "impression one", "start two", "complete one", "complete one", "hello"] {
            let mut socket = TcpStream::connect(address).await?;
            socket.write_all(format!("{call}\n").as_bytes()).await?;
            let mut reply = String::new();
            socket.read_to_string(&mut reply).await?;
            lines.push(format!("{call}: {reply}"));
        }
        Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status()?;
        Ok::<_, io::Error>(lines)
    };
    let stop = server::terminated()?;
    let (drained, lines) = tokio::join!(server::serve(listener, ad_server, stop), viewers);
    let (drained, mut lines) = (drained?, lines?);
    lines.push(format!("delivered {}, failed {}, left {}", drained.delivered, drained.failed, drained.left));
    Ok(lines)
}

#[tokio::test]
async fn every_example_prints_what_it_should() {
    let text = include_str!("../../examples/servers.toml").replace("port = 8080", "");
    let mock = start(Script::parse(&text, Path::new("")).expect("a script")).await;
    let server = mock.url("ads");
    let mut checked = Checked::default();

    checked.check(
        "first_ad",
        server,
        within(first_ad::run(server)).await,
        &[
            "play https://cdn.example/shoes.mp4 after 1 wrapper",
            "impression SERVER/impression?wrapper=shoes",
            "impression SERVER/impression?ad=shoes",
            "delivered 2",
        ],
    );
    checked.check(
        "filters_and_fallbacks",
        server,
        within(filters_and_fallbacks::run(server)).await,
        &[
            "east: rejected, bitrate 300 is below 1500 (kbit/s)",
            "west: no_ad, a valid answer without an ad",
            "house: filled, an ad",
            "winner house, fallback true",
        ],
    );
    checked.check(
        "ad_break",
        server,
        within(ad_break::run(server)).await,
        &["at  0 s: shoes", "at 15 s: hats", "at 30 s: gloves", "not used: scarves"],
    );
    checked.check(
        "playing",
        server,
        within(playing::run(server)).await,
        &["impression", "start", "firstQuartile", "midpoint", "skip", "delivered 5"],
    );
    checked.check("own_source", server, within(own_source::run(server)).await, &["de: tee", "fr: no ad"]);
    checked.check(
        "own_transport",
        server,
        within(own_transport::run(server)).await,
        &["success true", "/wrapper 200 OK", "/inline 200 OK"],
    );
    checked.check(
        "own_selector",
        server,
        within(own_selector::run(server)).await,
        &["play west at 4.5", "not used: 4", "not used: 2"],
    );
    checked.check("device_and_consent", server, within(device_and_consent::run(server)).await, &["skipped /inline?ad=shoes&ip=[DEVICEIP]&consent=[GDPRCONSENT]&ifa=[IFA]", "filled /inline?ad=shoes&ip=198.51.100.0&consent=CPc7TgAPc7TgAOMAAAENCZCAAP&ifa=6d92078a-8246-4ba4-ae5b-76104861e7dc"]);
    checked.check(
        "server",
        server,
        within(viewers_of_a_service(server)).await,
        &[
            "ad one: play https://cdn.example/shoes.mp4",
            "ad two: play https://cdn.example/shoes.mp4",
            "impression one: 2 tracked",
            "start two: 1 tracked",
            "complete one: 1 tracked",
            "complete one: unknown viewer",
            "hello: unknown",
            "delivered 4, failed 0, left 0",
        ],
    );
    #[cfg(feature = "disk")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let printed = within(durable_outbox::run(server, &folder.path().join("beacons"))).await;
        checked.check("durable_outbox", server, printed, &["queued impression", "delivered 1, failed 0, left 0"]);
    }
    mock.shutdown().await;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).expect("the folder of examples");
    let files =
        files.map(|file| file.expect("a file").path()).filter(|file| file.extension().is_some_and(|end| end == "rs"));
    let mut names: BTreeSet<String> =
        files.filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect();
    names.remove(NO_EXAMPLE);
    if cfg!(not(feature = "disk")) {
        names.remove("durable_outbox");
    }
    assert!(names.len() >= 9, "only {names:?}");
    assert_eq!(checked.0, names, "an example without a check, or a check without its example");
}
