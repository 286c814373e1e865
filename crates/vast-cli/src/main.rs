//! The program `vast`.

use std::process::ExitCode;

fn main() -> ExitCode {
    vast_cli::run(std::env::args_os()).into()
}
