//! The timelines of docs/modes.md: drawings of requests that ran on a paused clock, so that each is exact to the millisecond. They must
//! match the files in docs/timelines. Update them with `UPDATE_DOCS=1 cargo test -p vast-explain --test suite timelines`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use vast_client::report::SourceReport;
use vast_client::{FetchConfig, FetchMode, FetchResult, Outcome};
use vast_explain::{ExchangeSpan, Story, Tone, units};

use super::servers::{AdServer, ad, ask, config, empty, sources, wrapper};

/// A request of the documentation.
struct Scene {
    /// The name of the file.
    name: &'static str,
    servers: Vec<AdServer>,
    config: FetchConfig,
    /// The source that must win, and the time of the answer in milliseconds: what the page says of the drawing.
    expected: (Option<&'static str>, u64),
}

/// Four ad servers: without an ad, slow, fast, and one that never answers.
fn four() -> Vec<AdServer> {
    vec![
        AdServer("east", 80, 200, empty()),
        AdServer("west", 420, 200, ad("shoes", "Shoes", 3000)),
        AdServer("north", 190, 200, ad("hats", "Hats", 2000)),
    ]
}

fn asked_in(mode: FetchMode, change: impl FnOnce(&mut FetchConfig)) -> FetchConfig {
    let mut config = config(&["east", "west", "north", "silent"]);
    config.strategy.mode = mode;
    change(&mut config);
    config
}

fn scenes() -> Vec<Scene> {
    let millis = Duration::from_millis;
    let scene = |name, servers, config, winner, at| Scene { name, servers, config, expected: (winner, at) };
    let modes = [
        ("sequential", FetchMode::Sequential, "west", 500),
        ("parallel", FetchMode::Parallel, "west", 420),
        ("race", FetchMode::Race, "north", 190),
    ];
    let mut scenes: Vec<Scene> = modes
        .into_iter()
        .map(|(name, mode, winner, at)| scene(name, four(), asked_in(mode, |_| {}), Some(winner), at))
        .collect();
    let staggered = asked_in(FetchMode::Staggered, |config| config.strategy.stagger = Some(millis(150)));
    scenes.push(scene("staggered", four(), staggered, Some("north"), 420));
    let collect = asked_in(FetchMode::Collect, |config| config.strategy.limits.source_timeout = Some(millis(700)));
    scenes.push(scene("collect", four(), collect, Some("west"), 700));
    let patience = asked_in(FetchMode::Parallel, |config| config.strategy.patience = Some(millis(100)));
    scenes.push(scene("patience", four(), patience, Some("north"), 290));
    let fallback = |mut config: FetchConfig| {
        config.fallbacks = sources(&["house"]);
        config
    };
    let failing = vec![
        AdServer("east", 80, 404, String::new()),
        AdServer("west", 140, 200, "<!doctype html><html></html>".to_owned()),
        AdServer("house", 60, 200, ad("house", "House", 1000)),
    ];
    scenes.push(scene("fallback", failing, fallback(config(&["east", "west"])), Some("house"), 200));
    let slow = vec![AdServer("house", 60, 200, ad("house", "House", 1000))];
    scenes.push(scene("reserve", slow, fallback(config(&["silent", "hanging"])), Some("house"), 2060));
    let chain = vec![
        AdServer("east", 60, 200, wrapper("East", "exchange")),
        AdServer("exchange", 90, 200, wrapper("Exchange", "network")),
        AdServer("network", 120, 200, ad("shoes", "Shoes", 3000)),
    ];
    scenes.push(scene("wrappers", chain, config(&["east"]), Some("east"), 270));
    let retried = vec![AdServer("east", 100, 503, String::new()), AdServer("west", 380, 200, ad("hats", "Hats", 2000))];
    scenes.push(scene("retry", retried, config(&["east", "west"]), Some("west"), 380));
    scenes
}

/// The widths of the columns: names, bars, what came of it.
const NAME: f64 = 90.0;
const BARS: f64 = 420.0;
const END: f64 = 250.0;
/// The height of a row, and of the axis above the first one.
const ROW: f64 = 26.0;
const AXIS: f64 = 30.0;

/// Draws the sources of a request over its time.
fn drawing(story: &Story<'_>) -> String {
    let result = story.result;
    let total = result.metadata.elapsed;
    let x = |at: Duration| NAME + BARS * (at.as_secs_f64() / total.as_secs_f64()).min(1.0);
    let (width, height) = (NAME + BARS + END, AXIS + ROW * result.sources.len() as f64 + 8.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#ffffff\"/>\n",
        escaped(&story.ending.to_string())
    );
    for quarter in 0..=4_u32 {
        let (at, bottom) = (total * quarter / 4, height - 6.0);
        let _ = writeln!(
            svg,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"24\" y2=\"{bottom}\" stroke=\"#d8dde3\"/>\
             <text x=\"{0:.1}\" y=\"17\" text-anchor=\"middle\" fill=\"#57606a\">{1}</text>",
            x(at),
            units::elapsed(at)
        );
    }
    for (lane, source) in result.sources.iter().enumerate() {
        let y = AXIS + ROW * lane as f64;
        let baseline = y + 17.0;
        let name = escaped(&source.name);
        let _ = writeln!(svg, "<text x=\"12\" y=\"{baseline}\" font-weight=\"600\" fill=\"#1f2328\">{name}</text>");
        if let (Some(began), Some(elapsed)) = (source.began, source.elapsed) {
            bar(&mut svg, (x(began), x(began + elapsed)), (y + 5.0, 16.0), tone(Tone::of(source.outcome)));
        }
        let exchanges: Vec<&ExchangeSpan<'_>> = story.exchanges.iter().filter(|span| span.lane == lane).collect();
        for span in exchanges.iter().filter(|_| exchanges.len() > 1) {
            bar(&mut svg, (x(span.began) + 1.0, x(span.ended) - 1.0), (y + 10.0, 6.0), "#ffffff");
        }
        let end = escaped(&ending(source, result));
        let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{baseline}\" fill=\"#1f2328\">{end}</text>", NAME + BARS + 28.0);
    }
    svg + "</svg>\n"
}

fn bar(svg: &mut String, (left, right): (f64, f64), (top, height): (f64, f64), colour: &str) {
    let width = (right - left).max(1.5);
    let _ = writeln!(
        svg,
        "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" rx=\"2\" fill=\"{colour}\"/>"
    );
}

/// Colours that people with a colour deficiency can tell from each other; the words at the end of each row say the same.
fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "#2da44e",
        Tone::Warning => "#bf8700",
        Tone::Bad => "#cf222e",
        Tone::Plain | Tone::Quiet => "#afb8c1",
        _ => unreachable!("a new tone needs a colour"),
    }
}

/// What came of a source: its outcome, its reason if it is short, and whether it won.
fn ending(source: &SourceReport, result: &FetchResult) -> String {
    let outcome = source.outcome.as_str().replace('_', " ");
    let won = result.source.as_deref() == Some(&*source.name);
    match &source.reason {
        _ if won => format!("{outcome}: the answer"),
        Some(reason) if source.outcome == Outcome::Failed => {
            let reason = reason.to_string();
            if reason.len() > 30 { outcome } else { format!("{outcome}: {reason}") }
        }
        _ => outcome,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[tokio::test(start_paused = true)]
async fn the_timelines_of_the_documentation_are_those_of_real_requests() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/timelines");
    let is_update = std::env::var_os("UPDATE_DOCS").is_some();
    for scene in scenes() {
        let result = ask(scene.servers, scene.config).await;
        let seen = (result.source.as_deref(), result.metadata.elapsed.as_millis() as u64);
        assert_eq!(seen, scene.expected, "{}", scene.name);
        let (drawing, file) = (drawing(&Story::new(&result)), folder.join(format!("{}.svg", scene.name)));
        if is_update {
            std::fs::create_dir_all(&folder)
                .and_then(|()| std::fs::write(&file, &drawing))
                .expect("the file can be written");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        let update = "`UPDATE_DOCS=1 cargo test -p vast-explain --test suite timelines`";
        assert!(found == drawing, "docs/timelines/{}.svg is out of date: {update}", scene.name);
    }
}
