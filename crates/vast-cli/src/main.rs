//! The program `vast`.

mod open_files;

use std::process::ExitCode;

/// The allocators of glibc and musl give the memory of a document back to the system, and get it again for the next one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    open_files::raise_limit();
    vast_cli::run(std::env::args_os()).into()
}
