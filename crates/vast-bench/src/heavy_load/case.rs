//! The measurements that run each side in a process of its own.

use std::time::Duration;

use super::{many_sources, over_http2};
use crate::effort::Failure;

/// Runs one side of a measurement. Example of arguments: `sources ours 30`.
pub(crate) fn run(arguments: &[String]) -> Result<String, Failure> {
    let [case, side, seconds] = arguments else { return Err("arguments: a case, a side, seconds".into()) };
    let (side, time) = (side.parse()?, Duration::from_secs(seconds.parse()?));
    let endured = match case.as_str() {
        many_sources::CASE => many_sources::side(side, time),
        over_http2::CASE => over_http2::side(side, time),
        _ => Err(format!("no case {case}").into()),
    };
    Ok(endured?.to_string())
}
