//! Reads a document as a playlist, as `crate::parse` reads VAST.

use super::playlist::NAMESPACE;
use super::{AdBreak, AdData, AdSource, AdTag, BreakEvent, BreakTracking, BreakType, CustomAdData, TimeOffset, Vmap};
use crate::attributes::{Attributed, keep, read_attributes};
use crate::error::{ParseError, ParseErrorKind};
use crate::model::{Click, Extra, Offset, Percent, Vast};
use crate::options::ParseOptions;
use crate::parse::{
    Document, Extensions, container, duplicate, foreign, id_attribute, is_root, keep_of_child, keep_unusable, markup,
    opened, read_document, read_vast, root, unknown, url_content, urls, without_url,
};
use crate::scalar::{Understood, duration, loose, offset, strict};
use crate::text::Text;
use crate::warning::{Warning, WarningCode};
use crate::xml::{Cursor, Key, Name, Parsed, Pieces, RawAttribute, Spacing, Stop, clipped};
use std::time::Duration;

/// A playlist that was read.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct VmapDocument {
    /// The playlist.
    pub vmap: Vmap,
    /// The warnings, in the order of their positions, with those of VAST documents inside it.
    pub warnings: Vec<Warning>,
}

/// A VAST or VMAP document: the two kinds of documents that ad servers send.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyDocument {
    /// A VAST document.
    Vast(Document),
    /// A VMAP document: a playlist of ad breaks.
    Vmap(VmapDocument),
}

impl AnyDocument {
    /// The warnings.
    pub fn warnings(&self) -> &[Warning] {
        match self {
            AnyDocument::Vast(document) => &document.warnings,
            AnyDocument::Vmap(document) => &document.warnings,
        }
    }
}

/// Reads a VMAP document (1.0, 1.0.1) with any prefix and namespace.
///
/// Reading is as lenient as that of VAST. VAST inside `VASTAdData` may also be written as text, in CDATA or escaped;
/// the model is the same. If a document is truncated, the complete breaks and the complete ads of the incomplete break
/// are kept.
///
/// # Errors
///
/// A [`ParseError`] as for [`parse`](crate::parse()); [`ParseErrorKind::NotVast`] if the root is not `VMAP`.
pub fn parse(input: &[u8], options: &ParseOptions<'_>) -> Result<VmapDocument, ParseError> {
    let mut vmap = Vmap::default();
    let warnings = read_document(input, options, |cursor| match cursor.root()? {
        Some(Name::Vmap) => playlist(cursor, &mut vmap),
        Some(_) => Err(foreign(cursor, "<VMAP>")),
        None => Err(Stop::new(ParseErrorKind::Empty, "no element in it", 0)),
    })?;
    Ok(VmapDocument { vmap, warnings })
}

/// Reads a document that is VAST or VMAP.
///
/// # Errors
///
/// A [`ParseError`] as for [`parse`](crate::parse()); [`ParseErrorKind::NotVast`] if it is neither.
pub fn parse_any(input: &[u8], options: &ParseOptions<'_>) -> Result<AnyDocument, ParseError> {
    let mut vast = Vast::default();
    let mut vmap = None;
    let warnings = read_document(input, options, |cursor| match cursor.root()? {
        Some(Name::Vmap) => playlist(cursor, vmap.insert(Vmap::default())),
        root => read_vast(cursor, root, &mut vast),
    })?;
    Ok(match vmap {
        Some(vmap) => AnyDocument::Vmap(VmapDocument { vmap, warnings }),
        None => AnyDocument::Vast(Document { vast, warnings }),
    })
}

/// Reads the whole document from its root, the current element, into `vmap`. Of a damaged document, the complete parts are kept.
fn playlist(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    match content(cursor, vmap) {
        Ok(()) => cursor.trailing(),
        Err(stop) if stop.kind() == ParseErrorKind::NotXml && !vmap.breaks.is_empty() => {
            let message = format!("{}; the breaks before are kept", stop.message());
            cursor.warn_at(WarningCode::Damaged, message, stop.offset())
        }
        Err(stop) => Err(stop),
    }
}

fn content(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    attributes(cursor, vmap)?;
    let mut extensions = Extensions::default();
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdBreak => one_break(cursor, vmap)?,
            Name::Extensions => {
                container(cursor, &mut vmap.extra, |cursor, child, _| extensions.read(cursor, child, Name::Extension))?;
            }
            _ => unknown(cursor, &mut vmap.extra)?,
        }
    }
    vmap.extensions = extensions.list;
    Ok(())
}

/// Reads a break. A truncated break is kept if it has ads or a URL to request them.
fn one_break(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    let mut one = AdBreak::default();
    let result = ad_break(cursor, &mut one);
    if result.is_ok() || has_ads(&one) {
        vmap.breaks.push(one);
    }
    result
}

fn attributes(cursor: &mut Cursor<'_>, vmap: &mut Vmap) -> Parsed<()> {
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            // The writer adds this declaration itself.
            _ if cursor.name_of(attribute) == "xmlns:vmap" => namespace(cursor, attribute)?,
            _ if vmap.read_attribute(cursor, attribute)? => {}
            _ => keep(cursor, attribute, &mut vmap.extra)?,
        }
    }
    if vmap.version.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<VMAP> without @version")?;
    }
    Ok(())
}

/// Warns of a wrong namespace. It has no other effect, because names are compared without namespaces.
fn namespace<'a>(cursor: &mut Cursor<'a>, declaration: RawAttribute) -> Parsed<()> {
    if cursor.raw_of(declaration) == NAMESPACE {
        return Ok(());
    }
    let message = format!("the namespace \"{}\" should be \"{NAMESPACE}\"", clipped(cursor.raw_of(declaration)));
    cursor.warn_at(WarningCode::LooseValue, message, cursor.start_of(declaration))
}

/// Reads the break that is the current element into `one`. After an error, `one` contains the parts that were read
/// before the error.
fn ad_break(cursor: &mut Cursor<'_>, one: &mut AdBreak) -> Parsed<()> {
    cursor.count_break()?;
    read_attributes(cursor, one)?;
    let is_offset_kept = one.extra.attributes.iter().any(|one| one.name.eq_ignore_ascii_case(Key::TimeOffset.as_str()));
    if one.time_offset.is_none() && !is_offset_kept {
        cursor.warn(WarningCode::MissingAttribute, "<AdBreak> without @timeOffset")?;
    }
    if one.break_types.is_empty() {
        cursor.warn(WarningCode::MissingAttribute, "<AdBreak> without @breakType")?;
    }
    let mut extensions = Extensions::default();
    while let Some(child) = cursor.child()? {
        match child {
            Name::AdSource if one.source.is_none() => ad_source(cursor, one.source.insert(AdSource::default()))?,
            Name::AdSource => duplicate(cursor, &mut one.extra)?,
            Name::TrackingEvents => tracking_events(cursor, &mut one.tracking_events, &mut one.extra)?,
            Name::Extensions => {
                container(cursor, &mut one.extra, |cursor, child, _| extensions.read(cursor, child, Name::Extension))?;
            }
            _ => unknown(cursor, &mut one.extra)?,
        }
    }
    one.extensions = extensions.list;
    Ok(())
}

/// Whether a truncated break has ads or a URL to request them.
fn has_ads(one: &AdBreak) -> bool {
    match one.ad_data() {
        Some(AdData::Vast(vast)) => !vast.ads.is_empty(),
        Some(AdData::Tag(_) | AdData::Custom(_)) => true,
        None => false,
    }
}

/// Reads `@repeatAfter`. Zero is invalid, because a break cannot be repeated immediately.
pub(super) fn repeat_after(text: &str) -> Option<Understood<Duration>> {
    duration(text)?.map(|time| Some(time).filter(|time| !time.is_zero()))
}

/// Reads a comma-separated list in order of preference. Blanks are removed.
pub(super) fn break_types<'a>(cursor: &mut Cursor<'a>, attribute: RawAttribute) -> Parsed<Vec<BreakType>> {
    let Some(text) = cursor.spelling(attribute) else { return Ok(Vec::new()) };
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let types: Vec<BreakType> = names.map(BreakType::from_name).collect();
    let strict = types.iter().map(BreakType::as_str).collect::<Vec<_>>().join(",");
    if strict != *text {
        let message = format!("breakType \"{}\"", clipped(&text));
        cursor.warn_at(WarningCode::LooseValue, message, cursor.start_of(attribute))?;
    }
    for other in types.iter().filter(|own| matches!(own, BreakType::Other(_))) {
        let message = format!("breakType \"{}\" is unknown", clipped(other.as_str()));
        cursor.warn_at(WarningCode::InvalidValue, message, cursor.start_of(attribute))?;
    }
    Ok(types)
}

/// Reads `start`, `end`, `#m`, a time or `n%`. A percentage above 100 is invalid (VMAP 1.0.1, section 2.3.1).
pub(super) fn time_offset(text: &str) -> Option<Understood<TimeOffset>> {
    for known in [TimeOffset::Start, TimeOffset::End] {
        let spelling = known.to_string();
        if spelling.eq_ignore_ascii_case(text) {
            return if spelling == text { strict(known) } else { loose(known) };
        }
    }
    if let Some(position) = text.strip_prefix('#') {
        let position = position.trim_start();
        let digits_length = position.len();
        let digits = position.bytes().all(|byte| byte.is_ascii_digit());
        let value = position.parse().ok().filter(|_| digits)?;
        let position = TimeOffset::Position(value);
        return if text.len() == digits_length + 1 { strict(position) } else { loose(position) };
    }
    offset(text)?.map(|offset| match offset {
        Offset::Time(time) => Some(TimeOffset::Time(time)),
        Offset::Percent(percent) => Some(TimeOffset::Percent(percent)).filter(|_| percent <= Percent::whole(100)),
    })
}

/// Reads the current element into `source`. After an error, `source` contains the parts that were read before the
/// error.
fn ad_source(cursor: &mut Cursor<'_>, source: &mut AdSource) -> Parsed<()> {
    let start = cursor.tag_start();
    read_attributes(cursor, source)?;
    while let Some(child) = cursor.child()? {
        let is_data = matches!(child, Name::VastAdData | Name::VastData | Name::AdTagUri | Name::CustomAdData);
        match child {
            _ if is_data && source.data.is_some() => duplicate(cursor, &mut source.extra)?,
            Name::VastAdData | Name::VastData => vast_data(cursor, source)?,
            Name::AdTagUri => source.data = ad_tag(cursor, &mut source.extra)?.map(AdData::Tag),
            Name::CustomAdData => source.data = custom(cursor, &mut source.extra)?.map(AdData::Custom),
            _ => unknown(cursor, &mut source.extra)?,
        }
    }
    if source.data.is_none() {
        cursor.warn_at(WarningCode::MissingElement, "<AdSource> with no ad data that can be used", start)?;
    }
    Ok(())
}

fn ad_tag(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<AdTag>> {
    let start = cursor.tag_start();
    let mut tag = AdTag::default();
    read_attributes(cursor, &mut tag)?;
    if tag.template_type.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<AdTagURI> without @templateType")?;
    }
    tag.uri = url_content(cursor, &mut tag.extra)?;
    if tag.uri.is_empty() { without_url(cursor, start, outer) } else { Ok(Some(tag)) }
}

fn custom(cursor: &mut Cursor<'_>, outer: &mut Extra) -> Parsed<Option<CustomAdData>> {
    let start = cursor.tag_start();
    let mut data = CustomAdData::default();
    read_attributes(cursor, &mut data)?;
    if data.template_type.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<CustomAdData> without @templateType")?;
    }
    data.content = markup(cursor, Spacing::Content)?;
    if data.content.is_empty() {
        keep_unusable(cursor, start, outer)?;
        return Ok(None);
    }
    Ok(Some(data))
}

/// Reads the VAST in the current element into `source`. After an error, `source` contains the complete ads.
fn vast_data(cursor: &mut Cursor<'_>, source: &mut AdSource) -> Parsed<()> {
    let start = cursor.tag_start();
    let name = cursor.text_of(cursor.range_of(cursor.tag_name()));
    let mut unknown_parts = Extra::default();
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, attribute, &mut unknown_parts)?;
    }
    // Blanks beside a CDATA section are ignored, as in a URI. A document in one CDATA section then needs no copy.
    let mut pieces = Pieces::new(Spacing::Document);
    while let Some(child) = cursor.next(&mut pieces)? {
        match (is_root(child), &source.data) {
            (true, None) => {
                let mut vast = Vast::default();
                let result = root(cursor, child, &mut vast);
                source.data = Some(AdData::Vast(Box::new(vast)));
                result?;
            }
            (true, Some(_)) => duplicate(cursor, &mut unknown_parts)?,
            (false, _) => unknown(cursor, &mut unknown_parts)?,
        }
    }
    let text = cursor.finish(pieces)?;
    let is_used = match (text.is_empty(), source.data.is_some()) {
        (true, _) => true,
        (false, true) => {
            cursor.warn_at(WarningCode::StrayText, "text beside the VAST was ignored", start)?;
            true
        }
        (false, false) => embedded(cursor, source, (name, start), &text)?,
    };
    if !is_used {
        return keep_unusable(cursor, start, &mut source.extra);
    }
    keep_of_child(&mut source.extra, Name::VastAdData, 0, unknown_parts);
    Ok(())
}

/// Reads VAST that is written as text, in CDATA or escaped. Returns whether the text is VAST. Any other text gets a
/// warning, and the rest of the playlist is read.
fn embedded(cursor: &mut Cursor<'_>, source: &mut AdSource, (name, start): (Text, usize), text: &Text) -> Parsed<bool> {
    let document = match opened(text) {
        Ok(Some(opened)) => Text::from(opened.document),
        _ => text.clone(),
    };
    if !document.starts_with('<') {
        cursor.warn_at(WarningCode::InvalidValue, format!("the text in <{name}> is not VAST"), start)?;
        return Ok(false);
    }
    cursor.warn_at(WarningCode::EscapedVast, "VAST as text where it should be XML", start)?;
    let mut vast = Vast::default();
    let read = cursor.embedded(&document, start, |cursor| {
        let root = cursor.root()?;
        read_vast(cursor, root, &mut vast)
    });
    match read {
        Ok(()) => source.data = Some(AdData::Vast(Box::new(vast))),
        Err(stop) if matches!(stop.kind(), ParseErrorKind::Limit | ParseErrorKind::Strict) => return Err(stop),
        Err(stop) => {
            let message = format!("the text in <{name}> is not VAST: {}", stop.message());
            cursor.warn_at(WarningCode::InvalidValue, message, stop.offset())?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn tracking_events(cursor: &mut Cursor<'_>, into: &mut Vec<BreakTracking>, extra: &mut Extra) -> Parsed<()> {
    container(cursor, extra, |cursor, child, rest| match child {
        Name::Tracking => tracking(cursor, into, rest),
        _ => unknown(cursor, rest),
    })
}

fn tracking(cursor: &mut Cursor<'_>, into: &mut Vec<BreakTracking>, rest: &mut Extra) -> Parsed<()> {
    let mut event = None;
    let mut click = Click::default();
    while let Some(attribute) = cursor.attribute()? {
        match attribute.key {
            Key::Event => event = self::event(cursor, attribute)?,
            _ => keep(cursor, attribute, &mut click.extra)?,
        }
    }
    if event.is_none() {
        cursor.warn(WarningCode::MissingAttribute, "<Tracking> without @event")?;
    }
    let event = event.unwrap_or_else(|| BreakEvent::Other(Text::default()));
    urls(cursor, click, usize::MAX, rest, &mut |cursor, Click { url, id, mut extra }| {
        cursor.count_tracker()?;
        if let Some(id) = id {
            extra.attributes.insert(0, id_attribute(id));
        }
        into.push(BreakTracking { event: event.clone(), url, extra });
        Ok(())
    })
}

/// Reads `@event`; `None` when it is blank.
fn event<'a>(cursor: &mut Cursor<'a>, attribute: RawAttribute) -> Parsed<Option<BreakEvent>> {
    let Some(name) = cursor.spelling(attribute) else { return Ok(None) };
    let event = BreakEvent::from_name(&name);
    if event.as_str() != name {
        cursor
            .warn(WarningCode::WrongCase, format!("event \"{}\" should be \"{}\"", clipped(&name), event.as_str()))?;
    }
    Ok(Some(event))
}
