//! What is shown of a companion, a non-linear ad or an icon: pictures, frames, markup.

use vast_xml::model::{MediaFile, Resource};

use super::media;

/// `image/png or HTML`, then the type of what is played instead.
pub(super) fn kinds(resources: &[Resource], file: Option<&MediaFile>) -> String {
    let kinds: Vec<String> = resources.iter().map(kind).chain(file.map(media::mime_type)).collect();
    if kinds.is_empty() { "no resource".to_owned() } else { kinds.join(" or ") }
}

fn kind(resource: &Resource) -> String {
    match resource {
        Resource::Static(file) => file.creative_type.as_deref().unwrap_or("static").to_owned(),
        Resource::IFrame(_) => "iframe".to_owned(),
        Resource::Html(_) => "HTML".to_owned(),
        _ => "other".to_owned(),
    }
}

/// Where the first resource is; the beginning of markup that is there itself.
pub(super) fn url(resources: &[Resource]) -> &str {
    match resources.first() {
        Some(Resource::Static(file)) => &file.url,
        Some(Resource::IFrame(url)) => url,
        Some(Resource::Html(html)) => html.content.lines().next().unwrap_or_default(),
        _ => "",
    }
}
