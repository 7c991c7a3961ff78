//! The board: what the queue page needs of every lead, and every act of a person, in memory. It is
//! made when the app starts and kept right by the desk's own entries, so that filters, searches and
//! histories are answered without reading the index. The index stays the home of all of it.

mod acts;
mod fates;
mod load;
mod names;
mod row;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::{Lead, LeadId};
use evidence::Entry;
use store::Store;
use tokio::sync::broadcast;

pub(crate) use acts::Act;
pub(crate) use load::load;
pub(crate) use row::{Row, Wanted};

use acts::Acts;
use names::Names;
use row::Place;
use words::WordIndex;

/// News that are kept for a listener that is slow; who falls behind further reads the page anew.
const NEWS_KEPT: usize = 256;

/// A lead is new, or something about it has changed.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) lead: LeadId,
    pub(crate) is_new: bool,
    pub(crate) status: &'static str,
    pub(crate) claimed_by: Option<String>,
}

/// What a query found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The leads of the page asked for, in the queue's order.
    pub(crate) leads: Vec<LeadId>,
    /// How many there are in all.
    pub(crate) total: usize,
}

pub(crate) struct Board {
    inner: RwLock<Inner>,
    news: broadcast::Sender<News>,
}

#[derive(Default)]
struct Inner {
    rows: Vec<Row>,
    by_id: BTreeMap<LeadId, u32>,
    order: BTreeSet<Place>,
    names: Names,
    words: WordIndex,
    acts: Acts,
    /// Set when everything that was there at the start is on the board.
    loaded: bool,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self { inner: RwLock::default(), news: broadcast::channel(NEWS_KEPT).0 }
    }

    /// A listener for what happens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Whether everything that was there at the start is on the board.
    pub(crate) fn is_loaded(&self) -> bool {
        self.read().loaded
    }

    /// The leads that are wanted, in the queue's order: by score, then the one opened first.
    pub(crate) fn find(&self, wanted: &Wanted, from: usize, limit: usize) -> Found {
        let inner = self.read();
        let filter = wanted.compiled(&inner.names);
        let Some(filter) = filter else { return Found::default() };
        let hits = if wanted.text.trim().is_empty() {
            None
        } else {
            Some(inner.words.hits(&wanted.text, inner.rows.len()))
        };
        let mut found = Found::default();
        for place in &inner.order {
            let row = &inner.rows[place.row as usize];
            let is_hit = hits.as_ref().is_none_or(|hits| hits.contains(place.row));
            if !is_hit || !filter.admits(row) {
                continue;
            }
            if found.total >= from && found.leads.len() < limit {
                found.leads.push(row.id.clone());
            }
            found.total += 1;
        }
        found
    }

    /// The names of indicators, or of sources, that leads on the board have, with how many open or
    /// claimed leads have them.
    pub(crate) fn in_use(&self) -> InUse {
        let inner = self.read();
        let names = inner.names.len();
        let (mut sources, mut indicators) = (vec![0; names], vec![0; names]);
        let rows = inner.order.iter().map(|place| &inner.rows[place.row as usize]);
        for row in rows.filter(|row| row.status != domain::LeadStatus::Decided) {
            row.sources.iter().for_each(|source| sources[usize::from(*source)] += 1);
            row.indicators.iter().for_each(|sign| indicators[usize::from(*sign)] += 1);
        }
        let named = |counts: Vec<usize>| {
            let used = (0_u16..).zip(counts).filter(|(_, count)| *count > 0);
            used.map(|(name, count)| (inner.names.word(name).to_owned(), count)).collect()
        };
        InUse { sources: named(sources), indicators: named(indicators) }
    }

    /// What people did with a lead, under any of its names, in order of time.
    pub(crate) fn acts_on(&self, lead: &Lead) -> Vec<Act> {
        let names = lead.postings.iter().map(LeadId::founded_by).chain([lead.id.clone()]);
        self.read().acts.on(names)
    }

    /// The acts that a test admits, the latest first.
    pub(crate) fn latest_acts(
        &self,
        admits: &dyn Fn(&Act) -> bool,
        from: usize,
        limit: usize,
    ) -> (Vec<Act>, usize) {
        self.read().acts.latest(admits, from, limit)
    }

    /// Takes note of an entry of the custody log that the index holds by now.
    fn take_note(&self, entry: &Entry, changed: &[LeadId], store: &dyn Store) {
        changed.iter().for_each(|lead| self.refresh(lead, store));
        self.write().acts.add(entry, acts::leads_of(&entry.event));
    }

    /// Brings a lead's row to what the index holds.
    fn refresh(&self, id: &LeadId, store: &dyn Store) {
        let Ok(lead) = store.lead(id) else { return };
        let postings: Vec<_> = lead
            .iter()
            .flat_map(|lead| &lead.postings)
            .filter_map(|posting| store.posting(posting).ok().flatten())
            .collect();
        let mut guard = self.write();
        let inner = &mut *guard;
        let known = inner.by_id.get(id).copied();
        if let Some(row) = known {
            inner.order.remove(&inner.rows[row as usize].place(row));
        }
        // A lead that is gone, such as one that was merged into another, leaves the queue.
        let Some(lead) = lead else { return };
        let row = Row::of(&lead, &postings, &mut inner.names);
        let number = known.unwrap_or(u32::try_from(inner.rows.len()).unwrap_or(u32::MAX));
        inner.order.insert(row.place(number));
        inner.words.add(number, &postings);
        let news = News {
            lead: id.clone(),
            is_new: known.is_none(),
            status: row.status.name(),
            claimed_by: row.claimed_by.as_deref().map(ToOwned::to_owned),
        };
        match known {
            Some(known) => inner.rows[known as usize] = row,
            None => {
                inner.rows.push(row);
                inner.by_id.insert(id.clone(), number);
            }
        }
        if inner.loaded {
            // Nobody listens, most of the time.
            let _ = self.news.send(news);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names that leads waiting or being worked on have, with their number.
pub(crate) struct InUse {
    pub(crate) sources: Vec<(String, usize)>,
    pub(crate) indicators: Vec<(String, usize)>,
}
