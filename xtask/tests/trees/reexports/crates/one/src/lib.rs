//! Everything here looks like a circle and is none.

mod facade;
mod numbers;
mod parse;
mod words;

pub use facade::*;
pub use parse::parse;

macro_rules! define {
    ($name:ident) => {
        pub fn $name() {}
    };
}

define!(made_by_a_macro);

/// A local variable is not the re-exported function of its name.
pub fn local_variable() -> u8 {
    let parse = 1;
    parse
}

pub struct Root;

/// What a parent imports from another crate is not the parent's.
mod outside {
    use std::fmt;

    mod child {
        use super::fmt;

        pub fn quiet(error: fmt::Error) {}
    }

    pub fn quiet(error: fmt::Error) {
        child::quiet(error);
    }
}

/// A path leads through the module, not through the function of its name.
mod twins {
    mod twin {
        pub struct Thing;
    }

    mod sibling {
        use super::twin::Thing;

        pub fn thing() -> Thing {
            Thing
        }
    }

    pub fn twin() {
        sibling::thing();
    }
}
