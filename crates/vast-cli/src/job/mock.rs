//! `vast mock`.

use std::path::Path;

use vast_mock::{Mock, Script, ScriptError};

use super::{interrupt, runtime};
use crate::args::MockArgs;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::{output, talk};

pub(super) fn run(arguments: &MockArgs) -> Result<Exit, Problem> {
    let script = script(arguments)?;
    runtime::many(serve(script))
}

fn script(arguments: &MockArgs) -> Result<Script, Problem> {
    match (&arguments.dir, &arguments.scenario) {
        (Some(folder), _) => {
            let server = Script::builder().server("files").directory(folder).port(arguments.port.unwrap_or_default());
            server.build().map_err(|error| complaint(&error, folder))
        }
        (None, Some(scenario)) => Script::load(scenario).map_err(|error| complaint(&error, scenario)),
        (None, None) => Err(Problem::usage("SCENARIO: name a file, or a folder with --dir")),
    }
}

fn complaint(error: &ScriptError, path: &Path) -> Problem {
    match error {
        ScriptError::Read { .. } => Problem::new(Exit::Failed, error.to_string()),
        _ => Problem::usage(format!("{}: {error}", path.display())),
    }
}

/// Serves until Ctrl-C, which is how it is meant to end.
async fn serve(script: Script) -> Result<Exit, Problem> {
    let mock = Mock::builder(script).log_limit(0).observer(|exchange| talk::line(&exchange.to_string())).start().await;
    let mock = mock.map_err(|error| Problem::new(Exit::Failed, error.to_string()))?;
    let servers: String = mock.servers().map(|(name, url)| format!("{name} {url}\n")).collect();
    output::print(servers.as_bytes())?;
    interrupt::signal().await;
    mock.shutdown().await;
    Ok(Exit::Done)
}
