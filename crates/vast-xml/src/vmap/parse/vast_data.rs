//! `VASTAdData` (VMAP 1.0.1, section 2.2), and `VASTData` as the first text of the standard also called it (section 6).

use crate::model::Vast;
use crate::parse::{Residue, duplicate, is_root, keep, keep_in_vain, read_vast, root, unknown};
use crate::vmap::{AdData, AdSource};
use crate::xml::{Cursor, Name, Parsed, Pieces, Spacing, unescape};
use crate::{ParseErrorKind, Text, WarningCode};

/// Reads the VAST in the element in hand into `source`, where the complete ads stay also when the document turns out to be
/// damaged.
pub(super) fn vast_data(cursor: &mut Cursor<'_>, source: &mut AdSource) -> Parsed<()> {
    let start = cursor.tag_start();
    let name = cursor.text_of(cursor.range_of(cursor.tag_name()));
    cursor.stands_for(Name::VastAdData);
    let mut residue = Residue::of(cursor);
    while let Some(attribute) = cursor.attribute()? {
        keep(cursor, &attribute, &mut residue.extra)?;
    }
    // Blanks beside a CDATA section are layout here as they are in a URI, so a document in one stays in one piece.
    let mut pieces = Pieces::new(Spacing::Uri);
    while let Some(child) = cursor.next(&mut pieces)? {
        match (is_root(child), &source.data) {
            (true, None) => {
                let mut vast = Vast::default();
                let result = root(cursor, child, &mut vast);
                source.data = Some(AdData::Vast(Box::new(vast)));
                result?;
            }
            (true, Some(_)) => duplicate(cursor, &mut residue.extra)?,
            (false, _) => unknown(cursor, &mut residue.extra)?,
        }
    }
    let text = cursor.finish(pieces);
    let is_used = match (text.is_empty(), source.data.is_some()) {
        (true, _) => true,
        (false, true) => {
            cursor.warn_at(WarningCode::StrayText, "text beside the VAST was ignored", start)?;
            true
        }
        (false, false) => embedded(cursor, source, (name, start), &text)?,
    };
    if !is_used {
        return keep_in_vain(cursor, start, &mut source.extra);
    }
    residue.close(cursor, &mut source.extra);
    Ok(())
}

/// Reads VAST that stands as text: in CDATA, or escaped; says whether it is VAST. What is none costs only itself.
fn embedded(cursor: &mut Cursor<'_>, source: &mut AdSource, (name, start): (Text, usize), text: &Text) -> Parsed<bool> {
    let document = if text.starts_with('<') { text.clone() } else { Text::from(unescape(text)) };
    if !document.starts_with('<') {
        cursor.warn_at(WarningCode::InvalidValue, format!("the text in <{name}> is no VAST"), start)?;
        return Ok(false);
    }
    cursor.warn_at(WarningCode::EscapedVast, "VAST as text where it should be XML", start)?;
    let read = cursor.embedded(&document, start, |cursor| {
        let root = cursor.root()?;
        read_vast(cursor, root)
    });
    match read {
        Ok(vast) => source.data = Some(AdData::Vast(Box::new(vast))),
        Err(stop) if matches!(stop.kind(), ParseErrorKind::Limit | ParseErrorKind::Strict) => return Err(stop),
        Err(stop) => {
            let message = format!("the text in <{name}> is no VAST: {}", stop.message());
            cursor.warn_at(WarningCode::InvalidValue, message, stop.offset())?;
            return Ok(false);
        }
    }
    Ok(true)
}
