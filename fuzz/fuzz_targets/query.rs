//! Reading queries to a gateway.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vast_fuzz::Body;

fuzz_target!(|data: &[u8]| Body::Query.run(data));
