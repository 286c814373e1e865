//! Texts of schemas as Markdown in the cell of a table.

/// A description as text of one line: without the links of rustdoc, and with everything escaped that would end the cell or be HTML.
pub(super) fn cell(description: &str) -> String {
    let plain = without_links(description).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut in_code = false;
    let mut text = String::new();
    for character in plain.chars() {
        match character {
            '`' => {
                in_code = !in_code;
                text.push('`');
            }
            '|' => text.push_str("\\|"),
            '<' if !in_code => text.push_str("&lt;"),
            '>' if !in_code => text.push_str("&gt;"),
            '[' | ']' if !in_code => {
                text.push('\\');
                text.push(character);
            }
            other => text.push(other),
        }
    }
    text
}

/// The anchor that code hosts and mdBook give to a heading.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    kept.flat_map(char::to_lowercase).map(|character| if character == ' ' { '-' } else { character }).collect()
}

/// The text with each link of rustdoc, such as `` [`Failure::limit`](crate::Failure::limit) ``, replaced by its code.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((code, after)) = after.split_once("`]") else {
            plain.push_str("[`");
            rest = after;
            continue;
        };
        plain.push_str(&format!("`{code}`"));
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_becomes_a_cell() {
        for (description, expected) in [
            ("two\nlines | here", "two lines \\| here"),
            ("an <Ad>, `<Ad>`", "an &lt;Ad&gt;, `<Ad>`"),
            ("[`ErrorType::row`] and [`a`](crate::a), `[IFA]`", "`ErrorType::row` and `a`, `[IFA]`"),
            ("the macro [IFA]", "the macro \\[IFA\\]"),
            ("an open [`link", "an open \\[`link"),
        ] {
            assert_eq!(cell(description), expected);
        }
    }

    #[test]
    fn an_anchor_is_that_of_code_hosts() {
        for (heading, expected) in [
            ("`[[source]]` and `[[fallback]]`", "source-and-fallback"),
            ("ErrorType", "errortype"),
            ("GET /v1/x", "get-v1x"),
        ] {
            assert_eq!(anchor(heading), expected);
        }
    }
}
