//! Expanding macros in URLs.

use std::borrow::Cow;
use std::sync::LazyLock;

use vast_xml::macros::{Context, Macro, Value, Values, expand, expand_own_tag};

const CONTEXTS: [Context; 5] =
    [Context::AdRequest, Context::Tracking, Context::Click, Context::Error, Context::Verification];
/// A macro that the operator declares, and its value.
const DECLARED: (&str, &str) = ("random", "declared-value");
/// The length limit. Longer URLs find no other errors.
const LONGEST: usize = 4096;

/// Three properties: a macro that has a value and is valid in the context is always replaced; a value never adds a macro or
/// a delimiter to a URL; names that the operator declares are replaced in the operator's own tag only.
///
/// # Panics
/// If one of them does not hold.
pub fn macros(data: &[u8]) {
    let text = String::from_utf8_lossy(&data[..data.len().min(LONGEST)]);
    let hostile = hostile(&text);
    for context in CONTEXTS {
        check_complete(&text, context);
        let expanded = expand(&text, context, &hostile);
        assert!(is_within(&delimiters(&expanded), &delimiters(&text)), "{text:?} became {expanded:?}");
        let _ = expand(&text, context, &Values::new());
    }
    check_own_tag(&text);
    assert!(is_within(&delimiters(&expand_own_tag(&text, &hostile)), &delimiters(&text)));
}

fn check_complete(text: &str, context: Context) {
    let expanded = expand(text, context, &PLAIN);
    let may_be_left = expanded.contains(['[', '%']);
    for (_, spellings) in SPELLINGS.iter().filter(|(name, _)| may_be_left && name.applies_to(context)) {
        let left = spellings.iter().find(|spelling| expanded.contains(spelling.as_str()));
        assert!(left.is_none(), "{left:?} is left in {expanded:?} of {text:?}");
    }
    assert_eq!(expand(&expanded, context, &PLAIN), expanded, "expanding {text:?} twice");
    assert!(text.contains(DECLARED.1) || !expanded.contains(DECLARED.1), "{text:?} asked for a name of the host's");
    if !text.contains(['[', '%', '$']) {
        assert!(matches!(expanded, Cow::Borrowed(_)), "{text:?} is copied");
    }
}

fn check_own_tag(text: &str) {
    let expanded = expand_own_tag(text, &PLAIN);
    for spelling in ["[random]", "${random}", "%%random%%", "%5Brandom%5D"] {
        assert!(!expanded.contains(spelling), "{spelling} is left in {expanded:?} of {text:?}");
    }
}

/// The spellings of each macro.
static SPELLINGS: LazyLock<Vec<(Macro, [String; 4])>> = LazyLock::new(|| {
    let spellings =
        |name: &str| [format!("[{name}]"), format!("%%{name}%%"), format!("%5B{name}%5D"), format!("%5b{name}%5d")];
    Macro::ALL.iter().map(|name| (*name, spellings(name.name()))).collect()
});

/// A value for every macro, in small letters. No macro name has small letters, so these values cannot form one.
static PLAIN: LazyLock<Values> = LazyLock::new(|| {
    let mut values = Values::new();
    for name in Macro::ALL {
        values.set(*name, Value::text(name.name().to_ascii_lowercase()));
    }
    values.declare(DECLARED.0, DECLARED.1);
    values
});

/// The input itself as the value of every macro, in all encoded forms.
fn hostile(text: &str) -> Values {
    let text: String = text.chars().take(64).collect();
    let mut values = Values::new();
    for (index, name) in Macro::ALL.iter().enumerate() {
        let value = match index % 4 {
            0 => Value::text(text.clone()),
            1 => Value::separated(text.clone()),
            2 => Value::list([text.clone(), name.name().to_owned()]),
            _ => Value::Withheld,
        };
        values.set(*name, value);
    }
    values.declare(DECLARED.0, text);
    values
}

/// The delimiters of a URL.
fn delimiters(text: &str) -> Vec<char> {
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || "-_.!~*'()%,".contains(*character);
    text.chars().filter(|character| !is_plain(character)).collect()
}

/// Whether `inner` can be made from `outer` by leaving out characters.
fn is_within(inner: &[char], outer: &[char]) -> bool {
    let mut outer = outer.iter();
    inner.iter().all(|character| outer.any(|other| other == character))
}
