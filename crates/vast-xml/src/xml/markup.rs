//! Checks whether a piece of markup can be inserted into any document.

use super::charset::is_allowed;
use super::emit::is_name;
use super::entities;
use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

/// Whether the text is well-formed content of an element. Namespaces are not checked.
pub(crate) fn is_well_formed(text: &str) -> bool {
    if !text.chars().all(is_allowed) || text.contains('\r') {
        return false;
    }
    let mut reader = Reader::from_str(text);
    let mut depth = 0_usize;
    loop {
        let fine = match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                is_name(tag.name().0) && attributes(tag.attributes())
            }
            Ok(Event::Empty(tag)) => is_name(tag.name().0) && attributes(tag.attributes()),
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                true
            }
            Ok(Event::Text(text)) => !text.contains("]]>"),
            Ok(Event::GeneralRef(name)) => entities::resolve(&name).is_some_and(is_allowed),
            Ok(Event::Comment(text)) => !text.contains("--") && !text.ends_with('-'),
            Ok(Event::CData(_)) => true,
            Ok(Event::Eof) => return depth == 0,
            Ok(_) | Err(_) => false,
        };
        if !fine {
            return false;
        }
    }
}

fn attributes(mut attributes: Attributes<'_>) -> bool {
    attributes.all(|attribute| {
        attribute.is_ok_and(|attribute| {
            let value = &*attribute.value;
            let references = value.split('&').skip(1).all(|rest| {
                let name = rest.split_once(';').map(|(name, _)| name);
                name.and_then(entities::resolve).is_some_and(is_allowed)
            });
            is_name(attribute.key.0) && !value.contains('<') && references
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_could_stand_anywhere() {
        for text in ["", "a", "<b c=\"&amp;\" d='>'>e&#65;<!-- f --><![CDATA[<&]]></b>\n<g/>", "<p:a p:b=''/>"] {
            assert!(is_well_formed(text), "{text}");
        }
        for text in [
            "<a>",
            "</a>",
            "<a></b>",
            "<a b=c/>",
            "<a b=\"1\" b=\"2\"/>",
            "&",
            "&nbsp;",
            "<1/>",
            "<a 1=\"\"/>",
            "a]]>b",
            "<a b=\"&\"/>",
            "<a b=\"<\"/>",
            "\u{1}",
            "<!-- -- -->",
            "<?a?>",
            "\r",
            "<!DOCTYPE a>",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
    }
}
