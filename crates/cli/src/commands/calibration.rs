use analytics::{Calibration, Hours, KeptShare, Ratio};
use anyhow::Context as _;
use rules::eval::Judged;

use super::brief::write;
use super::{double_read, open_desk};
use crate::Ended;
use crate::args::{self, Global};
use crate::line_diff::unified;
use crate::output::{Output, one_line};

const WEIGHTS: &str = "weights.yaml";
/// Rules that are printed; the JSON form has all.
const RULES_SHOWN: usize = 25;

/// `fusion analyse calibration`
pub(crate) fn run(
    args: &args::Calibration,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let read = args.second.as_deref().map(double_read::read).transpose()?;
    let desk = open_desk(global)?;
    let leads = analytics::decided_leads(desk.store())?;
    let second = read.map(|read| analytics::second_reading(&leads, &read));
    let calibration = analytics::calibration(&leads, &desk.dir().join("custody"))?;
    let path = desk.dir().join("rules").join(WEIGHTS);
    let weights = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let judged: Vec<Judged> = leads.iter().map(analytics::DecidedLead::judged).collect();
    let fit =
        rules::eval::fit(&desk.settings().rule_set, &weights, &judged.iter().collect::<Vec<_>>());
    desk.close()?;
    let proposed = fit.map(|fit| unified(&path.display().to_string(), &weights, &fit.yaml));
    output.result(&serde_json::json!({
        "calibration": calibration,
        "second_reading": second,
        "proposed_weights": proposed.as_ref().ok(),
        "no_weights_because": proposed.as_ref().err(),
    }))?;
    print(&calibration, output)?;
    if let Some(second) = &second {
        double_read::print(second, output)?;
    }
    match &proposed {
        Ok(diff) if diff.is_empty() => output.line("\nThe weights fit what people decide.")?,
        Ok(diff) => {
            output.line(
                "\nWeights that would fit what people decided. Nothing is changed; only flagged \
                         postings were decided on, so that misses say nothing here:",
            )?;
            output.line(diff.trim_end())?;
        }
        Err(why) => output.line(format!("\nNo weights are proposed: {why}."))?,
    }
    if let Some(path) = &args.output {
        write(path, calibration.page().as_bytes())?;
        output.line(format!("\n{}", path.display()))?;
    }
    Ok(Ended::Clean)
}

fn print(calibration: &Calibration, output: &mut Output) -> anyhow::Result<()> {
    output.line(format!("{} leads decided, {} kept.", calibration.decided, calibration.kept))?;
    if calibration.decided == 0 {
        return output.line("Decisions are what this is made from: `fusion queue decide`.");
    }
    if let Some(brier) = calibration.brier {
        output.line(format!("Brier score {brier:.3} (0 is perfect, 0.25 a coin's)."))?;
    }
    for (name, shares) in [("band", &calibration.bands), ("language", &calibration.languages)] {
        output.line(format!("\n{name:<34} decided  kept"))?;
        for share in shares {
            print_share(share, "", output)?;
        }
    }
    output.line("\nscore      leads  kept")?;
    for bin in &calibration.reliability {
        output.line(format!(
            "{:>3} to {:>3} {:>6}  {}",
            bin.from,
            bin.to,
            bin.leads,
            percent(bin.kept)
        ))?;
    }
    output
        .line(format!("\n{:<34} decided  kept                 led dismissed, minutes", "rule"))?;
    for rule in calibration.rules.iter().take(RULES_SHOWN) {
        let cost = format!("{:>5} {:>8}", rule.dismissed_leading, rule.minutes);
        print_share(&rule.kept, &cost, output)?;
    }
    print_hours("from publication to the flag", calibration.to_flag, output)?;
    print_hours("from the flag to a decision", calibration.to_decision, output)?;
    if let Some(agreement) = calibration.agreement {
        let kappa = agreement.kappa.map_or("none".to_owned(), |kappa| format!("{kappa:.2}"));
        output.line(format!(
            "Two people decided on {} leads and agree on {}; kappa {kappa}.",
            agreement.leads, agreement.agreed
        ))?;
    }
    Ok(())
}

fn percent(ratio: Ratio) -> String {
    let [value, low, high] = [ratio.value, ratio.low, ratio.high].map(|share| share * 100.0);
    format!("{value:>3.0} % ({low:.0} to {high:.0})")
}

fn print_share(share: &KeptShare, more: &str, output: &mut Output) -> anyhow::Result<()> {
    let line = format!(
        "  {:<32} {:>7}  {:<20} {more}",
        one_line(&share.of),
        share.decided,
        percent(share.precision)
    );
    output.line(line.trim_end())
}

fn print_hours(what: &str, hours: Option<Hours>, output: &mut Output) -> anyhow::Result<()> {
    let Some(hours) = hours else { return Ok(()) };
    output.line(format!(
        "Hours {what}: half within {:.1}, nine in ten within {:.1} ({} leads).",
        hours.median, hours.ninth_tenth, hours.measured
    ))
}

/// `fusion analyse cases`
pub(crate) fn cases(
    args: &args::Cases,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let leads = analytics::decided_leads(desk.store())?;
    desk.close()?;
    let cases = analytics::cases(&leads, args.limit);
    output.results(&cases)?;
    if cases.is_empty() {
        output.line("No lead is decided yet: cases are made from decisions.")?;
        return Ok(Ended::Clean);
    }
    if let Some(dir) = &args.output {
        let (sheet, answers) = analytics::case_sheets(&cases, args.language);
        for (name, page) in [("cases.html", sheet), ("answers.html", answers)] {
            write(&dir.join(name), page.as_bytes())?;
            output.line(dir.join(name).display().to_string())?;
        }
    } else {
        for case in &cases {
            let verdict = if case.kept { "kept" } else { "dismissed" };
            output.line(format!("\nCase {} ({}, {verdict})", case.number, case.language))?;
            for line in case.title.iter().flat_map(|title| title.lines()).chain(case.text.lines()) {
                output.line(format!("  | {}", one_line(line)))?;
            }
            for sign in &case.signs {
                output.line(format!(
                    "  {:<28} «{}»",
                    sign.indicator,
                    one_line(&sign.words.join("» «"))
                ))?;
            }
        }
    }
    output.line(
        "\nRead every case before you hand it on: a name at the beginning of a sentence is not \
         recognised as one.",
    )?;
    Ok(Ended::Clean)
}
