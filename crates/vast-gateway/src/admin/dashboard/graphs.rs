//! The graphs of the overview: the last 15 minutes, one line per number.

use maud::{Markup, html};
use vast_explain::units;

use crate::admin::watch::{History, SECONDS, SecondNumbers};

/// A point of a graph is the highest of so many seconds.
const PER_POINT: usize = 5;
/// The points of a graph that is full.
const POINTS: usize = SECONDS / PER_POINT;
/// The height of a graph in its own units.
const HEIGHT: f64 = 40.0;

/// A line: its name, its class, and its value of a second.
type Line = (&'static str, &'static str, fn(&SecondNumbers) -> Option<f64>);
/// A graph: its title, its lines, and how a value is written.
type Graph = (&'static str, &'static [Line], fn(f64) -> String);

const GRAPHS: [Graph; 4] = [
    ("Requests per second", &[("requests", "plain", |one| Some(one.rate))], |value| format!("{value:.1}")),
    ("Fill rate", &[("filled", "good", |one| one.fill)], |value| format!("{:.0} %", value * 100.0)),
    (
        "Time to answer",
        &[
            ("99th percentile", "bad", |one| one.times.map(|times| times[2].as_secs_f64())),
            ("95th percentile", "warning", |one| one.times.map(|times| times[1].as_secs_f64())),
            ("median", "plain", |one| one.times.map(|times| times[0].as_secs_f64())),
        ],
        |value| units::elapsed(std::time::Duration::try_from_secs_f64(value).unwrap_or_default()),
    ),
    ("Shed per second", &[("shed", "warning", |one| Some(one.shed))], |value| format!("{value:.1}")),
];

pub(super) fn section(history: &History) -> Markup {
    html! {
        section data-renew="5" {
            h2 { "The last 15 minutes" }
            div.graphs { @for graph in &GRAPHS { (figure(graph, history)) } }
            p.note { "A point is the highest number of 5 seconds. The newest is at the right; what was before the start is empty." }
        }
    }
}

fn figure((title, lines, write): &Graph, history: &History) -> Markup {
    let series: Vec<_> = lines.iter().map(|(name, class, value)| (*name, *class, points(history, *value))).collect();
    let all = || series.iter().flat_map(|(_, _, points)| points.iter().flatten().copied());
    let most = all().fold(0.0_f64, f64::max);
    let newest = |points: &[Option<f64>]| points.last().copied().flatten();
    let text = |points: &[Option<f64>]| newest(points).map_or_else(|| "–".to_owned(), write);
    let described = series.iter().map(|(name, _, points)| format!("{name} now {}", text(points))).collect::<Vec<_>>();
    let label = format!("{title}: {}; at most {}", described.join(", "), write(most));
    html! {
        figure {
            figcaption {
                strong { (title) }
                @for (name, class, points) in &series {
                    " " span data-tone=(class) { @if series.len() > 1 { (name) " " } (text(points)) }
                }
                " " span.note { "most " (write(most)) }
            }
            svg.graph viewBox={ "0 0 " (POINTS) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(label) {
                @for (_, class, points) in &series {
                    @for path in paths(points, most) { polyline.(class) points=(path) vector-effect="non-scaling-stroke" {} }
                }
            }
        }
    }
}

/// The highest value of each few seconds, the oldest first.
fn points(history: &History, value: fn(&SecondNumbers) -> Option<f64>) -> Vec<Option<f64>> {
    let values: Vec<_> = history.seconds().map(value).collect();
    let highest = |part: &[Option<f64>]| part.iter().flatten().copied().reduce(f64::max);
    // From the end, so that the newest point has all its seconds.
    let mut points: Vec<_> = values.rchunks(PER_POINT).map(highest).collect();
    points.reverse();
    points
}

/// The pieces of a line without a gap, as the points of a polyline.
fn paths(points: &[Option<f64>], most: f64) -> Vec<String> {
    let first = POINTS.saturating_sub(points.len());
    let y = |value: f64| HEIGHT - 1.0 - value / most.max(1e-9) * (HEIGHT - 2.0);
    let numbered: Vec<_> = points.iter().enumerate().collect();
    let pieces = numbered.split(|(_, value)| value.is_none()).filter(|piece| !piece.is_empty());
    let text = |piece: &[(usize, &Option<f64>)]| {
        let place = |(index, value): &(usize, &Option<f64>)| {
            let y = y(value.unwrap_or_default());
            format!("{},{y:.1} {},{y:.1}", first + index, first + index + 1)
        };
        piece.iter().map(place).collect::<Vec<_>>().join(" ")
    };
    pieces.map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_gap_where_there_is_no_number() {
        let points = [Some(0.0), Some(2.0), None, Some(1.0)];
        assert_eq!(paths(&points, 2.0), ["176,39.0 177,39.0 177,1.0 178,1.0", "179,20.0 180,20.0"]);
        assert_eq!(paths(&[None, None], 0.0), Vec::<String>::new());
        assert_eq!(paths(&[Some(0.0)], 0.0), ["179,39.0 180,39.0"], "a line of zeros is at the bottom");
    }
}
