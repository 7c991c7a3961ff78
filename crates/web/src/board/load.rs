use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use domain::LeadId;
use pipeline::{Desk, PipelineError};
use store::Store;

use super::words::words_of;
use super::{Board, acts};

/// Leads that are read at a time.
const AT_ONCE: usize = 1_000;
/// Leads whose words are put on the board at a time; readers wait for some milliseconds.
const WORDS_AT_ONCE: usize = 50;

/// Puts everything on the board that there is, and has it told of everything that happens. Meant for
/// a thread of its own: the queue comes first, then what people did, then the words. The index is
/// read beside the desk, which is at work meanwhile.
pub(crate) fn load(
    board: &Arc<Board>,
    desk: &Mutex<Desk>,
    index: &dyn Store,
) -> Result<(), PipelineError> {
    let (custody, last) = {
        let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
        let watching = board.clone();
        desk.watch(move |entry, changed, store| watching.take_note(entry, changed, store));
        (desk.dir().join("custody"), index.applied()?)
    };
    list(board, index)?;
    take_in_acts(board, &custody, last)?;
    take_in_words(board, index)?;
    board.write().loaded = true;
    Ok(())
}

fn list(board: &Board, index: &dyn Store) -> Result<(), PipelineError> {
    let mut after: Option<LeadId> = None;
    loop {
        if board.has_ended() {
            return Ok(());
        }
        let leads = index.leads(after.as_ref(), AT_ONCE)?;
        let Some(last) = leads.last() else { break };
        after = Some(last.id.clone());
        let mut inner = board.write();
        for lead in &leads {
            inner.rows.put(lead);
        }
    }
    let mut inner = board.write();
    inner.put_in_order();
    inner.listed = true;
    // What changed meanwhile may have been read before or after it did.
    for lead in std::mem::take(&mut inner.changed_meanwhile) {
        inner.refresh(&lead, index);
    }
    Ok(())
}

fn take_in_acts(board: &Board, custody: &Path, last: u64) -> Result<(), PipelineError> {
    if last == 0 {
        return Ok(());
    }
    for entry in evidence::entries(custody, 0)? {
        let entry = entry?;
        if board.has_ended() {
            break;
        }
        let leads = acts::leads_of(&entry.event);
        board.write().acts.add(&entry, leads);
        // What comes later is told by the desk; its end may be half written just now.
        if entry.seq >= last {
            break;
        }
    }
    Ok(())
}

fn take_in_words(board: &Board, index: &dyn Store) -> Result<(), PipelineError> {
    let rows = board.read().rows.len();
    for first in (0..rows).step_by(WORDS_AT_ONCE) {
        if board.has_ended() {
            return Ok(());
        }
        let some: Vec<LeadId> = {
            let inner = board.read();
            inner.rows.ids[first..rows.min(first + WORDS_AT_ONCE)].to_vec()
        };
        let mut words = Vec::with_capacity(some.len());
        for (row, id) in (first..).zip(&some) {
            let Some(lead) = index.lead(id)? else { continue };
            let mut postings = Vec::with_capacity(lead.postings.len());
            for posting in &lead.postings {
                postings.extend(index.posting(posting)?);
            }
            words.push((u32::try_from(row).unwrap_or(u32::MAX), words_of(&postings)));
        }
        let mut inner = board.write();
        words.iter().for_each(|(row, words)| inner.words.add(*row, words));
    }
    board.write().words.shrink();
    Ok(())
}
