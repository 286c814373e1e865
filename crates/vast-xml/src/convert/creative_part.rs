//! Moves parts of a creative that the target version does not have into an extension whose type is the name of the part, and
//! moves them back when the target version has them.
//!
//! The extension belongs to the creative if the version has creative extensions. Otherwise it belongs to the ad, and an
//! attribute names the creative (VAST CTV Addendum 2024).

use super::ad_part::{AdParts, Carrier};
use super::change::ChangeKind;
use super::link::Link;
use super::tree::{self, Wanted};
use super::walk::Walk;
use crate::attributes::{Attributed, Placed};
use crate::edition::Unit;
use crate::model::{Attribute, Creative, Extension, Linear, Place, Tracking, UniversalAdId};
use crate::xml::Name;

/// The parts that can be moved. Parts that other parts refer to come first.
const PARTS: &[Name] = &[
    Name::UniversalAdId,
    Name::Mezzanine,
    Name::InteractiveCreativeFile,
    Name::Icon,
    Name::ClosedCaptionFile,
    Name::TrackingEvents,
];

/// Moves the parts that the version has from extensions back to their place, and the parts that it does not have into
/// extensions.
pub(super) fn settle<A: Carrier>(walk: &mut Walk, ad: &mut A) {
    let AdParts { creatives, extensions, .. } = ad.parts();
    for part in PARTS {
        if knows(walk, *part) {
            restore(walk, creatives, extensions, *part);
        }
    }
    walk.group(Name::Creatives, |walk| {
        for index in 0..creatives.len() {
            walk.inside(Name::Creative, Some(index + 1), |walk| {
                PARTS.iter().for_each(|part| move_out(walk, creatives, extensions, index, *part));
                move_extensions(walk, creatives, extensions, index);
            });
        }
    });
}

/// Whether the version has the part in the current kind of ad (`InLine` or `Wrapper`). Always true for trackers, because
/// every version has some of them.
fn knows(walk: &Walk, part: Name) -> bool {
    let has = |parent: Name, child: Name| walk.row(parent).child(child).is_some();
    match part {
        Name::UniversalAdId => has(Name::Creative, part),
        Name::Icon => has(Name::Linear, Name::Icons),
        Name::TrackingEvents => true,
        Name::ClosedCaptionFile => {
            has(Name::Linear, Name::MediaFiles) && has(Name::MediaFiles, Name::ClosedCaptionFiles)
        }
        _ => has(Name::Linear, Name::MediaFiles) && has(Name::MediaFiles, part),
    }
}

/// Moves a part from extensions back to its place. The reader has already put the parts that the addendum defines into the
/// model, so only their extensions are removed here. Captions and trackers are read from the extensions here.
fn restore(walk: &mut Walk, creatives: &mut [Creative], of_ad: &mut Vec<Extension>, part: Name) {
    if matches!(part, Name::ClosedCaptionFile | Name::TrackingEvents) {
        for index in 0..creatives.len() {
            let mut own = std::mem::take(&mut creatives[index].creative_extensions);
            reread(walk, creatives, &mut own, part, index);
            creatives[index].creative_extensions = own;
        }
        reread(walk, creatives, of_ad, part, 0);
        return;
    }
    if part == Name::InteractiveCreativeFile && !creatives.iter().filter_map(|one| one.linear.as_ref()).all(fits) {
        return;
    }
    let restored = creatives.iter_mut().map(|creative| native(creative, part)).sum::<usize>();
    if restored == 0 {
        return;
    }
    let mut found = count(of_ad, part);
    found += creatives.iter().map(|creative| count(&creative.creative_extensions, part)).sum::<usize>();
    // If the reader could not read one of these elements, all extensions of this part stay.
    if found == restored {
        of_ad.retain(|extension| !is_pure(extension, part));
        let own = creatives.iter_mut().map(|creative| &mut creative.creative_extensions);
        own.for_each(|list| list.retain(|extension| !is_pure(extension, part)));
        walk.note_element(part.as_str(), ChangeKind::Restored { extension: part.as_str().into() });
    }
}

/// Whether the interactive creative files can be written in `MediaFiles`. The addendum gives them child elements that
/// no schema up to 4.3 has. If one file has such children, all files of the creative must be in extensions, because
/// readers look into extensions only if `MediaFiles` has no interactive creative file.
fn fits(linear: &Linear) -> bool {
    linear.interactive_creative_files.iter().all(|one| one.extra.elements.is_empty())
}

fn is_pure(extension: &Extension, part: Name) -> bool {
    tree::is_of(extension, part) && tree::content(extension, part).is_some()
}

fn count(extensions: &[Extension], part: Name) -> usize {
    let pure = extensions.iter().filter(|extension| tree::is_of(extension, part));
    pure.filter_map(|extension| tree::content(extension, part)).map(|elements| elements.len()).sum()
}

/// Marks the parts of one kind that came from extensions as native. Returns their number.
fn native(creative: &mut Creative, part: Name) -> usize {
    let linear = creative.linear.as_mut();
    match (part, linear) {
        (Name::UniversalAdId, _) => all_native(&mut creative.universal_ad_ids),
        (Name::Mezzanine, Some(linear)) => all_native(&mut linear.mezzanines),
        (Name::InteractiveCreativeFile, Some(linear)) => all_native(&mut linear.interactive_creative_files),
        (Name::Icon, Some(linear)) => all_native(&mut linear.icons),
        _ => 0,
    }
}

fn all_native<T: Placed + Attributed>(list: &mut [T]) -> usize {
    let moved = list.iter_mut().filter_map(|one| (one.place() == Place::Extension).then_some(one));
    moved
        .map(|one| {
            *one.place_mut() = Place::Native;
            Link::strip(one.extra_mut());
        })
        .count()
}

/// Moves captions or trackers from extensions back to the linear creatives. The addendum does not define these extensions;
/// only this converter writes them. An extension with trackers stays if the version knows none of their events.
fn reread(walk: &mut Walk, creatives: &mut [Creative], extensions: &mut Vec<Extension>, part: Name, own: usize) {
    let mut index = 0;
    while index < extensions.len() {
        let target = Link::target(&extensions[index], creatives, own);
        let into = target.and_then(|target| creatives.get_mut(target)?.linear.as_mut());
        if into.is_some_and(|linear| take_back(walk, &extensions[index], part, linear)) {
            extensions.remove(index);
            walk.note_element(part.as_str(), ChangeKind::Restored { extension: container(part).as_str().into() });
        } else {
            index += 1;
        }
    }
}

fn take_back(walk: &Walk, extension: &Extension, part: Name, into: &mut Linear) -> bool {
    let Some(mut read) = read_linear(extension, part) else { return false };
    if part == Name::ClosedCaptionFile {
        into.closed_caption_files.append(&mut read.closed_caption_files);
        return true;
    }
    // If the version knows only some of the events, `move_out` moves the other trackers to an extension again.
    let any_known = read.tracking_events.iter().any(|one| walk.knows_event(&one.event, Unit::Linear));
    if any_known {
        into.tracking_events.append(&mut read.tracking_events);
    }
    any_known
}

fn read_linear(extension: &Extension, part: Name) -> Option<Linear> {
    if !tree::is_of(extension, container(part)) {
        return None;
    }
    let elements = tree::content(extension, container(part))?;
    let mut linear = Linear::default();
    match part {
        Name::ClosedCaptionFile => {
            linear.closed_caption_files = tree::of_groups(&elements, part, tree::caption_file)?;
        }
        _ => linear.tracking_events = tree::of_groups(&elements, Name::Tracking, tree::tracking)?,
    }
    Some(linear)
}

/// The element that the extension contains, whose name is also the type of the extension.
fn container(part: Name) -> Name {
    if part == Name::ClosedCaptionFile { Name::ClosedCaptionFiles } else { part }
}

/// Puts a part that the version does not have into an extension. If the extension belongs to the ad and no link can identify
/// the creative, the part is reported as dropped.
fn move_out(walk: &mut Walk, creatives: &mut [Creative], of_ad: &mut Vec<Extension>, index: usize, part: Name) {
    let Some(taken) = take(walk, &mut creatives[index], part) else { return };
    let extension_type = container(part);
    let has_own = has_extensions(walk, &creatives[index]);
    let link = if has_own { Some(None) } else { Link::to(walk, creatives, index, part).map(Some) };
    let own = if has_own { Name::CreativeExtension } else { Name::Extension };
    let kind = match link {
        Some(link) => {
            let own_list = &mut creatives[index].creative_extensions;
            let into = if has_own { own_list } else { of_ad };
            let wanted = Wanted { part: extension_type, own, link: link.and_then(Link::into_attribute), others: into };
            let extension = tree::extension(&wanted, Name::Creative, &taken);
            into.extend(extension);
            ChangeKind::Moved { extension: extension_type.as_str().into() }
        }
        None => ChangeKind::Dropped,
    };
    walk.note_element(place(part), kind);
}

/// The path from the creative to the part, for the list of changes.
fn place(part: Name) -> &'static str {
    match part {
        Name::Mezzanine => "Linear/MediaFiles/Mezzanine",
        Name::InteractiveCreativeFile => "Linear/MediaFiles/InteractiveCreativeFile",
        Name::ClosedCaptionFile => "Linear/MediaFiles/ClosedCaptionFiles",
        Name::Icon => "Linear/Icons/Icon",
        Name::TrackingEvents => "Linear/TrackingEvents",
        _ => part.as_str(),
    }
}

/// Removes from the creative the elements of this part that the version does not have. Returns a creative that contains
/// only these.
fn take(walk: &mut Walk, creative: &mut Creative, part: Name) -> Option<Creative> {
    if part == Name::UniversalAdId {
        return take_ids(walk, creative);
    }
    let linear = creative.linear.as_mut()?;
    let mut taken = Linear::default();
    if part == Name::TrackingEvents {
        let is_known = |one: &Tracking| walk.knows_event(&one.event, Unit::Linear);
        (linear.tracking_events, taken.tracking_events) =
            std::mem::take(&mut linear.tracking_events).into_iter().partition(is_known);
    } else if !knows(walk, part) || part == Name::InteractiveCreativeFile && !fits(linear) {
        match part {
            Name::Mezzanine => taken.mezzanines = natives(&mut linear.mezzanines),
            Name::InteractiveCreativeFile => {
                taken.interactive_creative_files = natives(&mut linear.interactive_creative_files);
            }
            Name::Icon => taken.icons = natives(&mut linear.icons),
            _ => taken.closed_caption_files = std::mem::take(&mut linear.closed_caption_files),
        }
    }
    (taken != Linear::default()).then(|| Creative { linear: Some(taken), ..Creative::default() })
}

/// Takes the ids out if the version has no `UniversalAdId`. Ids whose value or registry is unknown are dropped: they exist
/// only because newer versions require the element.
fn take_ids(walk: &mut Walk, creative: &mut Creative) -> Option<Creative> {
    if knows(walk, Name::UniversalAdId) {
        return None;
    }
    let is_placeholder = |id: &UniversalAdId| id.place == Place::Native && id.is_unknown();
    if creative.universal_ad_ids.iter().any(is_placeholder) {
        creative.universal_ad_ids.retain(|id| !is_placeholder(id));
        walk.note_element(Name::UniversalAdId.as_str(), ChangeKind::Dropped);
    }
    let universal_ad_ids = natives(&mut creative.universal_ad_ids);
    (!universal_ad_ids.is_empty()).then(|| Creative { universal_ad_ids, ..Creative::default() })
}

/// Returns copies of the native parts, and marks these parts as standing in an extension.
fn natives<T: Placed + Clone>(list: &mut [T]) -> Vec<T> {
    let mut taken = Vec::new();
    for one in list.iter_mut() {
        if one.place() == Place::Native {
            taken.push(one.clone());
            *one.place_mut() = Place::Extension;
        }
    }
    taken
}

/// Whether this creative can have extensions in the version. 3.0 allows them in `Linear` and `NonLinear` only.
fn has_extensions(walk: &Walk, creative: &Creative) -> bool {
    let has = |parent: Name| walk.row(parent).child(Name::CreativeExtensions).is_some();
    let has_non_linear = creative.non_linear_ads.as_ref().is_some_and(|ads| !ads.non_linears.is_empty());
    has(Name::Creative) || creative.linear.is_some() && has(Name::Linear) || has_non_linear && has(Name::NonLinear)
}

/// Moves the extensions of a creative, and those of its companions, to the ad if the version does not allow them there.
fn move_extensions(walk: &mut Walk, creatives: &mut [Creative], of_ad: &mut Vec<Extension>, index: usize) {
    if !has_extensions(walk, &creatives[index]) {
        let list = std::mem::take(&mut creatives[index].creative_extensions);
        for mut extension in list {
            let part = PARTS.iter().find(|part| tree::is_of(&extension, container(**part)));
            let link = part.and_then(|part| Link::to(walk, creatives, index, *part)).and_then(Link::into_attribute);
            give(walk, &mut extension, link.as_ref());
            of_ad.push(extension);
        }
    }
    let Some(ads) = creatives[index].companion_ads.as_mut() else { return };
    if walk.row(Name::Companion).child(Name::CreativeExtensions).is_none() {
        for mut extension in ads.companions.iter_mut().flat_map(|one| std::mem::take(&mut one.creative_extensions)) {
            give(walk, &mut extension, None);
            of_ad.push(extension);
        }
    }
}

fn give(walk: &mut Walk, extension: &mut Extension, link: Option<&Attribute>) {
    let named = extension.extension_type.as_deref().unwrap_or_default().to_owned();
    walk.note_element(Name::CreativeExtension.as_str(), ChangeKind::Moved { extension: named });
    if extension.element.local_name().eq_ignore_ascii_case(Name::CreativeExtension.as_str()) {
        extension.element.name = Name::Extension.as_str().into();
    }
    if let Some(link) = link {
        Link::tie(extension, link);
    }
}
