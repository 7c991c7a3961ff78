//! Views of many people at once. Each is in the custody log, synced, before its lead is shown; those
//! that come while a sync is under way share the next one.

use std::sync::{Arc, Mutex, PoisonError};

use domain::LeadId;
use evidence::Event;
use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::desk::lock;
use crate::{Desk, PipelineError};

/// The name that the lead bears now, once the view is in the log.
type Logged = Result<LeadId, PipelineError>;

/// Somebody who waits to be shown a lead.
struct Waiting {
    lead: LeadId,
    by: String,
    told: Sender<Logged>,
}

/// Writes views of a desk's leads into its log.
pub struct Views {
    desk: Arc<Mutex<Desk>>,
    waiting: Mutex<Vec<Waiting>>,
}

impl Views {
    /// Of this desk.
    pub fn of(desk: Arc<Mutex<Desk>>) -> Self {
        Self { desk, waiting: Mutex::default() }
    }

    /// Puts down that a person is to be shown a lead, which is not before the answer says that it is
    /// in the log. Whoever comes first is told so, and has to see to [`serve`](Self::serve).
    pub fn ask(&self, lead: LeadId, by: String) -> (Receiver<Logged>, bool) {
        let (told, answer) = channel();
        let mut waiting = self.waiting();
        waiting.push(Waiting { lead, by, told });
        (answer, waiting.len() == 1)
    }

    /// Writes into the log what all who wait by then have asked. Waits for whoever has the desk, and
    /// for the sync: meant for a thread that may.
    pub fn serve(&self) {
        let mut desk = lock(&self.desk);
        // Who comes after this is the first of those that wait for the next time.
        let waiting = std::mem::take(&mut *self.waiting());
        desk.log_views(waiting);
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Logs these views, in one sync, and tells each what came of it. A failure to write is one of
    /// each of them.
    fn log_views(&mut self, waiting: Vec<Waiting>) {
        let mut known = Vec::with_capacity(waiting.len());
        for Waiting { lead, by, told } in waiting {
            match self.existing(&lead) {
                Ok(lead) => known.push((lead.id, by, told)),
                Err(error) => tell(told, Err(error)),
            }
        }
        if known.is_empty() {
            return;
        }
        let views =
            known.iter().map(|(lead, by, _)| (by.as_str(), Event::View { lead: lead.clone() }));
        let failed = self.record_together(views).err().map(|error| error.to_string());
        for (lead, _, told) in known {
            tell(told, failed.clone().map_or(Ok(lead), |why| Err(PipelineError::Refused(why))));
        }
    }
}

/// Whoever has gone away meanwhile need not be told.
fn tell(told: Sender<Logged>, logged: Logged) {
    let _ = told.send(logged);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicI64, Ordering};

    use domain::Clock;
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::{Tip, init};

    /// A clock that is asked once for each writing of the log, and never says the same twice.
    #[derive(Default)]
    struct Ticking(AtomicI64);

    impl Clock for Ticking {
        fn now(&self) -> Timestamp {
            let second = self.0.fetch_add(1, Ordering::Relaxed);
            Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
        }
    }

    struct Story {
        folder: tempfile::TempDir,
        views: Arc<Views>,
        lead: LeadId,
    }

    impl Story {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            init(&folder.path().join("desk"), "Test", "desk@example.org").unwrap();
            let mut desk =
                Desk::open(&folder.path().join("desk"), Arc::new(Ticking::default())).unwrap();
            let mut tip = Tip::default();
            tip.form.text = "An invented offer, the passport stays with the boss.".to_owned();
            let lead = desk.tip(&tip, "Ana").unwrap().lead.unwrap();
            Self { folder, views: Arc::new(Views::of(Arc::new(Mutex::new(desk)))), lead }
        }

        fn log(&self, by: &str) -> Logged {
            let (answer, is_first) = self.views.ask(self.lead.clone(), by.to_owned());
            if is_first {
                self.views.serve();
            }
            answer.blocking_recv().unwrap()
        }

        /// The views in the log, as a reader of the file finds them: who, and when.
        fn logged(&self) -> Vec<(String, Timestamp)> {
            let entries = evidence::entries(&self.folder.path().join("desk/custody"), 0).unwrap();
            let entries = entries.map(Result::unwrap);
            let views = entries.filter(|entry| matches!(entry.event, Event::View { .. }));
            views.map(|entry| (entry.actor.clone(), entry.time)).collect()
        }

        /// So many people, who all wait before anybody is served. Gives what each was told, and
        /// whether the view stood in the log by then.
        fn of_many(&self, people: usize, meanwhile: impl FnOnce(&mut Desk)) -> Vec<(Logged, bool)> {
            std::thread::scope(|scope| {
                let desk = self.views.desk.clone();
                let mut busy = lock(&desk);
                let views = |number: usize| {
                    let by = format!("Person {number}");
                    let told = self.log(&by);
                    let stands = self.logged().iter().any(|(who, _)| *who == by);
                    (told, stands)
                };
                let all: Vec<_> =
                    (0..people).map(|number| scope.spawn(move || views(number))).collect();
                while self.views.waiting().len() < people {
                    std::thread::yield_now();
                }
                meanwhile(&mut busy);
                drop(busy);
                all.into_iter().map(|thread| thread.join().unwrap()).collect()
            })
        }
    }

    #[test]
    fn views_that_come_together_are_each_in_the_log_before_they_are_shown_and_share_a_sync() {
        let story = Story::new();
        for (told, stands) in story.of_many(20, |_| ()) {
            assert_eq!((told.unwrap(), stands), (story.lead.clone(), true));
        }
        let logged = story.logged();
        let people: BTreeSet<&str> = logged.iter().map(|(who, _)| who.as_str()).collect();
        let syncs: BTreeSet<Timestamp> = logged.iter().map(|(_, when)| *when).collect();
        assert_eq!((logged.len(), people.len(), syncs.len()), (20, 20, 1));
        story.log("Late").unwrap();
        assert_eq!(story.logged().len(), 21);
    }

    #[test]
    fn who_asks_for_a_lead_that_is_not_there_keeps_nobody_else_from_it() {
        let story = Story::new();
        let nowhere: LeadId = "l-000000000000000000000000".parse().unwrap();
        let (lost, first) = story.views.ask(nowhere, "Lost".to_owned());
        let (found, second) = story.views.ask(story.lead.clone(), "Olena".to_owned());
        assert_eq!((first, second), (true, false));
        story.views.serve();
        assert!(matches!(lost.blocking_recv().unwrap(), Err(PipelineError::NotFound(_))));
        assert_eq!(found.blocking_recv().unwrap().unwrap(), story.lead);
        assert_eq!(story.logged().len(), 1);
    }

    #[test]
    fn nobody_is_shown_a_lead_when_the_log_cannot_be_written() {
        let story = Story::new();
        let log = story.folder.path().join("desk/custody/log-000001.ndjson");
        // Its end is gone, as on a disk that forgets: the log notices before it writes.
        let cut = |_: &mut Desk| {
            let file = std::fs::File::options().write(true).open(&log).unwrap();
            file.set_len(file.metadata().unwrap().len() - 1).unwrap();
        };
        let told = story.of_many(5, cut);
        assert!(told.iter().all(|(told, _)| told.is_err()), "{told:?}");
    }
}
