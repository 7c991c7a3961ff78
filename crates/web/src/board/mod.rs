//! The board: what the queue page needs of every lead, and every act of a person, in memory. It is
//! made when the app starts and kept right by the desk's own entries, so that filters, searches and
//! histories are answered without reading the index. The index stays the home of all of it.

mod acts;
mod fates;
mod glances;
mod hits;
mod kept;
mod load;
mod names;
mod rows;
mod wanted;
mod words;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use domain::{Lead, LeadId, PostingId};
use evidence::Entry;
use jiff::Timestamp;
use store::{Store, StoredPosting};
use tokio::sync::broadcast;

pub(crate) use acts::Act;
#[cfg(test)]
pub(crate) use kept::of_a_later_entry;
pub(crate) use load::load;
pub(crate) use wanted::Wanted;

use acts::Acts;
use glances::Glances;
use rows::{InUse, Rows};
use words::{WordIndex, words_of};

use crate::glance::{Glance, PostingGlance};

/// News that are kept for a listener that is slow; who falls behind further reads the page anew.
const NEWS_KEPT: usize = 256;

/// How often it is looked whether all leads are there.
const LISTED_PAUSE: Duration = Duration::from_millis(20);

/// A lead is new, or something about it has changed.
#[derive(Clone, Debug)]
pub(crate) struct News {
    pub(crate) lead: LeadId,
    pub(crate) is_new: bool,
    pub(crate) status: &'static str,
    pub(crate) claimed_by: Option<String>,
}

/// A lead of a list.
#[derive(Clone, Debug)]
pub(crate) enum Listed {
    /// All that lists show of it but what they show of a posting, and that posting.
    Told(Glance, PostingId),
    /// It is to be read.
    Named(LeadId),
}

/// What a query found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The leads of the page asked for, in the queue's order.
    pub(crate) leads: Vec<Listed>,
    /// How many there are in all.
    pub(crate) total: usize,
}

#[cfg(test)]
impl Found {
    pub(crate) fn ids(self) -> Vec<LeadId> {
        let id = |listed| match listed {
            Listed::Told(Glance { id, .. }, _) | Listed::Named(id) => id,
        };
        self.leads.into_iter().map(id).collect()
    }
}

pub(crate) struct Board {
    inner: RwLock<Inner>,
    glances: RwLock<Glances>,
    /// The app has ended; whoever still puts things on the board stops.
    ended: AtomicBool,
    news: broadcast::Sender<News>,
}

#[derive(Default)]
struct Inner {
    rows: Rows,
    /// The rows in the queue's order.
    order: Vec<u32>,
    words: WordIndex,
    acts: Acts,
    /// Set when every lead that was there at the start is on the board.
    listed: bool,
    /// Set when everything is that people did.
    remembers: bool,
    /// Leads whose words are on the board.
    with_words: usize,
    /// Set when all of it is.
    loaded: bool,
    /// Leads that changed before all were listed.
    changed_meanwhile: BTreeSet<LeadId>,
    /// The last entry of the custody log that the board took note of.
    seen: u64,
    /// Something was deleted for good. Its words are forgotten with the memory that holds them.
    has_deleted: bool,
}

impl Board {
    pub(crate) fn new() -> Self {
        let news = broadcast::channel(NEWS_KEPT).0;
        Self {
            inner: RwLock::default(),
            glances: RwLock::default(),
            ended: AtomicBool::new(false),
            news,
        }
    }

    /// To be said when the app ends: the desk closes its index, which may still be read here.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Leaves the board for the next start, when all of it is there. What was deleted since it was
    /// made must not come back by it.
    pub(crate) fn keep(&self, store: &dyn Store) {
        let Some(path) = store.view_file() else { return };
        let inner = self.read();
        if inner.has_deleted || !inner.loaded {
            return;
        }
        if let Err(error) = kept::write(&inner, &path) {
            tracing::warn!(%error, "the queue could not be kept for the next start, which is slower");
        }
    }

    /// Puts a word on a lead that none of its postings has.
    #[cfg(test)]
    pub(crate) fn add_word(&self, lead: &LeadId, word: &str) {
        let mut inner = self.write();
        let row = inner.rows.row_of(lead).expect("a lead on the board");
        inner.words.add(row, &BTreeSet::from([word.to_owned()]));
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// A listener for what happens from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Whether every lead that was there at the start is on the board.
    pub(crate) fn is_listed(&self) -> bool {
        self.read().listed
    }

    /// When every lead is on the board; at once, most of the time.
    pub(crate) async fn listed(&self) {
        while !self.is_listed() {
            tokio::time::sleep(LISTED_PAUSE).await;
        }
    }

    /// Whether everything that people did is on the board.
    pub(crate) fn remembers(&self) -> bool {
        self.read().remembers
    }

    /// How many leads are on the board by now, and how many of them with their words.
    pub(crate) fn progress(&self) -> (usize, usize) {
        let inner = self.read();
        (inner.rows.len(), inner.with_words)
    }

    /// As it is at the start, before anything was read.
    #[cfg(test)]
    pub(crate) fn read_nothing_yet(&self) {
        *self.write() = Inner::default();
    }

    /// Whether all their words are, too, and everything that people did.
    pub(crate) fn is_loaded(&self) -> bool {
        self.read().loaded
    }

    /// The leads that are wanted, in the queue's order: by score, then the one opened first.
    pub(crate) fn find(&self, wanted: &Wanted, from: usize, limit: usize) -> Found {
        let inner = self.read();
        let Some(mut hits) = inner.rows.admitted(&wanted.filter) else { return Found::default() };
        if let Some(contact) = &wanted.filter.contact {
            hits.retain(&inner.words.with_contact(contact, inner.rows.len()));
        }
        if !wanted.text.trim().is_empty() {
            hits.retain(&inner.words.hits(&wanted.text, inner.rows.len()));
        }
        let rows = inner.order.iter().filter(|row| hits.contains(**row)).skip(from).take(limit);
        let leads = rows.map(|row| inner.rows.listed(*row)).collect();
        Found { leads, total: hits.count() }
    }

    /// What was shown of this posting of a lead, if the lead has not changed since; else what to say to
    /// [`remember`](Self::remember) with the glance.
    pub(crate) fn glance(
        &self,
        lead: &LeadId,
        posting: &PostingId,
    ) -> Result<Arc<PostingGlance>, u64> {
        self.glances.read().unwrap_or_else(PoisonError::into_inner).get(lead, posting)
    }

    /// Keeps what was read of a lead's posting for those who look at it next.
    pub(crate) fn remember(
        &self,
        lead: LeadId,
        posting: PostingId,
        glance: Arc<PostingGlance>,
        asked_at: u64,
    ) {
        self.glances().put(lead, posting, glance, asked_at);
    }

    /// What filters can be chosen from.
    pub(crate) fn in_use(&self) -> InUse {
        self.read().rows.in_use()
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

    /// See [`Acts::last_dismissed`].
    pub(crate) fn last_dismissed(
        &self,
        by: &str,
        since: Timestamp,
    ) -> Option<(String, Vec<LeadId>)> {
        self.read().acts.last_dismissed(by, since)
    }

    /// Takes note of an entry of the custody log that the index holds by now.
    fn take_note(&self, entry: &Entry, changed: &[LeadId], store: &dyn Store) {
        let is_deletion = acts::deletes(&entry.event);
        {
            let mut glances = self.glances();
            glances.forget(changed);
            if is_deletion {
                glances.close();
            }
        }
        let mut inner = self.write();
        inner.seen = inner.seen.max(entry.seq);
        inner.has_deleted |= is_deletion;
        inner.acts.add(entry, acts::leads_of(&entry.event));
        if !inner.listed {
            inner.changed_meanwhile.extend(changed.iter().cloned());
            return;
        }
        for lead in changed {
            if let Some(news) = inner.refresh(lead, store) {
                // Nobody listens, most of the time.
                let _ = self.news.send(news);
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn glances(&self) -> RwLockWriteGuard<'_, Glances> {
        self.glances.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Sorts all rows into the queue's order.
    fn put_in_order(&mut self) {
        let rows = &self.rows;
        self.order = (0..u32::try_from(rows.len()).unwrap_or(u32::MAX)).collect();
        self.order.sort_unstable_by(|a, b| rows.place(*a).cmp(&rows.place(*b)));
    }

    fn place_in_order(&self, row: u32) -> Result<usize, usize> {
        let place = self.rows.place(row);
        self.order.binary_search_by(|other| self.rows.place(*other).cmp(&place))
    }

    /// Brings a lead's row to what the index holds, and tells what is new about it.
    fn refresh(&mut self, id: &LeadId, store: &dyn Store) -> Option<News> {
        let lead = store.lead(id).ok()?;
        let known = self.rows.row_of(id);
        if let Some(place) = known.and_then(|row| self.place_in_order(row).ok()) {
            self.order.remove(place);
        }
        let Some(lead) = lead else {
            // It was merged into another and leaves the queue.
            known.into_iter().for_each(|row| self.rows.take_out(row));
            return None;
        };
        let (row, words_changed) = self.rows.put(&lead);
        if let Err(place) = self.place_in_order(row) {
            self.order.insert(place, row);
        }
        if words_changed {
            let postings = lead.postings.iter().filter_map(|id| store.posting(id).ok().flatten());
            let postings: Vec<StoredPosting> = postings.collect();
            self.words.add(row, &words_of(&postings));
        }
        Some(News {
            lead: id.clone(),
            is_new: known.is_none(),
            status: lead.status().name(),
            claimed_by: lead.claimed_by,
        })
    }
}
