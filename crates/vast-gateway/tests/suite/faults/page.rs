//! docs/fault-matrix.md, which is made from the table of the faults: `UPDATE_DOCS=1 cargo test -p vast-gateway fault_matrix`.

use std::fmt::Write as _;
use std::path::Path;

use strum::VariantArray;
use vast_client::{ErrorType, FetchMode};

use super::fault::{Fault, Group, SourceEnd};
use super::faults;

const INTRODUCTION: &str = "\
# The fault matrix

How the client and the gateway handle ad servers that fail. This page is generated from the table of the tests
(`crates/vast-gateway/tests/suite/faults`). `cargo test -p vast-gateway faults` runs every cell over real sockets of the local machine.
";

fn page(faults: &[Fault]) -> String {
    let modes = FetchMode::VARIANTS;
    let cells = faults.len() * modes.len() * 4;
    let mut page = INTRODUCTION.to_owned();
    let names: Vec<_> = modes.iter().map(|mode| format!("`{mode}`")).collect();
    let names = names.join(", ");
    write!(
        page,
        "
{} faults × {} modes ({names}) × alone and beside a good source × library and gateway = **{cells} cells**. In each cell:

- the request ends, and the source ends with the outcome of the row, in every mode. `X-Vast-Outcome` is the value of this header in the gateway's
  answer when the source is alone; the answer is a VAST document with the status 200;
- beside a good source, the answer has an ad;
- nothing panics, and the tests and their servers together stay below 768 MiB.

The outcome is `filled` or the type of the error, with the VAST error code (section 2.3.6 of VAST 4.3) of that type. The types are those of
[this table](error-types.md); a `filtered` ad has the code of the reason against it. A source that is too slow ends at its time limit.
",
        faults.len(),
        modes.len(),
    )
    .expect("a text");
    for group in Group::VARIANTS {
        writeln!(
            page,
            "\n## {}\n\n| fault | the ad server | outcome | VAST error | `X-Vast-Outcome` |\n|---|---|---|---|---|",
            group.heading()
        )
        .expect("a text");
        for fault in faults.iter().filter(|fault| fault.group == *group) {
            let code = match fault.outcome {
                SourceEnd::Filled => None,
                SourceEnd::Error(ErrorType::Filtered) => Some("of the reason".to_owned()),
                SourceEnd::Error(error) => error.row().vast_error_code.map(|code| code.to_string()),
            };
            let code = code.unwrap_or_else(|| "none".to_owned());
            let Fault { name, what, outcome, .. } = fault;
            writeln!(page, "| {name} | {what} | `{}` | {code} | `{}` |", outcome.as_str(), outcome.gateway_outcome())
                .expect("a text");
        }
    }
    page
}

#[test]
fn the_fault_matrix_of_the_documentation_is_current() {
    let faults = faults();
    assert!(faults.len() >= 60);
    let mut names: Vec<_> = faults.iter().map(|fault| fault.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), faults.len(), "two faults have one name");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fault-matrix.md");
    let expected = page(&faults);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).expect("it can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/fault-matrix.md is out of date: `UPDATE_DOCS=1 cargo test -p vast-gateway fault_matrix`"
    );
}
