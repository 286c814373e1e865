//! `vast completions`.

use crate::args::{self, CompletionsArgs};
use crate::exit::Exit;
use crate::output;
use crate::problem::Problem;

pub(super) fn run(arguments: &CompletionsArgs) -> Result<Exit, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut args::definition(), "vast", &mut script);
    output::print(&script)?;
    Ok(Exit::Done)
}
