//! Running a request many times.

use std::path::{Path, PathBuf};

use clap::Args;
use vast_client::ClientConfig;

use super::output::{Format, OutputArgs};
use super::value;
use crate::error::CommandError;

/// Running a request many times.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measurement")]
pub(crate) struct RepeatArgs {
    /// Run the request this many times and end with a summary of all answers. With --format json, one answer per line and the
    /// summary as the last line. With --seed, each request uses the next number. No tracker is called.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    repeat: Option<u32>,
    /// With --repeat: how many requests may run at the same time [default: 1].
    #[arg(long, value_name = "NUMBER", requires = "repeat", value_parser = clap::value_parser!(u16).range(1..=1_000))]
    concurrency: Option<u16>,
    /// With --repeat: how many requests to start per second, such as 50 or 0.5 [default: the next one when another has ended].
    #[arg(long, value_name = "NUMBER", requires = "repeat", value_parser = value::rate)]
    rate: Option<f64>,
    /// Write the numbers of the run to this file in the text format of Prometheus. An older file is replaced at the end.
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
}

/// How often and how fast a request is repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repetition {
    /// How many requests there are.
    pub(crate) requests: u32,
    /// How many of them may run at the same time.
    pub(crate) concurrency: usize,
    /// How many start per second at most.
    pub(crate) rate: Option<f64>,
}

impl RepeatArgs {
    /// The repetition, if there is one.
    ///
    /// # Errors
    /// A [`CommandError`]: `output` has no form for many answers, or `file` selects trackers.
    pub(crate) fn repetition(
        &self,
        output: &OutputArgs,
        file: &ClientConfig,
    ) -> Result<Option<Repetition>, CommandError> {
        let Some(requests) = self.repeat else { return Ok(None) };
        if output.format == Format::Xml {
            return Err(CommandError::usage("--repeat: many answers are no XML document: use --format human or json"));
        }
        let fetch = &file.fetch;
        let called = [
            (fetch.auto_track, "`--track` and `track = true`"),
            (fetch.report_errors, "`--report-errors` and `report_errors = true`"),
            (fetch.report_not_used, "`--report-not-used` and `report_not_used = true`"),
        ];
        if let Some((_, settings)) = called.into_iter().find(|(is_called, _)| *is_called) {
            let reason = "calls no trackers, because no viewer sees the ads, and each call would be invalid traffic";
            return Err(CommandError::usage(format!("--repeat: {reason}: leave out {settings}")));
        }
        let concurrency = self.concurrency.map_or(1, usize::from);
        Ok(Some(Repetition { requests, concurrency, rate: self.rate }))
    }

    /// The file for the numbers.
    pub(crate) fn metrics_file(&self) -> Option<&Path> {
        self.metrics_file.as_deref()
    }
}
