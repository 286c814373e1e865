//! Opening the file of an outbox.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vast_fuzz::Body;

/// The reader of the database may panic at a damaged file; the outbox catches that on threads with these names. libFuzzer's hook would
/// end the process at any panic.
const GUARDED: [&str; 3] = ["outbox", "outbox-file", "outbox-reader"];

fuzz_target!(
    init: {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !std::thread::current().name().is_some_and(|name| GUARDED.contains(&name)) {
                hook(panic);
            }
        }));
    },
    |data: &[u8]| Body::Outbox.run(data)
);
