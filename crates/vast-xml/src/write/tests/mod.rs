//! Tests that read written documents with this crate's reader and with an independent one.

mod documents;
mod form;
mod full;
mod hostile;
mod independent;
mod round_trip;
