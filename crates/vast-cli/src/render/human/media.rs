//! Media files, resources, and the identity of an ad.

use std::time::Duration;

use vast_xml::Text;
use vast_xml::model::{AdSystem, Delivery, InLine, MediaFile, Pricing, Resource};

use super::units;

/// Describes a media file, for example `video/mp4, 1280x720, 2000 kbit/s`, with its API framework, and its delivery if
/// it is not progressive.
pub(super) fn described(file: &MediaFile) -> String {
    joined([Some(mime_type(file)), units::size(file.width, file.height), bitrate(file), Some(unusual(file))])
}

/// The API framework that the file needs, and its delivery other than progressive.
pub(super) fn unusual(file: &MediaFile) -> String {
    let api = file.api_framework.as_deref().filter(|api| !api.is_empty()).map(|api| format!("needs {api}"));
    let delivery = file.delivery.as_ref().map(Delivery::as_str).filter(|delivery| *delivery != "progressive");
    joined([api, delivery.map(str::to_owned)])
}

pub(super) fn mime_type(file: &MediaFile) -> String {
    file.mime_type.as_deref().unwrap_or("no type").to_owned()
}

pub(super) fn bitrate(file: &MediaFile) -> Option<String> {
    units::bitrate(file.bitrate, file.min_bitrate, file.max_bitrate)
}

/// The ad system with its version, for example `Example Ads 2.1`.
pub(super) fn system(system: &AdSystem) -> Option<String> {
    let version = system.version.as_deref().filter(|version| !version.is_empty());
    let shown = joined_by(" ", [Some(system.name.to_string()), version.map(str::to_owned)]);
    (!shown.is_empty()).then_some(shown)
}

pub(super) fn title(inline: &InLine) -> &str {
    inline.ad_title.as_deref().filter(|title| !title.is_empty()).unwrap_or("untitled ad")
}

/// The identity of an ad, for example `id 7f3a, pod position 2, Example Ads 2.1, advertiser shoes.example, 5.00 USD
/// CPM, 15 s`.
pub(super) fn identity(
    id: Option<&Text>,
    sequence: Option<u32>,
    inline: &InLine,
    duration: Option<Duration>,
) -> String {
    let advertiser = inline.advertiser.as_ref().filter(|advertiser| !advertiser.name.is_empty());
    joined([
        id.map(|id| format!("id {id}")),
        sequence.map(|sequence| format!("pod position {sequence}")),
        inline.ad_system.as_ref().and_then(system),
        advertiser.map(|advertiser| format!("advertiser {}", advertiser.name)),
        inline.pricing.as_ref().map(price),
        duration.map(units::length),
    ])
}

/// A price, for example `5.00 USD CPM`.
pub(super) fn price(pricing: &Pricing) -> String {
    let parts = [Some(&pricing.value), pricing.currency.as_ref(), pricing.model.as_ref()];
    joined_by(" ", parts.map(|part| part.map(Text::to_string)))
}

/// A value after a label, for example `needs VPAID`; `None` for an empty value.
pub(super) fn labelled(label: &str, value: Option<&Text>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(|value| format!("{label} {value}"))
}

/// The parts that are present, separated by commas.
pub(super) fn joined<const N: usize>(parts: [Option<String>; N]) -> String {
    joined_by(", ", parts)
}

fn joined_by<const N: usize>(separator: &str, parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    parts.join(separator)
}

/// The kinds of resources, for example `image/png or HTML`, and the type of the media file, if there is one.
pub(super) fn resource_kinds(resources: &[Resource], file: Option<&MediaFile>) -> String {
    let kinds: Vec<String> = resources.iter().map(resource_kind).chain(file.map(mime_type)).collect();
    if kinds.is_empty() { "no resource".to_owned() } else { kinds.join(" or ") }
}

fn resource_kind(resource: &Resource) -> String {
    match resource {
        Resource::Static(file) => file.creative_type.as_deref().unwrap_or("static").to_owned(),
        Resource::IFrame(_) => "iframe".to_owned(),
        Resource::Html(_) => "HTML".to_owned(),
        _ => "other".to_owned(),
    }
}

/// The URL of the first resource, or the first line of its HTML.
pub(super) fn resource_url(resources: &[Resource]) -> &str {
    match resources.first() {
        Some(Resource::Static(file)) => &file.url,
        Some(Resource::IFrame(url)) => url,
        Some(Resource::Html(html)) => html.content.lines().next().unwrap_or_default(),
        _ => "",
    }
}
