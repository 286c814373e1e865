//! `vast demo`: the client at work against ad servers that it starts itself, on 127.0.0.1. Nothing is staged: the sockets,
//! the delays and the answers are real, and each request is the one that `vast request` would make.

mod command;
mod documents;
mod scene;
mod servers;

use std::io::{self, Write};
use std::time::Duration;

use vast_client::{FetchResult, VastClient};
use vast_mock::Mock;

use crate::render::human::{self, View};
use scene::{Scene, scenes};
use servers::{SERVERS, script};

/// Before a command.
const PROMPT: &str = "  $ ";

/// Plays the demo to standard output. It takes about three seconds.
///
/// # Errors
/// No socket is to be had on 127.0.0.1, or the output cannot be written.
pub(crate) async fn run(view: View) -> io::Result<()> {
    let mut out = io::stdout().lock();
    play(view, &mut out).await.map(drop)
}

/// Plays the demo to `out`; gives the title and the answer of every scene.
async fn play(view: View, out: &mut impl Write) -> io::Result<Vec<(Scene, FetchResult)>> {
    let mock = Mock::start(script().map_err(io::Error::other)?).await?;
    introduce(&mock, out)?;
    let mut played = Vec::new();
    for (index, scene) in scenes(&mock).into_iter().enumerate() {
        announce(index + 1, &scene, view, out)?;
        let result = ask(&scene).await?;
        conclude(&scene, &result, view, out)?;
        played.push((scene, result));
    }
    writeln!(
        out,
        "\nThe servers are gone now. To try your own tags: `vast request --help`, and the README for the library."
    )?;
    mock.shutdown().await;
    Ok(played)
}

/// The request as a user makes it: a client from a configuration, asked once.
async fn ask(scene: &Scene) -> io::Result<FetchResult> {
    let client = VastClient::from_config(scene.config.clone()).map_err(io::Error::other)?;
    let result = client.request_ad().await;
    client.shutdown(Duration::ZERO).await;
    Ok(result)
}

fn introduce(mock: &Mock, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Ad servers on this machine, for as long as the demo runs:\n")?;
    for (name, about) in SERVERS {
        writeln!(out, "  {name:<9} {}  {about}", mock.url(name))?;
    }
    Ok(())
}

fn announce(number: usize, scene: &Scene, view: View, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n{}", human::heading(&format!("{number}. {}", scene.title), view))?;
    writeln!(out, "{}", human::paragraph(scene.look, view))?;
    writeln!(out, "\n{PROMPT}{}\n", command::line(&scene.config, view.width.saturating_sub(PROMPT.len())))?;
    // What follows takes its time; what it is about should be on the screen.
    out.flush()
}

fn conclude(scene: &Scene, result: &FetchResult, view: View, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{}", human::request(result, view))?;
    writeln!(out, "\n{}", human::paragraph(&conclusion(scene, result), view))
}

/// Who won and why; also when a busy machine lets another one win than in the script.
fn conclusion(scene: &Scene, result: &FetchResult) -> String {
    match result.source.as_deref() {
        Some(winner) if winner == scene.winner => format!("> {winner} won: {}.", scene.why),
        Some(winner) => format!("> {winner} won, where {} should have: this machine was busy elsewhere.", scene.winner),
        None => format!("> Nobody won, where {} should have: this machine was busy elsewhere.", scene.winner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View = View { width: 90, colour: false, verbose: false };

    async fn played() -> (Vec<(Scene, FetchResult)>, String) {
        let mut out = Vec::new();
        let played = play(VIEW, &mut out).await.expect("loopback");
        (played, String::from_utf8(out).expect("UTF-8"))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_scene_ends_as_it_says() {
        let (played, text) = played().await;
        assert_eq!(played.len(), 10);
        for (scene, result) in &played {
            assert_eq!(result.source.as_deref(), Some(scene.winner), "{}\n{text}", scene.title);
            assert!(text.contains(&command::line(&scene.config, VIEW.width - PROMPT.len())), "{}", scene.title);
        }
        assert!(!text.contains("should have"));
        assert!(!text.contains('\u{1b}'), "no colours were asked for");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_scenes_show_what_they_promise() {
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
