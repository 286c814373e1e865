//! The two ways of reading a document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vast_fuzz::Body;

fuzz_target!(|data: &[u8]| Body::TwoPaths.run(data));
