//! Rewrites the table after tests were added.

use super::agreement::named_for;
use super::proofs::Proof;
use super::register::{Entry, Register, key_of_line};
use super::requirement::Requirement;

/// The table's text in which every `later` requirement with tests is set to `tested`. Comments, order, and all other
/// lines do not change: if an entry claims more than its tests prove, a developer must correct it.
pub fn update(text: &str, register: &Register, proofs: &[Proof]) -> String {
    text.lines().map(|line| updated_line(line, register, proofs) + "\n").collect()
}

fn updated_line(line: &str, register: &Register, proofs: &[Proof]) -> String {
    let requirement = key_of_line(line).and_then(|key| key.parse::<Requirement>().ok());
    match requirement.and_then(|requirement| Some((requirement, register.entries.get(&requirement)?))) {
        Some((requirement, Entry::Later { .. })) if named_for(requirement, proofs).next().is_some() => {
            format!("\"{requirement}\" = {{ status = \"tested\" }}")
        }
        _ => line.to_owned(),
    }
}
