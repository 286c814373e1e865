//! The numbers of `/metrics` as metrics of OTLP.

use serde::Serialize;
use vast_client::stats::{Histogram, MetricFamily, MetricLabels, MetricSink};

use super::otlp::{KeyValue, UnixNanos, as_text};

/// Cumulative: each point has everything since the start.
const CUMULATIVE: u8 = 2;

/// Collects all metrics at one moment.
#[derive(Debug)]
pub(crate) struct MetricPoints {
    metrics: Vec<Metric>,
    start: UnixNanos,
    now: UnixNanos,
}

/// A metric with its series.
#[derive(Debug, Serialize)]
pub(super) struct Metric {
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    data: MetricData,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum MetricData {
    #[serde(rename_all = "camelCase")]
    Sum { aggregation_temporality: u8, is_monotonic: bool, data_points: Vec<Point> },
    #[serde(rename_all = "camelCase")]
    Gauge { data_points: Vec<Point> },
    #[serde(rename_all = "camelCase")]
    Histogram { aggregation_temporality: u8, data_points: Vec<Point> },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Point {
    attributes: Vec<KeyValue>,
    start_time_unix_nano: UnixNanos,
    time_unix_nano: UnixNanos,
    #[serde(flatten)]
    value: PointValue,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase", untagged)]
enum PointValue {
    Integer {
        #[serde(rename = "asInt", serialize_with = "as_text")]
        value: u64,
    },
    Real {
        #[serde(rename = "asDouble")]
        value: f64,
    },
    Durations {
        #[serde(serialize_with = "as_text")]
        count: u64,
        sum: f64,
        #[serde(rename = "bucketCounts")]
        bucket_counts: Vec<String>,
        #[serde(rename = "explicitBounds")]
        explicit_bounds: Vec<f64>,
    },
}

impl MetricPoints {
    /// Metrics of a process that began at `start`.
    pub(super) fn new(start: UnixNanos, now: UnixNanos) -> Self {
        Self { metrics: Vec::new(), start, now }
    }

    pub(super) fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// The number of series.
    pub(super) fn series(&self) -> usize {
        let points = |metric: &Metric| match &metric.data {
            MetricData::Sum { data_points, .. }
            | MetricData::Gauge { data_points }
            | MetricData::Histogram { data_points, .. } => data_points.len(),
        };
        self.metrics.iter().map(points).sum()
    }

    fn add(&mut self, family: MetricFamily, empty: MetricData, labels: MetricLabels<'_>, value: PointValue) {
        let attributes = labels.iter().map(|(name, text)| KeyValue::new(*name, *text)).collect();
        let point = Point { attributes, start_time_unix_nano: self.start, time_unix_nano: self.now, value };
        let at = self.metrics.iter().position(|metric| metric.name == family.name).unwrap_or_else(|| {
            let unit = if family.name.ends_with("_seconds") { "s" } else { "1" };
            self.metrics.push(Metric { name: family.name, description: family.help, unit, data: empty });
            self.metrics.len() - 1
        });
        match &mut self.metrics[at].data {
            MetricData::Sum { data_points, .. }
            | MetricData::Gauge { data_points }
            | MetricData::Histogram { data_points, .. } => data_points.push(point),
        }
    }
}

impl MetricSink for MetricPoints {
    fn counter(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: u64) {
        let empty =
            MetricData::Sum { aggregation_temporality: CUMULATIVE, is_monotonic: true, data_points: Vec::new() };
        self.add(family.into(), empty, labels, PointValue::Integer { value });
    }

    fn gauge(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: f64) {
        self.add(family.into(), MetricData::Gauge { data_points: Vec::new() }, labels, PointValue::Real { value });
    }

    fn histogram(&mut self, family: impl Into<MetricFamily>, labels: MetricLabels<'_>, value: &Histogram) {
        let empty = MetricData::Histogram { aggregation_temporality: CUMULATIVE, data_points: Vec::new() };
        let count = value.count();
        let (mut below, mut bucket_counts, mut explicit_bounds) = (0, Vec::new(), Vec::new());
        for (bound, up_to) in value.metric_buckets() {
            explicit_bounds.push(bound.as_secs_f64());
            bucket_counts.push(up_to.saturating_sub(below).to_string());
            below = up_to;
        }
        bucket_counts.push(count.saturating_sub(below).to_string());
        let sum = value.sum().as_secs_f64();
        self.add(family.into(), empty, labels, PointValue::Durations { count, sum, bucket_counts, explicit_bounds });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::json;

    use super::*;

    #[test]
    fn metrics_have_the_form_of_otlp() {
        let at = |seconds| UnixNanos::from(UNIX_EPOCH + Duration::from_secs(seconds));
        let mut points = MetricPoints::new(at(1), at(2));
        points.counter(("a_total", "A."), &[("why", "x")], 7);
        points.counter(("a_total", "A."), &[("why", "y")], 8);
        points.gauge(("b", "B."), &[], 0.5);
        let mut histogram = Histogram::default();
        [900_u64, 40_000_000].iter().for_each(|micros| histogram.record(Duration::from_micros(*micros)));
        points.histogram(("c_seconds", "C."), &[], &histogram);
        assert_eq!(points.series(), 4);
        let mut shown = serde_json::to_value(points.metrics()).expect("plain data");
        let times = json!({ "startTimeUnixNano": "1000000000", "timeUnixNano": "2000000000" });
        let with_times = |mut point: serde_json::Value| {
            let own = times.as_object().expect("an object").clone();
            point.as_object_mut().expect("an object").extend(own);
            point
        };
        let sum = |label: &str, value: &str| {
            with_times(json!({ "attributes": [{ "key": "why", "value": { "stringValue": label } }], "asInt": value }))
        };
        assert_eq!(
            shown[0],
            json!({ "name": "a_total", "description": "A.", "unit": "1", "sum": {
                "aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [sum("x", "7"), sum("y", "8")] } })
        );
        assert_eq!(shown[1]["gauge"]["dataPoints"][0], with_times(json!({ "attributes": [], "asDouble": 0.5 })));
        let durations = shown[2]["histogram"]["dataPoints"][0].take();
        assert_eq!((&durations["count"], &durations["sum"]), (&json!("2"), &json!(40.0009)));
        let (bounds, counts) = (durations["explicitBounds"].as_array(), durations["bucketCounts"].as_array());
        let (bounds, counts) = (bounds.expect("bounds"), counts.expect("counts"));
        assert_eq!(counts.len(), bounds.len() + 1);
        assert_eq!((&bounds[4], &counts[4], &counts[18]), (&json!(0.001), &json!("1"), &json!("1")));
    }
}
