//! What is written is read back by our own reader and by another one.

mod documents;
mod form;
mod full;
mod hostile;
mod independent;
mod round_trip;
