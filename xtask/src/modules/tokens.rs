//! Finds paths in the arguments of a macro, which have no syntax tree.

use proc_macro2::{TokenStream, TokenTree};

use super::tree::Path;

/// The keywords before the name of a type that is defined.
const TYPE_KEYWORDS: [&str; 4] = ["struct", "enum", "union", "trait"];

/// The paths in a token stream with their lines: every `a::b`, and single names that begin with a capital letter. Names
/// after a dot (methods, fields) and after a leading `::` are ignored.
pub fn paths(stream: TokenStream) -> Vec<(Path, usize)> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let mut end = index + 1;
        match token {
            TokenTree::Group(group) => found.extend(paths(group.stream())),
            TokenTree::Ident(name) => {
                let path = path_at(&tokens, index);
                end = index + 1 + 3 * (path.len() - 1);
                if !is_continued(&tokens, index) && is_telling(&path) {
                    found.push((path, name.span().start().line));
                }
            }
            _ => {}
        }
        index = end;
    }
    found
}

/// The types that a token stream defines with their lines: every name after `struct`, `enum`, `union` or `trait`.
pub fn types(stream: TokenStream) -> Vec<(String, usize)> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => found.extend(types(group.stream())),
            TokenTree::Ident(keyword) if TYPE_KEYWORDS.iter().any(|known| keyword == known) => {
                if let Some(TokenTree::Ident(name)) = tokens.get(index + 1) {
                    found.push((name.to_string().trim_start_matches("r#").to_owned(), name.span().start().line));
                }
            }
            _ => {}
        }
    }
    found
}

/// The names from `index` on, separated by `::`.
fn path_at(tokens: &[TokenTree], mut index: usize) -> Path {
    let mut path = vec![tokens[index].to_string().trim_start_matches("r#").to_owned()];
    while let [colon, again, TokenTree::Ident(name), ..] = &tokens[index + 1..]
        && is_punctuation(colon, ':')
        && is_punctuation(again, ':')
    {
        path.push(name.to_string().trim_start_matches("r#").to_owned());
        index += 3;
    }
    path
}

/// Whether the tokens before make this name a method, a field or the rest of another path.
fn is_continued(tokens: &[TokenTree], index: usize) -> bool {
    let before = |distance: usize, mark: char| {
        index.checked_sub(distance).is_some_and(|place| is_punctuation(&tokens[place], mark))
    };
    let after_dot = before(1, '.') && !before(2, '.');
    let after_colons = before(1, ':') && before(2, ':');
    after_dot || after_colons
}

fn is_telling(path: &Path) -> bool {
    path.len() > 1 || path[0].starts_with(char::is_uppercase)
}

fn is_punctuation(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punctuation) if punctuation.as_char() == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_paths_and_types_but_no_methods() {
        let stream = "crate::one::two(a, b.three) if matches!(c, Kind::Four) ..Five::default() $crate::six!() ::std::mem::take Vec::<u8>::new";
        let found: Vec<String> =
            paths(stream.parse().expect("the case is Rust")).into_iter().map(|(path, _)| path.join("::")).collect();
        assert_eq!(found, ["crate::one::two", "Kind::Four", "Five::default", "crate::six", "Vec"]);
    }

    #[test]
    fn finds_types_that_a_macro_call_defines() {
        let stream = "/// Text.\n pub enum Kind { One, Two } => { struct Inner; } struct $name;";
        let found = types(stream.parse().expect("the case is Rust"));
        assert_eq!(found, [("Kind".to_owned(), 2), ("Inner".to_owned(), 2)]);
    }
}
