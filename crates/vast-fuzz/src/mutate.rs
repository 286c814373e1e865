//! Small changes to known inputs.

use std::ops::Range;

use fastrand::Rng;

/// Inputs do not become longer than this, or than the longest input that is mutated.
const LARGEST: usize = 32 << 10;

/// Which changes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Changes of texts with markup.
    Text,
    /// Changes that keep the length: most parts of a binary file are found by their offsets.
    InPlace,
}

/// A kind of change.
#[derive(Clone, Copy)]
enum Mutation {
    FlipBit,
    SetByte,
    InsertBytes,
    Delete,
    Repeat,
    Splice,
    Truncate,
    InsertToken,
    OverwriteToken,
    /// Inserts an element of another input before a tag.
    InsertElement,
    DeleteElement,
    /// Replaces an attribute's value or a text with a token.
    SetValue,
    /// Inserts a piece of [`TAG_DAMAGE`] before the end of a tag.
    DamageTag,
    /// Changes a byte in the first bytes of the file.
    SetHeader,
    /// Replaces a part with a part of an input from another place.
    OverwritePart,
    /// Replaces a part with zeros.
    Clear,
}

/// Mistakes in start tags that readers accept in different ways.
const TAG_DAMAGE: &[&str] = &[
    "/",
    "//",
    " c=1/",
    " c=1",
    " c='1",
    " c=\"1",
    "'",
    "\"",
    "=",
    " =\"1\"",
    " c=1 x",
    " c='1' C='2'",
    " c='a>b'",
    "/ c='1'",
];

/// The length of the part of a file that describes the rest.
const HEADER: usize = 320;

/// Changes that usually leave a document well formed. Without them, most inputs would fail in the XML reader.
const GENTLE: [Mutation; 4] =
    [Mutation::InsertElement, Mutation::DeleteElement, Mutation::SetValue, Mutation::InsertElement];
const ROUGH: [Mutation; 12] = [
    Mutation::FlipBit,
    Mutation::SetByte,
    Mutation::InsertBytes,
    Mutation::Delete,
    Mutation::Repeat,
    Mutation::Splice,
    Mutation::Truncate,
    Mutation::InsertToken,
    Mutation::OverwriteToken,
    Mutation::InsertElement,
    Mutation::SetValue,
    Mutation::DamageTag,
];
const IN_PLACE: [Mutation; 6] = [
    Mutation::FlipBit,
    Mutation::SetByte,
    Mutation::SetHeader,
    Mutation::SetHeader,
    Mutation::OverwritePart,
    Mutation::Clear,
];

/// One of `inputs` with one to six changes. In half of the results all changes are gentle ones.
pub(crate) fn mutated(rng: &mut Rng, style: Style, inputs: &[Vec<u8>], tokens: &[&str]) -> Vec<u8> {
    let mut input = rng.choice(inputs).cloned().unwrap_or_default();
    let largest = inputs.iter().map(Vec::len).fold(LARGEST, usize::max);
    let kinds: &[Mutation] = match style {
        Style::InPlace => &IN_PLACE,
        Style::Text if rng.bool() => &GENTLE,
        Style::Text => &ROUGH,
    };
    for _ in 0..rng.usize(1..=6) {
        let mutation = kinds[rng.usize(..kinds.len())];
        apply(rng, mutation, &mut input, inputs, tokens);
    }
    input.truncate(largest);
    input
}

fn apply(rng: &mut Rng, mutation: Mutation, input: &mut Vec<u8>, inputs: &[Vec<u8>], tokens: &[&str]) {
    let at = rng.usize(..=input.len());
    match mutation {
        Mutation::FlipBit => set(input, at, |byte| byte ^ (1 << rng.u8(..8))),
        Mutation::SetByte => set(input, at, |_| rng.u8(..)),
        Mutation::InsertBytes => insert(input, at, &[rng.u8(..)].repeat(rng.usize(1..=4))),
        Mutation::Delete => drop(input.drain(range(rng, input, 32))),
        Mutation::Repeat => {
            let piece = input[range(rng, input, 256)].to_vec();
            insert(input, at, &piece);
        }
        Mutation::Splice => {
            let other = rng.choice(inputs).map(Vec::as_slice).unwrap_or_default();
            insert(input, at, &other[range(rng, other, 256)]);
        }
        Mutation::Truncate => input.truncate(if rng.u8(..4) == 0 { at } else { input.len() }),
        Mutation::InsertToken => insert(input, at, rng.choice(tokens).unwrap_or(&"").as_bytes()),
        Mutation::OverwriteToken => {
            let token = rng.choice(tokens).unwrap_or(&"").as_bytes();
            overwrite(input, at, token);
        }
        Mutation::InsertElement => {
            let other = rng.choice(inputs).map(Vec::as_slice).unwrap_or_default();
            insert(input, next(input, b"<", at), &other[element(rng, other)]);
        }
        Mutation::DeleteElement => drop(input.drain(element(rng, input))),
        Mutation::SetValue => {
            let token = rng.choice(tokens).unwrap_or(&"").as_bytes();
            input.splice(value(rng, input), token.iter().copied());
        }
        Mutation::DamageTag => {
            let end = next(input, b">", next(input, b"<", at));
            let end = if input[..end].ends_with(b"/") { end - rng.usize(..2) } else { end };
            insert(input, end, rng.choice(TAG_DAMAGE).unwrap_or(&"").as_bytes());
        }
        Mutation::SetHeader => set(input, rng.usize(..HEADER), |_| rng.u8(..)),
        Mutation::OverwritePart => {
            let other = rng.choice(inputs).map(Vec::as_slice).unwrap_or_default();
            let piece = &other[range(rng, other, 4096)];
            overwrite(input, at, piece);
        }
        Mutation::Clear => {
            let part = range(rng, input, 4096);
            input[part].fill(0);
        }
    }
}

fn set(input: &mut [u8], at: usize, change: impl FnOnce(u8) -> u8) {
    if let Some(byte) = input.get_mut(at) {
        *byte = change(*byte);
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

/// Replaces the bytes from `at` with a piece, which may be longer than the rest.
fn overwrite(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let end = (at + piece.len()).min(input.len());
    input.splice(at..end, piece.iter().copied());
}

/// A random part of the input, up to this length.
fn range(rng: &mut Rng, input: &[u8], longest: usize) -> Range<usize> {
    let start = rng.usize(..=input.len());
    start..start + rng.usize(..=longest.min(input.len() - start))
}

/// A part from the beginning of a tag to the end of its element, if it has an end.
fn element(rng: &mut Rng, input: &[u8]) -> Range<usize> {
    let start = next(input, b"<", rng.usize(..=input.len()));
    let name = input[start..].iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = input.get(start + 1..start + 1 + name).unwrap_or_default();
    let end = next(input, &[b"</", name, b">"].concat(), start);
    if name.is_empty() || end == input.len() { start..start } else { start..end + name.len() + 3 }
}

/// The text between two quotes, or between two tags.
fn value(rng: &mut Rng, input: &[u8]) -> Range<usize> {
    let (opening, closing): (&[u8], &[u8]) = if rng.bool() { (b"\"", b"\"") } else { (b">", b"<") };
    let start = (next(input, opening, rng.usize(..=input.len())) + 1).min(input.len());
    start..next(input, closing, start)
}

/// The position of the next such piece.
fn next(input: &[u8], wanted: &[u8], from: usize) -> usize {
    let found = input[from..].windows(wanted.len()).position(|piece| piece == wanted);
    found.map_or(input.len(), |found| from + found)
}
