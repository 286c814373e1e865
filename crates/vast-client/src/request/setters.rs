//! Macros for methods of a builder that only store their argument.

/// Methods that set a field of the same type to their argument: `with_weight(weight: u32);`.
macro_rules! setters {
    ($($(#[$doc:meta])* $method:ident($field:ident: $type:ty);)+) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $method(mut self, $field: $type) -> Self {
                self.$field = $field;
                self
            }
        )+
    };
}

/// Methods that add a name and a value to a field that is a list of pairs: `with_param(params);`.
macro_rules! pair_adders {
    ($($(#[$doc:meta])* $method:ident($field:ident);)+) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $method(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.$field.push((name.into(), value.into()));
                self
            }
        )+
    };
}

pub(crate) use {pair_adders, setters};
