//! A lead as people see it: its postings, why each is in it, and what it shares with other leads.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{Field, KeyUse, Lead, LeadId, Link, LinkKey, LinkKind, PostingId, Ruling, Span};
use link::{Keys, Template};
use serde::Serialize;
use store::{Store, StoreError, StoredPosting};
use text::Folded;

/// Most links to other leads that are shown, and most of one key.
const MOST_LINKS: usize = 100;
const MOST_OF_A_KEY: usize = 10;

/// A lead with everything that is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct LeadView {
    /// The lead.
    pub lead: Lead,
    /// Its postings with their assessments.
    pub postings: Vec<StoredPosting>,
    /// Postings of other leads that share a contact or the same words. Each says why it did not
    /// bring them into this lead.
    pub links: Vec<Link>,
    /// Why each posting but the first is in this lead: its strongest link to one that is.
    pub ties: Vec<Link>,
    /// What near-copies among the postings have in common, the one of most postings first.
    pub templates: Vec<LeadTemplate>,
    /// Where its postings take people from, through and to, and where they shall work.
    pub places: Vec<LeadPlace>,
    /// What people said about which of its postings are of one hand, in order of time.
    pub rulings: Vec<Ruling>,
}

/// A place that a posting of a lead names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeadPlace {
    /// Its English name.
    pub name: String,
    /// The country that it is or lies in, ISO 3166-1 alpha-2.
    pub country: String,
    /// `from`, `through`, `to`, `work in`, `named`.
    pub role: &'static str,
    /// The posting.
    pub posting: PostingId,
    /// Where the posting names it.
    pub span: Span,
}

/// The places of a posting's title and text, of which `body` is the folded text.
fn places_of((stored, body): (&StoredPosting, &Folded)) -> Vec<LeadPlace> {
    let posting = &stored.posting;
    let title = posting.title.as_deref().unwrap_or_default();
    let of_title = (Field::Title, title, text::places(&Folded::new(title)));
    let of_text = (Field::Text, posting.text.as_str(), text::places(body));
    let places = [of_title, of_text].into_iter().flat_map(|(field, original, found)| {
        let spans = found.into_iter().filter_map(move |place| {
            Some((Span::quoting(field, original, place.range.clone())?, place))
        });
        spans.collect::<Vec<_>>()
    });
    let places = places.map(|(span, place)| LeadPlace {
        name: place.name.to_owned(),
        country: place.country.to_owned(),
        role: place.role.name(),
        posting: posting.id.clone(),
        span,
    });
    places.collect()
}

/// A template with the postings that were made from it.
#[derive(Clone, Debug, Serialize)]
pub struct LeadTemplate {
    /// By id.
    pub postings: Vec<PostingId>,
    /// What they have in common.
    pub template: Template,
}

/// Everything known of a lead.
pub(crate) fn view(store: &dyn Store, lead: Lead) -> Result<LeadView, StoreError> {
    let mut postings = Vec::new();
    for id in &lead.postings {
        postings.extend(store.posting(id)?);
    }
    let mut rulings = BTreeMap::new();
    for id in &lead.postings {
        for seq in store.ruled(id)? {
            if let Some(ruling) = store.ruling(seq)? {
                rulings.insert(seq, ruling);
            }
        }
    }
    let rulings: Vec<Ruling> = rulings.into_values().collect();
    let bodies: Vec<Folded> = postings.iter().map(|s| Folded::new(&s.posting.text)).collect();
    let keys = postings.iter().zip(&bodies).map(|(stored, body)| keys_of(store, stored, body));
    let keys = keys.collect::<Result<Vec<Keys>, _>>()?;
    let members = Members { store, lead: &lead, postings: &postings, keys: &keys };
    let ties = members.ties(&rulings)?;
    let links = members.links()?;
    let templates = members.templates();
    let places = postings.iter().zip(&bodies).flat_map(places_of).collect();
    Ok(LeadView { lead, postings, links, ties, templates, places, rulings })
}

fn keys_of(store: &dyn Store, stored: &StoredPosting, body: &Folded) -> Result<Keys, StoreError> {
    let keys = link::keys(&stored.posting, body);
    Ok(keys.with_images(store.link_keys(&stored.posting.id)?))
}

/// A posting of another lead, with its keys.
struct Other {
    stored: StoredPosting,
    keys: Keys,
    lead: LeadId,
}

struct Members<'v> {
    store: &'v dyn Store,
    lead: &'v Lead,
    postings: &'v [StoredPosting],
    keys: &'v [Keys],
}

impl Members<'_> {
    /// Walks from the first posting along shared keys; each posting met gets the link by which it
    /// was met. What no key reaches is there by a person's word.
    fn ties(&self, rulings: &[Ruling]) -> Result<Vec<Link>, StoreError> {
        let mut holders: BTreeMap<&LinkKey, Vec<usize>> = BTreeMap::new();
        for (at, keys) in self.keys.iter().enumerate() {
            keys.of_one_hand().for_each(|key| holders.entry(key).or_default().push(at));
        }
        let mut met: BTreeSet<usize> = BTreeSet::from([0]);
        let mut ties = Vec::new();
        let mut waiting = VecDeque::from([0]);
        let mut unmet = 1..self.postings.len();
        loop {
            let Some(at) = waiting.pop_front() else {
                let Some(next) = unmet.find(|at| !met.contains(at)) else { break };
                met.insert(next);
                ties.extend(self.said(next, rulings));
                waiting.push_back(next);
                continue;
            };
            let Some(keys) = self.keys.get(at) else { continue };
            let near = keys.of_one_hand().filter_map(|key| holders.remove(key));
            let near: BTreeSet<usize> = near.flatten().filter(|near| !met.contains(near)).collect();
            for near in near {
                let tie = self.between(near, at)?.into_iter().find(|link| link.weak.is_none());
                if let Some(tie) = tie {
                    met.insert(near);
                    ties.push(tie);
                    waiting.push_back(near);
                }
            }
        }
        Ok(ties)
    }

    fn between(&self, from: usize, to: usize) -> Result<Vec<Link>, StoreError> {
        link::links(
            (&self.postings[from].posting, &self.keys[from]),
            (&self.postings[to].posting, &self.keys[to]),
            &self.lead.id,
            |key| self.key_use(key),
        )
    }

    fn key_use(&self, key: &LinkKey) -> Result<KeyUse, StoreError> {
        Ok(self.store.key_use(key)?.unwrap_or_default())
    }

    /// The last ruling that put the posting with others of the lead.
    fn said(&self, at: usize, rulings: &[Ruling]) -> Option<Link> {
        let from = &self.postings[at].posting.id;
        let with = |ruling: &Ruling| {
            let group = ruling.groups.iter().find(|group| group.contains(from))?;
            group.iter().find(|to| *to != from && self.lead.postings.contains(to)).cloned()
        };
        let (ruling, to) =
            rulings.iter().rev().find_map(|ruling| with(ruling).map(|to| (ruling, to)))?;
        Some(Link {
            kind: LinkKind::Person,
            value: ruling.by.clone(),
            strength: 1.0,
            to,
            lead: self.lead.id.clone(),
            from: from.clone(),
            here: None,
            there: None,
            weak: None,
        })
    }

    /// What the postings share with those of other leads.
    fn links(&self) -> Result<Vec<Link>, StoreError> {
        let mut links: Vec<Link> = Vec::new();
        let mut seen: BTreeSet<(&LinkKey, PostingId)> = BTreeSet::new();
        // Finding the keys of a text takes longer than all else here, and one posting is often met by
        // several of them.
        let mut others: BTreeMap<PostingId, Option<Other>> = BTreeMap::new();
        for (stored, keys) in self.postings.iter().zip(self.keys) {
            for key in &keys.keys {
                for to in self.store.linked(key, MOST_OF_A_KEY + self.postings.len())? {
                    let is_new =
                        !self.lead.postings.contains(&to) && seen.insert((key, to.clone()));
                    if !is_new || links.len() >= MOST_LINKS {
                        continue;
                    }
                    if !others.contains_key(&to) {
                        others.insert(to.clone(), self.other(&to)?);
                    }
                    if let Some(Some(other)) = others.get(&to) {
                        links.extend(self.link_out(stored, keys, key, other)?);
                    }
                }
            }
        }
        links.sort_by(|a, b| (a.kind, &a.value, &a.to).cmp(&(b.kind, &b.value, &b.to)));
        links.dedup_by(|a, b| (a.kind, &a.value, &a.to) == (b.kind, &b.value, &b.to));
        Ok(links)
    }

    /// A posting of another lead; `None` if it is gone.
    fn other(&self, id: &PostingId) -> Result<Option<Other>, StoreError> {
        let Some(lead) = self.store.lead_of(id)? else { return Ok(None) };
        let Some(stored) = self.store.posting(id)? else { return Ok(None) };
        let keys = keys_of(self.store, &stored, &Folded::new(&stored.posting.text))?;
        Ok(Some(Other { keys, stored, lead }))
    }

    /// The link by this key to a posting of another lead, with the reason why it does not tie.
    fn link_out(
        &self,
        stored: &StoredPosting,
        keys: &Keys,
        key: &LinkKey,
        other: &Other,
    ) -> Result<Option<Link>, StoreError> {
        let ends = ((&stored.posting, keys), (&other.stored.posting, &other.keys));
        let links = link::links(ends.0, ends.1, &other.lead, |key| self.key_use(key))?;
        let of_key = links.into_iter().find(|link| {
            let is_near = matches!(link.kind, LinkKind::Template | LinkKind::Likeness);
            link.kind == key.kind && (link.value == key.value || is_near)
        });
        Ok(of_key.map(|link| Link {
            weak: link.weak.or_else(|| Some("a person told the leads apart".to_owned())),
            ..link
        }))
    }

    /// Groups of near-copies, each with what its texts have in common.
    fn templates(&self) -> Vec<LeadTemplate> {
        let mut family: Vec<usize> = (0..self.postings.len()).collect();
        let mut first: BTreeMap<&LinkKey, usize> = BTreeMap::new();
        for (at, keys) in self.keys.iter().enumerate() {
            let of_words = |key: &&LinkKey| matches!(key.kind, LinkKind::Text | LinkKind::Template);
            for key in keys.keys.iter().filter(of_words) {
                let holder = *first.entry(key).or_insert(at);
                let (from, to) = (family[at], family[holder]);
                family.iter_mut().filter(|f| **f == from).for_each(|f| *f = to);
            }
        }
        let mut families: BTreeMap<usize, Vec<&StoredPosting>> = BTreeMap::new();
        for (family, stored) in family.into_iter().zip(self.postings) {
            families.entry(family).or_default().push(stored);
        }
        let mut templates: Vec<LeadTemplate> = families
            .into_values()
            .filter_map(|family| {
                let texts: Vec<&str> = family.iter().map(|s| s.posting.text.as_str()).collect();
                let postings = family.iter().map(|stored| stored.posting.id.clone()).collect();
                Some(LeadTemplate { postings, template: link::template(&texts)? })
            })
            .collect();
        templates.sort_by_key(|template| std::cmp::Reverse(template.postings.len()));
        templates
    }
}
