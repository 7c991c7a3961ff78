use analytics::{
    Candidate, CandidateKind, Change, Emerging, EmergingOptions, Ratio, Trend, TrendOptions,
    Trends, Week,
};
use domain::Clock as _;

use super::lead_lines::template_in_words;
use super::{archive, brief, calibration, double_read, open_desk};
use crate::Ended;
use crate::args::{self, Analyse, Global, InWeek};
use crate::clock::SystemClock;
use crate::output::{Output, one_line, shortened};

/// `fusion analyse trends|emerging|brief|calibration|double-read|cases`
pub(crate) fn run(
    command: &Analyse,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    match command {
        Analyse::Trends(args) => trends(args, global, output),
        Analyse::Emerging(args) => emerging(args, global, output),
        Analyse::Brief(args) => brief::run(args, global, output),
        Analyse::Calibration(args) => calibration::run(args, global, output),
        Analyse::DoubleRead(args) => double_read::run(args, global, output),
        Analyse::Cases(args) => calibration::cases(args, global, output),
    }
}

/// The week that was asked for, or the last one that is over.
pub(crate) fn week_of(when: &InWeek) -> Week {
    let now = SystemClock.now();
    when.week.unwrap_or_else(|| Week::of(now - jiff::SignedDuration::from_hours(7 * 24)))
}

/// How many files of the archive are read at a time.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn trends(args: &args::Trends, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let archive = archive::open(&desk, global)?;
    let options = TrendOptions {
        week: week_of(&args.when),
        past: args.when.past,
        flagged: !args.all,
        by: args.by.clone(),
        suppress_below: args.shared.then_some(args.shown_from),
        threads: threads(),
    };
    let trends = analytics::trends(&archive, &options)?;
    desk.close()?;
    output.result(&trends)?;
    print_trends(&trends, output)?;
    Ok(Ended::Clean)
}

fn print_trends(trends: &Trends, output: &mut Output) -> anyhow::Result<()> {
    let what = if trends.flagged { "flagged postings" } else { "all postings" };
    output.line(format!(
        "Week {} ({} to {}), {what}; {} read, against {} weeks before.",
        trends.week,
        trends.from,
        trends.to,
        trends.read,
        trends.read_past.len()
    ))?;
    if trends.rule_sets > 1 {
        output.line(format!(
            "The postings were assessed under {} rule sets, so that a change may be one of the rules; \
             `fusion store rebuild` assesses all of them anew.",
            trends.rule_sets
        ))?;
    }
    if trends.trends.is_empty() {
        output.line("Nothing to count in these weeks.")?;
    }
    let mut dimension = None;
    for trend in &trends.trends {
        if dimension != Some(trend.dimension) {
            dimension = Some(trend.dimension);
            output.line(format!("\n{}", trend.dimension.name()))?;
        }
        print_trend(trend, trends, output)?;
    }
    if trends.compared >= 20 {
        output.line(format!(
            "\n{} rows were compared: about {} will look changed by chance.",
            trends.compared,
            trends.compared / 20
        ))?;
    }
    output.line(format!("\n{}", trends.method))
}

fn print_trend(trend: &Trend, of: &Trends, output: &mut Output) -> anyhow::Result<()> {
    let hidden = of.suppressed_below.map_or_else(String::new, |least| format!("<{least}"));
    let count = trend.count.map_or(hidden.clone(), |count| count.to_string());
    let past: Vec<String> = trend
        .past
        .iter()
        .map(|count| count.map_or(hidden.clone(), |count| count.to_string()))
        .collect();
    let ratio = trend.ratio.map_or_else(String::new, |Ratio { value, low, high }| {
        format!("x{value:.2} ({low:.2} to {high:.2})")
    });
    let change = if trend.change == Change::Steady { "" } else { trend.change.name() };
    output.line(format!(
        "  {:<30} {count:>6}  {ratio:<24} {change:<10}  {}",
        if trend.value.is_empty() { "all".into() } else { shortened(&trend.value, 30) },
        past.join(" ")
    ))
}

fn emerging(args: &args::Emerging, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let archive = archive::open(&desk, global)?;
    let options = EmergingOptions {
        week: week_of(&args.when),
        past: args.when.past,
        flagged: args.flagged,
        templates: true,
        least: args.least,
        limit: args.limit,
    };
    let emerging = analytics::emerging(&archive, &options)?;
    desk.close()?;
    output.result(&emerging)?;
    print_emerging(&emerging, output)?;
    Ok(Ended::Clean)
}

fn print_emerging(emerging: &Emerging, output: &mut Output) -> anyhow::Result<()> {
    output.line(format!(
        "Week {}: {} different texts, against {} in {} weeks before.",
        emerging.week, emerging.texts, emerging.texts_before, emerging.past_weeks
    ))?;
    if emerging.past_weeks < 4 {
        return output.line("Less than four weeks of past: too few to tell what is new.");
    }
    if emerging.candidates.is_empty() {
        return output.line("Nothing rises beyond what chance does.");
    }
    for (place, candidate) in emerging.candidates.iter().enumerate() {
        print_candidate(place + 1, candidate, output)?;
    }
    output.line("\nLook before you write a rule: fusion hunt \"PHRASE\" shows every place.")
}

fn print_candidate(place: usize, candidate: &Candidate, output: &mut Output) -> anyhow::Result<()> {
    let kind = match candidate.kind {
        CandidateKind::Phrase => "phrase",
        CandidateKind::Template => "template",
        CandidateKind::Contact => "contact",
        CandidateKind::Channel => "channel",
    };
    output.line(format!(
        "{place:>3}. {kind:<8} {:<40} {} now, {} before, z {:.1}, {} sources",
        shortened(&candidate.value, 40),
        candidate.now,
        candidate.before,
        candidate.z,
        candidate.sources
    ))?;
    if let Some(template) = &candidate.template {
        output.line(format!("       | {}", template_in_words(&template.parts)))?;
    }
    for quote in &candidate.quotes {
        output.line(format!("       {}  «{}»", quote.posting, one_line(&quote.words)))?;
    }
    Ok(())
}
