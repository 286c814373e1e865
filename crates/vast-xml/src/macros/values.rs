//! The values of macros.

use super::foreign::ForeignMacros;
use super::spelling::next_macro;
use super::table::{Macro, ValueForm};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value for a macro, not yet encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// One value, encoded as a whole.
    Text(Cow<'a, str>),
    /// Several values: each is encoded, plain commas stand between them. An empty list is no value.
    List(Vec<Cow<'a, str>>),
    /// Numbers with commas that belong to the form, as in `LATLONG`, `PLAYERSIZE` and `CLICKPOS`: everything but the commas
    /// is encoded.
    Separated(Cow<'a, str>),
    /// Inserted as it is, for a macro that stands for a whole URL. Never give a value here that an ad server or a viewer
    /// can influence.
    Raw(Cow<'a, str>),
    /// The host has a value and does not disclose it: `-2`.
    Withheld,
}

impl<'a> Value<'a> {
    /// One value.
    pub fn text(value: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Text(value.into())
    }

    /// Several values.
    pub fn list<T: Into<Cow<'a, str>>>(values: impl IntoIterator<Item = T>) -> Value<'a> {
        Value::List(values.into_iter().map(Into::into).collect())
    }

    /// Numbers with commas between them.
    pub fn separated(value: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Separated(value.into())
    }
}

/// The values of one viewer, request or call.
///
/// Values come in layers: [`Values::over`] makes an empty layer above another one and costs nothing, so what holds for a
/// request is set once and what holds for one call (the moment, the playhead, the error code) is set above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    below: Option<Arc<Values>>,
    own: BTreeMap<Macro, Value<'static>>,
    declared: BTreeMap<Box<str>, Box<str>>,
    foreign: Option<Arc<ForeignMacros>>,
}

impl Values {
    /// No values.
    pub fn new() -> Values {
        Values::default()
    }

    /// A layer above other values: what is set here wins, everything else is as below.
    pub fn over(below: &Arc<Values>) -> Values {
        Values { below: Some(Arc::clone(below)), ..Values::default() }
    }

    /// Sets a macro's value from the text that a host gives. Commas separate the values of a list.
    pub fn set_text(&mut self, name: Macro, text: &str) -> &mut Values {
        let value = match name.form() {
            ValueForm::Text => Value::text(text.to_owned()),
            ValueForm::Numbers => Value::separated(text.to_owned()),
            ValueForm::List => Value::list(text.split(',').map(|item| item.trim().to_owned())),
        };
        self.set(name, value)
    }

    /// Sets a macro's value.
    pub fn set(&mut self, name: Macro, value: Value<'static>) -> &mut Values {
        self.own.insert(name, value);
        self
    }

    /// Sets what is new for every call: `CACHEBUSTING`, a random number of which the last eight digits are used, leading
    /// zeros included, and `TIMESTAMP`, the time of this very request as `YYYY-MM-DDThh:mm:ss.mmm+hh:mm`, unencoded.
    pub fn set_moment(&mut self, cachebusting: u32, timestamp: impl Into<String>) -> &mut Values {
        self.set_cachebusting(cachebusting);
        self.set(Macro::Timestamp, Value::text(timestamp.into()))
    }

    /// Sets `CACHEBUSTING` alone, for the next of several calls in one moment.
    pub fn set_cachebusting(&mut self, number: u32) -> &mut Values {
        self.set(Macro::Cachebusting, Value::text(format!("{:08}", number % 100_000_000)))
    }

    /// The value of a macro, of the uppermost layer that has one. `CONTENTPLAYHEAD`, the old name, falls back to
    /// `MEDIAPLAYHEAD`.
    pub fn get(&self, name: Macro) -> Option<&Value<'static>> {
        match (self.find(name), name) {
            (None, Macro::ContentPlayhead) => self.find(Macro::MediaPlayhead),
            (found, _) => found,
        }
    }

    /// Declares a name that is not in the registry, such as a vendor's `random` or `AUCTION_PRICE`. It counts in the
    /// operator's own tag only ([`expand_own_tag`](super::expand_own_tag)), never in URLs of documents, because a document must
    /// not be able to read the host's values.
    pub fn declare(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Values {
        self.declared.insert(name.into().into_boxed_str(), value.into().into_boxed_str());
        self
    }

    /// The value of a declared name, of the uppermost layer that has one.
    pub fn declared(&self, name: &str) -> Option<&str> {
        let own = self.declared.get(name).map(|value| &**value);
        own.or_else(|| self.below.as_ref()?.declared(name))
    }

    /// Sets the macros that the standard does not define. They count in every URL.
    pub fn set_foreign(&mut self, foreign: Arc<ForeignMacros>) -> &mut Values {
        self.foreign = Some(foreign);
        self
    }

    /// The macros that the standard does not define, of the uppermost layer that has some.
    pub fn foreign(&self) -> Option<&ForeignMacros> {
        self.foreign.as_deref().or_else(|| self.below.as_ref()?.foreign())
    }

    /// Whether something in a URL may be replaced. Most URLs have no macro, and then a caller needs no values for the call.
    pub fn may_replace(&self, template: &str) -> bool {
        next_macro(template.as_bytes()).is_some() || self.foreign().is_some_and(|foreign| foreign.may_occur(template))
    }

    fn find(&self, name: Macro) -> Option<&Value<'static>> {
        self.own.get(&name).or_else(|| self.below.as_ref()?.find(name))
    }
}
