//! What a lead is, made of its postings: joined, divided, and scored.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    Assessment, Band, IndicatorId, Lead, LeadId, LeadReason, PagePart, Posting, PostingId, Revisit,
    Score, Spread,
};

use text::{Folded, Place, PlaceRole, Route};

use crate::network::Part;

/// The indicator that comes from linking, and from no words.
const TEMPLATE_REUSE: &str = "template-reuse";

/// The lead of a flagged posting by itself. `wording` is that of [`keys`](crate::keys).
pub fn found(posting: &Posting, assessment: &Assessment, wording: u32) -> Lead {
    // One name a posting: an author and the employer that they write for are no two.
    let names = posting.author.as_ref().or(posting.employer.as_ref()).into_iter();
    let at = posting.published_at.unwrap_or(posting.captured_at);
    let named = named_places(posting);
    let (from, to) = route(&named);
    // What the source states comes before what the words say; of these one, since an ad that lists
    // towns is no more spread than another.
    let stated = posting.places.iter().cloned();
    let said = place_of_work(&named).filter(|_| posting.places.is_empty());
    let spread = Spread {
        names: names.filter(|name| !name.trim().is_empty()).cloned().collect(),
        places: stated.chain(said).collect(),
        sources: BTreeSet::from([posting.source.clone()]),
        languages: assessment.language.into_iter().collect(),
        indicators: assessment.findings.iter().map(|found| found.indicator.clone()).collect(),
        from,
        to,
        wordings: BTreeSet::from([wording]),
        first_at: Some(at),
        last_at: Some(at),
    };
    Lead { spread, ..Lead::new(posting.id.clone(), assessment.score, posting.captured_at) }
}

/// The places that title and text name, in order.
fn named_places(posting: &Posting) -> Vec<Place> {
    let texts = posting.title.iter().chain([&posting.text]);
    texts.flat_map(|text| text::places(&Folded::new(text))).collect()
}

/// The first place to which the words take people.
fn place_of_work(named: &[Place]) -> Option<String> {
    let is_there = |place: &&Place| matches!(place.role, PlaceRole::Destination | PlaceRole::Work);
    named.iter().find(is_there).map(|place| place.name.to_owned())
}

/// The countries that the words take people from, and those they take them to.
fn route(named: &[Place]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut route = Route::default();
    route.add_places(named);
    let owned = |side: BTreeSet<&'static str>| side.into_iter().map(ToOwned::to_owned).collect();
    (owned(route.from), owned(route.to))
}

/// The lead that two are together. Nothing that either holds is lost, and joining in another order
/// gives the same.
pub fn join(a: Lead, b: Lead) -> Lead {
    let (strong, weak) = if is_stronger(&a, &b) { (a, b) } else { (b, a) };
    let mut lead = strong;
    lead.postings.extend(weak.postings);
    lead.opened_at = lead.opened_at.min(weak.opened_at);
    lead.spread = join_spreads(lead.spread, weak.spread);
    lead.claim = [lead.claim, weak.claim].into_iter().flatten().min();
    lead.decisions.extend(weak.decisions);
    lead.notes.extend(weak.notes);
    lead.snapshots.extend(weak.snapshots);
    lead.revisits.extend(weak.revisits);
    lead.images.extend(weak.images);
    lead.stylesheets.extend(weak.stylesheets);
    lead.told_apart |= weak.told_apart;
    in_order(lead)
}

fn is_stronger(a: &Lead, b: &Lead) -> bool {
    (a.highest, &b.strongest) > (b.highest, &a.strongest)
}

/// Sorted, named and scored.
fn in_order(mut lead: Lead) -> Lead {
    lead.decisions.sort_by(|a, b| (a.at, &a.lead, &a.by).cmp(&(b.at, &b.lead, &b.by)));
    lead.decisions.dedup();
    lead.notes.sort_by(|a, b| (a.at, &a.lead, &a.by).cmp(&(b.at, &b.lead, &b.by)));
    lead.notes.dedup();
    lead.snapshots
        .sort_by(|a, b| (&a.posting, &a.capture, &a.file).cmp(&(&b.posting, &b.capture, &b.file)));
    lead.snapshots.dedup();
    let when = |row: &Revisit| (row.first_at, row.last_at, row.posting.clone(), row.found);
    lead.revisits.sort_by_key(when);
    lead.revisits.dedup();
    for fetched in [&mut lead.images, &mut lead.stylesheets] {
        fetched.sort();
        fetched.dedup();
    }
    lead.postings.sort();
    lead.postings.dedup();
    lead.claimed_by = lead.claim.as_ref().map(|claim| claim.by.clone());
    let first = name_of(&lead);
    if let Some(first) = first.and_then(|first| lead.postings.binary_search(&first).ok()) {
        lead.postings[..=first].rotate_right(1);
    }
    if let Some(first) = lead.postings.first() {
        lead.id = LeadId::founded_by(first);
    }
    score(&mut lead);
    lead
}

/// The posting whose name a lead with these acts bears: the one by which people acted first.
fn name_of(lead: &Lead) -> Option<PostingId> {
    let claims = lead.claim.iter().map(|claim| (claim.at, &claim.lead));
    let decisions = lead.decisions.iter().map(|decision| (decision.at, &decision.lead));
    let notes = lead.notes.iter().map(|note| (note.at, &note.lead));
    let acts = claims.chain(decisions).chain(notes);
    let named = acts.filter_map(|(at, id)| Some((at, id.founder()?)));
    named.filter(|(_, posting)| lead.postings.contains(posting)).min().map(|(_, posting)| posting)
}

fn join_spreads(mut a: Spread, b: Spread) -> Spread {
    a.names.extend(b.names);
    a.places.extend(b.places);
    a.sources.extend(b.sources);
    a.languages.extend(b.languages);
    a.indicators.extend(b.indicators);
    a.from.extend(b.from);
    a.to.extend(b.to);
    a.wordings.extend(b.wordings);
    cap(&mut a.indicators);
    cap(&mut a.from);
    cap(&mut a.to);
    cap(&mut a.names);
    cap(&mut a.places);
    cap(&mut a.sources);
    while a.wordings.len() > Spread::MOST_WORDINGS {
        a.wordings.pop_last();
    }
    a.first_at = [a.first_at, b.first_at].into_iter().flatten().min();
    a.last_at = a.last_at.max(b.last_at);
    a
}

fn cap<T: Ord>(set: &mut BTreeSet<T>) {
    while set.len() > Spread::MOST {
        set.pop_last();
    }
}

/// The leads that take the place of `old` ones: one for each part, made of the leads of its postings
/// by themselves. What people did stays with the posting by whose name they did it.
pub fn divide(old: &[Lead], parts: Vec<Part<PostingId>>, alone: Vec<Lead>) -> Vec<Lead> {
    let alone: BTreeMap<PostingId, Lead> =
        alone.into_iter().map(|lead| (lead.strongest.clone(), lead)).collect();
    let mut leads = Vec::new();
    for part in parts {
        let of_part = part.postings.iter().filter_map(|posting| alone.get(posting).cloned());
        let lead = of_part.reduce(join);
        leads.extend(lead.map(|lead| Lead { told_apart: part.told_apart, ..lead }));
    }
    let homes: BTreeMap<PostingId, usize> = leads
        .iter()
        .enumerate()
        .flat_map(|(at, lead)| lead.postings.iter().map(move |posting| (posting.clone(), at)))
        .collect();
    for old in old {
        hand_down(old, &mut leads, &homes);
    }
    leads.into_iter().map(in_order).collect()
}

/// Hands what `old` holds to those that its postings are in now.
fn hand_down(old: &Lead, leads: &mut [Lead], homes: &BTreeMap<PostingId, usize>) {
    let home = |posting: &PostingId| homes.get(posting).copied();
    let Some(first) = old.postings.iter().find_map(home) else { return };
    let heir = |act: &LeadId| act.founder().and_then(|founder| home(&founder)).unwrap_or(first);
    for decision in &old.decisions {
        leads[heir(&decision.lead)].decisions.push(decision.clone());
    }
    for note in &old.notes {
        leads[heir(&note.lead)].notes.push(note.clone());
    }
    if let Some(claim) = &old.claim {
        let lead = &mut leads[heir(&claim.lead)];
        lead.claim = lead.claim.take().into_iter().chain([claim.clone()]).min();
    }
    for snapshot in &old.snapshots {
        leads[home(&snapshot.posting).unwrap_or(first)].snapshots.push(snapshot.clone());
    }
    for revisit in &old.revisits {
        leads[home(&revisit.posting).unwrap_or(first)].revisits.push(revisit.clone());
    }
    for part in PagePart::ALL {
        for fetch in old.fetched(part) {
            let lead = &mut leads[home(&fetch.posting).unwrap_or(first)];
            lead.fetched_mut(part).push(fetch.clone());
        }
    }
    // Of a lead that stays together nothing is forgotten, earlier wordings of edited postings too.
    if old.postings.iter().all(|posting| home(posting) == Some(first)) {
        let lead = &mut leads[first];
        lead.opened_at = lead.opened_at.min(old.opened_at);
        lead.spread = join_spreads(lead.spread.clone(), old.spread.clone());
    }
}

/// The lead after a person has acted on it.
pub fn after_act(lead: Lead) -> Lead {
    in_order(lead)
}

/// Points of what postings show together, with the factor that they put on the odds: e to the power
/// of the points, written out so that it is the same on any machine.
const STEPS: [(f64, f64); 4] =
    [(0.3, 1.349_859), (0.5, 1.648_721), (1.0, std::f64::consts::E), (1.7, 5.473_947)];

/// From the strongest posting's score up, by what the postings show together; more postings never
/// lower it. Languages and countries count for nothing here.
fn score(lead: &mut Lead) {
    lead.reasons = reasons(lead);
    let highest = f64::from(lead.highest.value().clamp(1, 99));
    let factors = lead.reasons.iter().filter_map(|reason| {
        STEPS.iter().find(|(points, _)| *points == reason.points).map(|(_, factor)| factor)
    });
    let odds = factors.fold(highest / (100.0 - highest), |odds, factor| odds * factor);
    lead.score = Score::from_probability(odds / (1.0 + odds)).max(lead.highest);
    lead.band = Band::of(lead.score);
}

fn reasons(lead: &Lead) -> Vec<LeadReason> {
    // One posting by itself shows nothing together with others.
    if lead.postings.len() < 2 {
        return Vec::new();
    }
    let spread = &lead.spread;
    let (names, places) = (spread.names.len(), spread.places.len());
    let sources = spread.sources.len();
    // Of one wording there are as many near-copies as postings beyond the first.
    let copies = match spread.wordings.len() {
        0 => 0,
        wordings => lead.postings.len().saturating_sub(wordings),
    };
    let is_spread = names > 1 || places > 1 || sources > 1;
    let reused = (copies > 0 && is_spread).then_some(if copies >= 5 { 3 } else { 2 });
    let grade = |count: usize, few: usize, many: usize| match count {
        count if count >= many => Some(1),
        count if count >= few => Some(0),
        _ => None,
    };
    let days = match (spread.first_at, spread.last_at) {
        (Some(first), Some(last)) => (last.as_second() - first.as_second()) / 86_400,
        _ => 0,
    };
    let at_least = |count: usize| if count >= Spread::MOST { "at least " } else { "" };
    let about = |copies: usize| if copies == 1 { "copy" } else { "copies" };
    let found = [
        (
            reused,
            Some(TEMPLATE_REUSE),
            format!("{copies} near-{} under several names, places or sources", about(copies)),
        ),
        (grade(names, 2, 5), None, format!("{}{names} names", at_least(names))),
        (grade(places, 2, 5), None, format!("{}{places} places", at_least(places))),
        (grade(sources, 2, 5), None, format!("{}{sources} sources", at_least(sources))),
        ((days >= 14).then_some(0), None, format!("{days} days from the first to the last")),
    ];
    let mut reasons: Vec<LeadReason> = found
        .into_iter()
        .filter_map(|(step, indicator, words)| {
            let points = STEPS[step?].0;
            let indicator = indicator.and_then(|id| IndicatorId::new(id).ok());
            Some(LeadReason { indicator, points, words })
        })
        .collect();
    reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
    reasons
}

#[cfg(test)]
#[path = "lead_tests.rs"]
mod tests;
#[cfg(test)]
pub(crate) use tests::sample;
