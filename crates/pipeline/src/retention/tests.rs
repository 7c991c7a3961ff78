use std::path::Path;
use std::sync::{Arc, Mutex};

use domain::{FixedClock, Verdict};
use store::Store as _;

use super::*;
use crate::{Collectors, ImportOptions, import};

const FLAGGED: &str = "Сестра їде в Туреччину, паспорт забирає координатор, дорогу відпрацює.";
const CLEAR: &str = "Gardener wanted near the river, contract, paid monthly.";

/// A desk on which time is what the story says.
struct Story {
    folder: tempfile::TempDir,
}

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        crate::init(&folder.path().join("desk"), "Test", "desk@example.org").unwrap();
        Self { folder }
    }

    fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("desk")
    }

    fn on(&self, day: &str) -> Desk {
        let clock = FixedClock(format!("{day}T12:00:00Z").parse().unwrap());
        Desk::open(&self.dir(), Arc::new(clock)).unwrap()
    }

    /// Rows of a file, imported on this day.
    async fn import(&self, day: &str, name: &str, texts: &[&str]) {
        let path = self.folder.path().join(name);
        let rows = texts.iter().enumerate();
        let rows =
            rows.map(|(n, text)| serde_json::json!({"id": n, "text": text}).to_string() + "\n");
        std::fs::write(&path, rows.collect::<String>()).unwrap();
        let desk = Arc::new(Mutex::new(self.on(day)));
        let collectors =
            Collectors::new(Arc::new(FixedClock("2026-01-01T00:00:00Z".parse().unwrap())));
        import(desk.clone(), &path, &ImportOptions::default(), &collectors).await.unwrap();
        Arc::into_inner(desk).unwrap().into_inner().unwrap().close().unwrap();
    }

    fn decide(&self, day: &str, verdict: Verdict) -> LeadId {
        let mut desk = self.on(day);
        let lead = desk.lead_names().unwrap().remove(0);
        desk.decide(&lead, "Olena", verdict, "as seen").unwrap();
        desk.close().unwrap();
        lead
    }

    /// How many captures would go on this day, and by which setting.
    fn would_go(&self, day: &str) -> Vec<(String, usize)> {
        let desk = self.on(day);
        let report = desk.retention_plan().unwrap().report();
        desk.close().unwrap();
        report.rows.into_iter().map(|row| (row.rule, row.captures)).collect()
    }
}

#[tokio::test]
async fn each_goes_when_its_own_days_are_over_and_not_a_day_before() {
    let story = Story::new();
    story.import("2026-01-01", "clear.ndjson", &[CLEAR]).await;
    assert_eq!(story.would_go("2026-03-31"), []);
    assert_eq!(story.would_go("2026-04-01"), [("retention.clear_days".to_owned(), 1)]);

    story.import("2026-01-01", "flagged.ndjson", &[FLAGGED]).await;
    let clear = ("retention.clear_days".to_owned(), 1);
    assert_eq!(story.would_go("2066-01-01"), std::slice::from_ref(&clear), "nobody has decided");
    for (verdict, last, first, rule) in [
        (Verdict::Dismiss, "2026-08-29", "2026-08-30", "retention.dismissed_days"),
        (Verdict::Monitor, "2028-03-01", "2028-03-02", "retention.monitored_days"),
        (Verdict::Escalate, "2036-02-28", "2036-02-29", "retention.escalated_days"),
        (Verdict::Refer, "2036-02-28", "2036-02-29", "retention.referred_days"),
    ] {
        story.decide("2026-03-03", verdict);
        assert_eq!(story.would_go(last), std::slice::from_ref(&clear), "{verdict}");
        assert_eq!(story.would_go(first), [clear.clone(), (rule.to_owned(), 1)], "{verdict}");
    }
}

/// What is still published is no thing of the past.
#[tokio::test]
async fn a_lead_counts_from_when_it_was_last_seen() {
    let story = Story::new();
    story.import("2026-01-01", "a.ndjson", &[FLAGGED]).await;
    story.decide("2026-01-02", Verdict::Dismiss);
    // The same posting, on a page that has more by now.
    story.import("2026-05-01", "a.ndjson", &[FLAGGED, CLEAR]).await;
    let of_clear = [("retention.clear_days".to_owned(), 0)];
    assert_eq!(story.would_go("2026-10-27"), of_clear, "only the other posting of that page");
    let both = [("retention.dismissed_days".to_owned(), 2)];
    assert_eq!(story.would_go("2026-10-28"), both);
}

#[test]
fn by_itself_it_runs_once_a_day_and_only_when_it_is_told_to() {
    let at = |hour: i64| jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hour);
    let mut daily = Daily::default();
    let mut config = RetentionConfig::default();
    assert!(!daily.is_due(&config, at(0)));
    config.automatic = true;
    let due: Vec<i64> = (0..72).filter(|hour| daily.is_due(&config, at(*hour))).collect();
    assert_eq!(due, [0, 24, 48]);
    assert!(daily.is_due(&config, at(1)), "the clock was set back");
}

/// The log, the files and the index of a desk, for comparing.
fn all_of(dir: &Path) -> (Vec<(String, Vec<u8>)>, Vec<u8>) {
    let mut files = Vec::new();
    for folder in ["captures", "custody", "snapshots"] {
        for file in std::fs::read_dir(dir.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.contains("head.signed") {
                files.push((name, std::fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    let clock = FixedClock("2027-01-01T00:00:00Z".parse().unwrap());
    let desk = Desk::open(dir, Arc::new(clock)).unwrap();
    let mut index = Vec::new();
    desk.store.dump(&mut index).unwrap();
    desk.close().unwrap();
    (files, index)
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let mut folders = vec![std::path::PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(to.path().join(&folder)).unwrap();
        for file in std::fs::read_dir(from.join(&folder)).unwrap() {
            let file = file.unwrap();
            let name = folder.join(file.file_name());
            if file.path().is_dir() {
                folders.push(name);
            } else {
                std::fs::copy(file.path(), to.path().join(name)).unwrap();
            }
        }
    }
    to
}

#[tokio::test]
async fn a_run_that_dies_between_any_two_steps_is_completed_at_the_next_opening() {
    let story = Story::new();
    story.import("2026-01-01", "a.ndjson", &[FLAGGED]).await;
    story.decide("2026-01-02", Verdict::Dismiss);
    story.import("2026-01-03", "b.ndjson", &[CLEAR]).await;
    let other = "We keep your passport until the debt for the flight is worked off.";
    story.import("2026-01-04", "c.ndjson", &[other, CLEAR]).await;

    let clock = FixedClock("2027-01-01T00:00:00Z".parse().unwrap());
    let open = |dir: &Path| Desk::open(dir, Arc::new(clock)).unwrap();
    let whole = copied(&story.dir());
    let mut desk = open(whole.path());
    let events = desk.retention_plan().unwrap().events();
    desk.retain("Olena").unwrap();
    desk.close().unwrap();
    let whole = all_of(whole.path());
    assert!(events.len() > 4);

    // With so many of its events in the log, and then with all of it done save the index.
    for logged in [0, 2, events.len(), events.len() + 1] {
        let cut = copied(&story.dir());
        let mut desk = open(cut.path());
        let after = desk.custody.head().0;
        unfinished::begin(cut.path(), after, clock.0, "Olena", events.clone()).unwrap();
        let some = events.iter().take(logged).cloned().collect();
        desk.custody.append(clock.0, "Olena", some).unwrap();
        if logged > events.len() {
            finish(cut.path(), &mut desk.custody, &mut desk.captures).unwrap();
        }
        drop(desk);
        let desk = open(cut.path());
        let notes: Vec<&str> = desk.notes().iter().map(|note| note.0.as_str()).collect();
        assert!(notes.iter().any(|note| note.contains("it is completed")), "{notes:?}");
        desk.close().unwrap();
        assert!(!cut.path().join("retention.plan").exists());
        assert!(all_of(cut.path()) == whole, "{logged} events in the log");
        assert_eq!(evidence::verify(cut.path(), &mut |_, _| ()).unwrap().faults, []);
    }
}

#[tokio::test]
async fn an_index_made_anew_after_a_run_is_the_same_byte_for_byte() {
    let story = Story::new();
    story.import("2026-01-01", "a.ndjson", &[FLAGGED, CLEAR]).await;
    story.decide("2026-01-02", Verdict::Dismiss);
    let mut desk = story.on("2027-01-01");
    desk.retain("Olena").unwrap();
    desk.close().unwrap();
    let kept = all_of(&story.dir());
    let clock = Arc::new(FixedClock("2027-01-01T00:00:00Z".parse().unwrap()));
    crate::rebuild(&story.dir(), clock).unwrap().close().unwrap();
    assert!(all_of(&story.dir()).1 == kept.1);
    // Of the lead there is nothing left.
    let desk = story.on("2027-01-01");
    assert_eq!(desk.store.counts().unwrap().leads(), 0);
    desk.close().unwrap();
}
