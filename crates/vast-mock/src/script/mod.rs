//! What the servers do, decided without sockets and without a clock.
//!
//! The TOML form, read by [`Script::parse`], has one `[[server]]` table per server:
//!
//! | key | means | default |
//! |---|---|---|
//! | `name` | letters, digits, `-`, `_`; `{{name}}` is its base URL | required |
//! | `port` | where it listens on 127.0.0.1 | any free port |
//! | `repeat` | after the last answer of a sequence: `"last"` for ever, or `"cycle"` | `"last"` |
//! | `sink` | `true`: says 204 to everything; `"gif"`: a pixel; requests to it are beacons | `false` |
//! | `directory` | serves the files of this folder as `/file-name`, and a list of them at `/` | none |
//!
//! and in it one `[[server.answer]]` per answer. Answers with the same `path` form a sequence, those without a path the
//! sequence for all other paths. Without such a sequence the server says 204 (`sink`) or 404.
//!
//! | key | means | default |
//! |---|---|---|
//! | `path` | this path only, compared without query | every other path |
//! | `status` | the status code | 200, 302 with `redirect` |
//! | `delay` | the silence before the first byte: `"200ms"`, `{ uniform = ["100ms", "300ms"] }`, `{ normal = ["200ms", "50ms"] }` (mean, deviation), `{ pareto = ["100ms", 1.5] }` (shortest, shape) | none |
//! | `headers` | a table; a list of texts repeats the header. They go before what the mock would set itself, true or not | none |
//! | `body`, `file` | the body, or the file that it is in | empty |
//! | `encoding` | compressed by the mock: `"gzip"`, `"deflate"`, `"br"` | none |
//! | `raw` | the body is already what `encoding` says | `false` |
//! | `truncate` | sends at most so many bytes of the announced body (compressed ones, if it is compressed) | all |
//! | `in_body` | what follows those bytes: `"close"`, `"reset"`, `"hang"` | `"close"` |
//! | `fault` | in place of a response, after `delay`: `"reset"`, `"hang"`, `"close"` | none |
//! | `chunk` | sends the body in pieces of so many bytes | one piece |
//! | `chunk_delay` | the silence before every piece, the first included; the head goes first. As `delay` | none |
//! | `chunked` | `Transfer-Encoding: chunked` in place of `Content-Length` | `false` |
//! | `redirect` | the `Location` | none |
//! | `connection_close` | says `Connection: close` and closes after the response | `false` |
//!
//! In bodies, files, headers and `redirect`, `{{name}}` becomes that server's base URL, `{{self}}` the server's own,
//! `{{request.path}}` and `{{request.query.KEY}}` what was asked, as it was sent. Other text in braces stays.
//!
//! ```
//! let script = vast_mock::Script::parse(r#"
//! [[server]]
//! name = "east"
//! [[server.answer]]
//! status = 503
//! [[server.answer]]
//! delay = { normal = ["200ms", "50ms"] }
//! headers = { "Content-Type" = "application/xml" }
//! body = '<VAST version="4.2"><Error><![CDATA[{{beacons}}/error?from={{request.query.cb}}]]></Error></VAST>'
//!
//! [[server]]
//! name = "beacons"
//! sink = "gif"
//! "#, std::path::Path::new("."))?;
//! assert_eq!(script.servers().len(), 2);
//! # Ok::<(), vast_mock::ScriptError>(())
//! ```

mod answer;
mod delay;
mod encoding;
mod error;
mod folder;
mod prepared;
mod reply;
mod request;
mod scenario;
mod server;
mod template;
mod toml_file;
mod toml_value;

pub use answer::{Answer, CutEnd, Fault};
pub use delay::Delay;
pub use encoding::Encoding;
pub use error::{Problem, ScriptError, ScriptPlace};
pub use reply::{Action, BodyPart, End, Framing, Reply, Response};
pub use request::Request;
pub use scenario::{Repeat, Script, ScriptBuilder, ServerBuilder, ServerScript, Sink};
pub use server::Server;
