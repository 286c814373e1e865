//! Results as VAST and VMAP documents.

use vast_client::FetchResult;
use vast_xml::convert::{self, Change};
use vast_xml::edit::Editor;
use vast_xml::model::Vast;
use vast_xml::vmap::{self, AdData, Vmap};
use vast_xml::{AnyDocument, Injection, ParseOptions, Version};

use super::rendered::Rendered;
use crate::args::{ParseArgs, XmlArgs};

/// The number of losses that are listed if `--verbose` is not set.
const LISTED: usize = 20;

/// One resolved document: the wrappers merged into the ads. Without an ad, it is an empty VAST document, the standard's
/// "no ad" response. For a playlist, it is a playlist whose breaks contain such documents.
pub(super) fn request(result: &FetchResult, arguments: &XmlArgs, verbose: bool) -> Rendered {
    if let Some(schedule) = &result.schedule {
        return playlist(schedule.flatten(), arguments, verbose);
    }
    let mut vast = result.flatten();
    arguments.injection().apply(&mut vast);
    match arguments.to_version {
        Some(version) => converted(&vast, version, verbose),
        None => vast_xml::write(&vast).into_bytes().into(),
    }
}

/// One document: its source text, unless the arguments request a version, the canonical form or a change.
pub(super) fn document(document: &AnyDocument, text: &str, arguments: &ParseArgs) -> Rendered {
    let ParseArgs { xml, canonical, output, .. } = arguments;
    let injection = xml.injection();
    if xml.to_version.is_none() && !canonical {
        return edited(text, &injection).into_bytes().into();
    }
    match document.clone() {
        AnyDocument::Vast(document) => {
            let mut vast = document.vast;
            injection.apply(&mut vast);
            match xml.to_version {
                Some(version) => converted(&vast, version, output.verbose),
                None => vast_xml::write(&vast).into_bytes().into(),
            }
        }
        AnyDocument::Vmap(document) => playlist(document.vmap, xml, output.verbose),
    }
}

/// A playlist with the trackers inserted into the ads of its breaks, and the ads converted if a version is set.
fn playlist(mut playlist: Vmap, arguments: &XmlArgs, verbose: bool) -> Rendered {
    let injection = arguments.injection();
    documents(&mut playlist).for_each(|vast| injection.apply(vast));
    let messages = arguments.to_version.map(|version| convert_playlist(&mut playlist, version, verbose));
    Rendered { bytes: vmap::write(&playlist).into_bytes(), messages: messages.unwrap_or_default() }
}

/// The source text with the trackers inserted.
fn edited(text: &str, injection: &Injection) -> String {
    // The document was read before with the usual limits, so no limits are needed here.
    match Editor::new(text.as_bytes(), &ParseOptions { charset: Some("utf-8"), ..ParseOptions::default() }) {
        Ok(mut editor) if !injection.is_empty() => {
            injection.edit(&mut editor);
            editor.finish()
        }
        _ => text.to_owned(),
    }
}

fn documents(playlist: &mut Vmap) -> impl Iterator<Item = &mut Vast> {
    let data = playlist.breaks.iter_mut().filter_map(|one| one.source.as_mut()?.data.as_mut());
    data.filter_map(|data| match data {
        AdData::Vast(vast) => Some(&mut **vast),
        _ => None,
    })
}

/// Converts the VAST documents in the breaks. Returns the messages about the conversion.
fn convert_playlist(playlist: &mut Vmap, version: Version, verbose: bool) -> Vec<String> {
    let mut changes = Vec::new();
    for vast in documents(playlist) {
        let conversion = convert::to_version(vast, version);
        *vast = conversion.vast;
        changes.extend(conversion.changes);
    }
    lost(&changes, version, verbose)
}

fn converted(vast: &Vast, version: Version, verbose: bool) -> Rendered {
    let conversion = convert::to_version(vast, version);
    let written = convert::write_version(&conversion.vast, version);
    Rendered { bytes: written.into_bytes(), messages: lost(&conversion.changes, version, verbose) }
}

/// The losses of a conversion; with `verbose`, all changes.
fn lost(changes: &[Change], version: Version, verbose: bool) -> Vec<String> {
    let shown: Vec<&Change> = changes.iter().filter(|change| verbose || change.is_loss()).collect();
    let most = if verbose { shown.len() } else { LISTED };
    let mut lines: Vec<String> = shown.iter().take(most).map(|change| format!("to {version}: {change}")).collect();
    if shown.len() > most {
        lines.push(format!("to {version}: and {} more, which --verbose lists", shown.len() - most));
    }
    lines
}
