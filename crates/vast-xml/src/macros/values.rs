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
    /// Several values. Each is encoded; the commas between them are not. An empty list counts as no value.
    List(Vec<Cow<'a, str>>),
    /// Numbers separated by commas, as in `LATLONG`, `PLAYERSIZE` and `CLICKPOS`. Everything except the commas is
    /// encoded.
    Separated(Cow<'a, str>),
    /// Inserted without encoding, for a macro that is a whole URL. Never use a value here that an ad server or a viewer
    /// can influence.
    Raw(Cow<'a, str>),
    /// The host has a value but does not disclose it. The macro becomes `-2`.
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

    /// Numbers separated by commas.
    pub fn separated(value: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Separated(value.into())
    }
}

/// The values of one viewer, request or call.
///
/// Values have layers: [`Values::over`] makes an empty layer above another one without copying. The values of a request
/// are set once. The values of one call (time, playhead, error code) are set in a layer above.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    below: Option<Arc<Values>>,
    /// In the order of the registry. There are few, so a list is smaller and faster than a map.
    own: Vec<(Macro, Value<'static>)>,
    declared: BTreeMap<Box<str>, Box<str>>,
    foreign: Option<Arc<ForeignMacros>>,
}

impl Values {
    /// No values.
    pub fn new() -> Values {
        Values::default()
    }

    /// A layer above other values. A value in the new layer has precedence; all other values come from the layers
    /// below.
    pub fn over(below: &Arc<Values>) -> Values {
        Values { below: Some(Arc::clone(below)), ..Values::default() }
    }

    /// Sets the value of a macro from a text of the host. Commas separate the values of a list.
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
        match self.place_of(name) {
            Ok(place) => self.own[place].1 = value,
            Err(place) => self.own.insert(place, (name, value)),
        }
        self
    }

    /// Sets the values that are new for every call. `CACHEBUSTING` becomes the last eight digits of the random number,
    /// with leading zeros. `TIMESTAMP` becomes the time of the call as `YYYY-MM-DDThh:mm:ss.mmm+hh:mm`, not encoded.
    pub fn set_moment(&mut self, cachebusting: u32, timestamp: impl Into<String>) -> &mut Values {
        self.set_cachebusting(cachebusting);
        self.set(Macro::Timestamp, Value::text(timestamp.into()))
    }

    /// Sets only `CACHEBUSTING`, for the next of several calls at the same time.
    pub fn set_cachebusting(&mut self, number: u32) -> &mut Values {
        self.set(Macro::Cachebusting, Value::text(format!("{:08}", number % 100_000_000)))
    }

    /// The value of a macro, from the uppermost layer that has it. If `CONTENTPLAYHEAD`, the old name, has no value,
    /// the value of `MEDIAPLAYHEAD` is used.
    pub fn get(&self, name: Macro) -> Option<&Value<'static>> {
        match (self.find(name), name) {
            (None, Macro::ContentPlayhead) => self.find(Macro::MediaPlayhead),
            (found, _) => found,
        }
    }

    /// Declares a name that is not in the registry, such as a vendor's `random` or `AUCTION_PRICE`. It is replaced in
    /// the operator's own tag only ([`expand_own_tag`](super::expand_own_tag)), never in URLs of documents, because a
    /// document must not be able to read the host's values.
    pub fn declare(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Values {
        self.declared.insert(name.into().into_boxed_str(), value.into().into_boxed_str());
        self
    }

    /// The value of a declared name, from the uppermost layer that has it.
    pub fn declared(&self, name: &str) -> Option<&str> {
        let own = self.declared.get(name).map(|value| &**value);
        own.or_else(|| self.below.as_ref()?.declared(name))
    }

    /// Sets the macros that the standard does not define. They are replaced in every URL.
    pub fn set_foreign(&mut self, foreign: Arc<ForeignMacros>) -> &mut Values {
        self.foreign = Some(foreign);
        self
    }

    /// The macros that the standard does not define, from the uppermost layer that has any.
    pub fn foreign(&self) -> Option<&ForeignMacros> {
        self.foreign.as_deref().or_else(|| self.below.as_ref()?.foreign())
    }

    /// Whether a URL may contain macros. Most URLs contain none, and a caller then needs no values for the call.
    pub fn may_replace(&self, template: &str) -> bool {
        next_macro(template.as_bytes()).is_some() || self.foreign().is_some_and(|foreign| foreign.may_occur(template))
    }

    fn find(&self, name: Macro) -> Option<&Value<'static>> {
        let own = self.place_of(name).ok().map(|place| &self.own[place].1);
        own.or_else(|| self.below.as_ref()?.find(name))
    }

    /// The place of the value of a macro among the own ones, or the place where it belongs.
    fn place_of(&self, name: Macro) -> Result<usize, usize> {
        self.own.binary_search_by_key(&name, |(own, _)| *own)
    }
}
