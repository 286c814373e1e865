//! The frame of all pages: head, navigation, banners.

use maud::{DOCTYPE, Markup, html};

use super::figures::Figures;
use crate::generation::Generation;

/// The pages of the navigation.
const PAGES: [(&str, &str); 7] = [
    ("/", "Overview"),
    ("/sources", "Sources"),
    ("/requests", "Requests"),
    ("/outbox", "Outbox"),
    ("/blocked", "Blocked"),
    ("/test", "Test"),
    ("/config", "Configuration"),
];
/// The page of the navigation that only a gateway of a cluster has.
const CLUSTER_PAGE: (&str, &str) = ("/gateways", "Gateways");

/// The frame of a page.
pub(super) struct PageFrame<'a> {
    /// The name of the page in the navigation.
    pub(super) name: &'a str,
    pub(super) generation: &'a Generation,
    pub(super) figures: &'a Figures,
}

impl PageFrame<'_> {
    /// The whole page around `content`.
    pub(super) fn page(&self, content: &Markup) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" data-generation=(self.generation.number) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.name) " - vast gateway" }
                    link rel="stylesheet" href="/assets/dashboard.css";
                    script src="/assets/dashboard.js" defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header {
                        p.brand { "vast gateway" }
                        nav aria-label="Pages" {
                            ul {
                                @for (path, name) in self.pages() {
                                    li { a href=(path) aria-current=[(name == self.name).then_some("page")] { (name) } }
                                }
                            }
                        }
                        p.live id="live" { "Reload the page for new numbers" }
                    }
                    main id="main" {
                        h1 { (self.name) }
                        (self.banner("alarms", "Sources that are ill"))
                        (self.banner("problem", "Problem of the configuration"))
                        (self.banner("notices", "Notices"))
                        (content)
                    }
                }
            }
        };
        page.into_string()
    }

    fn pages(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let is_cluster = self.generation.config().cluster.is_some();
        PAGES.into_iter().chain(is_cluster.then_some(CLUSTER_PAGE))
    }

    /// A box that is not there while its text is empty.
    fn banner(&self, key: &str, label: &str) -> Markup {
        html! { section.banner aria-label=(label) { (self.figures.show(key)) } }
    }

    /// Numbers in large letters, each with its name.
    pub(super) fn facts(&self, facts: &[(&str, &str)]) -> Markup {
        html! {
            dl.facts {
                @for (name, key) in facts { div { dt { (name) } dd { (self.figures.show(key)) } } }
            }
        }
    }
}

/// A button that sends an action. It needs no script.
pub(super) fn action(path: &str, name: &str) -> Markup {
    html! { form method="post" action=(path) { button type="submit" { (name) } } }
}

/// The fields of a form that its user does not fill in.
pub(super) fn hidden_fields(fields: &[(&str, &str)]) -> Markup {
    html! { @for (name, value) in fields { input type="hidden" name=(name) value=(value); } }
}

/// A table that scrolls sideways in a narrow window. The name of each column is followed by its class.
pub(super) fn table(label: &str, columns: &[(&str, &str)], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(label) {
            table {
                thead { tr { @for (name, class) in columns { th scope="col" class=(class) { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}
