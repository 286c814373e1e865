//! Tests of the writer with a model in which no field is empty, read again with this crate's reader and with an independent one.

mod full;
mod hostile;
mod independent;
