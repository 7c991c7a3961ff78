//! The score as a waterfall: what each sign added, what was taken away, where it ended.

use std::collections::BTreeMap;

use maud::{Markup, html};
use pipeline::LeadView;
use store::StoredPosting;

use crate::language::Language;
use crate::terms::{self, Signs};
use crate::visible::clean;

/// One step: the sign, its points, and where its bar begins and ends.
struct Step {
    title: String,
    points: f64,
    from: f64,
    to: f64,
}

/// Of the posting that says most, and what the postings show together.
pub(crate) fn card(lang: Language, view: &LeadView, signs: &Signs) -> Markup {
    let lead = &view.lead;
    let strongest = view.postings.iter().find(|stored| stored.posting.id == lead.strongest);
    let Some(stored) = strongest.or(view.postings.first()) else { return html! {} };
    let mut steps = steps(lang, stored, signs);
    for reason in &lead.reasons {
        let from = steps.last().map_or(0.0, |step| step.to);
        let (title, points) = (clean(&reason.words), reason.points);
        steps.push(Step { title, points, from, to: from + points });
    }
    let place_of = view.postings.iter().position(|one| one.posting.id == stored.posting.id);
    let lowest = steps.iter().flat_map(|step| [step.from, step.to]).fold(0.0, f64::min);
    let highest = steps.iter().flat_map(|step| [step.from, step.to]).fold(0.1, f64::max);
    let place = |points: f64| (points - lowest) / (highest - lowest) * 100.0;
    html! {
        section.card #score {
            h2 { (lang.t("score.title")) }
            @if let Some(number) = place_of.filter(|_| view.postings.len() > 1) {
                p.hint { (lang.with("score.of", &[("n", &(number + 1).to_string())])) }
            }
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
            p.hint { (lang.with("score.calibrated", &[("score", &lead.score.value().to_string())])) }
            p { (terms::badge(lang, lead.score.value(), lead.band)) }
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
