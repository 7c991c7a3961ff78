//! Plots as SVG that stand in black and white: length, line and hatching, no colour.

use std::fmt::Write as _;

use super::page::escaped;

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) count: u64,
    /// What the past would let expect; `None` if it is short.
    pub(super) expected: Option<f64>,
}

const WIDTH: f64 = 680.0;
const LABELS: f64 = 270.0;
const ROW: f64 = 24.0;

/// Bars from left to right, with a mark where the past would let expect them to end.
pub(super) fn bars(title: &str, bars: &[Bar]) -> String {
    let most = bars
        .iter()
        .map(|bar| (bar.count as f64).max(bar.expected.unwrap_or(0.0)))
        .fold(1.0, f64::max);
    let length = |count: f64| count / most * (WIDTH - LABELS - 60.0);
    let height = ROW * bars.len() as f64 + 6.0;
    let mut svg = opened(title, height);
    for (row, bar) in bars.iter().enumerate() {
        let y = ROW * row as f64 + 4.0;
        let end = LABELS + length(bar.count as f64);
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LABELS:.0}\" y=\"{y:.0}\" width=\"{:.1}\" height=\"15\" fill=\"#444\"/>",
            LABELS - 8.0,
            y + 12.0,
            escaped(&fitting(&bar.label)),
            length(bar.count as f64).max(1.0),
        );
        let mut number_at = end;
        if let Some(expected) = bar.expected {
            let x = LABELS + length(expected);
            // Dark beside the bar and light upon it, so that it is seen in both places.
            let _ = write!(
                svg,
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.0}\" y2=\"{:.0}\" stroke=\"#fff\" stroke-width=\"5\"/>\
                 <line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.0}\" y2=\"{:.0}\" stroke=\"#000\" stroke-width=\"2\"/>",
                y - 2.0,
                y + 17.0,
                y - 2.0,
                y + 17.0,
            );
            number_at = number_at.max(x);
        }
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.0}\">{}</text>",
            number_at + 7.0,
            y + 12.0,
            bar.count
        );
    }
    svg.push_str("</svg>");
    svg
}

/// One column a week; the last is the present one and filled, a week that is not shown is a dot.
pub(super) fn weeks(title: &str, weeks: &[(String, Option<u64>)]) -> String {
    const HEIGHT: f64 = 150.0;
    let most = weeks.iter().filter_map(|(_, count)| *count).max().unwrap_or(1).max(1) as f64;
    let step = WIDTH / weeks.len().max(1) as f64;
    let mut svg = opened(title, HEIGHT + 36.0);
    for (place, (label, count)) in weeks.iter().enumerate() {
        let (x, middle) = (step * place as f64, step * (place as f64 + 0.5));
        let fill = if place + 1 == weeks.len() { "#222" } else { "url(#hatched)" };
        if let Some(count) = count {
            let height = *count as f64 / most * (HEIGHT - 20.0);
            let _ = write!(
                svg,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{fill}\" stroke=\"#222\"/>\
                 <text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{count}</text>",
                x + step * 0.15,
                HEIGHT - height,
                step * 0.7,
                HEIGHT - height - 5.0,
            );
        } else {
            let _ = write!(
                svg,
                "<circle cx=\"{middle:.1}\" cy=\"{:.1}\" r=\"2\" fill=\"#222\"/>",
                HEIGHT - 4.0
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10.5\">{}</text>",
            HEIGHT + 16.0,
            escaped(label)
        );
    }
    let _ = write!(
        svg,
        "<line x1=\"0\" x2=\"{WIDTH:.0}\" y1=\"{HEIGHT:.1}\" y2=\"{HEIGHT:.1}\" stroke=\"#000\"/></svg>"
    );
    svg
}

/// Points of a reliability plot: what was promised against what came, each with its interval.
pub(crate) fn reliability(title: &str, points: &[(f64, f64, f64, f64)]) -> String {
    const SIDE: f64 = 320.0;
    const EDGE: f64 = 40.0;
    let x = |share: f64| EDGE + share * SIDE;
    let y = |share: f64| EDGE / 2.0 + (1.0 - share) * SIDE;
    let mut svg = opened(title, SIDE + EDGE * 1.5);
    let _ = write!(
        svg,
        "<rect x=\"{EDGE}\" y=\"{}\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"#000\"/>\
         <line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#000\" stroke-dasharray=\"4 4\"/>",
        EDGE / 2.0,
        x(0.0),
        y(0.0),
        x(1.0),
        y(1.0),
    );
    for tick in 0..=4 {
        let share = f64::from(tick) / 4.0;
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\" font-size=\"10.5\">{:.0}</text>\
             <text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\" font-size=\"10.5\">{:.0} %</text>",
            x(share),
            y(0.0) + 16.0,
            share * 100.0,
            EDGE - 4.0,
            y(share) + 4.0,
            share * 100.0,
        );
    }
    for (promised, came, low, high) in points {
        let _ = write!(
            svg,
            "<line x1=\"{px:.1}\" x2=\"{px:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#000\"/>\
             <circle cx=\"{px:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"#000\"/>",
            y(*low),
            y(*high),
            y(*came),
            px = x(*promised),
        );
    }
    svg.push_str("</svg>");
    svg
}

fn opened(title: &str, height: f64) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" aria-label=\"{title}\" font-size=\"12.5\" \
         font-family=\"'Noto Sans','DejaVu Sans',Arial,'Libertinus Serif',sans-serif\" \
         xmlns=\"http://www.w3.org/2000/svg\"><title>{title}</title><defs>\
         <pattern id=\"hatched\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#fff\"/>\
         <line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#222\" stroke-width=\"2\"/></pattern></defs>",
        title = escaped(title)
    )
}

/// A label cut to what its column holds.
fn fitting(label: &str) -> String {
    const LETTERS: usize = 40;
    if label.chars().count() <= LETTERS {
        return label.to_owned();
    }
    label.chars().take(LETTERS - 1).chain(['…']).collect()
}
