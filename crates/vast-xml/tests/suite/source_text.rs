//! The text of a document: its character set, its tokens, and lines and columns in it.

use vast_xml::edit::source_text;
use vast_xml::{Locator, SourceToken, decode, source_tokens};

fn check(input: &[u8], charset: Option<&str>, text: &str, complains: bool) {
    let decoded = decode(input, charset);
    assert_eq!(decoded.text, text);
    assert_eq!(decoded.complaint.is_some(), complains, "{text}");
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn r016_the_order_is_mark_header_declaration_utf8() {
    let latin = b"<?xml version=\"1.0\" encoding='ISO-8859-1'?><a>\xe9</a>";
    let text = "<?xml version=\"1.0\" encoding='ISO-8859-1'?><a>é</a>";
    check(latin, None, text, false);
    check(latin, Some("utf-8"), &text.replace('é', "\u{fffd}"), true);
    check(b"<a>\xe9</a>", Some("\"latin1\""), "<a>é</a>", false);
    check(b"<a>\xe9</a>", Some("no-such-charset"), "<a>\u{fffd}</a>", true);
    check("\u{feff}<a>é</a>".as_bytes(), Some("latin1"), "<a>é</a>", false);
    check("<a>é</a>".as_bytes(), None, "<a>é</a>", false);
}

#[test]
fn utf16_is_known_by_its_mark_and_by_its_zeros() {
    check(&utf16("\u{feff}<a>é</a>", u16::to_le_bytes), None, "<a>é</a>", false);
    check(&utf16("\u{feff}<a>é</a>", u16::to_be_bytes), None, "<a>é</a>", false);
    check(&utf16("<a>é</a>", u16::to_le_bytes), None, "<a>é</a>", false);
    check(&utf16("<a>é</a>", u16::to_be_bytes), None, "<a>é</a>", false);
}

#[test]
fn a_declaration_of_utf16_in_single_bytes_is_not_believed() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>";
    check(text.as_bytes(), None, text, true);
}

#[test]
fn only_the_mark_and_the_name_of_the_encoding_change() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let cases: &[(&[u8], Option<&str>, &str)] = &[
        (b"<a>\r\n\t</a >", None, "<a>\r\n\t</a >"),
        (b"\xef\xbb\xbf<a/>", None, "<a/>"),
        (
            b"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<a/>",
            None,
            "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<a/>",
        ),
        (b"\n<?xml encoding = \"latin1\"?><a>\xe9</a>", None, "\n<?xml encoding = \"UTF-8\"?><a>é</a>"),
        (b"<?xml encoding='utf-8'?><a>\xe9</a>", Some("latin1"), "<?xml encoding='utf-8'?><a>é</a>"),
        (
            &wide("\u{feff}<?xml version='1.0' encoding='UTF-16'?><a>é</a>"),
            None,
            "<?xml version='1.0' encoding='UTF-8'?><a>é</a>",
        ),
        (b"<?xml version='1.0'?><a encoding='latin1'/>", None, "<?xml version='1.0'?><a encoding='latin1'/>"),
        (b"", None, ""),
    ];
    for (input, charset, text) in cases {
        assert_eq!(source_text(input, *charset), *text);
    }
}

fn shown(text: &str) -> Vec<String> {
    let show = |token| match token {
        SourceToken::Start(tag) => {
            assert!(text[tag.range.clone()].starts_with('<') && text[tag.range.clone()].ends_with('>'));
            let attributes = tag.attributes().map(|one| format!(" {}={} ({})", one.name, one.value, &text[one.range]));
            format!("<{}{}{}", tag.name, attributes.collect::<String>(), if tag.is_empty { "/" } else { "" })
        }
        SourceToken::End(name) => format!("/{name}"),
        SourceToken::Text(range) => text[range].to_owned(),
        SourceToken::Reference(range, character) => format!("{} {character:?}", &text[range]),
        other => panic!("a new kind of token: {other:?}"),
    };
    source_tokens(text).map(show).collect()
}

#[test]
fn every_token_has_its_place() {
    let cases: [(&str, &[&str]); 10] = [
        ("<?xml version='1.0'?><!DOCTYPE VAST><VAST/>", &["<VAST/"]),
        ("<v:Ad a = 'x&lt;' b=\"1\" >", &["<v:Ad a=x< (a = 'x&lt;') b=1 (b=\"1\")"]),
        ("<Ad a=\u{201c}x\u{201d} b=1 c=\\\"y\\\"/>", &["<Ad a=x (a=\u{201c}x\u{201d}) b=1 (b=1) c=y (c=\\\"y\\\")/"]),
        ("<Ad a='1' =b c='2'>", &["<Ad a=1 (a='1')"]),
        ("<Ad a b='1'>", &["<Ad b=1 (b='1')"]),
        ("a&amp;b&no;<!-- c --><![CDATA[<d>]]>", &["a", "&amp; Some('&')", "b", "&no; None", "<d>"]),
        ("a & b", &["a ", "& b"]),
        ("<Ad><InLine></Ad ></VAST>", &["<Ad", "<InLine", "/Ad", "/VAST"]),
        ("<Ad><a b='", &["<Ad"]),
        ("<!DOCTYPE VAST SYSTEM 'x'><VAST/>", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn counts_lines_and_characters() {
    let mut locator = Locator::new("ab\ncé d\n", 3);
    let places = [0, 1, 3, 6, 7, 8, 99].map(|offset| {
        let at = locator.locate(offset);
        (at.offset, at.line, at.column)
    });
    assert_eq!(places, [(3, 1, 1), (4, 1, 2), (6, 2, 1), (9, 2, 3), (10, 2, 4), (11, 2, 5), (12, 3, 1)]);
}

#[test]
fn begins_again_for_an_earlier_offset() {
    let mut locator = Locator::new("a\nb\nc", 0);
    assert_eq!(locator.locate(4).line, 3);
    assert_eq!(locator.locate(2).line, 2);
}
