//! The mode, the time limits and the retries of a request.

use std::time::Duration;

use clap::Args;
use vast_client::FetchMode;
use vast_client::SourceOrder;
use vast_client::config::ClientConfig;

use super::value::{self, set};

/// The mode, the time limits and the retries of a request.
#[derive(Debug, Args)]
#[command(next_help_heading = "Mode and time limits")]
pub(crate) struct StrategyArgs {
    /// How the sources are asked. parallel: all at once, the first of the list with a usable ad wins. sequential: one after the
    /// other. race: all at once, the first usable ad wins. staggered: one after the other, and the next one early when
    /// one is slow. collect: all of them, for an ad break [default: parallel].
    #[arg(long, value_name = "MODE", value_parser = value::mode())]
    mode: Option<FetchMode>,
    /// The mode for the fallbacks [default: the value of --mode].
    #[arg(long, value_name = "MODE", value_parser = value::mode())]
    fallback_mode: Option<FetchMode>,
    /// The order of the sources [default: listed].
    #[arg(long, value_name = "ORDER", value_parser = value::order())]
    order: Option<SourceOrder>,
    /// Time limit of the whole request, such as 1500ms or 3s [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    timeout: Option<Duration>,
    /// Time limit of one source with its retries and wrappers [default: 2s; in sequential mode a share of the time left].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    source_timeout: Option<Duration>,
    /// Time limit of one HTTP request for a source's own document [default: the value of --source-timeout].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    attempt_timeout: Option<Duration>,
    /// Time limit of one HTTP request for a wrapper's document [default: 1s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    hop_timeout: Option<Duration>,
    /// Time limit of one connection: name resolution, TCP and TLS [default: 500ms].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    connect_timeout: Option<Duration>,
    /// The highest number of retries of a failed HTTP request, for failures that may be temporary [default: 1].
    #[arg(long, value_name = "NUMBER")]
    retries: Option<u32>,
    /// The longest wait before the first retry; it doubles with each retry [default: 50ms].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    retry_delay: Option<Duration>,
    /// In parallel mode, how long to wait for sources ahead of the first usable ad [default: until --timeout].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    patience: Option<Duration>,
    /// In staggered mode, how long to wait for a source before the next one is asked too [default: 400ms].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    stagger: Option<Duration>,
    /// How many alternative ads of one document are resolved at the same time. More is faster when the first ones fail, and
    /// sends requests whose ads are not used [default: 1].
    #[arg(long, value_name = "NUMBER")]
    resolve_ahead: Option<usize>,
    /// The key that decides the arm of the file, and the first source with --order split; usually the id of a viewer
    /// [default: both are drawn].
    #[arg(long, value_name = "KEY")]
    split_key: Option<String>,
    /// Start value for everything random in the request, to repeat it exactly.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

impl StrategyArgs {
    /// Overrides the settings of `file` by the arguments that are present.
    pub(super) fn apply(&self, file: &mut ClientConfig) {
        let strategy = &mut file.fetch.strategy;
        set(&mut strategy.mode, self.mode);
        set(&mut strategy.fallback_mode, self.fallback_mode.map(Some));
        set(&mut strategy.order, self.order);
        set(&mut strategy.retry.max_retries, self.retries);
        set(&mut strategy.retry.delay, self.retry_delay);
        set(&mut strategy.patience, self.patience.map(Some));
        set(&mut strategy.stagger, self.stagger.map(Some));
        set(&mut strategy.resolve_ahead, self.resolve_ahead);
        let limits = &mut strategy.limits;
        set(&mut limits.timeout, self.timeout);
        set(&mut limits.source_timeout, self.source_timeout.map(Some));
        set(&mut limits.attempt_timeout, self.attempt_timeout.map(Some));
        set(&mut limits.hop_timeout, self.hop_timeout);
        set(&mut limits.connect_timeout, self.connect_timeout);
        set(&mut file.request.split_key, self.split_key.clone().map(Some));
        set(&mut file.request.seed, self.seed.map(Some));
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition;
    use vast_client::FetchStrategy;
    use vast_client::RunOptions;
    use vast_client::policy::TimeLimits;

    /// The help texts are written by hand; their defaults must be those of the library.
    #[test]
    fn the_help_names_the_real_defaults() {
        let FetchStrategy { mode, limits, retry, resolve_ahead, cost, .. } = FetchStrategy::default();
        let defaults = [
            ("mode", mode.to_string()),
            ("timeout", format!("{:?}", limits.timeout)),
            ("source-timeout", format!("{:?}", TimeLimits::DEFAULT_SOURCE_TIMEOUT)),
            ("hop-timeout", format!("{:?}", limits.hop_timeout)),
            ("connect-timeout", format!("{:?}", limits.connect_timeout)),
            ("retries", retry.max_retries.to_string()),
            ("retry-delay", format!("{:?}", retry.delay)),
            ("resolve-ahead", resolve_ahead.to_string()),
            ("stagger", format!("{:?}", FetchStrategy::DEFAULT_STAGGER)),
            ("max-exchanges", cost.max_exchanges.to_string()),
            ("max-redirects", cost.max_redirects.to_string()),
            ("max-source-bytes", cost.max_source_bytes.to_string()),
            ("max-request-bytes", cost.max_request_bytes.to_string()),
            ("max-breaks", cost.max_breaks.to_string()),
            ("max-beacons", RunOptions::MAX_BEACONS.to_string()),
        ];
        let definition = definition();
        let request = definition.find_subcommand("request").expect("the command");
        for (name, default) in defaults {
            let argument = request.get_arguments().find(|argument| argument.get_long() == Some(name)).expect(name);
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("[default: {default}")), "--{name} is {default}, and its help says: {help}");
        }
    }
}
