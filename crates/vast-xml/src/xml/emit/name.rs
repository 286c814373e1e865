//! Names of elements and attributes.

/// Writes a name, with `_` for each character that XML does not allow in a name. The first colon stays if there is text
/// before and after it, because it may separate a prefix from the name.
pub(super) fn push_name(out: &mut String, name: &str) {
    let local = match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => {
            push_part(out, prefix);
            out.push(':');
            local
        }
        _ => name,
    };
    push_part(out, local);
}

/// Whether [`push_name`] writes the name as it is.
pub(crate) fn is_name(name: &str) -> bool {
    let mut written = String::with_capacity(name.len());
    push_name(&mut written, name);
    written == name
}

fn push_part(out: &mut String, part: &str) {
    let mut characters = part.chars();
    match characters.next() {
        Some(first) if is_name_start(first) => out.push(first),
        Some(first) if is_name_character(first) => out.extend(['_', first]),
        _ => out.push('_'),
    }
    out.extend(characters.map(|character| if is_name_character(character) { character } else { '_' }));
}

/// Whether a name may begin with the character (XML 1.0, section 2.3). Not true for the colon, which separates the prefix.
fn is_name_start(character: char) -> bool {
    match character {
        'A'..='Z' | 'a'..='z' | '_' => true,
        '\0'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{300}'..='\u{36f}' | '\u{37e}' | '\u{2000}'..='\u{200b}' => false,
        '\u{200e}'..='\u{206f}' | '\u{2190}'..='\u{2bff}' | '\u{2ff0}'..='\u{3000}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}' | '\u{f0000}'.. => false,
        _ => true,
    }
}

fn is_name_character(character: char) -> bool {
    let more = matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}');
    more || is_name_start(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_right() {
        let cases = [
            ("vendor:a-1.é", "vendor:a-1.é"),
            ("1a", "_1a"),
            ("a b<c", "a_b_c"),
            ("", "_"),
            ("a:b:c", "a:b_c"),
            (":a", "_a"),
            ("a:", "a_"),
        ];
        for (name, written) in cases {
            let mut out = String::new();
            push_name(&mut out, name);
            assert_eq!(out, written, "{name:?}");
        }
    }
}
