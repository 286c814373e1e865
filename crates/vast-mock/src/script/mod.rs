//! The script half: decides what the servers do, without sockets and without a clock.
//!
//! The TOML form, read by [`Script::parse`], has one `[[server]]` table per server:
//!
//! | key | meaning | default |
//! |---|---|---|
//! | `name` | letters, digits, `-`, `_`; `{{name}}` is its base URL | required |
//! | `port` | the port on 127.0.0.1 | any free port |
//! | `repeat` | what follows the last answer of a sequence: `"last"` repeats it, `"cycle"` begins again with the first | `"last"` |
//! | `sink` | `true`: answers every request with 204; `"gif"`: answers with a pixel; its requests are logged as beacons | `false` |
//! | `directory` | serves the files of this folder as `/file-name`, and a list of them at `/` | none |
//!
//! and in it one `[[server.answer]]` per answer. Answers with the same `path` form a sequence; those without a path form
//! the sequence for all other paths. If there is no sequence for a request, the server answers with 204 (`sink`) or 404.
//!
//! | key | meaning | default |
//! |---|---|---|
//! | `path` | this path only, compared without query | every other path |
//! | `status` | the status code | 200, 302 with `redirect` |
//! | `delay` | the wait before the first byte: `"200ms"`, `{ uniform = ["100ms", "300ms"] }`, `{ normal = ["200ms", "50ms"] }` (mean, deviation), `{ pareto = ["100ms", 1.5] }` (shortest, shape) | none |
//! | `headers` | a table; a list of texts repeats the header. They replace headers that the mock would set itself, even with wrong values | none |
//! | `body`, `file` | the body, or the file with the body | empty |
//! | `encoding` | the mock compresses the body: `"gzip"`, `"deflate"`, `"br"` | none |
//! | `raw` | the body is already encoded as `encoding` says | `false` |
//! | `truncate` | sends at most this number of bytes of the announced body (compressed bytes if it is compressed) | all |
//! | `in_body` | what follows these bytes: `"close"`, `"reset"`, `"hang"` | `"close"` |
//! | `fault` | instead of a response, after `delay`: `"reset"`, `"hang"`, `"close"` | none |
//! | `chunk` | sends the body in pieces of this number of bytes | one piece |
//! | `chunk_delay` | the wait before every piece, including the first; the head is sent before it. The same forms as `delay` | none |
//! | `chunked` | `Transfer-Encoding: chunked` instead of `Content-Length` | `false` |
//! | `redirect` | the value of `Location` | none |
//! | `connection_close` | sends `Connection: close` and closes the connection after the response | `false` |
//!
//! In bodies, files, headers and `redirect`, `{{name}}` becomes the base URL of that server, `{{self}}` the base URL of the
//! server itself. `{{request.path}}` and `{{request.query.KEY}}` become parts of the request, as they were sent. Other text
//! in braces stays.
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
