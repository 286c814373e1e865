//! Macros that the standard does not define, such as `${AUCTION_PRICE}`, `{cb}` and `%%CACHEBUSTER%%`.

use super::spelling::standard_name;
use super::table::Macro;
use std::collections::BTreeMap;
use std::fmt;

/// Macros that the standard does not define: each is a literal token with a value from the host.
///
/// They are replaced in every URL: in the operator's own tag, in `VASTAdTagURI`s and in trackers. Every server of the
/// wrapper tree can therefore read these values. A token is compared byte for byte. Its value is percent-encoded, and
/// macros in the value are not replaced. If several macros begin at the same place, a macro of the standard has
/// precedence, then the longest token. Tokens that are not declared are not replaced.
///
/// ```
/// use std::sync::Arc;
/// use vast_xml::macros::{Context, ForeignMacros, Values, expand};
///
/// let foreign = ForeignMacros::new([("${AUCTION_PRICE}", "1.20"), ("{cb}", "a b")])?;
/// let mut values = Values::new();
/// values.set_foreign(Arc::new(foreign));
/// assert_eq!(
///     expand("https://t.example/?p=${AUCTION_PRICE}&cb={cb}&x={other}", Context::Tracking, &values),
///     "https://t.example/?p=1.20&cb=a%20b&x={other}",
/// );
/// # Ok::<(), vast_xml::macros::ForeignMacroError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignMacros {
    declared: BTreeMap<Box<str>, Box<str>>,
    /// The first bytes of all tokens.
    first_bytes: Vec<u8>,
}

impl ForeignMacros {
    /// The largest number of macros.
    pub const MAX_MACROS: usize = 32;
    /// The largest length of a token in bytes.
    pub const MAX_TOKEN_BYTES: usize = 128;
    /// The largest length of a value in bytes, before it is encoded. Consent strings are the longest values in use.
    pub const MAX_VALUE_BYTES: usize = 16 << 10;

    /// Creates the macros from tokens and values. If a token occurs twice, the last value is used.
    ///
    /// # Errors
    /// The first token that cannot be declared: [`declare`](Self::declare).
    pub fn new<T: AsRef<str>, V: AsRef<str>>(
        macros: impl IntoIterator<Item = (T, V)>,
    ) -> Result<ForeignMacros, ForeignMacroError> {
        let mut foreign = ForeignMacros::default();
        for (token, value) in macros {
            foreign.declare(token.as_ref(), value.as_ref())?;
        }
        Ok(foreign)
    }

    /// Declares a macro by its token, or replaces its value.
    ///
    /// # Errors
    /// The token is empty, is a macro of the standard, or one of the limits is exceeded.
    pub fn declare(&mut self, token: &str, value: &str) -> Result<&mut ForeignMacros, ForeignMacroError> {
        if token.is_empty() {
            return Err(ForeignMacroError::EmptyToken);
        }
        if token.len() > Self::MAX_TOKEN_BYTES {
            return Err(ForeignMacroError::TokenTooLong);
        }
        if value.len() > Self::MAX_VALUE_BYTES {
            return Err(ForeignMacroError::ValueTooLong);
        }
        if let Some(name) = standard_name(token) {
            return Err(ForeignMacroError::Standard(name));
        }
        if self.declared.len() >= Self::MAX_MACROS && !self.declared.contains_key(token) {
            return Err(ForeignMacroError::TooMany);
        }
        self.declared.insert(token.into(), value.into());
        self.index();
        Ok(self)
    }

    /// These macros and those of `other`. If both have the same token, the value of `self` is used. The result can have
    /// more than [`MAX_MACROS`](Self::MAX_MACROS), so that nothing is lost.
    #[must_use]
    pub fn or(&self, other: &ForeignMacros) -> ForeignMacros {
        let mut both = other.clone();
        both.declared.extend(self.declared.clone());
        both.index();
        both
    }

    /// The tokens with their values, sorted by token.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.declared.iter().map(|(token, value)| (&**token, &**value))
    }

    /// Updates `first_bytes` after a change of the tokens.
    fn index(&mut self) {
        self.first_bytes = self.declared.keys().filter_map(|token| token.bytes().next()).collect();
        self.first_bytes.dedup();
    }

    /// Whether no macro is declared.
    pub fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// Whether a URL contains the first byte of a token.
    pub(super) fn may_occur(&self, template: &str) -> bool {
        template.bytes().any(|byte| self.begins_with(byte))
    }

    /// Whether a token begins with this byte.
    pub(super) fn begins_with(&self, byte: u8) -> bool {
        self.first_bytes.contains(&byte)
    }

    /// The longest token at the start of `text`, with its value.
    pub(super) fn at_start(&self, text: &str) -> Option<(&str, &str)> {
        // If one token is the beginning of another, the longer one is sorted after the shorter one.
        self.iter().filter(|(token, _)| text.starts_with(token)).last()
    }
}

/// Why a macro cannot be declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignMacroError {
    /// The token is empty.
    EmptyToken,
    /// The token has more than [`ForeignMacros::MAX_TOKEN_BYTES`].
    TokenTooLong,
    /// The value has more than [`ForeignMacros::MAX_VALUE_BYTES`].
    ValueTooLong,
    /// There are more than [`ForeignMacros::MAX_MACROS`].
    TooMany,
    /// The token is this macro of the standard. Its value is set with [`Values::set`](super::Values::set).
    Standard(Macro),
}

impl fmt::Display for ForeignMacroError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForeignMacroError::EmptyToken => write!(formatter, "a token must not be empty"),
            ForeignMacroError::TokenTooLong => {
                write!(formatter, "a token may have {} bytes", ForeignMacros::MAX_TOKEN_BYTES)
            }
            ForeignMacroError::ValueTooLong => {
                write!(formatter, "a value may have {} bytes", ForeignMacros::MAX_VALUE_BYTES)
            }
            ForeignMacroError::TooMany => {
                write!(formatter, "at most {} foreign macros can be declared", ForeignMacros::MAX_MACROS)
            }
            ForeignMacroError::Standard(name) => {
                write!(formatter, "this is a macro of the standard: set `{}` with `macros`", name.name())
            }
        }
    }
}

impl std::error::Error for ForeignMacroError {}
