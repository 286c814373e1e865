//! Enums for attribute values that are one of a few words. One table defines the type, its spellings and its reader.

/// Builds an enum of words with `Other` for any other value.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $type:ident $(: $derive:ident)? {
            $($(#[$variant_doc:meta])* $variant:ident = $spelling:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash $(, $derive)?)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)*
            /// Any other value, as written.
            Other($crate::text::Text),
        }

        impl $type {
            /// The value as the standard spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $($type::$variant => $spelling,)*
                    $type::Other(other) => other,
                }
            }

            /// The variant for this value. Upper and lower case are equal.
            pub fn from_name(name: &str) -> $type {
                $crate::model::Word::known(name).unwrap_or_else(|| $type::Other(name.into()))
            }
        }

        impl $crate::model::Word for $type {
            #[inline(always)]
            fn exact(name: &str) -> Option<$type> {
                match name {
                    $($spelling => Some($type::$variant),)*
                    _ => None,
                }
            }

            fn known(name: &str) -> Option<$type> {
                match name {
                    $($spelling => Some($type::$variant),)*
                    $(_ if name.eq_ignore_ascii_case($spelling) => Some($type::$variant),)*
                    _ => None,
                }
            }

            fn other(value: $crate::text::Text) -> $type {
                $type::Other(value)
            }

            fn spelling(&self) -> &str {
                self.as_str()
            }
        }
    };
}

pub(crate) use words;

/// A value that should be one of a few words.
pub(crate) trait Word: Sized {
    /// The word of the standard with exactly this spelling.
    fn exact(name: &str) -> Option<Self>;
    /// The word of the standard with this spelling; `None` for any other value. Upper and lower case are equal.
    fn known(name: &str) -> Option<Self>;
    /// Any other value.
    fn other(value: crate::text::Text) -> Self;
    /// The value as the standard spells it.
    fn spelling(&self) -> &str;
}
