use axum::Json;
use axum::extract::{Path, Query, State};
use domain::{
    Band, Contact, Decision, Finding, Language, LeadId, LeadStatus, Link, Note, Revisit, Snapshot,
    Verdict,
};
use jiff::Timestamp;
use pipeline::{Examiner, Words};
use serde::{Deserialize, Serialize};
use store::StoredPosting;

use super::Body;
use crate::app::App;
use crate::glance::Glance;
use crate::pages::lead_posting::contacts_hidden;
use crate::pages::queue::{self, Asked, PAGE};
use crate::refusal::Refusal;
use crate::visit::Person;

/// A lead as lists have it.
#[derive(Debug, Serialize)]
pub(crate) struct LeadInBrief {
    id: LeadId,
    score: u8,
    band: Band,
    status: LeadStatus,
    verdict: Option<Verdict>,
    claimed_by: Option<String>,
    opened_at: Timestamp,
    postings: usize,
    title: Option<String>,
    language: Option<Language>,
    source: Option<String>,
    indicators: Vec<String>,
    from: Vec<String>,
    to: Vec<String>,
}

impl LeadInBrief {
    pub(crate) fn of(lead: &Glance) -> Self {
        let posting = lead.posting.as_ref();
        Self {
            id: lead.id.clone(),
            score: lead.score,
            band: lead.band,
            status: lead.status,
            verdict: lead.verdict,
            claimed_by: lead.claimed_by.clone(),
            opened_at: lead.opened_at,
            postings: lead.postings,
            title: posting
                .filter(|posting| !posting.is_masked)
                .map(|posting| posting.title.clone()),
            language: posting.and_then(|posting| posting.language),
            source: posting.map(|posting| posting.source.clone()),
            indicators: posting.iter().flat_map(|p| p.signs()).map(ToOwned::to_owned).collect(),
            from: lead.from.clone(),
            to: lead.to.clone(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct LeadList {
    total: usize,
    page: usize,
    leads: Vec<LeadInBrief>,
}

/// `GET /api/v1/leads`
pub(crate) async fn list(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Json<LeadList>, Refusal> {
    let wanted = asked.wanted(&person.account.name);
    let page = asked.page();
    let board = app.board.clone();
    // A program is told all or nothing: just after a start it waits a moment.
    board.listed().await;
    let list = app.read(move |index| {
        let found = board.find(&wanted, (page - 1) * PAGE, PAGE);
        let leads = queue::listed(&board, index, found.leads)?;
        let leads = leads.iter().map(LeadInBrief::of);
        Ok(LeadList { total: found.total, page, leads: leads.collect() })
    });
    Ok(Json(list.await?))
}

/// A lead with everything that is known of it.
#[derive(Debug, Serialize)]
pub(crate) struct LeadInFull {
    #[serde(flatten)]
    brief: LeadInBrief,
    postings_in_full: Vec<PostingInFull>,
    links: Vec<Link>,
    decisions: Vec<Decision>,
    notes: Vec<Note>,
    snapshots: Vec<Snapshot>,
    /// What came of asking for its postings again.
    revisits: Vec<Revisit>,
}

#[derive(Debug, Serialize)]
struct PostingInFull {
    id: String,
    /// Contacts, author and address are masked: it came in as a tip.
    masked: bool,
    title: Option<String>,
    text: String,
    author: Option<String>,
    url: Option<String>,
    source: String,
    language: Option<Language>,
    published_at: Option<Timestamp>,
    captured_at: Timestamp,
    score: u8,
    band: Band,
    findings: Vec<Finding>,
    mitigations: Vec<Finding>,
    contacts: Vec<Contact>,
}

impl PostingInFull {
    fn of(stored: &StoredPosting) -> Self {
        use domain::Field;
        let (posting, assessment) = (&stored.posting, &stored.assessment);
        let hides = posting.may_be_of_a_victim();
        let shown = |field: Field, text: &str| {
            if hides { contacts_hidden(posting, field, text) } else { text.to_owned() }
        };
        Self {
            id: posting.id.to_string(),
            masked: hides,
            title: posting.title.as_deref().map(|title| shown(Field::Title, title)),
            text: shown(Field::Text, &posting.text),
            author: posting
                .author
                .as_deref()
                .map(|author| if hides { domain::masked(author) } else { author.to_owned() }),
            url: posting.url.clone().filter(|_| !hides),
            source: posting.source.to_string(),
            language: assessment.language,
            published_at: posting.published_at,
            captured_at: posting.captured_at,
            score: assessment.score.value(),
            band: assessment.band,
            findings: assessment.findings.clone(),
            mitigations: assessment.mitigations.clone(),
            contacts: if hides { Vec::new() } else { posting.contacts.clone() },
        }
    }
}

/// `GET /api/v1/leads/{id}`. A view like any other: it is in the custody log first.
pub(crate) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Json<LeadInFull>, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let id = app.log_view(id, person.name()).await?;
    let view = app.read(move |index| pipeline::lead_view(index, &id)).await?;
    Ok(Json(LeadInFull {
        brief: LeadInBrief::of(&Glance::of(&view.lead, view.postings.first())),
        postings_in_full: view.postings.iter().map(PostingInFull::of).collect(),
        links: view.links,
        decisions: view.lead.decisions,
        notes: view.lead.notes,
        snapshots: view.lead.snapshots,
        revisits: view.lead.revisits,
    }))
}

/// A text to look at.
#[derive(Debug, Deserialize)]
pub(crate) struct ToAssess {
    text: String,
    title: Option<String>,
}

/// `POST /api/v1/assess`: the same reading as a posting gets; nothing is kept.
pub(crate) async fn assess(
    State(app): State<App>,
    _person: Person,
    Body(words): Body<ToAssess>,
) -> Result<Json<domain::Assessment>, Refusal> {
    let assessment = app.desk(move |desk| {
        let read = Words { title: words.title.as_deref(), text: &words.text, ..Words::default() };
        Ok(Examiner::new(&desk.settings().rule_set).examine(read).assessment)
    });
    Ok(Json(assessment.await?))
}
