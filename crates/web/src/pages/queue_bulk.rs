//! Several leads dismissed for one reason, and that taken back.

use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use domain::{LeadId, LeadStatus, Verdict};
use maud::{Markup, html};
use pipeline::PipelineError;

use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// Most leads that are dismissed at once.
const MOST_AT_ONCE: usize = 100;

pub(crate) fn form(person: &Person) -> Markup {
    let lang = person.lang();
    html! {
        form.card.bulk #bulk method="post" action="/queue/dismiss" {
            (csrf(&person.visit))
            h2 { (lang.t("queue.dismiss-picked")) }
            div.line {
                label { span.unseen { (lang.t("decide.reason")) }
                    select name="code" required {
                        option value="" { (lang.t("decide.choose")) }
                        @for code in terms::reasons(Verdict::Dismiss) {
                            option value=(code) { (lang.t(&format!("reason.{code}"))) }
                        }
                    }
                }
                label.grow { span.unseen { (lang.t("decide.own-words")) }
                    input name="reason" maxlength="2000" placeholder=(lang.t("decide.own-words"));
                }
                button.quiet type="submit" { (lang.t("queue.dismiss")) }
            }
        }
    }
}

/// What the person dismissed last in one go, to be taken back as long as that is allowed.
pub(crate) fn second_thoughts(app: &App, person: &Person) -> Markup {
    let lang = person.lang();
    let since = person.visit.now - pipeline::WITHDRAW_WITHIN;
    let run = app.board.last_dismissed(&person.account.name, since);
    html! {
        @if let Some((reason, leads)) = run.filter(|(_, leads)| leads.len() > 1) {
            form.card.line #second-thoughts method="post" action="/queue/withdraw" {
                (csrf(&person.visit))
                @for lead in leads.iter().take(MOST_AT_ONCE) { input type="hidden" name="lead" value=(lead); }
                span.grow { (lang.count("queue.just-dismissed", leads.len().min(MOST_AT_ONCE) as u64)) " " q dir="auto" { (clean(&reason)) } }
                button.quiet type="submit" { (lang.t("queue.take-back")) }
            }
        }
    }
}

/// `POST /queue/withdraw`: several decisions taken back, and the leads free again. Those that can no
/// more be taken back stand.
pub(crate) async fn withdraw(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Refusal> {
    let (leads, by) = (picked(&pairs), person.name());
    let left = app
        .desk(move |desk| {
            let mut left = 0;
            for lead in &leads {
                match desk.withdraw(lead, &by) {
                    Ok(lead) => desk.release(&lead.id, &by).map(drop)?,
                    Err(PipelineError::Refused(_) | PipelineError::NotFound(_)) => left += 1,
                    Err(error) => return Err(error),
                }
            }
            Ok(left)
        })
        .await?;
    Ok(Redirect::to(if left == 0 {
        "/queue?said=taken-back"
    } else {
        "/queue?said=taken-back-some"
    }))
}

fn picked(pairs: &[(String, String)]) -> Vec<LeadId> {
    let leads = pairs.iter().filter(|(key, _)| key == "lead");
    leads.filter_map(|(_, id)| LeadId::new(id.as_str()).ok()).take(MOST_AT_ONCE).collect()
}

/// `POST /queue/dismiss`: one reason for several leads. Those that somebody else has are left alone.
pub(crate) async fn dismiss(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Refusal> {
    let field =
        |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
    let known = terms::reasons(Verdict::Dismiss).contains(&field("code"));
    let leads = picked(&pairs);
    if !known || leads.is_empty() {
        return Ok(Redirect::to("/queue?said=nothing-picked"));
    }
    let reason = terms::reason_text(field("code"), field("reason"));
    let by = person.name();
    let left = app
        .desk(move |desk| {
            let mut left = 0;
            for lead in &leads {
                let is_open =
                    desk.store().lead(lead)?.is_some_and(|lead| lead.status() == LeadStatus::Open);
                if is_open {
                    desk.decide(lead, &by, Verdict::Dismiss, &reason)?;
                } else {
                    left += 1;
                }
            }
            Ok(left)
        })
        .await?;
    Ok(Redirect::to(if left == 0 { "/queue?said=dismissed" } else { "/queue?said=dismissed-some" }))
}
