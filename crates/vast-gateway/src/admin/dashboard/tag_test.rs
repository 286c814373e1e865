//! The page `/test`: the form of the tag tester, and what it adds to the story of a test.

use std::collections::BTreeSet;

use maud::{Markup, html};
use vast_client::xml::Version;
use vast_explain::{DiffRow, Story};

use super::figures::name;
use super::figures::safe;
use super::frame::{PageFrame, table};
use crate::admin::tag_test::{COMPARED, DevicePreset, TESTED, TagSettings, TestRun, TestedTag};
use crate::parameter::{MACRO_PREFIX, ParameterForm, ParameterRow};

/// The longest text that is shown, in bytes.
const LONGEST: usize = 2_000;
/// The longest value of a difference that is shown, in bytes.
const LONGEST_VALUE: usize = 400;
/// The largest number of differences that are shown.
const MOST_ROWS: usize = 500;

pub(super) fn form(frame: &PageFrame<'_>, problem: Option<&str>) -> Markup {
    let placements: Vec<&str> = frame.generation.placements().map(|placement| &*placement.name).collect();
    let macros: BTreeSet<&str> =
        frame.generation.placements().flat_map(|placement| &placement.accept).map(String::as_str).collect();
    html! {
        @if let Some(problem) = problem { section.banner { span data-tone="bad" { "The test has not run: " (safe(problem, LONGEST)) } } }
        form method="post" action="/test/run" {
            section {
                h2 { "What is asked" }
                div.fields {
                    (choice(TESTED.placement, "Placement", placements.iter().map(|one| (*one, (*one).to_owned())), None))
                    (choice(TESTED.preset, "Device", devices(), Some("none")))
                    label { span { "More parameters, as in a tag" } input type="text" name=(TESTED.tag) placeholder="w=640&h=360"; }
                }
            }
            section {
                h2 { "Parameters of the tag" }
                p.note { "An empty one is not sent. What is written here comes before the values of the device." }
                div.fields { @for row in TagSettings::parameters() { (parameter(row)) } }
                @if !macros.is_empty() {
                    h3 { "Macros that placements accept" }
                    div.fields {
                        @for one in &macros { label { span { (safe(one, LONGEST)) } input type="text" name={ (MACRO_PREFIX) (one) }; } }
                    }
                }
            }
            section {
                h2 { "Compare with a second run" }
                p.note { "The second run is the first one with these changes. Leave all of them empty for one run." }
                div.fields {
                    (choice(COMPARED.placement, "Another placement", placements.iter().map(|one| (*one, (*one).to_owned())), Some("the same")))
                    (choice(COMPARED.preset, "Another device", devices(), Some("the same")))
                    label { span { "Other parameters" } input type="text" name=(COMPARED.tag) placeholder="gdpr=1&gdpr_consent="; }
                }
            }
            section {
                button type="submit" { "Run the test" }
                p.note {
                    "The ad servers are asked. No tracker is called and no error is reported, nothing counts in the numbers and circuit \
                     breakers of the sources, and sealed URLs of the document are worth nothing."
                }
            }
        }
    }
}

fn devices() -> impl Iterator<Item = (&'static str, String)> {
    DevicePreset::ALL.into_iter().map(|preset| (preset.key, preset.title.to_owned()))
}

/// A list to choose from. `none` is the entry for no choice.
fn choice<'a>(key: &str, title: &str, values: impl Iterator<Item = (&'a str, String)>, none: Option<&str>) -> Markup {
    html! {
        label { span { (title) } select name=(key) {
            @if let Some(none) = none { option value="" { (none) } }
            @for (value, title) in values { option value=(value) { (name(&title)) } }
        } }
    }
}

fn parameter(row: &ParameterRow) -> Markup {
    let title = html! { span { code { (row.name) } " " (row.about) } };
    html! {
        label.wide {
            (title)
            @match row.form {
                ParameterForm::Text | ParameterForm::Address => input type="text" name=(row.name);,
                ParameterForm::Number(least, most) => input type="number" name=(row.name) min=(least) max=(most);,
                ParameterForm::Word(words) => select name=(row.name) {
                    option value="" { "" }
                    @for word in words { option value=(word) { (word) } }
                },
                ParameterForm::Version => select name=(row.name) {
                    option value="" { "" }
                    @for version in Version::ALL { option value=(version.as_str()) { (version.as_str()) } }
                },
            }
        }
    }
}

/// What the page of a test has above its story.
pub(super) fn section(tested: &TestedTag) -> Markup {
    let TestRun { settings, explained, document, unknown } = &tested.first;
    html! {
        section id="gateway" {
            h2 { "Test of a tag" }
            p { a href="/test" { "Another test" } }
            (tag(settings))
            @if !unknown.is_empty() { p.note { "Parameters that have no effect: " (safe(&unknown.join(", "), LONGEST)) "." } }
            @if let Some(difference) = &explained.difference { p.note { "The replay differs from the request: " (safe(difference, LONGEST)) } }
            @if document.is_empty() { p.note { "A player would get a document without an ad." } } @else {
                details {
                    summary { "The document that a player would get. Its sealed URLs are worth nothing" }
                    pre tabindex="0" aria-label="The document" { @for line in document.lines() { (vast_explain::sanitize(line)) "\n" } }
                }
            }
            @if let Some((second, differences)) = tested.second.as_ref().zip(tested.differences()) {
                h3 { "The second run" }
                (tag(&second.settings))
                p { (safe(&Story::new(&second.explained.result).ending.to_string(), LONGEST_VALUE)) }
                (differing(&differences))
            }
        }
    }
}

fn tag(settings: &TagSettings) -> Markup {
    html! { p { code { (safe(&format!("/v1/{}/vast?{}", settings.placement, settings.query), LONGEST)) } } }
}

fn differing(rows: &[DiffRow]) -> Markup {
    if rows.is_empty() {
        return html! { p.note { "Nothing differs, apart from random numbers, times and ids." } };
    }
    let value = |text: Option<&String>| text.map_or_else(String::new, |text| safe(text, LONGEST_VALUE));
    let columns = [("Ad", ""), ("Part", ""), ("Value", ""), ("First run", "wide"), ("Second run", "wide")];
    html! {
        (table("What differs in the second run", &columns, &html! {
            @for row in rows.iter().take(MOST_ROWS) {
                tr {
                    td { bdi { (value(row.ad.as_ref())) } }
                    td { (row.part.as_str()) }
                    td { bdi { (safe(&row.name, LONGEST)) } }
                    td { bdi { (value(row.a.as_ref())) } }
                    td { bdi { (value(row.b.as_ref())) } }
                }
            }
        }))
        @if rows.len() > MOST_ROWS { p.note { "and " (rows.len() - MOST_ROWS) " more" } }
    }
}
