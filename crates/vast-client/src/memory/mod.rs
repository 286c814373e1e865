//! What is known of a source from earlier requests. There is one memory for each name of a source. All requests of a plan share it,
//! and a newer plan takes it over.

mod source_memory;
#[cfg(test)]
mod tests;
mod turn;

pub(crate) use source_memory::{ExtraPermit, SourceMemory, SourcePolicy};
pub(crate) use turn::{Turn, TurnPlace};
