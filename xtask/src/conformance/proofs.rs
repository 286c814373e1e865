//! The tests that are named for requirements, found by reading the sources.

use std::io;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{ItemFn, Macro};

use crate::modules::configuration::is_test_marker;
use crate::repository::Repository;

use super::requirement::Requirement;

/// One test that proves requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The function's name.
    pub name: String,
    /// The requirements that it is named for; empty if there is no requirement with this number.
    pub requirements: Vec<Requirement>,
    /// Its file, relative to the root.
    pub file: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// Whether its body asserts something.
    pub asserts: bool,
    /// Whether it is marked `#[ignore]`, so that it never runs.
    pub ignored: bool,
}

/// All such tests of the repository, by file and line. Files that do not parse are reported by `tidy`.
///
/// # Errors
/// If a file cannot be read.
pub fn find(repository: &Repository) -> io::Result<Vec<Proof>> {
    let mut proofs = Vec::new();
    for file in repository.rust_files() {
        let text = repository.text(file)?.unwrap_or_default();
        if let Ok(source) = syn::parse_file(&text) {
            Finder { file, proofs: &mut proofs }.visit_file(&source);
        }
    }
    Ok(proofs)
}

struct Finder<'p> {
    file: &'p str,
    proofs: &'p mut Vec<Proof>,
}

impl Finder<'_> {
    fn add(&mut self, name: &Ident, body: TokenStream, ignored: bool) {
        let text = name.to_string();
        if let Some(requirements) = requirements_of(&text) {
            let (file, line) = (self.file.to_owned(), name.span().start().line);
            self.proofs.push(Proof { name: text, requirements, file, line, asserts: asserts(body), ignored });
        }
    }

    /// Finds test functions in the arguments of a macro, as in `proptest! { #[test] fn r034_..(..) { .. } }`.
    fn add_from_tokens(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.add_from_tokens(group.stream()),
                TokenTree::Ident(keyword) if keyword == "fn" => {
                    let Some(TokenTree::Ident(name)) = tokens.get(index + 1) else { continue };
                    let body = tokens[index..].iter().find_map(braces).unwrap_or_default();
                    self.add(name, body, false);
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        if function.attrs.iter().any(is_test_marker) {
            let ignored = function.attrs.iter().any(|attribute| attribute.path().is_ident("ignore"));
            let body = function.block.to_token_stream();
            self.add(&function.sig.ident, body, ignored);
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_from_tokens(call.tokens.clone());
    }
}

fn braces(token: &TokenTree) -> Option<TokenStream> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    }
}

/// The requirements in a name: `r034_r035_joins` gives two. `None` if the name does not begin in this way.
fn requirements_of(name: &str) -> Option<Vec<Requirement>> {
    let numbers: Vec<u16> = name.split('_').map_while(number_of).collect();
    (!numbers.is_empty()).then(|| numbers.into_iter().filter_map(Requirement::numbered).collect())
}

fn number_of(part: &str) -> Option<u16> {
    let digits = part.strip_prefix('r').filter(|digits| digits.len() == 3)?;
    digits.parse().ok()
}

/// Whether the tokens contain an assertion: a macro or function whose name begins with `assert`, `prop_assert`, `check` or
/// `expect`. `.expect(..)` on an `Option` or `Result` does not count, because it proves nothing about the result.
fn asserts(body: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let called = |index: usize| match tokens.get(index + 1) {
        Some(TokenTree::Punct(mark)) => mark.as_char() == '!' || mark.as_char() == ':',
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
        _ => false,
    };
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Group(group) => asserts(group.stream()),
        TokenTree::Ident(name) => is_assertion(&name.to_string()) && called(index),
        _ => false,
    })
}

fn is_assertion(name: &str) -> bool {
    let begins = ["assert", "prop_assert", "check", "expect"].iter().any(|start| name.starts_with(start));
    begins && name != "expect" && name != "expect_err"
}
