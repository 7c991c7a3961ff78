use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pipeline::{Desk, PipelineError};
use store::QueueFilter;

use super::{Board, acts};

/// Leads that are read under one lock; others want the desk too.
const AT_ONCE: usize = 200;

/// Puts everything on the board that there is, and has it told of everything that happens. Meant for
/// a thread of its own.
pub(crate) fn load(board: &Arc<Board>, desk: &Arc<Mutex<Desk>>) -> Result<(), PipelineError> {
    let lock = || -> MutexGuard<'_, Desk> { desk.lock().unwrap_or_else(PoisonError::into_inner) };
    let (leads, custody) = {
        let mut desk = lock();
        let watching = board.clone();
        desk.watch(move |entry, changed, store| watching.take_note(entry, changed, store));
        let all = QueueFilter { all_statuses: true, ..QueueFilter::default() };
        let leads = desk.store().queue(&all, usize::MAX)?;
        let leads: Vec<_> = leads.into_iter().map(|lead| lead.id).collect();
        (leads, (desk.dir().join("custody"), desk.store().applied()?))
    };
    for some in leads.chunks(AT_ONCE) {
        let desk = lock();
        some.iter().for_each(|lead| board.refresh(lead, desk.store()));
    }
    drop(leads);
    let (custody, last) = custody;
    if last > 0 {
        for entry in evidence::entries(&custody, 0)? {
            let entry = entry?;
            let leads = acts::leads_of(&entry.event);
            board.write().acts.add(&entry, leads);
            // What comes later is told by the desk; its end may be half written just now.
            if entry.seq >= last {
                break;
            }
        }
    }
    board.write().loaded = true;
    Ok(())
}
