//! The text format of Prometheus, version 0.0.4.

use std::fmt::{self, Write};
use std::time::Duration;

use super::families::{METRIC_BOUNDS, MetricFamily, MetricLabels, MetricSink, export};
use super::histogram::Histogram;
use super::snapshot::ClientStats;

impl ClientStats {
    /// The numbers in the text format of Prometheus (`text/plain; version=0.0.4`): counters and histograms whose names begin with
    /// `vast_`, times in seconds. A series has at most two labels; their values are names of sources and of closed sets.
    pub fn to_prometheus(&self) -> String {
        let mut text = PrometheusText::default();
        export(self, &mut text);
        text.finish()
    }
}

/// Metrics in the text format of Prometheus (`text/plain; version=0.0.4`), for a program with several plans or with numbers of its
/// own. All series of a family are written one after the other, in whatever order they are added.
///
/// ```
/// use vast_client::stats::{MetricSink as _, PlanStats, PrometheusText};
///
/// let mut text = PrometheusText::default();
/// text.plan(("placement", "preroll"), &PlanStats::default());
/// text.plan(("placement", "midroll"), &PlanStats::default());
/// text.counter(("my_answers_total", "Answers by their status."), &[("status", "200")], 7);
/// let text = text.finish();
/// assert!(text.contains(r#"vast_requests_total{placement="midroll",outcome="filled"} 0"#));
/// assert!(text.ends_with("my_answers_total{status=\"200\"} 7\n"));
/// ```
#[derive(Debug, Default)]
pub struct PrometheusText {
    /// The families with their text, in the order in which they began.
    families: Vec<(&'static str, String)>,
}

impl PrometheusText {
    /// The text.
    pub fn finish(self) -> String {
        self.families.into_iter().map(|(_, text)| text).collect()
    }

    /// Where the series of `family` are written. A new family begins with its description.
    fn series(&mut self, family: impl Into<MetricFamily>, kind: &str) -> Series<'_> {
        let MetricFamily { name, help } = family.into();
        let at = self.families.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.families.push((name, format!("# HELP {name} {help}\n# TYPE {name} {kind}\n")));
            self.families.len() - 1
        });
        Series { text: &mut self.families[at].1, name }
    }
}

/// The text of one family, to which series are added.
struct Series<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Series<'_> {
    fn sample(&mut self, suffix: &str, labels: MetricLabels<'_>, value: impl fmt::Display) {
        let name = self.name;
        self.put(format_args!("{name}{suffix}"));
        let mut before = '{';
        for (label, text) in labels {
            self.text.push(before);
            self.put(format_args!("{label}=\"{}\"", LabelValue(text)));
            before = ',';
        }
        if before == ',' {
            self.text.push('}');
        }
        self.put(format_args!(" {value}\n"));
    }

    fn put(&mut self, text: fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        let _ = self.text.write_fmt(text);
    }
}

impl MetricSink for PrometheusText {
    fn counter(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: u64) {
        self.series(family, "counter").sample("", labels, value);
    }

    fn gauge(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: f64) {
        self.series(family, "gauge").sample("", labels, value);
    }

    fn histogram(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: &Histogram) {
        let mut series = self.series(family, "histogram");
        let count = value.count();
        let bounds = METRIC_BOUNDS.map(|(micros, text)| (text, value.count_up_to(Duration::from_micros(micros))));
        for (bound, count) in bounds.into_iter().chain([("+Inf", count)]) {
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound)]).collect();
            series.sample("_bucket", &labels, count);
        }
        series.sample("_sum", labels, value.sum().as_secs_f64());
        series.sample("_count", labels, count);
    }
}

/// A value of a label, with backslashes, quotes and line feeds escaped.
struct LabelValue<'a>(&'a str);

impl fmt::Display for LabelValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            char => f.write_char(char),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorType;
    use crate::stats::SourceStats;

    fn stats(name: &str) -> ClientStats {
        let mut stats = ClientStats::default();
        let mut source = SourceStats { name: name.into(), filled: 7, ..SourceStats::default() };
        source.failed = [(ErrorType::Timeout, 2)].into_iter().collect();
        for micros in [900, 1_000, 40_000_000] {
            source.latency.record(Duration::from_micros(micros));
        }
        stats.plan.sources.push(source);
        stats.beacons.delivered = 3;
        stats
    }

    #[test]
    fn series_have_their_values() {
        let text = stats("east").to_prometheus();
        let expected = [
            "# TYPE vast_source_requests_total counter",
            "vast_source_requests_total{source=\"east\",outcome=\"filled\"} 7",
            "vast_source_requests_total{source=\"east\",outcome=\"failed\"} 2",
            "vast_source_errors_total{source=\"east\",error_type=\"timeout\"} 2",
            "# TYPE vast_source_duration_seconds histogram",
            "vast_source_duration_seconds_bucket{source=\"east\",le=\"0.0005\"} 0",
            "vast_source_duration_seconds_bucket{source=\"east\",le=\"0.001\"} 2",
            "vast_source_duration_seconds_bucket{source=\"east\",le=\"30\"} 2",
            "vast_source_duration_seconds_bucket{source=\"east\",le=\"+Inf\"} 3",
            "vast_source_duration_seconds_sum{source=\"east\"} 40.0019",
            "vast_source_duration_seconds_count{source=\"east\"} 3",
            "vast_request_duration_seconds_count 0",
            "vast_beacons_total{outcome=\"delivered\"} 3",
        ];
        for line in expected {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }

    #[test]
    fn each_family_is_described_once() {
        let mut stats = stats("east");
        stats.plan.sources.push(SourceStats { name: "west".into(), ..SourceStats::default() });
        let text = stats.to_prometheus();
        let mut described: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
        let all = described.len();
        described.sort_unstable();
        described.dedup();
        assert_eq!(described.len(), all, "{text}");
    }

    #[test]
    fn a_name_cannot_break_the_format() {
        let text = stats("a\"} 1\nb\\").to_prometheus();
        assert!(text.contains("vast_source_wins_total{source=\"a\\\"} 1\\nb\\\\\"} 0\n"), "{text}");
    }

    /// Prometheus would get wrong counts for a bound within a bucket.
    #[test]
    fn the_bounds_are_bounds_of_the_histogram() {
        for (micros, text) in METRIC_BOUNDS {
            let mut histogram = Histogram::default();
            histogram.record(Duration::from_micros(micros));
            histogram.record(Duration::from_nanos(micros * 1_000 + 1));
            assert_eq!(histogram.count_up_to(Duration::from_micros(micros)), 1, "{micros}");
            assert_eq!(text.parse::<f64>().expect("a number"), Duration::from_micros(micros).as_secs_f64());
        }
    }
}
