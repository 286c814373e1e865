//! Documents made to cost much: each is a typed error with a place, or a model with warnings, in time and memory linear in
//! its size.
//!
//! Linear is shown by counting what the allocator is asked for, in a program of its own because the counter is one: what
//! is proportional to the size grows fourfold with it, what is not sixteenfold.

mod documents;

use documents::{DOCUMENTS, Outcome};
use vast_xml::edit::Editor;
use vast_xml::model::Event;
use vast_xml::{AnyDocument, Injection, Limits, ParseError, ParseErrorKind, ParseOptions, parse_any};

/// How many of what a document is made of.
const MANY: usize = 100_000;
/// Fewer, for what is read twice; four times as many, the second time.
const FEW: usize = 4_000;
/// What a fixed cost may add.
const SLACK: usize = 64 << 10;

fn read(text: &str, limits: Limits) -> Result<AnyDocument, ParseError> {
    parse_any(text.as_bytes(), &ParseOptions { limits, ..ParseOptions::default() })
}

fn unlimited() -> Limits {
    let most = usize::MAX;
    Limits {
        bytes: most,
        depth: most,
        elements: most,
        attributes_per_element: most,
        text_bytes: most,
        breaks: most,
        ads: most,
        trackers: most,
        warnings: most,
    }
}

/// What became of it, with places that are places of the document.
fn outcome(name: &str, text: &str, result: &Result<AnyDocument, ParseError>) -> Outcome {
    match result {
        Ok(document) => {
            for warning in document.warnings() {
                assert!(warning.position.offset <= text.len(), "{name}: {warning}");
            }
            Outcome::Read
        }
        Err(error) => {
            assert!(error.position.offset <= text.len() && error.position.line > 0, "{name}: {error}");
            assert!(error.message.len() < 1_000, "{name}: the message is as long as the document");
            Outcome::Refused(error.kind)
        }
    }
}

/// Calls of the allocator and bytes asked for.
fn cost(text: &str, limits: Limits) -> (usize, usize) {
    let info = allocation_counter::measure(|| drop(read(text, limits)));
    let number = |count: u64| usize::try_from(count).expect("a count of this process");
    (number(info.count_total), number(info.bytes_total))
}

#[test]
fn r070_nothing_costs_more_than_its_size() {
    assert!(DOCUMENTS.len() > 20);
    for (name, make, expected, without_limits) in DOCUMENTS {
        let text = make(MANY);
        assert!(text.len() < Limits::default().bytes, "{name} is refused for its size only: {} bytes", text.len());
        assert_eq!(outcome(name, &text, &read(&text, Limits::default())), *expected, "{name}");
        if *expected == Outcome::Refused(ParseErrorKind::Limit) {
            check_end(name, &text);
        }
        let (few, more) = (make(FEW), make(4 * FEW));
        assert_eq!(outcome(name, &few, &read(&few, unlimited())), *without_limits, "{name}, without limits");
        let (calls, bytes) = cost(&few, unlimited());
        let (more_calls, more_bytes) = cost(&more, unlimited());
        assert!(more_calls <= 6 * calls + 100, "{name}: {calls} allocations become {more_calls}");
        assert!(more_bytes <= 6 * bytes + SLACK, "{name}: {bytes} bytes become {more_bytes}");
        let most = 300 * more.len() + SLACK;
        assert!(more_bytes <= most, "{name}: {} bytes take {more_bytes}", more.len());
    }
}

#[test]
fn r070_editing_costs_no_more_than_the_size_either() {
    let edit = |text: &str| {
        let options = ParseOptions { limits: unlimited(), ..ParseOptions::default() };
        let Ok(mut editor) = Editor::new(text.as_bytes(), &options) else { return 0 };
        let injection =
            Injection::default().impression("https://a.example/i").tracking(Event::Start, "https://a.example/s");
        injection.edit(&mut editor);
        editor.find(editor.root(), "Impression").into_iter().all(|id| editor.remove(id).is_ok());
        editor.finish().len()
    };
    let cost = |text: &str| {
        let info = allocation_counter::measure(|| assert!(edit(text) < usize::MAX));
        usize::try_from(info.bytes_total).expect("a count of this process")
    };
    let mut edited = 0;
    for (name, make, ..) in DOCUMENTS {
        let (few, more) = (make(FEW), make(4 * FEW));
        edited += usize::from(edit(&few) > 0);
        let (bytes, more_bytes) = (cost(&few), cost(&more));
        assert!(more_bytes <= 6 * bytes + SLACK, "{name}: {bytes} bytes become {more_bytes}");
        assert!(more_bytes <= 500 * more.len() + SLACK, "{name}: {} bytes take {more_bytes}", more.len());
    }
    assert!(edited > 10, "{edited}");
}

/// What is refused by a limit is refused at it, not after all the rest was read into memory.
fn check_end(name: &str, text: &str) {
    let error = read(text, Limits::default()).expect_err(name);
    let (tag, _) = text[error.position.offset..].split_once('>').unwrap_or_default();
    // The tag at fault is looked at to its end, its text is not kept.
    let needed = error.position.offset + tag.len();
    let (_, asked) = cost(text, Limits::default());
    assert!(asked <= text.len() + 200 * needed + (1 << 20), "{name}: {asked} bytes for {needed}");
}
