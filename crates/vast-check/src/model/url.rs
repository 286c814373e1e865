//! The elements that contain a URL, and the purpose of each URL.

use vast_xml::macros::Context;

use crate::outline::{Outline, OutlineElement};

/// The purpose of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A document is requested from the URL.
    Request,
    /// A tracker: the URL is called at an event.
    Call(Context),
    /// A landing page: the URL is opened when the viewer clicks.
    Landing,
    /// A file that is played.
    Media,
    /// A picture, page or script that is shown or run.
    Asset,
}

impl Purpose {
    /// The context that decides which macros have a meaning in the URL; `None` if all macros are accepted.
    pub(super) fn context(self) -> Option<Context> {
        match self {
            Self::Request => Some(Context::AdRequest),
            Self::Call(context) => Some(context),
            Self::Landing | Self::Media | Self::Asset => None,
        }
    }
}

const PURPOSES: [(&str, Purpose); 28] = [
    ("VASTAdTagURI", Purpose::Request),
    ("VASTAdTagURL", Purpose::Request),
    ("AdTagURI", Purpose::Request),
    ("Error", Purpose::Call(Context::Error)),
    ("Impression", Purpose::Call(Context::Tracking)),
    ("Tracking", Purpose::Call(Context::Tracking)),
    ("Viewable", Purpose::Call(Context::Tracking)),
    ("NotViewable", Purpose::Call(Context::Tracking)),
    ("ViewUndetermined", Purpose::Call(Context::Tracking)),
    ("IconViewTracking", Purpose::Call(Context::Tracking)),
    ("ClickTracking", Purpose::Call(Context::Click)),
    ("CustomClick", Purpose::Call(Context::Click)),
    ("NonLinearClickTracking", Purpose::Call(Context::Click)),
    ("CompanionClickTracking", Purpose::Call(Context::Click)),
    ("IconClickTracking", Purpose::Call(Context::Click)),
    ("ClickThrough", Purpose::Landing),
    ("NonLinearClickThrough", Purpose::Landing),
    ("CompanionClickThrough", Purpose::Landing),
    ("IconClickThrough", Purpose::Landing),
    ("Survey", Purpose::Landing),
    ("MediaFile", Purpose::Media),
    ("Mezzanine", Purpose::Media),
    ("ClosedCaptionFile", Purpose::Asset),
    ("InteractiveCreativeFile", Purpose::Asset),
    ("StaticResource", Purpose::Asset),
    ("IFrameResource", Purpose::Asset),
    ("JavaScriptResource", Purpose::Asset),
    ("ExecutableResource", Purpose::Asset),
];

/// The purpose of the URL in an element; `None` if the element contains no URL. VAST 1.0 has its URLs in `URL` elements; there
/// the parent element decides.
pub(super) fn purpose(outline: &Outline<'_>, element: &OutlineElement<'_>) -> Option<Purpose> {
    let named = match element.parent.and_then(|parent| outline.elements.get(parent)) {
        Some(parent) if element.is("URL") => parent,
        _ => element,
    };
    let is_verification = || named.attribute("event").is_some_and(|event| event.value == "verificationNotExecuted");
    let purpose = PURPOSES.iter().find(|(name, _)| named.is(name)).map(|(_, purpose)| *purpose)?;
    match purpose {
        Purpose::Call(Context::Tracking) if named.is("Tracking") && is_verification() => {
            Some(Purpose::Call(Context::Verification))
        }
        purpose => Some(purpose),
    }
}

/// Every element with a URL, with its number and the purpose of the URL.
pub(super) fn all<'a, 't>(outline: &'a Outline<'t>) -> impl Iterator<Item = (usize, &'a OutlineElement<'t>, Purpose)> {
    let all = outline.within(0..outline.elements.len());
    all.filter_map(|(index, element)| Some((index, element, purpose(outline, element)?)))
}

/// Whether the URL has this scheme. Upper and lower case are equal.
pub(super) fn has_scheme(url: &str, scheme: &str) -> bool {
    let start = url.split_once(':').map(|(start, _)| start);
    start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}

/// The scheme of a URL; `None` if it has no scheme.
pub(super) fn scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some(scheme)
}
