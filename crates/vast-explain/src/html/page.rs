//! The frame of the page: head, contents, the story, the documents and the JSON.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use vast_client::wire::RequestResult;

use super::part::PagePart;
use super::shown::{cut, shown};
use super::{documents, overview, told, trackers};
use crate::story::Story;

/// The style of the page.
pub(super) const STYLE: &str = include_str!("style.css");
/// The hash of [`STYLE`] as the content security policy names it: SHA-256 in base64. A test compares them.
pub(super) const STYLE_HASH: &str = "sha256-T/MW5rujeseIu2NuLIaUBkrqvrxTI7LW3ZjkSri1zGQ=";
/// The longest JSON that the page shows, in bytes.
const MOST_JSON: usize = 1 << 20;

/// The whole page for a story, as a document of HTML in UTF-8.
pub fn page(story: &Story<'_>) -> String {
    page_of(story, &policy("'none'"), "no-referrer", &html! {})
}

/// The page with a first section `above` of the program that shows it. The forms of that section may send to the server of the page.
pub fn page_with(story: &Story<'_>, above: &Markup) -> String {
    // With `no-referrer`, a browser would send `Origin: null` with the forms, which servers refuse.
    page_of(story, &page_policy(), "same-origin", above)
}

/// The content security policy of [`page_with`], for the header of the response.
pub fn page_policy() -> String {
    policy("'self'")
}

fn policy(forms: &str) -> String {
    format!("default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; form-action {forms}")
}

fn page_of(story: &Story<'_>, policy: &str, referrer: &str, above: &Markup) -> String {
    let headline = story.ending.to_string();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content=(referrer);
                title { (shown(&cut(&headline, 120))) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the reasons" }
                (overview::header(story))
                (contents(story))
                main id="main" {
                    (above)
                    (told::sections(story, &PagePart::whole()))
                    (documents::section(&story.documents))
                    (json(story))
                }
                footer { p { "Made by vast-client. This page loads nothing and runs no script." } }
            }
        }
    };
    page.into_string()
}

/// The links to the sections of the page.
fn contents(story: &Story<'_>) -> Markup {
    let result = story.result;
    let links = [
        ("why", "Why", true),
        ("changes", "What if", !story.alternatives.is_empty()),
        ("time", "Timeline", !story.course.is_empty()),
        ("breaks", "Breaks", !story.breaks.is_empty()),
        ("ads", "Ads", !result.candidates.is_empty()),
        ("sources", "Sources", !result.sources.is_empty()),
        ("limits", "Limits", !story.limits.is_empty()),
        ("warnings", "Warnings", !result.warnings.is_empty()),
        ("trackers", "Trackers", trackers::has_any(story)),
        ("documents", "Documents", !story.documents.is_empty()),
        ("json", "JSON", true),
    ];
    html! {
        nav aria-label="Contents" {
            ul { @for (id, name, _) in links.iter().filter(|(_, _, is_there)| *is_there) { li { a href={ "#" (id) } { (name) } } } }
        }
    }
}

/// The JSON of the result, as `vast request --format json` prints it.
fn json(story: &Story<'_>) -> Markup {
    let json = serde_json::to_string_pretty(&RequestResult::from(story.result));
    let json = json.unwrap_or_else(|error| format!("the JSON cannot be made: {error}"));
    let content = html! {
        details {
            summary { "The result as `vast request --format json` prints it" }
            pre tabindex="0" aria-label="JSON" { @for line in cut(&json, MOST_JSON).lines() { (shown(line)) "\n" } }
        }
    };
    PagePart::whole().section("json", "JSON", &content)
}
