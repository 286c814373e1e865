//! Expanding macros in URLs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vast_fuzz::Body;

fuzz_target!(|data: &[u8]| Body::Macros.run(data));
