//! The score as a waterfall: what each sign added, what was taken away, where it ended.

use std::collections::BTreeMap;

use maud::{Markup, html};
use store::StoredPosting;

use crate::language::Language;
use crate::terms::{self, Signs};

/// One step: the sign, its points, and where its bar begins and ends.
struct Step {
    title: String,
    points: f64,
    from: f64,
    to: f64,
}

pub(crate) fn card(lang: Language, stored: &StoredPosting, signs: &Signs) -> Markup {
    let steps = steps(lang, stored, signs);
    let lowest = steps.iter().flat_map(|step| [step.from, step.to]).fold(0.0, f64::min);
    let highest = steps.iter().flat_map(|step| [step.from, step.to]).fold(0.1, f64::max);
    let place = |points: f64| (points - lowest) / (highest - lowest) * 100.0;
    let assessment = &stored.assessment;
    html! {
        section.card {
            h2 { (lang.t("score.title")) }
            table.waterfall {
                caption.unseen { (lang.t("score.title")) }
                thead.unseen { tr { th scope="col" { (lang.t("queue.sign")) } th scope="col" { (lang.t("score.points")) } } }
                tbody {
                    @for step in &steps {
                        @let (start, end) = (place(step.from.min(step.to)), place(step.from.max(step.to)));
                        tr {
                            th scope="row" { (step.title)
                                svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                                    rect.ground x="0" y="0" width="100" height="6" {}
                                    rect.up[step.points >= 0.0].down[step.points < 0.0] x=(format!("{start:.1}")) y="0"
                                        width=(format!("{:.1}", (end - start).max(0.6))) height="6" {}
                                }
                            }
                            td.number { (format!("{:+.1}", step.points)) }
                        }
                    }
                }
                tfoot { tr {
                    th scope="row" { (lang.t("score.sum")) }
                    td.number { (format!("{:+.1}", steps.last().map_or(0.0, |step| step.to))) }
                } }
            }
            p.hint { (lang.with("score.calibrated", &[("score", &assessment.score.value().to_string())])) }
            p { (terms::badge(lang, assessment.score.value(), assessment.band)) }
        }
    }
}

fn steps(lang: Language, stored: &StoredPosting, signs: &Signs) -> Vec<Step> {
    let mut sums: BTreeMap<(bool, &str), f64> = BTreeMap::new();
    let assessment = &stored.assessment;
    for finding in assessment.findings.iter().chain(&assessment.mitigations) {
        *sums.entry((finding.points < 0.0, finding.indicator.as_str())).or_default() +=
            finding.points;
    }
    let mut ordered: Vec<((bool, &str), f64)> = sums.into_iter().collect();
    ordered.sort_by(|a, b| a.0.0.cmp(&b.0.0).then(b.1.abs().total_cmp(&a.1.abs())));
    let mut at = 0.0;
    let step = |((_, id), points): ((bool, &str), f64)| {
        let from = at;
        at += points;
        Step { title: signs.title(lang, id), points, from, to: at }
    };
    ordered.into_iter().map(step).collect()
}
