//! Who is asked when, and how long anything may take.

use std::time::Duration;

use clap::Args;
use vast_client::FetchMode;
use vast_client::SourceOrder;
use vast_client::config::ConfigFile;

use super::choice;
use super::value::{self, set};

/// Who is asked when, and how long anything may take.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking")]
pub(crate) struct StrategyArgs {
    /// Who is asked when: all at once with the first in order winning (parallel), one after the other (sequential), all
    /// at once with the first in time winning (race), one after the other but early when one is slow (staggered), or all
    /// of them for a break (collect) [default: parallel].
    #[arg(long, value_name = "MODE", value_parser = choice::mode())]
    mode: Option<FetchMode>,
    /// The same for the fallbacks [default: that of --mode].
    #[arg(long, value_name = "MODE", value_parser = choice::mode())]
    fallback_mode: Option<FetchMode>,
    /// In which order the sources stand [default: listed].
    #[arg(long, value_name = "ORDER", value_parser = choice::order())]
    order: Option<SourceOrder>,
    /// The whole request up to the answer, with unit [default: 3s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    timeout: Option<Duration>,
    /// One source with its retries and wrappers [default: 2s; sequential divides what is left].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    source_timeout: Option<Duration>,
    /// One exchange of a source's own document [default: that of --source-timeout].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    attempt_timeout: Option<Duration>,
    /// One exchange of a wrapper [default: 1s].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    hop_timeout: Option<Duration>,
    /// Name resolution, TCP and TLS of one exchange [default: 500ms].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    connect_timeout: Option<Duration>,
    /// Attempts after the first, where one may help [default: 1].
    #[arg(long, value_name = "NUMBER")]
    retries: Option<u32>,
    /// The longest wait before the first retry; it doubles with each [default: 50ms].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    retry_delay: Option<Duration>,
    /// In parallel mode, how long sources ahead of a usable answer may still win [default: until --timeout].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    patience: Option<Duration>,
    /// In staggered mode, after what silence the next source is asked too [default: 400ms].
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    stagger: Option<Duration>,
    /// How many alternatives of one document are resolved at once: more gives an ad sooner where the first have none, and asks
    /// servers whose ads are not used [default: 1].
    #[arg(long, value_name = "NUMBER")]
    resolve_ahead: Option<usize>,
    /// Make everything random in the request repeatable.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

impl StrategyArgs {
    /// Takes what is given over what stands in `file`.
    pub(super) fn apply(&self, file: &mut ConfigFile) {
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
        set(&mut limits.per_source_timeout, self.source_timeout.map(Some));
        set(&mut limits.attempt_timeout, self.attempt_timeout.map(Some));
        set(&mut limits.hop_timeout, self.hop_timeout);
        set(&mut limits.connect_timeout, self.connect_timeout);
        set(&mut file.request.seed, self.seed.map(Some));
    }
}

#[cfg(test)]
mod tests {
    use super::super::definition;
    use vast_client::FetchStrategy;
    use vast_client::policy::TimeLimits;

    /// The texts are written by hand, so that they read well; the values are the library's.
    #[test]
    fn the_help_names_the_defaults_that_hold() {
        let FetchStrategy { mode, limits, retry, resolve_ahead, .. } = FetchStrategy::default();
        let defaults = [
            ("mode", mode.to_string()),
            ("timeout", format!("{:?}", limits.timeout)),
            ("source-timeout", format!("{:?}", TimeLimits::DEFAULT_PER_SOURCE)),
            ("hop-timeout", format!("{:?}", limits.hop_timeout)),
            ("connect-timeout", format!("{:?}", limits.connect_timeout)),
            ("retries", retry.max_retries.to_string()),
            ("retry-delay", format!("{:?}", retry.delay)),
            ("resolve-ahead", resolve_ahead.to_string()),
            ("stagger", format!("{:?}", FetchStrategy::DEFAULT_STAGGER)),
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
