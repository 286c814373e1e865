//! The format, tested from outside: documents in, model and warnings out.

mod addendum;
mod convert;
mod convert_properties;
mod damage;
mod edit;
mod fixtures;
mod half_read;
mod legacy;
mod limits;
mod macros;
mod properties;
mod read;
mod rearranged;
mod samples;
mod structure;
mod survival;
mod text;
mod values;
mod vmap;
