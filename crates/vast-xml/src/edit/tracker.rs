//! Inserts trackers and extensions: which elements can have each kind, and where.

use super::editor::Editor;
use super::error::EditError;
use super::new_element::NewElement;
use super::node::ElementId;
use crate::model::Event;
use crate::xml::Name;

/// The kinds of trackers that can be inserted, with the elements that they can be inserted into.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrackerKind {
    /// `Impression`: into `Ad`, `InLine` or `Wrapper`.
    Impression,
    /// `Error`: into `Ad`, `InLine` or `Wrapper`, and into `VAST`.
    Error,
    /// `ViewableImpression/Viewable`: into `Ad`, `InLine` or `Wrapper`, as the two below.
    Viewable,
    /// `ViewableImpression/NotViewable`.
    NotViewable,
    /// `ViewableImpression/ViewUndetermined`.
    ViewUndetermined,
    /// `TrackingEvents/Tracking` with this event: into `Linear`, `NonLinearAds`, `Companion`, `Verification`, and into the
    /// `AdBreak` of a playlist. In VAST 1.0 into `Ad`, `InLine` or `Wrapper`.
    Tracking(Event),
    /// The tracker of a click: into `Linear`, `NonLinear`, `Companion` or `Icon`.
    Click,
    /// `IconViewTracking`: into `Icon`.
    IconView,
}

impl TrackerKind {
    /// The elements from `parent` down to the tracker; `None` when `parent` cannot have this tracker.
    fn path(&self, parent: Name, is_first_version: bool) -> Option<&'static [Name]> {
        use Name::*;
        Some(match (self, parent) {
            (TrackerKind::Impression, InLine | Wrapper) => &[Impression],
            (TrackerKind::Error, InLine | Wrapper | Vast) => &[Error],
            (TrackerKind::Viewable, InLine | Wrapper) => &[ViewableImpression, Viewable],
            (TrackerKind::NotViewable, InLine | Wrapper) => &[ViewableImpression, NotViewable],
            (TrackerKind::ViewUndetermined, InLine | Wrapper) => &[ViewableImpression, ViewUndetermined],
            (TrackerKind::Tracking(_), InLine | Wrapper) if is_first_version => &[TrackingEvents, Tracking],
            (TrackerKind::Tracking(_), Linear | NonLinearAds | Companion | Verification | AdBreak) => {
                &[TrackingEvents, Tracking]
            }
            (TrackerKind::Click, Linear) => &[VideoClicks, ClickTracking],
            (TrackerKind::Click, NonLinear) => &[NonLinearClickTracking],
            (TrackerKind::Click, Companion) => &[CompanionClickTracking],
            (TrackerKind::Click, Icon) => &[IconClicks, IconClickTracking],
            (TrackerKind::IconView, Icon) => &[IconViewTracking],
            _ => return None,
        })
    }
}

impl Editor {
    /// Inserts a tracker behind those of its kind; the elements between it and `element` are made if they are not there. In
    /// an `Ad` it goes into its `InLine` or `Wrapper`. [`TrackerKind`] says which elements can have which kind.
    ///
    /// # Errors
    ///
    /// [`EditError::WrongPlace`] where the tracker cannot stand; see [`EditError`] for the others.
    pub fn insert_tracker(
        &mut self,
        element: ElementId,
        kind: &TrackerKind,
        url: &str,
    ) -> Result<ElementId, EditError> {
        let element = self.ad_content(element).filter(|_| self.known(element) == Name::Ad).unwrap_or(element);
        let is_first_version = self.is_first_version(element);
        let path = kind.path(self.known(element), is_first_version).ok_or(EditError::WrongPlace)?;
        let mut parent = element;
        let mut missing = path;
        while let [group, rest @ ..] = missing
            && !rest.is_empty()
            && let Some(next) = self.child(parent, *group)
        {
            (parent, missing) = (next, rest);
        }
        let tracker = tracker(kind, path.last().copied().unwrap_or(Name::Tracking), url, is_first_version);
        let groups = missing.iter().rev().skip(1);
        let new = groups.fold(tracker, |inside, group| NewElement::new(group.as_str()).child(inside));
        let inserted = self.insert(parent, new)?;
        // The innermost of what was inserted.
        Ok((1..missing.len()).fold(inserted, |id, _| self.children(id).next().unwrap_or(id)))
    }

    /// Inserts an extension into an ad, or into a `Creative` of one: `content` is XML and written as it stands.
    ///
    /// # Errors
    ///
    /// [`EditError::InvalidMarkup`] when `content` is not well formed, [`EditError::WrongPlace`] in other elements; see
    /// [`EditError`] for the others.
    pub fn insert_extension(
        &mut self,
        element: ElementId,
        extension_type: &str,
        content: &str,
    ) -> Result<ElementId, EditError> {
        let element = self.ad_content(element).filter(|_| self.known(element) == Name::Ad).unwrap_or(element);
        let (group, name) = match self.known(element) {
            Name::InLine | Name::Wrapper | Name::AdBreak | Name::Vmap => (Name::Extensions, Name::Extension),
            Name::Creative | Name::Companion => (Name::CreativeExtensions, Name::CreativeExtension),
            _ => return Err(EditError::WrongPlace),
        };
        let extension = NewElement::new(name.as_str()).attribute("type", extension_type).markup(content)?;
        match self.child(element, group) {
            Some(group) => self.insert(group, extension),
            None => {
                let group = self.insert(element, NewElement::new(group.as_str()).child(extension))?;
                Ok(self.children(group).next().unwrap_or(group))
            }
        }
    }

    /// Whether an element is in a document of VAST 1.0, where each URL is an element in its tracker.
    pub(crate) fn is_first_version(&self, element: ElementId) -> bool {
        let mut around = std::iter::successors(Some(element), |id| self.parent(*id));
        around.any(|id| self.known(id) == Name::VideoAdServingTemplate)
    }
}

fn tracker(kind: &TrackerKind, name: Name, url: &str, is_first_version: bool) -> NewElement {
    let tracker = NewElement::new(name.as_str());
    let tracker = match kind {
        TrackerKind::Tracking(event) => tracker.attribute("event", event.raw()),
        _ => tracker,
    };
    match is_first_version {
        true => tracker.child(NewElement::new(Name::Url.as_str()).text(url)),
        false => tracker.text(url),
    }
}
