//! Writing a document that was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vast_fuzz::Body;

fuzz_target!(|data: &[u8]| Body::RoundTrip.run(data));
