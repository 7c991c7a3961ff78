use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use domain::LeadId;
use pipeline::{Desk, PipelineError};
use store::Store;

use super::kept::{self, Part, Reading};
use super::rows::Rows;
use super::words::{WordIndex, words_of};
use super::{Board, acts};

/// Leads that are read at a time.
const AT_ONCE: usize = 1_000;
/// Leads whose words are put on the board at a time; readers wait for some milliseconds.
const WORDS_AT_ONCE: usize = 50;

/// Puts everything on the board that there is, and has it told of everything that happens. Meant for
/// a thread of its own: the queue comes first, then what people did, then the words. What the board
/// was when the app last ended is taken up again, as far as it still holds. The index is read beside
/// the desk, which is at work meanwhile.
pub(crate) fn load(
    board: &Arc<Board>,
    desk: &Mutex<Desk>,
    index: &dyn Store,
) -> Result<(), PipelineError> {
    let (custody, last) = {
        let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
        let watching = board.clone();
        desk.watch(move |entry, changed, store| watching.take_note(entry, changed, store));
        board.glances().open();
        let last = index.applied()?;
        board.write().seen = last;
        (desk.dir().join("custody"), last)
    };
    let loading = Loading { board, index, custody: &custody, last };
    let kept = loading.begin_kept();
    match kept {
        Some((seen, first, reading)) => loading.go_on(seen, first, reading)?,
        None => loading.all_anew()?,
    }
    if !board.has_ended() {
        board.write().loaded = true;
    }
    Ok(())
}

struct Loading<'l> {
    board: &'l Board,
    index: &'l dyn Store,
    custody: &'l Path,
    /// What comes after this entry is told by the desk.
    last: u64,
}

impl Loading<'_> {
    fn all_anew(&self) -> Result<(), PipelineError> {
        self.list()?;
        self.take_in_acts(0)?;
        self.take_in_all_words()
    }

    /// The rows as they were kept, the entry up to which they are, and what comes after them.
    fn begin_kept(&self) -> Option<(u64, Part, Reading)> {
        let path = self.index.view_file()?;
        let kept = Reading::open(&path)
            .and_then(|reading| reading.map(|reading| rows_of(reading, self.last)).transpose());
        match kept {
            Ok(Some((seen, rows, first, reading))) => {
                self.board.write().rows = rows;
                Some((seen, first, reading))
            }
            Ok(None) => None,
            Err(error) => {
                tracing::warn!(%error, "the queue as it was kept cannot be used; it is read anew");
                None
            }
        }
    }

    fn go_on(&self, seen: u64, first: Part, reading: Reading) -> Result<(), PipelineError> {
        let changed = self.list_changed(seen)?;
        match self.take_up(first, reading) {
            Ok(()) => {
                self.take_in_acts(seen)?;
                self.take_in_words(&changed)
            }
            Err(error) => {
                tracing::warn!(%error, "the words as they were kept cannot be used; they are read anew");
                self.board.write().words = WordIndex::default();
                self.take_in_acts(0)?;
                self.take_in_all_words()
            }
        }
    }

    fn list(&self) -> Result<(), PipelineError> {
        let mut after: Option<LeadId> = None;
        loop {
            if self.board.has_ended() {
                return Ok(());
            }
            let leads = self.index.leads(after.as_ref(), AT_ONCE)?;
            let Some(last) = leads.last() else { break };
            after = Some(last.id.clone());
            let mut inner = self.board.write();
            for lead in &leads {
                inner.rows.put(lead);
            }
        }
        self.list_ends();
        Ok(())
    }

    /// Brings the rows that are on the board to what the index holds. Gives those whose words are to
    /// be read.
    fn list_changed(&self, seen: u64) -> Result<Vec<u32>, PipelineError> {
        let mut without_words = Vec::new();
        if seen < self.last {
            let leads = self.index.last_changes()?;
            self.board.write().rows.take_out_others(&leads);
            for (id, _) in leads.into_iter().filter(|(_, changed)| *changed > seen) {
                if self.board.has_ended() {
                    break;
                }
                let Some(lead) = self.index.lead(&id)? else { continue };
                let (row, words_changed) = self.board.write().rows.put(&lead);
                without_words.extend(words_changed.then_some(row));
            }
        }
        self.list_ends();
        Ok(without_words)
    }

    fn list_ends(&self) {
        let mut inner = self.board.write();
        inner.put_in_order();
        inner.listed = true;
        // What changed meanwhile may have been read before or after it did.
        for lead in std::mem::take(&mut inner.changed_meanwhile) {
            inner.refresh(&lead, self.index);
        }
    }

    /// Acts and words as they were kept, from this part on.
    fn take_up(&self, first: Part, mut reading: Reading) -> io::Result<()> {
        let mut part = first;
        loop {
            if self.board.has_ended() {
                return Ok(());
            }
            match part {
                Part::Acts(acts) => {
                    let acts = acts.into_iter().map(kept::KeptAct::into_act);
                    let acts = acts.collect::<io::Result<Vec<_>>>()?;
                    let mut inner = self.board.write();
                    acts.into_iter().for_each(|act| inner.acts.put(act));
                }
                Part::Words(words) => {
                    let words: Vec<_> = words
                        .into_iter()
                        .map(|(word, apart)| (word, kept::together(apart)))
                        .collect();
                    let mut inner = self.board.write();
                    words.into_iter().for_each(|(word, rows)| inner.words.put(word, rows));
                }
                Part::End => return Ok(()),
                Part::Head(_) | Part::Rows(_) => return Err(out_of_place()),
            }
            part = reading.next()?;
        }
    }

    fn take_in_acts(&self, after: u64) -> Result<(), PipelineError> {
        // Nothing is left to read when nothing happened since.
        let entries = (self.last > after).then(|| evidence::entries(self.custody, after));
        for entry in entries.transpose()?.into_iter().flatten() {
            let entry = entry?;
            if self.board.has_ended() {
                return Ok(());
            }
            let leads = acts::leads_of(&entry.event);
            self.board.write().acts.add(&entry, leads);
            // What comes later is told by the desk; its end may be half written just now.
            if entry.seq >= self.last {
                break;
            }
        }
        self.board.write().remembers = true;
        Ok(())
    }

    fn take_in_all_words(&self) -> Result<(), PipelineError> {
        let rows = u32::try_from(self.board.read().rows.len()).unwrap_or(u32::MAX);
        self.take_in_words(&(0..rows).collect::<Vec<_>>())?;
        self.board.write().words.shrink();
        Ok(())
    }

    fn take_in_words(&self, rows: &[u32]) -> Result<(), PipelineError> {
        for some in rows.chunks(WORDS_AT_ONCE) {
            if self.board.has_ended() {
                return Ok(());
            }
            let ids: Vec<LeadId> = {
                let inner = self.board.read();
                some.iter().map(|row| inner.rows.ids[*row as usize].clone()).collect()
            };
            let mut words = Vec::with_capacity(some.len());
            for (row, id) in some.iter().zip(&ids) {
                let Some(lead) = self.index.lead(id)? else { continue };
                let mut postings = Vec::with_capacity(lead.postings.len());
                for posting in &lead.postings {
                    postings.extend(self.index.posting(posting)?);
                }
                words.push((*row, words_of(&postings)));
            }
            let mut inner = self.board.write();
            words.iter().for_each(|(row, words)| inner.words.add(*row, words));
            inner.with_words += some.len();
        }
        Ok(())
    }
}

/// The entry up to which the rows are, the rows, and what comes after them. None of it is used if
/// it is of a later entry than the index: that has gone back since.
fn rows_of(mut reading: Reading, last: u64) -> io::Result<(u64, Rows, Part, Reading)> {
    let Part::Head(head) = reading.next()? else { return Err(out_of_place()) };
    if head.seen > last {
        return Err(io::Error::other(format!("it is of entry {}, after {last}", head.seen)));
    }
    let mut rows = Rows::named_as(head.named);
    loop {
        match reading.next()? {
            Part::Rows(some) => some.into_iter().for_each(|row| rows.take_up(row)),
            first if rows.len() == head.rows as usize => {
                return Ok((head.seen, rows, first, reading));
            }
            _ => return Err(out_of_place()),
        }
    }
}

fn out_of_place() -> io::Error {
    io::Error::other("its parts are not those that were written")
}
