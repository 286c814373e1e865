//! [`Injection`]: adds a publisher's trackers to every ad of a document.

use crate::edit::{EditError, Editor, ElementId, NewElement, TrackerKind};
use crate::model::{AdKind, Creative, Event, Impression, Linear, Tracking, Vast};
use crate::text::Text;
use crate::xml::Name;

/// Trackers to add to every ad of a document. [`Injection::edit`] adds them to the text of the document and leaves the rest
/// of the text unchanged. [`Injection::apply`] adds them to the model, for a document that is converted or written again.
///
/// ```
/// use vast_xml::edit::Editor;
/// use vast_xml::model::Event;
/// use vast_xml::{Injection, ParseOptions};
///
/// let pod = br#"<VAST version="3.0"><Ad sequence="1"><InLine><Creatives><Creative><Linear/></Creative></Creatives></InLine></Ad>
///   <Ad sequence="2"><Wrapper><VASTAdTagURI>https://b.example/next</VASTAdTagURI></Wrapper></Ad></VAST>"#;
/// let mut editor = Editor::new(pod, &ParseOptions::default())?;
/// let injection = Injection::default().impression("https://own.example/i").tracking(Event::Start, "https://own.example/s");
/// injection.edit(&mut editor);
/// let written = editor.finish();
/// assert_eq!(written.matches("https://own.example/i").count(), 2);
/// assert_eq!(written.matches(r#"<Tracking event="start"><![CDATA[https://own.example/s]]>"#).count(), 2);
/// # Ok::<(), vast_xml::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Injection {
    impressions: Vec<Text>,
    tracking: Vec<Tracking>,
}

impl Injection {
    /// Adds an impression to each ad, after the existing ones.
    #[must_use]
    pub fn impression(mut self, url: impl Into<Text>) -> Injection {
        self.impressions.push(url.into());
        self
    }

    /// Adds a tracker to each linear creative, after the existing ones. If an ad has no linear creative, the tracker is
    /// added to its non-linear creatives. If a wrapper has no linear and no non-linear creative, a linear creative is
    /// added for the tracker.
    #[must_use]
    pub fn tracking(mut self, event: Event, url: impl Into<Text>) -> Injection {
        self.tracking.push(Tracking::new(event, url));
        self
    }

    /// Whether there are no trackers to add.
    pub fn is_empty(&self) -> bool {
        self.impressions.is_empty() && self.tracking.is_empty()
    }

    /// Adds the trackers to the text of every ad. If a tracker cannot be inserted, because the document ends inside the ad or is
    /// damaged there, this ad gets neither that tracker nor the following ones.
    pub fn edit(&self, editor: &mut Editor) {
        for ad in editor.ads() {
            // An error means that the ad is incomplete or damaged. It is ignored, so that the other ads get their trackers.
            let _ = self.edit_ad(editor, ad);
        }
    }

    fn edit_ad(&self, editor: &mut Editor, ad: ElementId) -> Result<(), EditError> {
        for url in &self.impressions {
            editor.insert_tracker(ad, &TrackerKind::Impression, url)?;
        }
        if self.tracking.is_empty() {
            return Ok(());
        }
        for (unit, is_linear) in tracked(editor, ad)? {
            for Tracking { event, url, .. } in &self.tracking {
                let event = if is_linear { event.clone().under_linear() } else { event.clone() };
                editor.insert_tracker(unit, &TrackerKind::Tracking(event), url)?;
            }
        }
        Ok(())
    }

    /// Adds the trackers to every ad of the model.
    pub fn apply(&self, vast: &mut Vast) {
        for ad in &mut vast.ads {
            let (impressions, creatives, is_wrapper) = match &mut ad.kind {
                AdKind::InLine(inline) => (&mut inline.impressions, &mut inline.creatives, false),
                AdKind::Wrapper(wrapper) => (&mut wrapper.impressions, &mut wrapper.creatives, true),
            };
            impressions.extend(self.impressions.iter().map(Impression::new));
            if !self.tracking.is_empty() {
                self.track(creatives, is_wrapper);
            }
        }
    }

    fn track(&self, creatives: &mut Vec<Creative>, is_wrapper: bool) {
        let is_linear = creatives.iter().any(|creative| creative.linear.is_some());
        let is_other = creatives.iter().any(|creative| creative.non_linear_ads.is_some());
        if is_wrapper && !is_linear && !is_other {
            creatives.push(Creative { linear: Some(Linear::default()), ..Creative::default() });
        }
        for creative in creatives {
            if let Some(linear) = &mut creative.linear {
                let under_linear = |one: &Tracking| Tracking { event: one.event.clone().under_linear(), ..one.clone() };
                linear.tracking_events.extend(self.tracking.iter().map(under_linear));
            } else if let (Some(ads), false) = (&mut creative.non_linear_ads, is_linear) {
                ads.tracking_events.extend(self.tracking.iter().cloned());
            }
        }
    }
}

/// The elements of an ad that the trackers are added to, and whether each is linear. Adds a linear creative to a wrapper that
/// has no such element.
fn tracked(editor: &mut Editor, ad: ElementId) -> Result<Vec<(ElementId, bool)>, EditError> {
    let Some(content) = editor.ad_content(ad) else { return Ok(Vec::new()) };
    if editor.is_first_version(ad) {
        // In VAST 1.0, `TrackingEvents` is a sibling of `Video` and `NonLinearAds`. It belongs to the video if there is one.
        let has = |name| editor.child(content, name).is_some();
        let is_linear = has(Name::Video) || has(Name::VideoClicks) || !has(Name::NonLinearAds);
        let is_played = has(Name::Video) || has(Name::NonLinearAds) || has(Name::TrackingEvents);
        let is_wrapper = editor.known(content) == Name::Wrapper;
        return Ok(if is_played || is_wrapper { vec![(content, is_linear)] } else { Vec::new() });
    }
    let groups = editor.children(content).filter(|group| editor.known(*group) == Name::Creatives);
    let creatives: Vec<ElementId> = groups.flat_map(|group| editor.children(group)).collect();
    let linear: Vec<ElementId> = creatives.iter().filter_map(|one| editor.child(*one, Name::Linear)).collect();
    let other: Vec<ElementId> = creatives.iter().filter_map(|one| editor.child(*one, Name::NonLinearAds)).collect();
    let has_none = linear.is_empty() && other.is_empty();
    let linear = if has_none { misplaced_linears(editor, content) } else { linear };
    if !linear.is_empty() {
        return Ok(linear.into_iter().map(|unit| (unit, true)).collect());
    }
    if !other.is_empty() || editor.known(content) != Name::Wrapper {
        return Ok(other.into_iter().map(|unit| (unit, false)).collect());
    }
    Ok(vec![(add_linear(editor, content)?, true)])
}

/// The `Linear` elements at wrong places, which the reader moves with everything in them. They are in no extension.
fn misplaced_linears(editor: &Editor, content: ElementId) -> Vec<ElementId> {
    let mut linears = editor.find(content, Name::Linear.as_str());
    linears.retain(|linear| {
        let mut around = std::iter::successors(editor.parent(*linear), |id| editor.parent(*id));
        !around.any(|id| matches!(editor.known(id), Name::Extensions | Name::CreativeExtensions))
    });
    linears
}

/// Adds a linear creative to a wrapper and returns its `Linear` element.
fn add_linear(editor: &mut Editor, wrapper: ElementId) -> Result<ElementId, EditError> {
    let creative = NewElement::new(Name::Creative.as_str()).child(NewElement::new(Name::Linear.as_str()));
    let creative = match editor.child(wrapper, Name::Creatives) {
        Some(group) => editor.insert(group, creative)?,
        None => {
            let group = editor.insert(wrapper, NewElement::new(Name::Creatives.as_str()).child(creative))?;
            editor.child(group, Name::Creative).unwrap_or(group)
        }
    };
    Ok(editor.child(creative, Name::Linear).unwrap_or(creative))
}
