//! The tag tester: asks a placement as a player would, and calls and counts nothing.

mod preset;
mod run;
mod settings;

pub(super) use preset::DevicePreset;
pub(crate) use run::TagTestReport;
pub(super) use run::{TestRun, TestedTag, run};
pub(super) use settings::{COMPARED, TESTED, TagSettings};
