//! The attributes of every part of the model: one table that the reader, the writer and the conversion share.

use crate::model;
use crate::model::{
    Ad, AdParameters, AdSystem, Advertiser, BlockedAdCategories, Category, Click, ClosedCaptionFile, Companion,
    CompanionAds, Creative, Executable, Extra, FallbackImage, HtmlResource, Icon, Impression, InLine,
    InteractiveCreativeFile, Linear, MediaFile, Mezzanine, NonLinear, NonLinearAds, Offset, Place, Pricing,
    StaticResource, Survey, Tracking, UniversalAdId, Vast, Verification, VerificationResource, ViewableImpression,
    Word, Wrapper,
};
use crate::scalar::{self, ScalarReader, Understood};
use crate::text::Text;
use crate::warning::WarningCode;
use crate::xml::{Cursor, Key, Parsed, RawAttribute, ScalarValue, clipped, trim, unescape};
use std::borrow::Cow;
use std::time::Duration;

/// A part of the model that is an element with attributes.
pub(crate) trait Attributed {
    fn extra(&self) -> &Extra;
    fn extra_mut(&mut self) -> &mut Extra;

    /// Reads one attribute into its field. Returns false if the part has no field for the attribute.
    fn read_attribute<'a>(&mut self, cursor: &mut Cursor<'a>, attribute: RawAttribute) -> Parsed<bool>;

    /// Calls `each` with every attribute that has a value, in the order in which the writer writes them.
    fn each_attribute<'v>(&'v self, each: &mut dyn FnMut(Key, ScalarValue<'v>));

    /// Removes the value of each optional attribute for which `stays` returns false.
    fn retain_attributes(&mut self, stays: &mut dyn FnMut(Key) -> bool);
}

/// Reads all attributes of the current element. Those for which the part has no field are kept in its [`Extra`].
pub(crate) fn read_attributes<P: Attributed>(cursor: &mut Cursor<'_>, part: &mut P) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        if !part.read_attribute(cursor, attribute)? {
            keep(cursor, attribute, part.extra_mut())?;
        }
    }
    Ok(())
}

/// The access to the field `extra`, for an implementation of [`Attributed`].
macro_rules! extra_field {
    () => {
        fn extra(&self) -> &$crate::model::Extra {
            &self.extra
        }

        fn extra_mut(&mut self) -> &mut $crate::model::Extra {
            &mut self.extra
        }
    };
}

pub(crate) use extra_field;

/// One entry for each part: its attributes in the order in which the writer writes them. Each attribute has its field
/// and the kind of its value: `text`, `word`, `mode`, or the name of a reader in [`scalar`].
macro_rules! attributes {
    ($($part:ty { $($key:ident $field:ident $kind:ident),* })*) => {
        $(impl $crate::attributes::Attributed for $part {
            $crate::attributes::extra_field!();

            #[allow(unused_variables)]
            fn read_attribute<'a>(
                &mut self,
                cursor: &mut $crate::xml::Cursor<'a>,
                attribute: $crate::xml::RawAttribute,
            ) -> $crate::xml::Parsed<bool> {
                match attribute.key {
                    $($crate::xml::Key::$key => {
                        attributes!(@read $kind, cursor, attribute, self.$field, self.extra);
                    })*
                    _ => return Ok(false),
                }
                #[allow(unreachable_code)]
                Ok(true)
            }

            #[allow(unused_variables)]
            fn each_attribute<'v>(&'v self, each: &mut dyn FnMut($crate::xml::Key, $crate::xml::ScalarValue<'v>)) {
                $(if let Some(value) = &self.$field {
                    each($crate::xml::Key::$key, $crate::attributes::ToValue::to_value(value));
                })*
            }

            #[allow(unused_variables)]
            fn retain_attributes(&mut self, stays: &mut dyn FnMut($crate::xml::Key) -> bool) {
                $(if self.$field.is_some() && !stays($crate::xml::Key::$key) {
                    self.$field = None;
                })*
            }
        })*
    };
    (@read text, $cursor:ident, $attribute:ident, $field:expr, $extra:expr) => {
        $cursor.value_into($attribute, &mut $field)
    };
    (@read word, $cursor:ident, $attribute:ident, $field:expr, $extra:expr) => {
        $crate::attributes::word($cursor, $attribute, &mut $field)
    };
    // An empty attribute means the default.
    (@read mode, $cursor:ident, $attribute:ident, $field:expr, $extra:expr) => {
        $field = Some($crate::attributes::any_word($cursor, $attribute).unwrap_or_default())
    };
    (@read $kind:ident, $cursor:ident, $attribute:ident, $field:expr, $extra:expr) => {
        $crate::attributes::scalar($cursor, $attribute, &mut $extra, &mut $field, $crate::scalar::$kind)?
    };
}

pub(crate) use attributes;

attributes! {
    Vast { Version version text }
    Ad { Id id text, Sequence sequence positive, ConditionalAd conditional_ad boolean, AdType ad_type word }
    InLine {}
    Wrapper {
        FollowAdditionalWrappers follow_additional_wrappers boolean,
        AllowMultipleAds allow_multiple_ads boolean,
        FallbackOnNoAd fallback_on_no_ad boolean
    }
    AdSystem { Version version text }
    Advertiser { Id id text }
    Category { Authority authority text }
    BlockedAdCategories { Authority authority text }
    Pricing { Model model text, Currency currency text }
    Survey { Type survey_type text }
    Impression { Id id text }
    ViewableImpression { Id id text }
    Verification { Vendor vendor text }
    Creative { Id id text, Sequence sequence integer, AdId ad_id text, ApiFramework api_framework text }
    UniversalAdId { IdRegistry registry text }
    Linear { SkipOffset skip_offset offset }
    Click { Id id text }
    MediaFile {
        Id id text, Delivery delivery word, Type mime_type text, Width width integer, Height height integer,
        Codec codec text, Bitrate bitrate bitrate, MinBitrate min_bitrate bitrate, MaxBitrate max_bitrate bitrate,
        Scalable scalable boolean, MaintainAspectRatio maintain_aspect_ratio boolean,
        ApiFramework api_framework text, FileSize file_size long, MediaType media_type text
    }
    Mezzanine {
        Id id text, Delivery delivery word, Type mime_type text, Width width integer, Height height integer,
        Codec codec text, FileSize file_size long, MediaType media_type text
    }
    InteractiveCreativeFile {
        Type mime_type text, ApiFramework api_framework text, VariableDuration variable_duration boolean
    }
    ClosedCaptionFile { Type mime_type text, Language language text }
    Icon {
        Program program text, Width width integer, Height height integer, XPosition x_position text,
        YPosition y_position text, Duration duration duration, Offset offset offset, ApiFramework api_framework text,
        PxRatio px_ratio decimal, AltText alt_text text, HoverText hover_text text
    }
    FallbackImage { Width width integer, Height height integer }
    NonLinearAds {}
    NonLinear {
        Id id text, Width width integer, Height height integer, ExpandedWidth expanded_width integer,
        ExpandedHeight expanded_height integer, Scalable scalable boolean,
        MaintainAspectRatio maintain_aspect_ratio boolean, MinSuggestedDuration min_suggested_duration duration,
        ApiFramework api_framework text
    }
    CompanionAds { Required required word }
    Companion {
        Id id text, Width width integer, Height height integer, AssetWidth asset_width integer,
        AssetHeight asset_height integer, ExpandedWidth expanded_width integer,
        ExpandedHeight expanded_height integer, ApiFramework api_framework text, AdSlotId ad_slot_id text,
        PxRatio px_ratio decimal, RenderingMode rendering_mode mode
    }
    StaticResource { CreativeType creative_type text }
    HtmlResource { XmlEncoded xml_encoded boolean }
    AdParameters { XmlEncoded xml_encoded boolean, ApiFramework api_framework text }
}

impl Attributed for Tracking {
    extra_field!();

    /// Reads nothing: the reader needs the event before it makes a tracker, so it reads these attributes itself.
    fn read_attribute<'a>(&mut self, _: &mut Cursor<'a>, _: RawAttribute) -> Parsed<bool> {
        Ok(false)
    }

    fn each_attribute<'v>(&'v self, each: &mut dyn FnMut(Key, ScalarValue<'v>)) {
        if !self.event.raw().is_empty() {
            each(Key::Event, ScalarValue::Text(self.event.raw().into()));
        }
        if let Some(offset) = self.offset {
            each(Key::Offset, ScalarValue::Offset(offset));
        }
    }

    fn retain_attributes(&mut self, stays: &mut dyn FnMut(Key) -> bool) {
        if self.offset.is_some() && !stays(Key::Offset) {
            self.offset = None;
        }
    }
}

impl Attributed for VerificationResource {
    extra_field!();

    fn read_attribute<'a>(&mut self, cursor: &mut Cursor<'a>, attribute: RawAttribute) -> Parsed<bool> {
        match (attribute.key, &mut self.executable) {
            (Key::ApiFramework, _) => cursor.value_into(attribute, &mut self.api_framework),
            (Key::Type, Executable::Native { mime_type }) => cursor.value_into(attribute, mime_type),
            (Key::BrowserOptional, Executable::JavaScript { browser_optional }) => {
                scalar(cursor, attribute, &mut self.extra, browser_optional, scalar::boolean)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn each_attribute<'v>(&'v self, each: &mut dyn FnMut(Key, ScalarValue<'v>)) {
        if let Executable::Native { mime_type: Some(mime_type) } = &self.executable {
            each(Key::Type, mime_type.to_value());
        }
        if let Some(api_framework) = &self.api_framework {
            each(Key::ApiFramework, api_framework.to_value());
        }
        if let Executable::JavaScript { browser_optional: Some(browser_optional) } = &self.executable {
            each(Key::BrowserOptional, browser_optional.to_value());
        }
    }

    /// Removes nothing: every version that has the element has all of its attributes.
    fn retain_attributes(&mut self, _: &mut dyn FnMut(Key) -> bool) {}
}

/// A part of the model that records its place in the document: in its own element or in an extension.
pub(crate) trait Placed {
    fn place(&self) -> Place;
    fn place_mut(&mut self) -> &mut Place;
}

macro_rules! placed {
    ($($part:ident)*) => {
        $(impl Placed for $part {
            fn place(&self) -> Place {
                self.place
            }

            fn place_mut(&mut self) -> &mut Place {
                &mut self.place
            }
        })*
    };
}

placed! { Icon InteractiveCreativeFile Mezzanine UniversalAdId Verification }

/// The value of a field as the value of an attribute.
pub(crate) trait ToValue {
    fn to_value(&self) -> ScalarValue<'_>;
}

impl ToValue for Text {
    fn to_value(&self) -> ScalarValue<'_> {
        ScalarValue::Text(Cow::Borrowed(self))
    }
}

impl<W: Word> ToValue for W {
    fn to_value(&self) -> ScalarValue<'_> {
        ScalarValue::Text(Cow::Borrowed(self.spelling()))
    }
}

macro_rules! to_value {
    ($($type:ty: $variant:ident)*) => {
        $(impl ToValue for $type {
            fn to_value(&self) -> ScalarValue<'_> {
                ScalarValue::$variant((*self).into())
            }
        })*
    };
}

to_value! { u32: Integer u64: Integer f64: Decimal bool: Flag Offset: Offset }

impl ToValue for Duration {
    fn to_value(&self) -> ScalarValue<'_> {
        ScalarValue::Offset(Offset::Time(*self))
    }
}

/// Reads the value of an attribute into its place. A blank value counts as absent. An invalid value counts as absent too, and the
/// attribute is kept unchanged in the [`Extra`].
#[inline(always)]
pub(crate) fn scalar<'a, T>(
    cursor: &mut Cursor<'a>,
    attribute: RawAttribute,
    extra: &mut Extra,
    into: &mut Option<T>,
    read: ScalarReader<T>,
) -> Parsed<()> {
    if let Some(text) = cursor.plain(attribute)
        && let Some(Understood { value, is_loose: false }) = read(text)
    {
        *into = value;
        return Ok(());
    }
    *into = scalar_in_any_form(cursor, attribute, extra, read)?;
    Ok(())
}

#[cold]
fn scalar_in_any_form<'a, T>(
    cursor: &mut Cursor<'a>,
    attribute: RawAttribute,
    extra: &mut Extra,
    read: ScalarReader<T>,
) -> Parsed<Option<T>> {
    let text = unescape(cursor.raw_of(attribute));
    if trim(&text).is_empty() {
        return Ok(None);
    }
    let start = cursor.start_of(attribute);
    match understood(cursor, &text, cursor.name_of(attribute), start, read)? {
        Some(Understood { value, .. }) => Ok(value),
        None => {
            keep_silently(cursor, attribute, extra);
            Ok(None)
        }
    }
}

/// Reads an attribute whose value is one of a few words. Upper and lower case are equal.
#[inline]
pub(crate) fn word<W: Word>(cursor: &Cursor<'_>, attribute: RawAttribute, into: &mut Option<W>) {
    match W::exact(cursor.raw_of(attribute)) {
        Some(word) => *into = Some(word),
        None => unusual_word(cursor, attribute, into),
    }
}

#[cold]
fn unusual_word<W: Word>(cursor: &Cursor<'_>, attribute: RawAttribute, into: &mut Option<W>) {
    *into = any_word(cursor, attribute);
}

pub(crate) fn any_word<W: Word>(cursor: &Cursor<'_>, attribute: RawAttribute) -> Option<W> {
    W::known(cursor.raw_of(attribute)).or_else(|| {
        let value = cursor.value(attribute)?;
        Some(W::known(&value).unwrap_or_else(|| W::other(value)))
    })
}

/// Reads the value with `read`. Adds a warning for a spelling that the standard does not allow, and for an invalid
/// value.
pub(crate) fn understood<T>(
    cursor: &mut Cursor<'_>,
    text: &str,
    name: &str,
    start: usize,
    read: ScalarReader<T>,
) -> Parsed<Option<Understood<T>>> {
    let read = read(trim(text));
    match &read {
        Some(Understood { is_loose: true, .. }) => {
            cursor.warn_at(WarningCode::LooseValue, format!("{name} \"{}\"", clipped(text)), start)?;
        }
        Some(_) => {}
        None => {
            let message = format!("{name} \"{}\" makes no sense", clipped(text));
            cursor.warn_at(WarningCode::InvalidValue, message, start)?;
        }
    }
    Ok(read)
}

/// Keeps an attribute for which the part has no field. Adds a warning, except for attributes with a prefix and for
/// namespace declarations, which are no mistake.
pub(crate) fn keep<'a>(cursor: &mut Cursor<'a>, attribute: RawAttribute, extra: &mut Extra) -> Parsed<()> {
    if !(cursor.name_of(attribute).contains(':') || cursor.name_of(attribute) == "xmlns") {
        let message = format!("@{} is unknown at <{}>", clipped(cursor.name_of(attribute)), clipped(cursor.tag_name()));
        cursor.warn_at(WarningCode::UnknownAttribute, message, cursor.start_of(attribute))?;
    }
    keep_silently(cursor, attribute, extra);
    Ok(())
}

/// Keeps an attribute without a warning.
pub(crate) fn keep_silently<'a>(cursor: &Cursor<'a>, attribute: RawAttribute, extra: &mut Extra) {
    if !is_stand_in(cursor.name_of(attribute), cursor.raw_of(attribute)) {
        let name = cursor.text_of(cursor.range_of(cursor.name_of(attribute)));
        extra.attributes.push(model::Attribute { name, value: cursor.exact_value(attribute) });
    }
}

/// Whether this is a namespace declaration that the writer adds for an undeclared prefix. It is not kept, because the
/// writer adds it again.
pub(crate) fn is_stand_in(name: &str, value: &str) -> bool {
    let prefix = name.strip_prefix("xmlns:");
    prefix.is_some_and(|prefix| value.strip_prefix(crate::xml::UNDECLARED) == Some(prefix))
}
