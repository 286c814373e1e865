//! Draws a curve as an SVG, both axes logarithmic: a cost that grows linearly is a straight line.

use std::path::Path;

use plotters::prelude::*;

use crate::effort::Failure;

/// How a cost grows.
#[derive(Debug)]
pub(super) struct Curve {
    /// What grows.
    pub(super) grows: &'static str,
    /// The name of the drawing.
    pub(super) file: &'static str,
    pub(super) points: Vec<Point>,
}

/// CPU per request at one value, in microseconds.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) value: usize,
    pub(super) bare: f64,
    pub(super) parsed: f64,
    pub(super) ours: f64,
}

/// One side of a point.
type Figure = fn(&Point) -> f64;

const SIZE: (u32, u32) = (720, 420);
/// Room for the second half of the last number of the axis.
const RIGHT: u32 = 36;
const LINES: [(&str, Figure, RGBColor); 3] = [
    ("bare", |point| point.bare, RGBColor(120, 120, 120)),
    ("bare + parse", |point| point.parsed, RGBColor(200, 110, 0)),
    ("vast-client", |point| point.ours, RGBColor(0, 90, 180)),
];

pub(super) fn draw(curve: &Curve, file: &Path) -> Result<(), Failure> {
    let figures = || curve.points.iter().flat_map(|point| LINES.map(|(_, figure, _)| figure(point)));
    let (least, most) = (figures().fold(f64::MAX, f64::min) / 1.5, figures().fold(0.0, f64::max) * 1.5);
    let (first, last) = (curve.points.first(), curve.points.last());
    let (first, last) =
        first.zip(last).map(|(first, last)| (first.value as f64, last.value as f64)).ok_or("no points")?;
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .margin_right(RIGHT)
        .caption(format!("CPU per request by {}", curve.grows), ("sans-serif", 18))
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d((first..last).log_scale(), (least..most).log_scale())?;
    let whole = |value: &f64| format!("{value:.0}");
    chart
        .configure_mesh()
        .x_desc(curve.grows)
        .y_desc("microseconds")
        .x_label_formatter(&whole)
        .y_label_formatter(&whole)
        .draw()?;
    for (name, figure, colour) in LINES {
        let points = || curve.points.iter().map(|point| (point.value as f64, figure(point)));
        chart
            .draw_series(LineSeries::new(points(), colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(points().map(|at| Circle::new(at, 3, colour.filled())))?;
    }
    let rises = curve.points.first().zip(curve.points.last()).is_some_and(|(first, last)| first.ours < last.ours);
    let free_corner = if rises { SeriesLabelPosition::UpperLeft } else { SeriesLabelPosition::UpperRight };
    chart.configure_series_labels().position(free_corner).border_style(BLACK).background_style(WHITE).draw()?;
    area.present()?;
    Ok(())
}
