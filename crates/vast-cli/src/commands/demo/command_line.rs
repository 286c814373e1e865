//! The `vast request` command line of a configuration.

use vast_client::{ClientConfig, FetchStrategy, Location, SourceConfig};

/// The text between two lines of a command.
const CONTINUED: &str = " \\\n      ";

/// `vast request` with its arguments: one line if it fits into `width` columns, else one line per source. It covers the
/// settings that the scenes of the demo use.
pub(super) fn line(config: &ClientConfig, width: usize) -> String {
    let fetch = &config.fetch;
    let mut lines = vec!["vast request".to_owned()];
    lines.extend(fetch.sources.iter().map(source));
    lines.extend(fetch.fallbacks.iter().map(|fallback| format!("--fallback {}", source(fallback))));
    let flags = flags(config);
    if !flags.is_empty() {
        lines.push(flags.join(" "));
    }
    let short = lines.join(" ");
    if short.len() <= width { short } else { lines.join(CONTINUED) }
}

fn source(source: &SourceConfig) -> String {
    let url = match &source.location {
        Location::Url(url) => url.as_str(),
        _ => "-",
    };
    source.name.as_ref().map_or_else(|| url.to_owned(), |name| format!("{name}={url}"))
}

fn flags(config: &ClientConfig) -> Vec<String> {
    let FetchStrategy { mode, limits, stagger, .. } = &config.fetch.strategy;
    let millis =
        |flag: &str, time: Option<std::time::Duration>| time.map(|time| format!("{flag} {}ms", time.as_millis()));
    let break_duration = config.request.slot.break_duration;
    let allow_private = config.fetch.sources.iter().any(|source| source.allow_private);
    [
        (*mode != FetchStrategy::default().mode).then(|| format!("--mode {mode}")),
        millis("--stagger", *stagger),
        millis("--source-timeout", limits.source_timeout),
        break_duration.map(|length| format!("--break-duration {}s", length.as_secs())),
        config.fetch.parse_filter.min_bitrate.map(|kilobits| format!("--min-bitrate {kilobits}")),
        allow_private.then(|| "--allow-private".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use vast_mock::Mock;

    use super::*;
    use crate::args::{self, CliCommand, CommandLine, SourceArgument};
    use crate::commands::demo::scene::scenes;
    use crate::commands::demo::servers::script;

    /// The configuration that `vast request` reads from the line.
    fn read(line: &str) -> ClientConfig {
        let words = line.split_whitespace().filter(|word| *word != "\\").map(OsString::from);
        let Ok(CommandLine { command: CliCommand::Request(arguments), .. }) = args::parse(words) else {
            panic!("not a request: {line}")
        };
        let sources = |given: &[SourceArgument]| -> Vec<SourceConfig> {
            let config = |argument: &SourceArgument| argument.config(|| panic!("nothing is read from stdin"));
            given.iter().map(config).map(|source| source.with_allow_private(arguments.ask.allow_private)).collect()
        };
        let mut file = ClientConfig::default();
        arguments.ask.apply(&mut file).expect("arguments of a request");
        arguments.apply(&mut file);
        file.fetch.sources = sources(&arguments.ask.sources);
        file.fetch.fallbacks = sources(&arguments.ask.fallbacks);
        file
    }

    #[tokio::test]
    async fn the_printed_command_makes_the_same_request() {
        let mock = Mock::start(script().expect("a script")).await.expect("loopback");
        for scene in scenes(&mock) {
            for width in [0, 500] {
                let (shown, made) = (read(&line(&scene.config, width)), &scene.config);
                assert_eq!(shown.fetch.sources, made.fetch.sources, "{}", scene.title);
                assert_eq!(shown.fetch.fallbacks, made.fetch.fallbacks, "{}", scene.title);
                assert_eq!(shown.fetch.strategy, made.fetch.strategy, "{}", scene.title);
                assert_eq!(shown.fetch.parse_filter, made.fetch.parse_filter, "{}", scene.title);
                assert_eq!(shown.fetch.report_errors, made.fetch.report_errors, "{}", scene.title);
                assert_eq!(shown.request, made.request, "{}", scene.title);
            }
        }
    }
}
