//! Who is asked when, and when it is enough: the one loop that all modes share.

mod order;
mod run;

pub(crate) use order::{Rank, ranked};
pub(crate) use run::{Lanes, Rules, Stop, run};
