//! The dictionary of the ads, in the shape of the described system. All keys are always there.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vast_client::FetchResult;
use vast_client::track::{BeaconEvent, trackers};
use vast_client::xml::macros::{self, Context, Macro, Values};
use vast_client::xml::model::{Ad, AdKind, Creative, Element, Extension, Linear, MediaFile, Tracking};
use vast_client::xml::{AnyDocument, ParseOptions, Text, parse_any};

/// The lists and tables of a dictionary, while they are filled.
struct Parts<'py> {
    py: Python<'py>,
    impressions: Bound<'py, PyList>,
    errors: Bound<'py, PyList>,
    events: Bound<'py, PyDict>,
    extensions: Bound<'py, PyDict>,
}

/// The values of the ad that plays first.
#[derive(Default)]
struct First<'a> {
    version: Option<&'a str>,
    system: Option<&'a str>,
    title: Option<&'a str>,
    creative: Option<&'a Creative>,
    linear: Option<&'a Linear>,
    /// The URL of the file to play.
    media: Option<&'a str>,
}

impl<'py> Parts<'py> {
    fn new(py: Python<'py>) -> Self {
        let (impressions, errors) = (PyList::empty(py), PyList::empty(py));
        Self { py, impressions, errors, events: PyDict::new(py), extensions: PyDict::new(py) }
    }

    fn event(&self, name: &str, url: &Text) -> PyResult<()> {
        if url.is_empty() {
            return Ok(());
        }
        match self.events.get_item(name)? {
            Some(urls) => urls.cast::<PyList>()?.append(url.as_str()),
            None => self.events.set_item(name, PyList::new(self.py, [url.as_str()])?),
        }
    }

    fn extension(&self, extension: &Extension) -> PyResult<()> {
        match &extension.extension_type {
            Some(name) => self.extensions.set_item(name.as_str(), element(self.py, &extension.element)?),
            None => Ok(()),
        }
    }

    fn finish(self, first: &First<'_>) -> PyResult<Bound<'py, PyDict>> {
        let py = self.py;
        let data = PyDict::new(py);
        data.set_item(intern!(py, "vast_version"), first.version)?;
        data.set_item(intern!(py, "ad_system"), first.system)?;
        data.set_item(intern!(py, "ad_title"), first.title)?;
        data.set_item(intern!(py, "impression"), self.impressions)?;
        data.set_item(intern!(py, "error"), self.errors)?;
        data.set_item(intern!(py, "creative"), creative(py, first.creative)?)?;
        let files = first.linear.map_or(&[] as &[MediaFile], |linear| &linear.media_files);
        let files = files.iter().map(|file| media_file(py, file)).collect::<PyResult<Vec<_>>>()?;
        data.set_item(intern!(py, "media_files"), files)?;
        data.set_item(intern!(py, "media_url"), first.media)?;
        data.set_item(intern!(py, "tracking_events"), self.events)?;
        data.set_item(intern!(py, "extensions"), self.extensions)?;
        let duration = first.linear.and_then(|linear| linear.duration).map(|duration| duration.as_secs());
        data.set_item(intern!(py, "duration"), duration)?;
        Ok(data)
    }
}

fn creative<'py>(py: Python<'py>, creative: Option<&Creative>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    if let Some(creative) = creative {
        dict.set_item(intern!(py, "id"), creative.id.as_deref())?;
        dict.set_item(intern!(py, "ad_id"), creative.ad_id.as_deref())?;
    }
    Ok(dict)
}

/// The attributes are texts, as in the document.
fn media_file<'py>(py: Python<'py>, file: &MediaFile) -> PyResult<Bound<'py, PyDict>> {
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "url"), file.url.as_str())?;
    dict.set_item(intern!(py, "delivery"), file.delivery.as_ref().map(|delivery| delivery.as_str()))?;
    dict.set_item(intern!(py, "type"), file.mime_type.as_deref())?;
    dict.set_item(intern!(py, "width"), number(file.width))?;
    dict.set_item(intern!(py, "height"), number(file.height))?;
    dict.set_item(intern!(py, "bitrate"), number(file.bitrate))?;
    Ok(dict)
}

/// An element without children is `{name: text}`; one with children has an entry for each of them. The reader limits the depth of
/// a document, so this recursion ends.
fn element<'py>(py: Python<'py>, of: &Element) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let text = |element: &Element| Some(element.text()).filter(|text| !text.is_empty());
    if of.elements().next().is_none() {
        dict.set_item(of.name.as_str(), text(of).as_deref())?;
    }
    for child in of.elements() {
        match child.elements().next() {
            None => dict.set_item(child.name.as_str(), text(child).as_deref())?,
            Some(_) => dict.set_item(child.name.as_str(), element(py, child)?)?,
        }
    }
    Ok(dict)
}

/// The dictionary of an answer: the values of the first ad, and the trackers of all ads with those of their wrappers.
pub(crate) fn of_answer<'py>(py: Python<'py>, result: &FetchResult) -> PyResult<Bound<'py, PyDict>> {
    let parts = Parts::new(py);
    let in_breaks = result.schedule.iter().flat_map(|schedule| &schedule.breaks).filter_map(|one| one.answer.as_ref());
    let ads = || result.ads.iter().chain(in_breaks.clone().flat_map(|answer| &answer.ads));
    for candidate in ads() {
        for tracker in trackers(&candidate.ad) {
            match &tracker.event {
                BeaconEvent::Impression => parts.impressions.append(tracker.url.as_str())?,
                BeaconEvent::Error => parts.errors.append(tracker.url.as_str())?,
                BeaconEvent::Tracking(event) => parts.event(event.raw(), tracker.url)?,
                other => parts.event(other.as_str(), tracker.url)?,
            }
        }
        candidate.ad.extensions().try_for_each(|extension| parts.extension(extension.item))?;
    }
    let mut first =
        First { version: result.document.as_ref().and_then(|one| one.version.as_deref()), ..First::default() };
    if let Some(candidate) = ads().next() {
        let inline = &candidate.ad.inline;
        first.system = inline.ad_system.as_ref().map(|system| system.name.as_str());
        first.title = inline.ad_title.as_deref();
        (first.creative, first.linear) = (candidate.creative(), candidate.linear());
        first.media = candidate.media_file().map(|file| file.url.as_str());
    }
    parts.finish(&first)
}

/// The dictionary of a document, without following its wrappers.
///
/// Raises `ValueError` with the kind, the message, the line and the column for a document that cannot be read.
#[pyfunction]
pub(crate) fn parse_document<'py>(py: Python<'py>, document: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let parsed = py.detach(|| parse_any(document, &ParseOptions::default())).map_err(|error| {
        let (line, column) = (error.position.line, error.position.column);
        PyValueError::new_err((error.kind.as_str(), error.message.into_owned(), line, column))
    })?;
    let vast = match parsed {
        AnyDocument::Vast(document) => document.vast,
        _ => return Err(PyValueError::new_err(("not_vast", "the document is a playlist (VMAP)", 1, 1))),
    };
    let parts = Parts::new(py);
    vast.errors.iter().try_for_each(|url| parts.errors.append(url.as_str()))?;
    vast.ads.iter().try_for_each(|ad| parts.ad(ad))?;
    let mut first = First { version: vast.version.as_deref(), ..First::default() };
    if let Some(ad) = vast.ads.first() {
        let (system, title) = match &ad.kind {
            AdKind::InLine(inline) => (&inline.ad_system, inline.ad_title.as_deref()),
            AdKind::Wrapper(wrapper) => (&wrapper.ad_system, None),
        };
        (first.system, first.title) = (system.as_ref().map(|system| system.name.as_str()), title);
        first.creative = ad.creatives().first();
        first.linear = ad.creatives().iter().find_map(|creative| creative.linear.as_ref());
        first.media = first.linear.and_then(|linear| linear.media_files.first()).map(|file| file.url.as_str());
    }
    parts.finish(&first)
}

impl Parts<'_> {
    /// The trackers and extensions of one ad of a document.
    fn ad(&self, ad: &Ad) -> PyResult<()> {
        ad.impressions().iter().try_for_each(|impression| self.impressions.append(impression.url.as_str()))?;
        ad.errors().iter().try_for_each(|url| self.errors.append(url.as_str()))?;
        let extensions = match &ad.kind {
            AdKind::InLine(inline) => &inline.extensions,
            AdKind::Wrapper(wrapper) => &wrapper.extensions,
        };
        extensions.iter().try_for_each(|extension| self.extension(extension))?;
        ad.creatives().iter().flat_map(tracking_of).try_for_each(|one| self.event(one.event.raw(), &one.url))
    }
}

/// The `Tracking` elements of a creative.
fn tracking_of(creative: &Creative) -> impl Iterator<Item = &Tracking> {
    let linear = creative.linear.iter().flat_map(|linear| &linear.tracking_events);
    let non_linear = creative.non_linear_ads.iter().flat_map(|ads| &ads.tracking_events);
    let companions = creative.companion_ads.iter().flat_map(|ads| &ads.companions);
    linear.chain(non_linear).chain(companions.flat_map(|companion| &companion.tracking_events))
}

/// A URL with these macros filled in, in all forms and percent-encoded. Names that the standard does not have are filled in too,
/// in the forms `[NAME]`, `${NAME}` and `%%NAME%%`, because the caller has named them.
#[expect(clippy::needless_pass_by_value, reason = "PyO3 gives a converted argument by value")]
#[pyfunction]
pub(crate) fn expand_url(url: &str, given: Vec<(String, String)>) -> PyResult<String> {
    Ok(macros::expand(url, Context::Tracking, &values(&given)?).into_owned())
}

/// The values of macros that the caller gives.
pub(crate) fn values(given: &[(String, String)]) -> PyResult<Values> {
    let mut values = Values::new();
    let mut foreign = macros::ForeignMacros::default();
    let refused = |error: macros::ForeignMacroError| PyValueError::new_err(format!("a macro cannot be used: {error}"));
    for (name, value) in given {
        match Macro::from_name(name) {
            Some(known) => drop(values.set_text(known, value)),
            None => {
                for token in [format!("[{name}]"), format!("${{{name}}}"), format!("%%{name}%%")] {
                    foreign.declare(&token, value).map_err(refused)?;
                }
            }
        }
    }
    if !foreign.is_empty() {
        values.set_foreign(std::sync::Arc::new(foreign));
    }
    Ok(values)
}
