//! The fault matrix: each fault of an ad server in each mode, alone and beside a good source, through the library and through the
//! gateway. Each cell must end with the outcome of its row, and beside a good source there must be an ad.

mod content;
mod exchange;
mod fault;
#[path = "../../../../vast-client/tests/suite/support/http2_frames.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests of vast-client use the rest")]
mod http2_frames;
mod page;
mod run;
mod servers;
#[path = "../../../../vast-client/tests/suite/support/tls_server.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests of vast-client use the rest")]
mod tls_server;

use fault::Fault;

/// All faults, in the order of the documentation.
fn faults() -> Vec<Fault> {
    exchange::faults().into_iter().chain(content::faults()).collect()
}
