//! Results as text for people: what happened at a glance, aligned, in no more columns than there are.
//!
//! Everything that is written goes through [`style::Piece`], which takes the control characters out of remote text, and
//! [`page::Page`], which keeps to the width. URLs lose their middle rather than be broken over lines; whole ones are in the
//! JSON.

mod ad;
mod beside;
mod chain;
mod creative;
mod document;
mod due;
mod excerpt;
mod extras;
mod finding;
mod ledger;
mod media;
mod page;
mod playlist;
mod prose;
mod report;
mod request;
mod resource;
mod sources;
mod style;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod text;
mod trackers;
mod units;
mod view;
mod warnings;
mod waterfall;

pub(crate) use document::document;
pub(crate) use due::due;
pub(crate) use ledger::{beacon, ledger, stats};
pub(crate) use playlist::playlist;
pub(crate) use prose::{heading, paragraph};
pub(crate) use report::report;
pub(crate) use request::request;
pub(crate) use view::{View, width};
