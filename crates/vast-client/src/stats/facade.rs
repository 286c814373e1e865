//! Forwards snapshots to the facade of the crate `metrics`.

use std::collections::HashMap;

use metrics::{Label, SharedString};

use super::families::{MetricFamily, MetricLabels, MetricSink, export};
use super::histogram::Histogram;
use super::snapshot::ClientStats;

/// Forwards the numbers of one client to the recorder of the crate `metrics`, under the names that
/// [`ClientStats::to_prometheus`] uses.
///
/// Call [`forward`](Self::forward) every few seconds, or before each scrape. Requests have no cost from it, because it reads
/// snapshots. Use one forwarder per client: it remembers what it has forwarded.
///
/// ```
/// use vast_client::stats::MetricsForwarder;
/// use vast_client::{SourceConfig, VastClient};
///
/// # fn main() -> Result<(), vast_client::ConfigError> {
/// let client = VastClient::new(SourceConfig::inline("<VAST/>"))?;
/// let mut forwarder = MetricsForwarder::default();
/// forwarder.forward(&client.stats());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct MetricsForwarder {
    /// The histograms at the last call, because the facade takes single durations.
    forwarded: HashMap<(&'static str, Vec<String>), Histogram>,
}

impl MetricsForwarder {
    /// Forwards `stats`: counters with their values, and the durations that histograms have got since the last call. A duration has the
    /// error of [`Histogram::ERROR`].
    pub fn forward(&mut self, stats: &ClientStats) {
        export(stats, self);
    }
}

impl MetricSink for MetricsForwarder {
    fn counter(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: u64) {
        let family = family.into();
        metrics::describe_counter!(family.name, family.help);
        metrics::counter!(family.name, owned(labels)).absolute(value);
    }

    fn gauge(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: f64) {
        let family = family.into();
        metrics::describe_gauge!(family.name, family.help);
        metrics::gauge!(family.name, owned(labels)).set(value);
    }

    fn histogram(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: &Histogram) {
        let family = family.into();
        metrics::describe_histogram!(family.name, metrics::Unit::Seconds, family.help);
        let series = metrics::histogram!(family.name, owned(labels));
        let values = labels.iter().map(|(_, value)| (*value).to_owned()).collect();
        let before = self.forwarded.entry((family.name, values)).or_default();
        for (middle, count) in value.difference(before).middles() {
            series.record_many(middle.as_secs_f64(), usize::try_from(count).unwrap_or(usize::MAX));
        }
        before.clone_from(value);
    }
}

fn owned(labels: MetricLabels<'_>) -> Vec<Label> {
    let label = |(name, value): &(&'static str, &str)| Label::new(*name, SharedString::from((*value).to_owned()));
    labels.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::Duration;

    use metrics::{
        Counter, CounterFn, Gauge, Histogram as Series, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString,
        Unit,
    };

    use super::*;
    use crate::stats::SourceStats;

    type Log = Arc<Mutex<Vec<String>>>;

    /// Writes down what it gets.
    struct LogRecorder(Log);

    struct LoggedSeries(String, Log);

    impl LoggedSeries {
        fn log(&self, value: impl std::fmt::Display) {
            self.1.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{} {value}", self.0));
        }
    }

    impl CounterFn for LoggedSeries {
        fn increment(&self, value: u64) {
            self.log(format!("+{value}"));
        }
        fn absolute(&self, value: u64) {
            self.log(value);
        }
    }

    impl HistogramFn for LoggedSeries {
        fn record(&self, value: f64) {
            self.log(value);
        }
    }

    impl LogRecorder {
        fn series(&self, key: &Key) -> Arc<LoggedSeries> {
            let labels: Vec<_> = key.labels().map(metrics::Label::value).collect();
            Arc::new(LoggedSeries(format!("{} {}", key.name(), labels.join(" ")), Arc::clone(&self.0)))
        }
    }

    impl Recorder for LogRecorder {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(self.series(key))
        }
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }
        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Series {
            Series::from_arc(self.series(key))
        }
    }

    #[test]
    fn a_duration_is_forwarded_once() {
        let log = Log::default();
        let mut stats = ClientStats::default();
        stats.plan.sources.push(SourceStats { name: "east".into(), filled: 2, ..SourceStats::default() });
        let mut forwarder = MetricsForwarder::default();
        metrics::with_local_recorder(&LogRecorder(Arc::clone(&log)), || {
            for millis in [10, 20] {
                stats.plan.sources[0].latency.record(Duration::from_millis(millis));
                forwarder.forward(&stats);
            }
        });
        let log = log.lock().unwrap_or_else(PoisonError::into_inner);
        let of_latency = log.iter().filter_map(|line| line.strip_prefix("vast_source_duration_seconds east "));
        assert_eq!(of_latency.collect::<Vec<_>>(), ["0.00995", "0.0195"]);
        let of_filled = log.iter().filter(|line| *line == "vast_source_requests_total east filled 2");
        assert_eq!(of_filled.count(), 2);
    }
}
