//! Our client under heavy load, beside the bare client under the same load. Each side runs in a process of its own, and the ad
//! servers in another.

mod case;
mod growth;
mod histogram;
mod many_sources;
mod over_http2;
mod plot;
mod side;

pub(crate) use case::run as run_side;
pub(crate) use growth::{measure as measure_growth, plots};
pub(crate) use many_sources::measure as measure_sources;
pub(crate) use over_http2::{ARGUMENT as HTTP2_SERVER, measure as measure_http2, serve as serve_http2};

/// The argument that makes this binary put the load of one side on ad servers and print its figures.
pub(crate) const ARGUMENT: &str = "--under-load";
/// The argument that makes this binary draw the curves of [`measure_growth`] into a folder.
pub(crate) const PLOTS: &str = "--plots";
