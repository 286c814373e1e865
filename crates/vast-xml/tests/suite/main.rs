//! The format through the public API: documents in, models and warnings out. All tests are in one binary, because linking
//! dominates the time to build them.

mod addendum;
mod convert;
mod convert_properties;
mod damage;
mod edit;
mod edit_read_again;
mod fixtures;
mod half_read;
mod injection;
mod legacy;
mod limits;
mod macros;
mod misplaced;
mod places;
mod properties;
mod read;
mod rearranged;
mod round_trip;
mod samples;
mod source_text;
mod structure;
mod survival;
mod text;
mod values;
mod vmap;
mod written_form;
