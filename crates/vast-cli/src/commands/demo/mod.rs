//! `vast demo`: real requests to ad servers that the demo starts on 127.0.0.1, each the same as the `vast request` command that
//! is printed above its result.

mod command_line;
mod documents;
mod scene;
mod servers;

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use vast_client::{FetchResult, VastClient};
use vast_mock::Mock;

use super::runtime;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::render;
use crate::render::layout::{self, HumanOptions};
use scene::{Scene, scenes};
use servers::SERVERS;
pub(super) use servers::script;
#[cfg(feature = "serve")]
pub(super) use servers::{RECOVERING, recovering};

/// Printed before a command line.
const PROMPT: &str = "  $ ";

/// Plays the demo to stdout, which takes about three seconds.
///
/// # Errors
/// A [`CommandError`] when no socket can be opened on 127.0.0.1, or the output cannot be written.
pub(super) fn run() -> Result<Exit, CommandError> {
    runtime::run_multi_threaded(Box::pin(runtime::or_signal(show())))
}

async fn show() -> Result<Exit, CommandError> {
    let mut out = io::stdout().lock();
    match play(render::options(false), &mut out).await {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::new(Exit::Failed, format!("the demo cannot continue: {error}")))
        }
        _ => Ok(Exit::Done),
    }
}

/// Plays the demo to `out` and returns every scene with its result.
async fn play(options: HumanOptions, out: &mut impl Write) -> io::Result<Vec<(Scene, FetchResult)>> {
    let mock = Mock::start(script().map_err(io::Error::other)?).await?;
    introduce(&mock, out)?;
    let mut played = Vec::new();
    for (index, scene) in scenes(&mock).into_iter().enumerate() {
        announce(index + 1, &scene, options, out)?;
        let result = ask(&scene).await?;
        conclude(&scene, &result, options, out)?;
        played.push((scene, result));
    }
    writeln!(
        out,
        "\nThe servers have stopped. Try your own tags with `vast request URL`; `vast request --help` lists the settings."
    )?;
    mock.shutdown().await;
    Ok(played)
}

/// Makes the request of a scene with a client of its configuration.
async fn ask(scene: &Scene) -> io::Result<FetchResult> {
    let client = VastClient::from_config(scene.config.clone()).map_err(io::Error::other)?;
    let result = client.request_ad().await;
    client.shutdown(Duration::ZERO).await;
    Ok(result)
}

fn introduce(mock: &Mock, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "These ad servers run on this machine during the demo:\n")?;
    for (name, behaviour) in SERVERS {
        writeln!(out, "  {name:<9} {}  {behaviour}", mock.url(name))?;
    }
    Ok(())
}

fn announce(number: usize, scene: &Scene, options: HumanOptions, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", layout::heading(&format!("{number}. {}", scene.title), options))?;
    writeln!(out, "{}", layout::paragraph(scene.look, options))?;
    writeln!(out, "\n{PROMPT}{}\n", command_line::line(&scene.config, options.width.saturating_sub(PROMPT.len())))?;
    // The request takes some time: the introduction is shown before it.
    out.flush()
}

fn conclude(scene: &Scene, result: &FetchResult, options: HumanOptions, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}", render::human::request(result, options))?;
    writeln!(out, "\n{}", layout::paragraph(&conclusion(scene, result), options))
}

/// The source that won, and the reason. On a busy machine, another source than the planned one can win.
fn conclusion(scene: &Scene, result: &FetchResult) -> String {
    match result.source.as_deref() {
        Some(winner) if winner == scene.winner => format!("> {winner} won: {}.", scene.why),
        Some(winner) => {
            format!("> {winner} won instead of {}: this machine was too busy for the planned times.", scene.winner)
        }
        None => {
            format!("> No source won, {} was expected: this machine was too busy for the planned times.", scene.winner)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: HumanOptions = HumanOptions { width: 90, colour: false, verbose: false };

    /// On a paused clock, because the scenes depend on which server answers first: the clock moves only when nothing is left to read.
    async fn played() -> (Vec<(Scene, FetchResult)>, String) {
        let mut out = Vec::new();
        let played = play(OPTIONS, &mut out).await.expect("loopback");
        (played, String::from_utf8(out).expect("UTF-8"))
    }

    #[tokio::test(start_paused = true)]
    async fn every_scene_has_its_planned_winner() {
        let (played, text) = played().await;
        assert_eq!(played.len(), 10);
        for (scene, result) in &played {
            assert_eq!(result.source.as_deref(), Some(scene.winner), "{}\n{text}", scene.title);
            assert!(text.contains(&command_line::line(&scene.config, OPTIONS.width - PROMPT.len())), "{}", scene.title);
        }
        assert!(!text.contains("too busy"));
        assert!(!text.contains('\u{1b}'), "colours are off");
    }

    #[tokio::test(start_paused = true)]
    async fn every_scene_shows_the_outcomes_it_is_about() {
        let (played, _) = played().await;
        let result = |title: &str| {
            let scene = played.iter().find(|(scene, _)| scene.title.starts_with(title));
            &scene.unwrap_or_else(|| panic!("no scene {title}")).1
        };
        let outcome =
            |title: &str, source: &str| result(title).source_report(source).map(|report| report.outcome.as_str());
        assert_eq!(outcome("Parallel", "hanging"), Some("cancelled"));
        assert_eq!(outcome("Sequential", "fast"), Some("not_started"));
        assert_eq!(outcome("Race", "slow"), Some("cancelled"));
        assert_eq!(outcome("Staggered", "hanging"), Some("not_started"));
        assert_eq!(result("Collect").ads.len(), 2);
        assert_eq!(outcome("Collect", "hanging"), Some("failed"));
        assert_eq!(outcome("Fallback: the primary hangs", "hanging"), Some("failed"));
        assert_eq!(outcome("Fallback: the primary has no ad", "empty"), Some("no_ad"));
        assert_eq!(result("Retry").sources[0].attempts, 2);
        assert_eq!(outcome("Filter", "low"), Some("rejected"));
        assert_eq!(result("Wrappers").sources[0].hops.len(), 2);
    }
}
