//! The ad servers of the demo, all on 127.0.0.1: one for each kind of answer.

use std::time::Duration;

use vast_mock::{Answer, Fault, Script, ScriptError};

use super::documents::{BROKEN, EMPTY, ad, wrapper};

/// The name of every server and what it does.
pub(super) const SERVERS: [(&str, &str); 11] = [
    ("empty", "answers after 30 ms without an ad"),
    ("broken", "sends a document that ends in the middle, after 20 ms"),
    ("slow", "answers after 450 ms with an ad of 15 s"),
    ("fast", "answers after 60 ms with an ad of 15 s"),
    ("hanging", "accepts the request and never answers"),
    ("house", "answers after 15 ms with its own ad (\"house ad\")"),
    ("flaky", "answers the first request with status 503, the second with an ad"),
    ("low", "answers with an ad of 300 kbit/s"),
    ("high", "answers a little later with an ad of 4000 kbit/s"),
    ("exchange", "answers with a wrapper that leads to network"),
    ("network", "answers with a wrapper that leads to fast"),
];

/// The name of the server of [`recovering`].
#[cfg(feature = "serve")]
pub(in crate::commands) const RECOVERING: &str = "ill";

/// A server that is ill for some requests and then has ads for a longer time, again and again.
#[cfg(feature = "serve")]
pub(in crate::commands) fn recovering() -> Result<Script, ScriptError> {
    let after = |millis| Answer::new().header("Content-Type", "application/xml").delay(Duration::from_millis(millis));
    let mut server = Script::builder().server(RECOVERING).repeat(vast_mock::Repeat::Cycle);
    // Each failure is retried once: five requests until the ejection, and two probes.
    for _ in 0..14 {
        server = server.answer(after(25).status(503));
    }
    for _ in 0..60 {
        server = server.answer(after(25).body(ad("Rain boots", 15, 1800)));
    }
    server.build()
}

/// The servers as a script.
pub(in crate::commands) fn script() -> Result<Script, ScriptError> {
    let after = |millis| Answer::new().header("Content-Type", "application/xml").delay(Duration::from_millis(millis));
    Script::builder()
        .server("empty")
        .answer(after(30).body(EMPTY))
        .server("broken")
        .answer(after(20).body(BROKEN))
        .server("slow")
        .answer(after(450).body(ad("Winter coats", 15, 2500)))
        .server("fast")
        .answer(after(60).body(ad("Running shoes", 15, 2000)))
        .server("hanging")
        .answer(Answer::new().fault(Fault::Hang))
        .server("house")
        .answer(after(15).body(ad("See you tomorrow", 10, 1500)))
        .server("flaky")
        .answer(after(10).status(503))
        .answer(after(10).body(ad("Garden tools", 20, 1800)))
        .server("low")
        .answer(after(20).body(ad("Tiny video", 15, 300)))
        .server("high")
        .answer(after(50).body(ad("Mountain bikes", 15, 4000)))
        .server("exchange")
        .answer(after(30).body(wrapper("Demo Exchange", "network")))
        .server("network")
        .answer(after(40).body(wrapper("Demo Network", "fast")))
        .build()
}
