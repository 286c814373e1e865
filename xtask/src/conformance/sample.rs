//! Chooses requirements at random. A developer breaks their code by hand, and their tests must fail.

use std::fmt::Write;

use super::agreement::named_for;
use super::proofs::Proof;
use super::register::{Entry, Register};

/// Up to `count` requirements that are tested (those of the host included), with their tests and the positions of these.
/// The same seed chooses the same ones as long as the table does not change.
pub fn sample(register: &Register, proofs: &[Proof], count: usize, seed: u64) -> String {
    let tested = register.entries.iter().filter(|(_, entry)| !matches!(entry, Entry::Later { .. }));
    let mut chosen = fastrand::Rng::with_seed(seed).choose_multiple(tested.map(|(requirement, _)| *requirement), count);
    chosen.sort_unstable();
    let mut text = format!("{} of the tested requirements, seed {seed}\n", chosen.len());
    for requirement in chosen {
        let _ = writeln!(text, "{requirement} {}", requirement.stage().name());
        for proof in named_for(requirement, proofs) {
            let _ = writeln!(text, "  {}  {}:{}", proof.name, proof.file, proof.line);
        }
    }
    text
}
