//! Documents that are made to be expensive. Each must give a typed error with a position, or a model with warnings, in time
//! and memory that are linear in its size.
//!
//! The tests count the bytes that the allocator is asked for. If the cost is linear, it grows fourfold when the size does;
//! if it is quadratic, it grows sixteenfold. The counter replaces the allocator of the whole program, so these tests are a
//! separate binary.

mod documents;

use documents::{DOCUMENTS, Outcome};
use vast_xml::edit::Editor;
use vast_xml::model::Event;
use vast_xml::{AnyDocument, Injection, Limits, ParseError, ParseErrorKind, ParseOptions, parse_any};

/// How often the repeated part occurs.
const MANY: usize = 100_000;
/// Fewer repetitions for documents that are read twice; the second time there are four times as many.
const FEW: usize = 4_000;
/// The bytes that a fixed cost may add.
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

/// The result, after a check that its positions are inside the document.
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

/// Calls of the allocator and bytes that it was asked for.
fn cost(text: &str, limits: Limits) -> (usize, usize) {
    let info = allocation_counter::measure(|| drop(read(text, limits)));
    let number = |count: u64| usize::try_from(count).expect("a count of this process");
    (number(info.count_total), number(info.bytes_total))
}

#[test]
fn r070_the_cost_of_reading_is_linear_in_the_size() {
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
fn r070_the_cost_of_editing_is_linear_in_the_size() {
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

/// A limit must end the reading where it is exceeded, not after the rest of the document was read into memory.
fn check_end(name: &str, text: &str) {
    let error = read(text, Limits::default()).expect_err(name);
    let (tag, _) = text[error.position.offset..].split_once('>').unwrap_or_default();
    // The reader scans the tag that exceeds the limit to its end, but does not keep its text.
    let needed = error.position.offset + tag.len();
    let (_, asked) = cost(text, Limits::default());
    assert!(asked <= text.len() + 200 * needed + (1 << 20), "{name}: {asked} bytes for {needed}");
}
