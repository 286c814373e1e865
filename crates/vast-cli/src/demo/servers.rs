//! The demo's ad servers: one for each way of answering, all on 127.0.0.1.

use std::time::Duration;

use vast_mock::{Answer, Fault, Script, ScriptError};

use super::documents::{BROKEN, EMPTY, ad, wrapper};

/// Every server by name, with what is to be known of it.
pub(super) const SERVERS: [(&str, &str); 11] = [
    ("empty", "answers after 30 ms that it has no ad"),
    ("broken", "sends half a document after 20 ms"),
    ("slow", "has an ad of 15 s after 450 ms"),
    ("fast", "has an ad of 15 s after 60 ms"),
    ("hanging", "takes the request and never answers"),
    ("house", "the house's own ad, after 15 ms"),
    ("flaky", "says 503 the first time it is asked"),
    ("low", "has an ad of 300 kbit/s"),
    ("high", "has an ad of 4000 kbit/s, a little later"),
    ("exchange", "wraps the ad of network"),
    ("network", "wraps the ad of fast"),
];

/// The servers as a script.
pub(super) fn script() -> Result<Script, ScriptError> {
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
