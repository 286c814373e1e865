//! Gets and reads the first document of a break: from an ad tag, or from the break itself.

use std::sync::Arc;

use bytes::Bytes;
use vast_xml::vmap::{AdBreak, AdData, AdTag, BreakType, CustomAdData, TemplateType};

use crate::context::LaneContext;
use crate::error::{ErrorType, Failure};
use crate::fetch::{Fetched, document_of_url};
use crate::journal::DocumentInfo;
use crate::resolve::{DocumentPlace, ReadAnswer, ReadDocument};
use crate::transport::Target;

/// The playlist that contains the break.
pub(super) struct PlaylistPlace {
    pub(super) info: Arc<DocumentInfo>,
    /// The URL of the playlist. Relative URLs in the playlist are resolved against it.
    pub(super) base: Option<Target>,
}

/// The types of ads that may fill the break, the preferred one first. Types that the standard does not
/// define are left out. A break without a type is linear.
///
/// # Errors
/// A [`Failure`] when none of the types is known (VMAP error 1003).
pub(super) fn ad_types(ad_break: &AdBreak) -> Result<Vec<BreakType>, Failure> {
    let types = &ad_break.break_types;
    let known: Vec<_> = types.iter().filter(|kind| !matches!(kind, BreakType::Other(_))).cloned().collect();
    match (types.first(), known.is_empty()) {
        (Some(first), true) => {
            let message = format!("the breakType `{}` is not supported", first.as_str());
            Err(Failure::new(ErrorType::BreakInvalid, message).with_code(1003))
        }
        (None, _) => Ok(vec![BreakType::Linear]),
        (Some(_), false) => Ok(known),
    }
}

/// Checks that the break has a valid time offset.
///
/// # Errors
/// A [`Failure`] when it has none (VMAP error 1000): it is absent, cannot be read, or is a percentage above 100.
pub(super) fn check_offset(ad_break: &AdBreak) -> Result<(), Failure> {
    match ad_break.time_offset {
        Some(_) => Ok(()),
        None => Err(Failure::new(ErrorType::BreakInvalid, "the break has no valid timeOffset")),
    }
}

/// The text that results show as the URL of the break's source.
pub(super) fn label(ad_break: &AdBreak, playlist: &DocumentInfo) -> Arc<str> {
    match ad_break.ad_data() {
        Some(AdData::Tag(tag)) => tag.uri.as_str().into(),
        _ => Arc::clone(&playlist.url),
    }
}

/// FETCH and PARSE of the first document of the break. VAST that the break contains is removed from the break.
///
/// # Errors
/// A [`Failure`] when the break has no ad data, the type of its ad data is not supported, or its document cannot be fetched or read.
pub(super) async fn document(
    lane: &LaneContext,
    ad_break: &mut AdBreak,
    playlist: &PlaylistPlace,
) -> Result<ReadDocument, Failure> {
    let Some(source) = &mut ad_break.source else {
        return Err(Failure::new(ErrorType::NoAd, "the break has no AdSource; it is only tracked").after_answer());
    };
    match &source.data {
        None => Err(Failure::new(ErrorType::BreakInvalid, "the AdSource of the break holds no ad data")),
        Some(AdData::Tag(tag)) => of_tag(lane, tag, playlist).await,
        Some(AdData::Custom(data)) => of_custom(lane, data, playlist).await,
        Some(AdData::Vast(_)) => match source.data.take() {
            Some(AdData::Vast(vast)) => ReadDocument::inside(lane, &playlist.info, playlist.base.as_ref(), *vast),
            _ => Err(Failure::new(ErrorType::Internal, "a break without its document")),
        },
    }
}

/// The answer of the ad server that the break names.
async fn of_tag(lane: &LaneContext, tag: &AdTag, playlist: &PlaylistPlace) -> Result<ReadDocument, Failure> {
    if !tag.is_vast() {
        return Err(unsupported(tag.template_type.as_ref()));
    }
    let began = lane.log().since_request();
    let fetched = document_of_url(lane, &tag.uri, playlist.base.as_ref()).await?;
    lane.check_time()?;
    let url = fetched.base.as_ref().map_or_else(|| tag.uri.as_str().into(), Target::text);
    vast(ReadAnswer::read(lane, DocumentPlace { hop: 0, wrapper: None, url, began }, fetched).await?)
}

/// VAST in custom ad data. Data of a proprietary type is used, too, if it is VAST.
async fn of_custom(lane: &LaneContext, data: &CustomAdData, playlist: &PlaylistPlace) -> Result<ReadDocument, Failure> {
    lane.check_time()?;
    let began = lane.log().since_request();
    let place = DocumentPlace { hop: 0, wrapper: None, url: Arc::clone(&playlist.info.url), began };
    let body = Bytes::copy_from_slice(data.content.as_bytes());
    let read = ReadAnswer::read(lane, place, Fetched::local(body)).await;
    let is_vast = data.template_type.as_ref().is_some_and(TemplateType::is_vast);
    match read {
        Err(_) if !is_vast => Err(unsupported(data.template_type.as_ref())),
        read => vast(read?),
    }
}

/// The answer if it is VAST. A playlist is always refused: a break that names its own playlist would never end.
fn vast(answer: ReadAnswer) -> Result<ReadDocument, Failure> {
    match answer {
        ReadAnswer::Vast(document) => Ok(document),
        ReadAnswer::Playlist(_) => {
            let message = "the ad data of the break is a playlist (VMAP) again, not VAST";
            Err(Failure::new(ErrorType::NestedPlaylist, message).after_answer())
        }
    }
}

/// This library cannot read ad data of this type (VMAP error 1005).
fn unsupported(template: Option<&TemplateType>) -> Failure {
    let name = template.map_or("absent", TemplateType::as_str);
    let message = format!("ad data that is not VAST (templateType {name}) is not supported");
    Failure::new(ErrorType::BreakInvalid, message).with_code(1005)
}
