//! Instruction counts, for work that is too short to be timed on a shared machine.

use std::process::Command;

use crate::effort::Failure;

/// Repetitions in the shorter of two runs. The difference of both runs does not contain the start of the process.
pub(crate) const FEW: u64 = 100;
/// Repetitions in the longer run.
pub(crate) const MANY: u64 = 1_100;

/// Whether valgrind is installed.
#[cfg(feature = "gateway")]
pub(crate) fn is_installed() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|version| version.status.success())
}

/// Instructions per unit of the work that this binary does when it is called with `argument`, `name` and a number of units.
/// `None` if valgrind is not installed.
pub(crate) fn per_unit(argument: &str, name: &str) -> Result<Option<f64>, Failure> {
    difference(argument, name, None)
}

/// [`per_unit`] of the functions whose names match the pattern `functions`, with what they call.
pub(crate) fn per_unit_inside(argument: &str, name: &str, functions: &str) -> Result<Option<f64>, Failure> {
    difference(argument, name, Some(functions))
}

fn difference(argument: &str, name: &str, functions: Option<&str>) -> Result<Option<f64>, Failure> {
    let Some(few) = count(argument, name, FEW, functions)? else { return Ok(None) };
    let Some(many) = count(argument, name, MANY, functions)? else { return Ok(None) };
    Ok(Some(many.saturating_sub(few) as f64 / (MANY - FEW) as f64))
}

fn count(argument: &str, name: &str, units: u64, functions: Option<&str>) -> Result<Option<u64>, Failure> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    if let Some(functions) = functions {
        command.arg(format!("--toggle-collect={functions}"));
    }
    command.arg(std::env::current_exe()?).args([argument, name, &units.to_string()]);
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("valgrind failed: {said}").into());
    }
    Ok(Some(collected(&said).ok_or_else(|| format!("valgrind counted nothing: {said}"))?))
}

/// The number in `==1234== Collected : 56789`.
pub(crate) fn collected(said: &str) -> Option<u64> {
    let line = said.lines().find_map(|line| line.split_once("Collected :"))?;
    line.1.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_in_the_last_words_of_the_tool() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 56789\n==7== \n"), Some(56_789));
        assert_eq!(collected("==7== nothing"), None);
    }
}
