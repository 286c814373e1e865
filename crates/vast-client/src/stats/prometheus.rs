//! The text format of Prometheus, version 0.0.4.

use std::fmt::{self, Write};
use std::time::Duration;

use super::families::{Family, Labels, MetricSink, export};
use super::histogram::Histogram;
use super::snapshot::ClientStats;

/// The upper bounds of the buckets in microseconds, with their text in seconds. Each is a bound of the histogram, so that the counts are exact.
const BOUNDS: [(u64, &str); 18] = [
    (50, "0.00005"),
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (5_000_000, "5"),
    (10_000_000, "10"),
    (30_000_000, "30"),
];

impl ClientStats {
    /// The numbers in the text format of Prometheus (`text/plain; version=0.0.4`): counters and histograms whose names begin with
    /// `vast_`, times in seconds. A series has at most two labels; their values are names of sources and of closed sets.
    pub fn to_prometheus(&self) -> String {
        let mut text = PrometheusText::default();
        export(self, &mut text);
        text.text
    }
}

#[derive(Default)]
struct PrometheusText {
    text: String,
    /// The name of the family that was written last.
    family: &'static str,
}

impl PrometheusText {
    /// Begins a family, unless the last series belongs to it too.
    fn begin(&mut self, family: Family, kind: &str) {
        let Family { name, help } = family;
        if self.family != name {
            self.family = name;
            self.put(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        }
    }

    fn sample(&mut self, name: &str, suffix: &str, labels: Labels<'_>, value: impl fmt::Display) {
        self.put(format_args!("{name}{suffix}"));
        for (number, (label, text)) in labels.iter().enumerate() {
            self.text.push(if number == 0 { '{' } else { ',' });
            self.put(format_args!("{label}=\"{}\"", LabelValue(text)));
        }
        if !labels.is_empty() {
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
    fn counter(&mut self, family: Family, labels: Labels<'_>, value: u64) {
        self.begin(family, "counter");
        self.sample(family.name, "", labels, value);
    }

    fn gauge(&mut self, family: Family, labels: Labels<'_>, value: f64) {
        self.begin(family, "gauge");
        self.sample(family.name, "", labels, value);
    }

    fn histogram(&mut self, family: Family, labels: Labels<'_>, value: &Histogram) {
        self.begin(family, "histogram");
        let count = value.count();
        let bounds = BOUNDS.map(|(micros, text)| (text, value.count_up_to(Duration::from_micros(micros))));
        for (bound, count) in bounds.into_iter().chain([("+Inf", count)]) {
            let labels: Vec<_> = labels.iter().copied().chain([("le", bound)]).collect();
            self.sample(family.name, "_bucket", &labels, count);
        }
        self.sample(family.name, "_sum", labels, value.sum().as_secs_f64());
        self.sample(family.name, "_count", labels, count);
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
        for (micros, text) in BOUNDS {
            let mut histogram = Histogram::default();
            histogram.record(Duration::from_micros(micros));
            histogram.record(Duration::from_nanos(micros * 1_000 + 1));
            assert_eq!(histogram.count_up_to(Duration::from_micros(micros)), 1, "{micros}");
            assert_eq!(text.parse::<f64>().expect("a number"), Duration::from_micros(micros).as_secs_f64());
        }
    }
}
