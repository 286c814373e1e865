//! `AdBreak@timeOffset` (VMAP 1.0.1, section 2.3.1).

use crate::model::Offset;
use crate::parse::{Understood, offset};
use crate::vmap::TimeOffset;

/// `start`, `end`, `#m`, a time or `n%`.
pub(super) fn time_offset(text: &str) -> Option<Understood<TimeOffset>> {
    for known in [TimeOffset::Start, TimeOffset::End] {
        let spelling = known.to_string();
        if spelling.eq_ignore_ascii_case(text) {
            return Some(Understood::new(known, spelling != text));
        }
    }
    if let Some(position) = text.strip_prefix('#') {
        let position = position.trim_start();
        let digits = position.bytes().all(|byte| byte.is_ascii_digit());
        let value = position.parse().ok().filter(|_| digits)?;
        return Some(Understood::new(TimeOffset::Position(value), text.len() != position.len() + 1));
    }
    offset(text)?.map(|offset| {
        Some(match offset {
            Offset::Time(time) => TimeOffset::Time(time),
            Offset::Percent(percent) => TimeOffset::Percent(percent),
        })
    })
}
