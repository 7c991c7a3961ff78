use std::collections::{BTreeMap, BTreeSet};

use rules::eval::{
    Baseline, Calibration, Figure, Figures, FiguresRow, IndicatorRow, Mistake, Projected, Reason,
    Report,
};
use serde::Serialize;

use super::rules::chosen_rules;
use super::{fit, stems};
use crate::Ended;
use crate::args::{By, Eval, Format, Global};
use crate::output::{Output, one_line, remark, shortened};

/// Most bad lines of a file that are told one by one.
const TOLD: usize = 5;

/// `fusion eval FILE...`
pub(crate) fn run(args: &Eval, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let rule_set = chosen_rules(args.rules.as_deref(), global)?;
    let mut parts = Vec::new();
    for file in &args.files {
        let judged = pipeline::judge_file(file, &rule_set)?;
        for bad in judged.bad.iter().take(TOLD) {
            remark(&format!("{}:{}: {}", judged.part.name, bad.line, bad.message));
        }
        if judged.bad.len() > TOLD {
            let more = judged.bad.len() - TOLD;
            remark(&format!("{}: {more} more lines cannot be used", judged.part.name));
        }
        parts.push(judged.part);
    }
    if args.fit {
        return fit::run(args, &rule_set, &parts, global, output);
    }
    if args.fit_stems {
        return stems::run(args, &rule_set, &parts, global, output);
    }
    let mut report = Report::new(rule_set.hash(), &parts, args.show_text);
    if !args.mistakes {
        report.mistakes.clear();
    }
    if args.by != By::Scenario {
        report.scenarios.clear();
    }
    match global.format {
        Format::Human => print(&report, args, output)?,
        Format::Json => output.result(&report)?,
        Format::Ndjson => rows(&report, output)?,
    }
    Ok(Ended::Clean)
}

/// Each row of the report on a line of its own, with `what` it is.
fn rows(report: &Report, output: &mut Output) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Row<'r, T> {
        what: &'static str,
        #[serde(flatten)]
        row: &'r T,
    }
    fn each<T: Serialize>(
        what: &'static str,
        rows: &[T],
        output: &mut Output,
    ) -> anyhow::Result<()> {
        rows.iter().try_for_each(|row| output.result(&Row { what, row }))
    }
    each("figures", &report.figures, output)?;
    each("scenario", &report.scenarios, output)?;
    each("baseline", &report.baselines, output)?;
    each("indicator", &report.indicators, output)?;
    each("calibration", &report.calibration, output)?;
    each("mistake", &report.mistakes, output)
}

fn print(report: &Report, args: &Eval, output: &mut Output) -> anyhow::Result<()> {
    match args.by {
        By::Language => {
            print_figures(report, |_| true, output)?;
            print_indicators(&report.indicators, output)?;
        }
        By::File => print_figures(report, |row| row.is_whole_file(report), output)?,
        By::Indicator => print_indicator_rows(&report.indicators, output)?,
        By::Scenario => print_scenarios(&report.scenarios, output)?,
    }
    if matches!(args.by, By::Language | By::File) {
        for calibration in &report.calibration {
            print_calibration(calibration, output)?;
        }
    }
    report.mistakes.iter().try_for_each(|mistake| print_mistake(mistake, output))?;
    if args.mistakes && report.mistakes.is_empty() {
        output.line("\nNo mistakes.")?;
    }
    Ok(())
}

trait WholeFile {
    fn is_whole_file(&self, report: &Report) -> bool;
}

impl WholeFile for FiguresRow {
    /// The row of all languages, or of the only one.
    fn is_whole_file(&self, report: &Report) -> bool {
        let of_file = report.figures.iter().filter(|row| row.file == self.file);
        self.language.is_none() || of_file.count() == 1
    }
}

const HEADING: &str =
    "posts leads flagged  precision       recall          F1    AUC   av.pr. false alarms";

fn print_figures(
    report: &Report,
    wanted: impl Fn(&FiguresRow) -> bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let mut files: Vec<&Option<String>> = report.figures.iter().map(|row| &row.file).collect();
    files.dedup();
    for file in files {
        output.line(format!("\n{}", one_line(file.as_deref().unwrap_or("all files"))))?;
        output.line(format!("  {:<20} {HEADING}", ""))?;
        let of_file = |row: &&FiguresRow| row.file == *file;
        for row in report.figures.iter().filter(of_file).filter(|row| wanted(row)) {
            print_row(row.language.unwrap_or("all"), &row.figures, output)?;
        }
        for baseline in report.baselines.iter().filter(|row| row.file == *file) {
            print_row(&baseline_name(baseline), &baseline.figures, output)?;
        }
        let whole = report.figures.iter().filter(of_file).find(|row| row.is_whole_file(report));
        if let Some(whole) = whole {
            print_projected(&whole.figures, output)?;
        }
    }
    output.line("\nRanges: 5th to 95th percentile of 1,000 sets drawn anew by scenario.")
}

/// A labelled set is half leads, a feed is not.
fn print_projected(figures: &Figures, output: &mut Output) -> anyhow::Result<()> {
    for Projected { leads_in_100, precision } in &figures.projected {
        output.line(format!(
            "  in a feed with {leads_in_100} leads in 100 posts, precision would be about {precision:.2}"
        ))?;
    }
    Ok(())
}

fn baseline_name(baseline: &Baseline) -> String {
    match baseline.at_least {
        0 => "(everything flagged)".to_owned(),
        1 => "(any finding)".to_owned(),
        many => format!("({many} findings or more)"),
    }
}

fn print_row(name: &str, figures: &Figures, output: &mut Output) -> anyhow::Result<()> {
    let plain = |figure: Option<Figure>| number(figure.map(|figure| figure.value));
    output.line(format!(
        "  {name:<20} {:>5} {:>5} {:>7}  {:<15} {:<15} {:<5} {:<5} {:<6} {}",
        figures.postings,
        figures.leads,
        figures.flagged,
        with_range(figures.precision),
        with_range(figures.recall),
        plain(figures.f1),
        plain(figures.auc),
        plain(figures.average_precision),
        with_range(figures.false_alarms),
    ))
}

fn with_range(figure: Option<Figure>) -> String {
    match figure {
        Some(Figure { value, low, high }) => format!("{value:.3} {low:.2}-{high:.2}"),
        None => "-".to_owned(),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// One line for each indicator: counts of all languages, then precision and recall of each.
fn print_indicators(rows: &[IndicatorRow], output: &mut Output) -> anyhow::Result<()> {
    let (whole, languages) = of_all_files(rows);
    if whole.is_empty() {
        return Ok(());
    }
    let mut heading = format!("\n{:<26} expected found  both  prec.  rec.", "indicator");
    for language in &languages {
        heading += &format!("   {language}: prec. rec.");
    }
    output.line(heading)?;
    for (indicator, cells) in whole {
        let Some(all) = cells.get(&None).or_else(|| cells.values().next()) else { continue };
        let mut line = format!(
            "{indicator:<26} {:>8} {:>5} {:>5}  {:>5} {:>5}",
            all.expected,
            all.found,
            all.both,
            short(all.precision),
            short(all.recall)
        );
        for language in &languages {
            let cell = cells.get(&Some(*language));
            let precision = short(cell.and_then(|row| row.precision));
            let recall = short(cell.and_then(|row| row.recall));
            line += &format!("   {precision:>9} {recall:>4}");
        }
        output.line(line)?;
    }
    Ok(())
}

type Cells<'r> = BTreeMap<Option<&'static str>, &'r IndicatorRow>;

/// Rows of all files together, or of the only one, by indicator and language.
fn of_all_files(rows: &[IndicatorRow]) -> (BTreeMap<&str, Cells<'_>>, BTreeSet<&'static str>) {
    let together = rows.iter().any(|row| row.file.is_none());
    let mut whole: BTreeMap<&str, Cells<'_>> = BTreeMap::new();
    let mut languages = BTreeSet::new();
    for row in rows.iter().filter(|row| row.file.is_none() || !together) {
        whole.entry(&row.indicator).or_default().insert(row.language, row);
        languages.extend(row.language);
    }
    (whole, languages)
}

fn short(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
}

fn print_indicator_rows(rows: &[IndicatorRow], output: &mut Output) -> anyhow::Result<()> {
    output.line(format!(
        "{:<28} {:<26} {:<4} expected found  both  prec.  rec.",
        "file", "indicator", "lang"
    ))?;
    rows.iter().try_for_each(|row| {
        output.line(format!(
            "{:<28} {:<26} {:<4} {:>8} {:>5} {:>5}  {:>5} {:>5}",
            shortened(row.file.as_deref().unwrap_or("all files"), 28),
            row.indicator,
            row.language.unwrap_or("all"),
            row.expected,
            row.found,
            row.both,
            short(row.precision),
            short(row.recall)
        ))
    })
}

fn print_scenarios(rows: &[FiguresRow], output: &mut Output) -> anyhow::Result<()> {
    output.line(format!("{:<40} posts leads flagged found", "scenario"))?;
    rows.iter().try_for_each(|row| {
        let Figures { postings, leads, flagged, found, .. } = row.figures;
        let name = shortened(row.scenario.as_deref().unwrap_or(""), 40);
        output.line(format!("{name:<40} {postings:>5} {leads:>5} {flagged:>7} {found:>5}"))
    })
}

fn print_calibration(calibration: &Calibration, output: &mut Output) -> anyhow::Result<()> {
    let file = one_line(calibration.file.as_deref().unwrap_or("all files"));
    output.line(format!(
        "\nCalibration, {file}: Brier {:.3}, mean distance {:.3}",
        calibration.brier, calibration.error
    ))?;
    output.line("  scores   posts  mean score  leads in 100")?;
    calibration.bins.iter().try_for_each(|bin| {
        output.line(format!(
            "  {:>3}-{:<3} {:>7} {:>11.1} {:>13.1}",
            bin.from, bin.to, bin.postings, bin.mean_score, bin.leads_in_100
        ))
    })
}

fn print_mistake(mistake: &Mistake, output: &mut Output) -> anyhow::Result<()> {
    let what = if mistake.missed { "missed" } else { "wrongly flagged" };
    let scenario = mistake.scenario.as_deref().unwrap_or("-");
    output.line(format!(
        "\n{what}: {} ({}, {}) score {} in {}",
        one_line(&mistake.id),
        mistake.language,
        one_line(scenario),
        mistake.score,
        one_line(&mistake.file)
    ))?;
    for reason in mistake.findings.iter().chain(&mistake.mitigations) {
        output.line(reason_line(reason))?;
    }
    if !mistake.not_found.is_empty() {
        output.line(format!("  not found: {}", one_line(&mistake.not_found.join(", "))))?;
    }
    match &mistake.text {
        Some(text) => output.line(format!("  {}", one_line(text))),
        None => Ok(()),
    }
}

fn reason_line(reason: &Reason) -> String {
    let quotes: Vec<String> =
        reason.quotes.iter().map(|quote| format!("\"{}\"", one_line(quote))).collect();
    let line = format!(
        "  {:+.2} {} {}  {}",
        reason.points,
        reason.indicator,
        reason.rule,
        quotes.join(" ")
    );
    line.trim_end().to_owned()
}
