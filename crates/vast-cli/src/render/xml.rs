//! Results as VAST and VMAP documents.

use vast_client::FetchResult;
use vast_xml::convert::{self, Change};
use vast_xml::model::Vast;
use vast_xml::vmap::{self, AdData, VmapDocument};
use vast_xml::{Document, Version};

use super::page::Page;
use crate::args::XmlArgs;

/// How many losses are listed when nobody asked for all.
const LISTED: usize = 20;

/// One resolved document: the wrappers merged into the ads. Without an ad an empty VAST, which is how an ad server says
/// so.
pub(super) fn request(result: &FetchResult, arguments: &XmlArgs, verbose: bool) -> Page {
    page(result.flatten(), vast_xml::write, arguments, verbose)
}

/// The document as read, unless a version is asked for.
pub(super) fn document(document: &Document, arguments: &XmlArgs, verbose: bool) -> Page {
    page(document.vast.clone(), vast_xml::write_as_read, arguments, verbose)
}

/// The playlist as read; with a version the ads in its breaks are converted.
pub(super) fn playlist(document: &VmapDocument, arguments: &XmlArgs, verbose: bool) -> Page {
    let mut playlist = document.vmap.clone();
    let mut changes = Vec::new();
    let sources = playlist.breaks.iter_mut().filter_map(|one| one.source.as_mut()?.data.as_mut());
    for data in sources {
        let AdData::Vast(vast) = data else { continue };
        arguments.injection().apply(vast);
        if let Some(version) = arguments.to_version {
            let conversion = convert::to_version(vast, version);
            **vast = conversion.vast;
            changes.extend(conversion.changes);
        }
    }
    match arguments.to_version {
        None => vmap::write_as_read(&playlist).into_bytes().into(),
        Some(version) => Page { bytes: vmap::write(&playlist).into_bytes(), said: said(&changes, version, verbose) },
    }
}

/// `write` writes what is not converted.
fn page(mut vast: Vast, write: fn(&Vast) -> String, arguments: &XmlArgs, verbose: bool) -> Page {
    arguments.injection().apply(&mut vast);
    let Some(version) = arguments.to_version else { return write(&vast).into_bytes().into() };
    let conversion = convert::to_version(&vast, version);
    let written = convert::write_version(&conversion.vast, version);
    Page { bytes: written.into_bytes(), said: said(&conversion.changes, version, verbose) }
}

/// What was lost on the way to the version; with `verbose` everything that was changed.
fn said(changes: &[Change], version: Version, verbose: bool) -> Vec<String> {
    let shown: Vec<&Change> = changes.iter().filter(|change| verbose || change.is_loss()).collect();
    let most = if verbose { shown.len() } else { LISTED };
    let mut lines: Vec<String> = shown.iter().take(most).map(|change| format!("to {version}: {change}")).collect();
    if shown.len() > most {
        lines.push(format!("to {version}: and {} more, which --verbose lists", shown.len() - most));
    }
    lines
}
