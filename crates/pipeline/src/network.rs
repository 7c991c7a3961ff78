//! The desk's network of postings: what the store holds, with what the entry at hand changes on top.

pub(crate) mod common_keys;
mod linking;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::{Decision, KeyUse, Lead, LeadId, LinkKey, PostingId, Ruling};
use link::{Keys, Network, Words};
use store::{Change, Store, StoreError, StoredPosting};
use text::Folded;

use self::common_keys::unnamed;

/// The store and the changes to it that are not committed yet.
pub(crate) struct StagedNetwork<'s> {
    store: &'s dyn Store,
    postings: BTreeMap<PostingId, StoredPosting>,
    /// The posting that is just being flagged, as a lead by itself.
    alone: Option<(PostingId, Lead)>,
    key_uses: BTreeMap<LinkKey, KeyUse>,
    link_keys: BTreeMap<PostingId, Vec<LinkKey>>,
    holders: BTreeMap<LinkKey, BTreeSet<PostingId>>,
    /// Leads that were asked for or changed.
    leads: RefCell<BTreeMap<LeadId, Held>>,
    memberships: BTreeMap<PostingId, LeadId>,
    /// `None` for one that was taken back.
    rulings: BTreeMap<u64, Option<Ruling>>,
    ruled: BTreeMap<PostingId, BTreeSet<u64>>,
    /// Rulings that were read: on which side each posting is.
    sides: RefCell<BTreeMap<u64, Rc<Sides>>>,
    /// What texts are compared by, of postings that were asked for.
    words: RefCell<BTreeMap<PostingId, Rc<Words>>>,
}

/// A lead as it stands by now.
struct Held {
    /// `None` when there is none of that name, or it is in another now.
    lead: Option<Rc<Lead>>,
    /// It is not as the store has it.
    changed: bool,
}

struct Sides {
    of: BTreeMap<PostingId, u32>,
    apart: bool,
}

impl Sides {
    fn new(ruling: &Ruling) -> Self {
        let sides = ruling.groups.iter().zip(0..);
        let of = sides.flat_map(|(group, side)| group.iter().map(move |p| (p.clone(), side)));
        Self { of: of.collect(), apart: ruling.groups.len() > 1 }
    }
}

impl<'s> StagedNetwork<'s> {
    pub(crate) fn new(store: &'s dyn Store) -> Self {
        Self {
            store,
            postings: BTreeMap::new(),
            alone: None,
            key_uses: BTreeMap::new(),
            link_keys: BTreeMap::new(),
            holders: BTreeMap::new(),
            leads: RefCell::default(),
            memberships: BTreeMap::new(),
            rulings: BTreeMap::new(),
            ruled: BTreeMap::new(),
            sides: RefCell::default(),
            words: RefCell::default(),
        }
    }

    /// Takes in a flagged posting. What its source says of it now may be less than it said before:
    /// then it stands as it stood, and the lead's score does not fall.
    pub(crate) fn flag(&mut self, stored: StoredPosting, keys: &Keys) -> Result<(), StoreError> {
        let id = stored.posting.id.clone();
        let alone = link::found(&stored.posting, &stored.assessment, keys.wording);
        let before = self.posting(&id)?;
        if before.is_none_or(|before| before.assessment.score <= stored.assessment.score) {
            self.postings.insert(id.clone(), stored);
            let words = keys.words().with_images(&Network::keys(self, &id)?);
            self.words.borrow_mut().insert(id.clone(), Rc::new(words));
        }
        let was_on = self.group(&id)?;
        let of_one_hand: Vec<LinkKey> = keys.of_one_hand().cloned().collect();
        self.alone = Some((id.clone(), alone.clone()));
        link::arrive(self, &id, &of_one_hand, &keys.signs(false))?;
        self.alone = None;
        if was_on.is_some()
            && let Some(lead) = self.lead_of(&id)?
        {
            let old = lead.id.clone();
            let lead = self.taken_out(lead);
            self.put_back(&old, link::join(lead, alone));
        }
        Ok(())
    }

    /// Takes in the keys of a picture that a flagged posting shows.
    pub(crate) fn show(
        &mut self,
        posting: &PostingId,
        of_image: &[LinkKey],
    ) -> Result<(), StoreError> {
        let Some(stored) = self.posting(posting)? else { return Ok(()) };
        let keys = link::keys(&stored.posting, &Folded::new(&stored.posting.text));
        // By these it is compared with others before it is known to have them.
        let known = Network::keys(self, posting)?;
        let words = keys.words().with_images(known.iter().chain(of_image));
        self.words.borrow_mut().insert(posting.clone(), Rc::new(words));
        link::arrive(self, posting, of_image, &keys.signs(false))
    }

    /// Takes note of an ordinary posting.
    pub(crate) fn pass(&mut self, posting: &PostingId, keys: &Keys) -> Result<(), StoreError> {
        // One that was flagged once is on a lead, whatever its author has made of it since.
        if self.group(posting)?.is_some() {
            return Ok(());
        }
        let of_places: Vec<LinkKey> = keys.of_places().cloned().collect();
        link::pass(self, &of_places, &keys.signs(true))
    }

    /// Takes in what a person said.
    pub(crate) fn heed(&mut self, ruling: Ruling) -> Result<(), StoreError> {
        let postings: Vec<PostingId> = ruling.groups.iter().flatten().cloned().collect();
        for posting in &postings {
            let mut ruled = self.ruled(posting)?;
            ruled.insert(ruling.seq);
            self.ruled.insert(posting.clone(), ruled);
        }
        self.rulings.insert(ruling.seq, Some(ruling));
        link::heed(self, &postings)
    }

    /// Takes in that a person took a decision back: what it said of its postings is no longer said,
    /// and what others said of them, before or after, stands. A decision on one posting said nothing.
    pub(crate) fn unheed(&mut self, decision: &Decision) -> Result<(), StoreError> {
        let Some(first) = decision.postings.first() else { return Ok(()) };
        for seq in self.ruled(first)?.into_iter().rev() {
            let ruling = self.whole_ruling(seq)?;
            if !ruling.is_some_and(|ruling| is_of(&ruling, decision)) {
                continue;
            }
            for posting in &decision.postings {
                let mut ruled = self.ruled(posting)?;
                ruled.remove(&seq);
                self.ruled.insert(posting.clone(), ruled);
            }
            self.rulings.insert(seq, None);
            self.sides.borrow_mut().remove(&seq);
            return link::heed(self, &decision.postings);
        }
        Ok(())
    }

    /// The lead that bears this name, or in which the posting is that gave the name.
    pub(crate) fn named(&self, id: &LeadId) -> Result<Option<Rc<Lead>>, StoreError> {
        match id.founder() {
            Some(founder) => self.lead_of(&founder),
            None => Ok(None),
        }
    }

    /// The lead of a posting.
    pub(crate) fn lead_of(&self, posting: &PostingId) -> Result<Option<Rc<Lead>>, StoreError> {
        match self.group(posting)? {
            Some(id) => self.lead(&id),
            None => Ok(None),
        }
    }

    /// Changes a lead as a person or the program acts on it.
    pub(crate) fn act(&mut self, lead: Rc<Lead>, act: impl FnOnce(&mut Lead)) {
        let old = lead.id.clone();
        let mut lead = self.taken_out(lead);
        act(&mut lead);
        self.put_back(&old, link::after_act(lead));
    }

    /// All changes, in an order in which they can be applied.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        let mut changes = Vec::new();
        changes.extend(self.postings.into_values().map(Box::new).map(Change::PutPosting));
        let link_keys = self.link_keys.into_iter();
        changes.extend(link_keys.map(|(posting, keys)| Change::PutLinkKeys { posting, keys }));
        let key_uses = self.key_uses.into_iter();
        changes.extend(key_uses.map(|(key, used)| Change::PutKeyUse { key, used }));
        changes.extend(self.rulings.into_iter().map(|(seq, ruling)| match ruling {
            Some(ruling) => Change::PutRuling(ruling),
            None => Change::RemoveRuling(seq),
        }));
        let (mut gone, mut there) = (Vec::new(), Vec::new());
        for (id, held) in self.leads.into_inner() {
            match held.lead {
                _ if !held.changed => {}
                Some(lead) => there.push(Change::PutLead(Rc::unwrap_or_clone(lead))),
                None => gone.push(Change::RemoveLead(id)),
            }
        }
        changes.extend(gone);
        changes.extend(there);
        changes
    }

    /// A flagged posting.
    pub(crate) fn posting(&self, id: &PostingId) -> Result<Option<StoredPosting>, StoreError> {
        match self.postings.get(id) {
            Some(staged) => Ok(Some(staged.clone())),
            None => self.store.posting(id),
        }
    }

    fn lead(&self, id: &LeadId) -> Result<Option<Rc<Lead>>, StoreError> {
        if let Some(held) = self.leads.borrow().get(id) {
            return Ok(held.lead.clone());
        }
        let lead = self.store.lead(id)?.map(Rc::new);
        self.leads.borrow_mut().insert(id.clone(), Held { lead: lead.clone(), changed: false });
        Ok(lead)
    }

    /// A lead that is going to be put back changed, or into others: none is of its name until then. It
    /// is not copied, since it may have thousands of postings.
    fn taken_out(&mut self, lead: Rc<Lead>) -> Lead {
        self.leads.get_mut().insert(lead.id.clone(), Held { lead: None, changed: true });
        Rc::unwrap_or_clone(lead)
    }

    /// Puts a lead in the place of the one that was taken out, of which it may have another name.
    fn put_back(&mut self, old: &LeadId, lead: Lead) {
        let moved = if lead.id == *old { Vec::new() } else { lead.postings.clone() };
        self.put(lead, moved);
    }

    /// Puts a lead in its place, to which these postings have moved.
    fn put(&mut self, lead: Lead, moved: Vec<PostingId>) {
        let id = lead.id.clone();
        self.memberships.extend(moved.into_iter().map(|posting| (posting, id.clone())));
        self.leads.get_mut().insert(id, Held { lead: Some(Rc::new(lead)), changed: true });
    }

    /// The lead of a posting by itself.
    fn alone(&self, posting: &PostingId) -> Result<Option<Lead>, StoreError> {
        if let Some((_, alone)) = self.alone.as_ref().filter(|(flagged, _)| flagged == posting) {
            return Ok(Some(alone.clone()));
        }
        let Some(stored) = self.posting(posting)? else { return Ok(None) };
        let keys = link::keys(&stored.posting, &Folded::new(&stored.posting.text));
        Ok(Some(link::found(&stored.posting, &stored.assessment, keys.wording)))
    }

    fn words(&self, posting: &PostingId) -> Result<Rc<Words>, StoreError> {
        if let Some(known) = self.words.borrow().get(posting) {
            return Ok(known.clone());
        }
        let stored = self.posting(posting)?;
        let keys = stored.map(|s| link::keys(&s.posting, &Folded::new(&s.posting.text)));
        let words = keys.map(|keys| keys.words()).unwrap_or_default();
        let words = Rc::new(words.with_images(&Network::keys(self, posting)?));
        self.words.borrow_mut().insert(posting.clone(), words.clone());
        Ok(words)
    }

    fn key_use(&self, key: &LinkKey) -> Result<KeyUse, StoreError> {
        match self.key_uses.get(key) {
            Some(staged) => Ok(staged.clone()),
            None => match self.store.key_use(key)? {
                Some(kept) => Ok(kept),
                // What was learned from postings that are deleted since.
                None => {
                    Ok(self.store.key_use(&unnamed(key.kind, &key.digest()))?.unwrap_or_default())
                }
            },
        }
    }

    fn ruled(&self, posting: &PostingId) -> Result<BTreeSet<u64>, StoreError> {
        match self.ruled.get(posting) {
            Some(staged) => Ok(staged.clone()),
            None => Ok(self.store.ruled(posting)?.into_iter().collect()),
        }
    }

    fn whole_ruling(&self, seq: u64) -> Result<Option<Ruling>, StoreError> {
        match self.rulings.get(&seq) {
            Some(staged) => Ok(staged.clone()),
            None => self.store.ruling(seq),
        }
    }

    fn sides(&self, seq: u64) -> Result<Option<Rc<Sides>>, StoreError> {
        if let Some(read) = self.sides.borrow().get(&seq) {
            return Ok(Some(read.clone()));
        }
        let sides = self.whole_ruling(seq)?.map(|ruling| Rc::new(Sides::new(&ruling)));
        if let Some(sides) = &sides {
            self.sides.borrow_mut().insert(seq, sides.clone());
        }
        Ok(sides)
    }
}

/// Whether a ruling is what this decision said of its postings: theirs, and of the same moment.
fn is_of(ruling: &Ruling, decision: &Decision) -> bool {
    (&ruling.by, ruling.at) == (&decision.by, decision.at)
        && ruling.groups.as_slice() == std::slice::from_ref(&decision.postings)
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
