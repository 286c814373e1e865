//! `vast mock`.

use std::path::Path;

use vast_mock::{Mock, Script, ScriptError};

use super::runtime;
use crate::args::MockArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::stdio;

pub(super) fn run(arguments: &MockArgs) -> Result<Exit, CommandError> {
    let script = script(arguments)?;
    runtime::run_multi_threaded(serve(script))
}

fn script(arguments: &MockArgs) -> Result<Script, CommandError> {
    match (&arguments.dir, &arguments.scenario) {
        (Some(folder), _) => {
            let server = Script::builder().server("files").directory(folder).port(arguments.port.unwrap_or_default());
            server.build().map_err(|error| script_error(&error, "--dir", folder))
        }
        (None, Some(scenario)) => Script::load(scenario).map_err(|error| script_error(&error, "SCENARIO", scenario)),
        (None, None) => Err(CommandError::usage("SCENARIO: name a file, or a folder with --dir")),
    }
}

/// `name` is the argument that gave the path.
fn script_error(error: &ScriptError, name: &str, path: &Path) -> CommandError {
    match error {
        ScriptError::Read { .. } => CommandError::new(Exit::Failed, format!("{name}: {error}")),
        _ => CommandError::usage(format!("{}: {error}", path.display())),
    }
}

/// Serves until Ctrl-C, which is the normal end.
async fn serve(script: Script) -> Result<Exit, CommandError> {
    let mock =
        Mock::builder(script).log_limit(0).observer(|exchange| stdio::message(&exchange.to_string())).start().await;
    let mock = mock.map_err(|error| CommandError::new(Exit::Failed, error.to_string()))?;
    let servers: String = mock.servers().map(|(name, url)| format!("{name} {url}\n")).collect();
    stdio::print(servers.as_bytes())?;
    runtime::signal().await;
    mock.shutdown().await;
    Ok(Exit::Done)
}
