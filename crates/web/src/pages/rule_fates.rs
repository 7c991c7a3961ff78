//! What became of each rule's hits: the rules that bring work, and those that bring noise.

use std::collections::BTreeMap;

use analytics::RuleFate;
use maud::{Markup, html};

use crate::app::App;
use crate::language::Language;
use crate::refusal::Refusal;

/// Rules that are listed; each rule's own card has its numbers too.
const LISTED: usize = 60;
/// Fewest decisions to call a rule noisy from.
const ENOUGH: u64 = 10;

/// The fates of all rules, by id. They are counted anew when the desk has changed, and no more often
/// than once a minute: all leads are read for it.
pub(crate) async fn fates(app: &App) -> Result<std::sync::Arc<Vec<RuleFate>>, Refusal> {
    let (work, now) = (app.clone(), app.clock.now());
    app.beside(move || work.rule_fates(now)).await
}

/// Rules with their hits, those that took most decisions first.
pub(crate) fn table(
    lang: Language,
    fates: &[RuleFate],
    names: &BTreeMap<String, (String, String)>,
) -> Markup {
    let mut rows: Vec<&RuleFate> = fates.iter().collect();
    rows.sort_by_key(|fate| {
        (std::cmp::Reverse((fate.kept + fate.dismissed, fate.waiting)), &fate.rule)
    });
    html! {
        section #hits {
            h2 { (lang.t("rules.hits")) }
            @if rows.is_empty() { p.hint { (lang.t("rules.no-hits")) } }
            @else {
                p.hint { (lang.t("rules.hits-hint")) }
                div.scroll tabindex="0" role="region" aria-label=(lang.t("rules.hits")) { table {
                    thead { tr {
                        th scope="col" { (lang.t("rules.rule")) }
                        th.number scope="col" { (lang.t("rules.waiting")) }
                        th.number scope="col" { (lang.t("rules.kept")) }
                        th.number scope="col" { (lang.t("rules.dismissed")) }
                        th.number scope="col" { (lang.t("rules.kept-share")) }
                    } }
                    tbody { @for fate in rows.into_iter().take(LISTED) { tr {
                        td { @match names.get(&fate.rule) {
                                Some((sign, name)) => a href={ "/rules/" (sign) } { (name) },
                                None => code { (fate.rule) },
                            }
                            @if is_noisy(fate) { " " span.badge.high { (lang.t("rules.noisy")) } } }
                        td.number { (fate.waiting) } td.number { (fate.kept) } td.number { (fate.dismissed) }
                        td.number { (share(fate)) }
                    } } }
                } }
            }
        }
    }
}

/// One rule's numbers in a sentence.
pub(crate) fn line(lang: Language, fates: &[RuleFate], rule: &str) -> Option<String> {
    let fate = fates.iter().find(|fate| fate.rule == rule)?;
    let values = [
        ("waiting", fate.waiting.to_string()),
        ("kept", fate.kept.to_string()),
        ("dismissed", fate.dismissed.to_string()),
        ("share", share(fate)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, &**value)).collect();
    Some(lang.with("rules.hits-line", &values))
}

/// The share kept with its interval; a dash before the first decision.
fn share(fate: &RuleFate) -> String {
    let percent = |share: f64| (share * 100.0).round();
    fate.precision.map_or_else(
        || "–".to_owned(),
        |kept| format!("{} % ({}–{})", percent(kept.value), percent(kept.low), percent(kept.high)),
    )
}

fn is_noisy(fate: &RuleFate) -> bool {
    let decided = fate.kept + fate.dismissed;
    decided >= ENOUGH && fate.dismissed * 10 >= decided * 8
}
