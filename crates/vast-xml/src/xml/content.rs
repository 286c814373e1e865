//! The text of the current element: taken as one piece of the document, or joined from pieces.

use super::blanks::has_control;
use super::cursor::{Cursor, Markup};
use super::names::Name;
use super::notes::Parsed;
use super::pieces::{Pieces, Spacing, trimmed};
use super::tokens::Single;
use crate::text::Text;
use crate::warning::WarningCode;
use memchr::{memchr, memchr3};
use std::ops::Range;

impl<'a> Cursor<'a> {
    /// The text of the current element up to its end tag, if it is one piece of the document: one text or one CDATA section
    /// in plain form. `None`, with nothing read, for any other content: [`Cursor::next`] and [`Cursor::finish`] read it, with
    /// the same result for content that both can read.
    #[inline(always)]
    pub(crate) fn whole_text(&mut self, spacing: Spacing) -> Parsed<Option<Text>> {
        let mut text = Text::default();
        Ok(self.whole_text_into(spacing, &mut text)?.then_some(text))
    }

    /// Like [`Cursor::whole_text`], but writes the text to its place. Returns false, and reads nothing, for other content.
    #[inline(always)]
    pub(crate) fn whole_text_into(&mut self, spacing: Spacing, into: &mut Text) -> Parsed<bool> {
        let Some(range) = self.whole_range(spacing)? else { return Ok(false) };
        *into = Text::slice(self.source, range);
        if spacing == Spacing::Uri && self.notes.repairs_ampersands() {
            self.repair(into);
        }
        Ok(true)
    }

    /// Like [`Cursor::whole_text`], for a text that is not stored. It has the blanks of [`Spacing::Trimmed`].
    #[inline(always)]
    pub(crate) fn whole_str(&mut self) -> Parsed<Option<&'a str>> {
        Ok(self.whole_range(Spacing::Trimmed)?.map(|range| self.slice(range)))
    }

    /// The content of the current element up to its end tag with all blanks, if it is one text or one CDATA section in plain
    /// form: its range, and whether it is a section. `None`, with nothing read, for any other content.
    pub(crate) fn whole_node(&mut self) -> Option<(Range<usize>, bool)> {
        if self.tag.empty {
            return None;
        }
        let single = self.tokens.single_content()?;
        let range = self.text_range(&single, Spacing::Verbatim)?;
        self.tokens.leave(&single);
        self.depth = self.depth.saturating_sub(1);
        Some((range, single.is_section))
    }

    #[inline(always)]
    fn whole_range(&mut self, spacing: Spacing) -> Parsed<Option<Range<usize>>> {
        self.settle_case()?;
        if self.tag.empty {
            return Ok(None);
        }
        let Some(single) = self.tokens.single_content() else { return Ok(None) };
        let Some(range) = self.text_range(&single, spacing) else { return Ok(None) };
        self.tokens.leave(&single);
        self.depth = self.depth.saturating_sub(1);
        Ok(Some(range))
    }

    /// The range of a text without the blanks that are not part of it, if it needs no copy.
    #[inline(always)]
    fn text_range(&self, single: &Single, spacing: Spacing) -> Option<Range<usize>> {
        let Single { range, whole, is_section, is_clean, .. } = single;
        let bytes = self.input.as_bytes();
        if whole.len() > self.notes.limits().text_bytes {
            return None;
        }
        let markup = if *is_section { "<![CDATA[]]>".len() } else { 0 };
        let has_no_return = *is_clean && whole.len() == range.len() + markup;
        if !has_no_return && memchr(b'\r', &bytes[whole.clone()]).is_some() {
            return None;
        }
        let range = match (spacing, is_section) {
            (Spacing::Verbatim, false) => whole.clone(),
            (Spacing::Verbatim, true) if whole.len() > range.len() + "<![CDATA[]]>".len() => return None,
            (Spacing::Verbatim | Spacing::Content, true) => range.clone(),
            _ => trimmed(self.input, range.clone()),
        };
        (spacing != Spacing::Uri || *is_clean || !has_control(&bytes[range.clone()])).then_some(range)
    }

    /// Like [`Cursor::child`], but collects the text before the child or the end in `pieces`.
    pub(crate) fn next(&mut self, pieces: &mut Pieces) -> Parsed<Option<Name>> {
        self.settle_case()?;
        loop {
            match self.markup()? {
                Markup::Child => return Ok(Some(self.identify())),
                Markup::End => return Ok(None),
                Markup::Comment(_) => {}
                Markup::Text(range) => pieces.text(self.input, range),
                Markup::CData(range) => pieces.cdata(self.input, range),
                Markup::Character(character) => pieces.character(self.input, character),
            }
            self.bound_text(pieces.len())?;
        }
    }

    /// The text that [`Cursor::next`] has collected.
    pub(crate) fn finish(&mut self, pieces: Pieces) -> Parsed<Text> {
        if !pieces.is_uri() {
            return Ok(pieces.finish(self.source));
        }
        let mut uri = pieces.finish(self.source);
        if memchr3(b'\n', b'\r', b'\t', uri.as_bytes()).is_some() {
            uri = self.without_breaks(&uri)?;
        }
        if self.notes.repairs_ampersands() {
            self.repair(&mut uri);
        }
        Ok(uri)
    }

    /// A URL without line breaks and tabs, which browsers remove too.
    #[cold]
    fn without_breaks(&mut self, uri: &Text) -> Parsed<Text> {
        self.warn(WarningCode::BrokenUrl, "line breaks or tabs in a URL were removed")?;
        Ok(Text::from(uri.replace(['\n', '\r', '\t'], "")))
    }

    #[cold]
    fn repair(&mut self, uri: &mut Text) {
        if uri.contains("&amp;") {
            *uri = Text::from(uri.replace("&amp;", "&"));
            // Only strict mode could return an error here, and strict mode repairs nothing.
            let _ = self.warn(WarningCode::EscapedAmpersand, "a URL escaped as well as put into CDATA");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::notes::Notes;
    use super::*;
    use crate::options::{Limits, ParseOptions};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// The names of the root's children, its text and the offsets after them, or the error.
    fn text_by(source: &Arc<str>, spacing: Spacing, text_bytes: usize, is_whole: bool) -> Vec<String> {
        let limits = Limits { text_bytes, ..Limits::default() };
        let notes = Notes::new(&ParseOptions { limits, ..ParseOptions::default() }, 0);
        let mut cursor = Cursor::new(source, notes);
        let mut seen = Vec::new();
        let result = text(&mut cursor, spacing, is_whole, &mut seen);
        seen.extend(result.err().map(|stop| format!("{} at {}", stop.message(), stop.offset())));
        seen
    }

    fn text(cursor: &mut Cursor<'_>, spacing: Spacing, is_whole: bool, seen: &mut Vec<String>) -> Parsed<()> {
        cursor.child()?;
        let whole = if is_whole { cursor.whole_text(spacing)? } else { None };
        let text = match whole {
            Some(text) => text,
            None => joined(cursor, spacing, seen)?,
        };
        seen.push(format!("{text:?}, {} at {}", cursor.depth, cursor.offset()));
        Ok(())
    }

    fn joined(cursor: &mut Cursor<'_>, spacing: Spacing, seen: &mut Vec<String>) -> Parsed<Text> {
        let mut pieces = Pieces::new(spacing);
        while cursor.next(&mut pieces)?.is_some() {
            seen.push(format!("{} at {}", cursor.tag_name(), cursor.offset()));
            cursor.skip()?;
        }
        cursor.finish(pieces)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_whole_text_is_read_as_a_joined_one(
            pieces in prop::collection::vec(prop::sample::select(&[
                "a", "é", " ", "\n  ", "\r\n", "\t", "\u{a0}", "&amp;", "&", "<b/>", "<b>", "</b>", "<![CDATA[", "]]>", "]", ">",
                "<![CDATA[x]]>", "<![CDATA[ x ]]>", "<![CDATA[]]>", "<!-- -->", "<?p?>", "</r>", "</r >", "</ r>", "-",
                "https://ads.example/e?cb=[CB]", "<![CDATA[https://ads.example/event?cb=[CB]&t=[T]]]>",
            ][..]), 0..6),
            spacing in prop::sample::select(&[
                Spacing::Trimmed, Spacing::Uri, Spacing::Document, Spacing::Content, Spacing::Verbatim,
            ][..]),
            name in prop::sample::select(&["r", "r-s", "r:s", "ratherALongNameOfAnElement"][..]),
            limit in prop::sample::select(&[0, 3, 1_000][..]),
        ) {
            let source = Arc::from(format!("<{name}>{}</{name}>\n", pieces.concat()));
            let single = text_by(&source, spacing, limit, true);
            let joined = text_by(&source, spacing, limit, false);
            prop_assert_eq!(single, joined, "{}", source);
        }
    }
}
