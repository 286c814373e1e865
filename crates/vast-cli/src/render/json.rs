//! Results for programs.

use serde::Serialize;

use crate::exit::Exit;
use crate::problem::Problem;

/// `value` as JSON that people can read too, with a line feed at the end.
pub(super) fn print(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    let json = serde_json::to_vec_pretty(value);
    let mut json = json.map_err(|error| Problem::new(Exit::Failed, format!("the output cannot be made: {error}")))?;
    json.push(b'\n');
    Ok(json)
}
