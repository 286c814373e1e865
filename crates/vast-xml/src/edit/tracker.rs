//! Inserts trackers and extensions into the elements that can have them.

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
    /// `ViewableImpression/Viewable`: into `Ad`, `InLine` or `Wrapper`.
    Viewable,
    /// `ViewableImpression/NotViewable`: into `Ad`, `InLine` or `Wrapper`.
    NotViewable,
    /// `ViewableImpression/ViewUndetermined`: into `Ad`, `InLine` or `Wrapper`.
    ViewUndetermined,
    /// `TrackingEvents/Tracking` with this event: into `Linear`, `NonLinearAds`, `Companion`, `Verification`, and into the
    /// `AdBreak` of a playlist. In VAST 1.0 into `Ad`, `InLine` or `Wrapper`.
    Tracking(Event),
    /// The click tracker (`ClickTracking` and its variants): into `Linear`, `NonLinear`, `Companion` or `Icon`.
    Click,
    /// `IconViewTracking`: into `Icon`.
    IconView,
}

impl TrackerKind {
    /// The names of the elements from `parent` down to the tracker; `None` if `parent` cannot have this tracker.
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
    /// Inserts a tracker after the last tracker of its kind. Missing elements between `element` and the tracker are
    /// inserted too. If `element` is an `Ad`, the tracker is inserted into its `InLine` or `Wrapper`. [`TrackerKind`]
    /// lists the elements that can have each kind.
    ///
    /// # Errors
    ///
    /// [`EditError::WrongPlace`] if `element` cannot have this tracker; see [`EditError`] for the others.
    pub fn insert_tracker(
        &mut self,
        element: ElementId,
        kind: &TrackerKind,
        url: &str,
    ) -> Result<ElementId, EditError> {
        let element = self.ad_content(element).unwrap_or(element);
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
        // Return the innermost of the inserted elements, which is the tracker.
        Ok((1..missing.len()).fold(inserted, |id, _| self.children(id).next().unwrap_or(id)))
    }

    /// Inserts an extension into an ad or into one of its `Creative` elements. `content` is XML and is written
    /// unchanged.
    ///
    /// # Errors
    ///
    /// [`EditError::InvalidMarkup`] if `content` is not well formed; [`EditError::WrongPlace`] for any other element;
    /// see [`EditError`] for the others.
    pub fn insert_extension(
        &mut self,
        element: ElementId,
        extension_type: &str,
        content: &str,
    ) -> Result<ElementId, EditError> {
        let element = self.ad_content(element).unwrap_or(element);
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

    /// Whether an element is in a VAST 1.0 document, where each URL is in a `URL` element inside its tracker.
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
