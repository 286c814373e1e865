//! The two ways of reading: that for tags and texts in plain form, and the general one.

use vast_xml::{Document, ParseError, ParseOptions, SourceToken, opened_text, source_tokens};

/// A document is read in the same way when all its end tags and attributes have white space that XML allows: `</Ad >` and `id ="1"`.
/// The fast way of reading accepts no such tags, and no text that ends at one, so the general way reads them.
///
/// # Panics
/// If that does not hold.
pub fn two_paths(data: &[u8]) {
    let decoded = vast_xml::decode(data, None);
    let text = &*decoded.text;
    // In a text in another format the tags are escaped, and the escapes of JSON look like attributes.
    if text.as_bytes() != data || text.contains('\\') || opened_text(text) != text {
        return;
    }
    let spaced = spaced(text);
    for strict in [false, true] {
        let options = ParseOptions { strict, ..ParseOptions::default() };
        let read = |text: &str| vast_xml::parse(text.as_bytes(), &options);
        assert_eq!(said(read(text)), said(read(&spaced)), "strict: {strict}\n{spaced}");
    }
}

/// What was read, without positions: a model, or the reason why there is none, and the warnings.
fn said(read: Result<Document, ParseError>) -> (String, Vec<String>) {
    let (read, warnings) = match read {
        Ok(Document { vast, warnings, .. }) => {
            let warnings = warnings.iter().map(|warning| format!("{:?}: {}", warning.code, warning.message)).collect();
            (format!("{vast:#?}"), warnings)
        }
        Err(error) => (format!("{:?}: {}", error.kind, error.message), Vec::new()),
    };
    // Markup in the text of some elements is kept as it stands.
    (read.replace(" >", ">").replace(" =", "="), warnings)
}

/// The text with a space behind the name of each end tag and each attribute in plain form.
fn spaced(text: &str) -> String {
    let mut places = Vec::new();
    let behind = |name: &str| name.as_ptr() as usize - text.as_ptr() as usize + name.len();
    for token in source_tokens(text) {
        match token {
            SourceToken::End(name) if is_plain(name) && text[behind(name)..].starts_with('>') => {
                places.push(behind(name));
            }
            SourceToken::Start(tag) => {
                let names = tag.attributes().map(|attribute| behind(attribute.name));
                places.extend(names.filter(|end| text[*end..].starts_with("=\"") || text[*end..].starts_with("='")));
            }
            _ => {}
        }
    }
    let mut spaced = String::with_capacity(text.len() + places.len());
    let mut from = 0;
    for place in places {
        spaced.push_str(&text[from..place]);
        spaced.push(' ');
        from = place;
    }
    spaced + &text[from..]
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn only_tags_get_spaces() {
        let text = "<a b=\"1\" c='2' d = '3'>x=\"y\"<![CDATA[</z>]]></a><e f=\"</g>\"/></h>";
        let wanted = "<a b =\"1\" c ='2' d = '3'>x=\"y\"<![CDATA[</z>]]></a ><e f =\"</g>\"/></h >";
        assert_eq!(spaced(text), wanted);
    }
}
