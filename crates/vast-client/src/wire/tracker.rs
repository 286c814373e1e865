//! URLs that are called or opened.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use vast_xml::Text;
use vast_xml::model::{self, Click, Impression, Offset, Tracking};

use super::milliseconds;
use crate::ad::{Inherited, MergedViewability};

/// A URL that is called or opened, with its macros not filled in. It is absolute in the answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TrackedUrl<'a> {
    /// The URL.
    pub url: &'a str,
    /// The id of the tracker in the document. It names the server that gets the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
}

impl<'a> TrackedUrl<'a> {
    /// A URL in document `hop`.
    pub fn new(url: &'a str, hop: u32) -> Self {
        Self { url, id: None, hop }
    }

    pub(super) fn list(urls: &'a [Text], hop: u32) -> Vec<Self> {
        urls.iter().map(|url| Self::new(url, hop)).collect()
    }

    pub(super) fn clicks(clicks: &'a [Click], hop: u32) -> Vec<Self> {
        clicks.iter().map(|item| Inherited { hop, item }.into()).collect()
    }

    /// The URL of a click; `None` if it is empty.
    pub(super) fn click(click: Option<&'a Click>, hop: u32) -> Option<Self> {
        click.filter(|click| !click.url.is_empty()).map(|item| Inherited { hop, item }.into())
    }
}

impl<'a> From<Inherited<'a, Text>> for TrackedUrl<'a> {
    fn from(url: Inherited<'a, Text>) -> Self {
        Self::new(url.item, url.hop)
    }
}

impl<'a> From<Inherited<'a, Impression>> for TrackedUrl<'a> {
    fn from(impression: Inherited<'a, Impression>) -> Self {
        Self { url: &impression.item.url, id: impression.item.id.as_deref(), hop: impression.hop }
    }
}

impl<'a> From<Inherited<'a, Click>> for TrackedUrl<'a> {
    fn from(click: Inherited<'a, Click>) -> Self {
        Self { url: &click.item.url, id: click.item.id.as_deref(), hop: click.hop }
    }
}

/// The tracker of an event, with its macros not filled in. Its URL is absolute in the answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Tracker<'a> {
    /// The URL.
    pub url: &'a str,
    /// The document that contains it. 0 is the source's own document.
    pub hop: u32,
    /// For `progress`: the time in milliseconds from the beginning of the ad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<u64>,
    /// For `progress`: the time in percent of the ad's length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_percent: Option<f64>,
}

impl<'a> From<Inherited<'a, Tracking>> for Tracker<'a> {
    fn from(tracking: Inherited<'a, Tracking>) -> Self {
        let (offset_ms, offset_percent) = split_offset(tracking.item.offset);
        Self { url: &tracking.item.url, hop: tracking.hop, offset_ms, offset_percent }
    }
}

/// An offset as milliseconds or as percent.
pub(super) fn split_offset(offset: Option<Offset>) -> (Option<u64>, Option<f64>) {
    match offset {
        Some(Offset::Time(time)) => (Some(milliseconds::whole(time)), None),
        Some(Offset::Percent(percent)) => (None, Some(percent.as_f64())),
        None => (None, None),
    }
}

/// Trackers by the name of the event, as the document spells it. The events are in the order of their first trackers; the
/// trackers of an event are in document order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrackingEvents<'a>(pub Vec<(&'a str, Vec<Tracker<'a>>)>);

impl<'a> TrackingEvents<'a> {
    /// The trackers of one document.
    pub(super) fn own(trackers: &'a [Tracking], hop: u32) -> Self {
        trackers.iter().map(|item| Inherited { hop, item }).collect()
    }
}

impl<'a> FromIterator<Inherited<'a, Tracking>> for TrackingEvents<'a> {
    fn from_iter<I: IntoIterator<Item = Inherited<'a, Tracking>>>(trackers: I) -> Self {
        let mut events: Vec<(&'a str, Vec<Tracker<'a>>)> = Vec::new();
        for tracking in trackers {
            let name = tracking.item.event.raw();
            match events.iter_mut().find(|(event, _)| *event == name) {
                Some((_, trackers)) => trackers.push(tracking.into()),
                None => events.push((name, vec![tracking.into()])),
            }
        }
        Self(events)
    }
}

impl Serialize for TrackingEvents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (event, trackers) in &self.0 {
            map.serialize_entry(event, trackers)?;
        }
        map.end()
    }
}

impl JsonSchema for TrackingEvents<'_> {
    fn schema_name() -> Cow<'static, str> {
        "TrackingEvents".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = BTreeMap::<String, Vec<Tracker<'_>>>::json_schema(generator);
        schema.insert("description".to_owned(), "Trackers by the name of the event, as the document spells it. The trackers of an event are in document order.".into());
        schema
    }
}

/// The trackers of viewability of all levels, outermost wrapper first (VAST 4.3 section 3.5). The player calls all URLs of
/// exactly one of the three lists.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct ViewableImpression<'a> {
    /// The `id` of the outermost level that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// Trackers to call when the ad was viewable.
    pub viewable: Vec<TrackedUrl<'a>>,
    /// Trackers to call when the ad was not viewable.
    pub not_viewable: Vec<TrackedUrl<'a>>,
    /// Trackers to call when the player could not determine the viewability.
    pub view_undetermined: Vec<TrackedUrl<'a>>,
}

impl<'a> ViewableImpression<'a> {
    /// The trackers of a single document, without wrappers.
    pub(super) fn own(item: &'a model::ViewableImpression) -> Self {
        Self {
            id: item.id.as_deref(),
            viewable: TrackedUrl::list(&item.viewable, 0),
            not_viewable: TrackedUrl::list(&item.not_viewable, 0),
            view_undetermined: TrackedUrl::list(&item.view_undetermined, 0),
        }
    }
}

impl<'a> From<MergedViewability<'a>> for ViewableImpression<'a> {
    fn from(merged: MergedViewability<'a>) -> Self {
        let urls = |urls: Vec<Inherited<'a, Text>>| urls.into_iter().map(TrackedUrl::from).collect();
        Self {
            id: merged.id.map(|id| &**id),
            viewable: urls(merged.viewable),
            not_viewable: urls(merged.not_viewable),
            view_undetermined: urls(merged.view_undetermined),
        }
    }
}
