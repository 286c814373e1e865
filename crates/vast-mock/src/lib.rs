//! Mock ad servers for a VAST client: a script states every answer, delay and fault, and a sink records the beacons that it
//! receives. This crate depends on no client and reads no XML.
//!
//! ```text
//! scenario.toml ── Script::load ──┐
//! Script::builder() ──────────────┴─> Script ── prepare(base URLs) ──> Server ── reply(request, rng) ──> Reply
//!                                       │                                                              (a value)
//!                                       └── Mock::start ──> real sockets on 127.0.0.1 that perform the Reply
//! ```
//!
//! The script half is a pure state machine: a [`Reply`] has the action of the server and its delay, so a transport in
//! memory can perform it on a paused clock. [`Mock`] performs the same value on real sockets: it waits, sends TCP
//! resets, and notices when the client closes the connection.
//!
//! ```
//! use std::time::Duration;
//! use vast_mock::{Action, Answer, Request, Script};
//!
//! let script = Script::builder()
//!     .server("east")
//!     .answer(Answer::new().delay(Duration::from_millis(200)).redirect("{{west}}/other"))
//!     .server("west")
//!     .answer(Answer::new().body("<VAST version=\"4.2\"/>"))
//!     .build()?;
//! let servers = script.prepare(|name| format!("http://{name}.test"));
//! let reply = servers[0].reply(&Request::get("/vast"), &mut fastrand::Rng::with_seed(1));
//! assert_eq!(reply.after, Duration::from_millis(200));
//! let Action::Respond(response) = reply.action else { panic!("not a response") };
//! assert_eq!(response.header("location"), Some("http://west.test/other"));
//! # Ok::<(), vast_mock::ScriptError>(())
//! ```

pub mod script;
pub mod serve;

pub use script::{
    Action, Answer, BodyPart, CutEnd, Delay, Encoding, End, Fault, Framing, Problem, Repeat, Reply, Request, Response,
    Script, ScriptBuilder, ScriptError, ScriptPlace, Server, ServerBuilder, ServerScript, Sink,
};
pub use serve::{Answered, Exchange, ExchangeEnding, Mock, MockBuilder, ReceivedBeacon, WaitError, free_address};
