use std::sync::{Arc, Mutex};

use collect::PoliteClient;
use domain::{Capture, Found, Lead, SourceId, Verdict};
use evidence::{CaptureArchive, Event};
use store::{QueueFilter, Store as _};

use super::site::Site;
use super::site_desk::{SetClock, desk_on};
use crate::desk::lock;
use crate::{Desk, STOP_FILE, ScanReport, rebuild, scan, scan_and_revisit};

const FLAGGED: &str = "Робота в Туреччині. Паспорт забирає координатор, дорогу відпрацюєте. \
                       Дзвоніть +380671234567";
const OTHER_FLAGGED: &str = "Робота в Туреччині. Паспорт забирає координатор, дорогу відпрацюєте, \
                             житло без виходу. Дзвоніть +380671234567";
const INNOCENT: &str = "Вакансію закрито, дякуємо всім за інтерес.";
const JOB: &str = "/ad/7";

struct Story {
    folder: tempfile::TempDir,
    clock: Arc<SetClock>,
    site: Site,
}

impl Story {
    /// A desk with one source on the site.
    fn new(kind: &str, path: &str) -> Self {
        let site = Site::start();
        site.put("/robots.txt", "text/plain", "User-agent: *\nAllow: /\n");
        let folder = desk_on(&site, kind, path);
        let clock = SetClock::at("2026-03-01T12:00:00Z");
        Self { folder, clock, site }
    }

    /// A site of one job page, walked once.
    async fn of_a_job_page() -> Self {
        let story = Self::new("job-page", JOB);
        story.site.put(JOB, "text/html", job(FLAGGED));
        story.scan().await;
        assert_eq!(story.site.asked(), ["/ad/7 200"]);
        story
    }

    fn hours_later(&self, hours: i64) {
        self.clock.hours_later(hours);
    }

    fn open(&self) -> Desk {
        Desk::open(&self.folder.path().join("desk"), self.clock.clone()).unwrap()
    }

    fn client(&self, desk: &Desk) -> Arc<PoliteClient> {
        Arc::new(desk.settings().polite_client(self.clock.clone()).unwrap())
    }

    async fn scan(&self) -> ScanReport {
        let desk = self.open();
        let (web, sources) = (self.client(&desk), desk.settings().sources.clone());
        let desk = Arc::new(Mutex::new(desk));
        let report = scan(desk.clone(), sources, web, &|_| ()).await.unwrap();
        Arc::into_inner(desk).unwrap().into_inner().unwrap().close().unwrap();
        report
    }

    /// Asks for what is due, and gives what came of it: `unchanged 1, changed 1`.
    async fn revisit(&self) -> String {
        let desk = self.open();
        let (web, due) = (self.client(&desk), desk.revisits_due().unwrap());
        let desk = Arc::new(Mutex::new(desk));
        let report = scan_and_revisit(desk.clone(), Vec::new(), due, web, &|_| ()).await.unwrap();
        Arc::into_inner(desk).unwrap().into_inner().unwrap().close().unwrap();
        let total = report.total();
        let of_revisits = total.iter().filter_map(|(outcome, times)| {
            Some(format!("{} {times}", outcome.name.strip_prefix("revisit.")?))
        });
        of_revisits.collect::<Vec<_>>().join(", ")
    }

    fn lead(&self) -> Lead {
        let desk = self.open();
        let all = QueueFilter { all_statuses: true, ..QueueFilter::default() };
        let lead = desk.store().queue(&all, 9).unwrap().remove(0);
        desk.close().unwrap();
        lead
    }

    /// What the log says after the first snapshot: `snapshot`, or what was found and why.
    fn log(&self) -> Vec<String> {
        let custody = self.folder.path().join("desk/custody");
        let entries = evidence::entries(&custody, 0).unwrap().map(|entry| entry.unwrap().event);
        let told = entries.filter_map(|event| match event {
            Event::Snapshot { .. } => Some("snapshot".to_owned()),
            Event::Revisit { found, why, .. } => {
                let why = why.map(|why| format!(" {why}")).unwrap_or_default();
                Some(format!("{found}{why}"))
            }
            _ => None,
        });
        told.skip(1).collect()
    }

    /// The captures of an address, in their order.
    fn captures_of(&self, path: &str) -> Vec<Capture> {
        let dir = self.folder.path().join("desk");
        let vault = evidence::Vault::open(&dir, None).unwrap();
        let entries = evidence::entries(&dir.join("custody"), 0).unwrap();
        let of_address = entries.filter_map(|entry| match entry.unwrap().event {
            Event::Capture { url, file, offset, length, .. } if url.ends_with(path) => {
                Some(CaptureArchive::read(&vault, &file, offset, length).unwrap())
            }
            _ => None,
        });
        of_address.collect()
    }

    /// The evidence verifies, and an index made anew is the same.
    fn is_whole(&self) {
        let dir = self.folder.path().join("desk");
        assert_eq!(evidence::verify(&dir, &mut |_, _| ()).unwrap().faults, []);
        let before = self.lead();
        rebuild(&dir, self.clock.clone()).unwrap().close().unwrap();
        assert_eq!(self.lead(), before);
    }
}

fn job(words: &str) -> String {
    let posting = serde_json::json!({
        "@context": "https://schema.org", "@type": "JobPosting",
        "title": "Робота", "description": words, "identifier": "7",
    });
    format!("<html><script type=\"application/ld+json\">{posting}</script></html>")
}

fn feed(items: &[(&str, &str, &str)]) -> String {
    let items = items.iter().map(|(guid, link, words)| {
        format!("<item><guid>{guid}</guid><link>{link}</link><title>Робота</title><description>{words}</description></item>")
    });
    let items = items.collect::<String>();
    format!("<rss version=\"2.0\"><channel><title>a</title>{items}</channel></rss>")
}

#[tokio::test]
async fn a_flagged_page_changes_goes_and_is_forbidden_and_the_log_tells_it_all() {
    let story = Story::of_a_job_page().await;
    assert_eq!(story.revisit().await, "", "asked again at once");
    story.hours_later(25);
    assert_eq!(story.revisit().await, "unchanged 1");
    assert_eq!(story.site.asked(), ["/ad/7 304"], "the server was not asked for changes alone");
    assert_eq!(story.revisit().await, "", "asked twice in one turn");

    story.site.put(JOB, "text/html", job(OTHER_FLAGGED));
    story.hours_later(50);
    assert_eq!(story.revisit().await, "changed 1");
    assert_eq!(story.site.asked(), ["/ad/7 200"]);

    story.site.answer_with(JOB, 410);
    story.hours_later(25);
    assert_eq!(story.revisit().await, "gone 1");
    assert_eq!(story.site.asked(), ["/ad/7 410"]);

    story.site.put("/robots.txt", "text/plain", "User-agent: *\nDisallow: /\n");
    story.hours_later(150);
    assert_eq!(story.revisit().await, "refused 1");
    assert_eq!(story.site.asked(), Vec::<String>::new(), "fetched against robots.txt");

    let expected = [
        "unchanged",
        "snapshot",
        "changed",
        "snapshot",
        "gone fetch.not-found",
        "refused fetch.robots-disallow",
    ];
    assert_eq!(story.log(), expected);
    let lead = story.lead();
    assert_eq!(lead.snapshots.len(), 3);
    let found: Vec<Found> = lead.revisits.iter().map(|row| row.found).collect();
    assert_eq!(found, [Found::Unchanged, Found::Changed, Found::Gone, Found::Refused]);
    story.is_whole();
}

#[tokio::test]
async fn words_that_no_rule_would_flag_are_frozen_all_the_same() {
    let story = Story::of_a_job_page().await;
    story.site.put(JOB, "text/html", job(INNOCENT));
    story.hours_later(25);
    assert_eq!(story.revisit().await, "changed 1");
    assert_eq!(story.log(), ["snapshot", "changed"]);
    assert_eq!(story.lead().snapshots.len(), 2);
    // They stay as they are now.
    story.hours_later(50);
    assert_eq!(story.revisit().await, "unchanged 1");
    story.is_whole();
}

#[tokio::test]
async fn a_change_that_a_scan_or_a_crash_has_kept_already_is_told_all_the_same() {
    let story = Story::of_a_job_page().await;
    // A revisit that was killed between its capture and its words leaves what a scan leaves.
    story.site.put(JOB, "text/html", job(OTHER_FLAGGED));
    story.hours_later(1);
    story.scan().await;
    assert_eq!(story.log(), ["snapshot"]);
    story.hours_later(25);
    assert_eq!(story.revisit().await, "changed 1");
    assert_eq!(story.log(), ["snapshot", "changed"], "frozen twice");
    story.hours_later(50);
    assert_eq!(story.revisit().await, "unchanged 1");
    story.is_whole();
}

#[tokio::test]
async fn what_a_list_shows_no_more_is_asked_for_at_its_own_page_on_the_same_host() {
    for (own, elsewhere, expected, asked) in [
        // What its own page answers in its place is frozen; a list that shows others is not.
        (Some(404), false, &["snapshot", "gone fetch.not-found"][..], 2),
        (Some(200), false, &["snapshot", "not_shown page.without-it"], 2),
        (Some(403), false, &["not_shown page.without-it"], 2),
        (None, true, &["not_shown page.without-it"], 1),
    ] {
        let story = Story::new("feed", "/feed");
        // Another port is another host, and may be anybody's.
        let base = if elsewhere { "http://127.0.0.1:9" } else { &story.site.base };
        let link = format!("{base}/post/1");
        story.site.put("/feed", "application/rss+xml", feed(&[("1", &link, FLAGGED)]));
        story.scan().await;
        story.site.put("/feed", "application/rss+xml", feed(&[("2", &link, INNOCENT)]));
        match own {
            Some(200) => story.site.put("/post/1", "text/html", "<p>A page</p>"),
            Some(status) => story.site.answer_with("/post/1", status),
            None => {}
        }
        story.site.asked();
        story.hours_later(25);
        story.revisit().await;
        assert_eq!(story.log(), expected, "{own:?}");
        assert_eq!(story.site.asked().len(), asked, "{own:?}");
        story.is_whole();
    }
}

#[tokio::test]
async fn a_host_that_stumbles_is_asked_again_the_next_day() {
    let story = Story::of_a_job_page().await;
    story.site.answer_with(JOB, 503);
    story.hours_later(25);
    assert_eq!(story.revisit().await, "failed 1");
    story.hours_later(12);
    assert_eq!(story.revisit().await, "");
    story.site.put(JOB, "text/html", job(FLAGGED));
    story.hours_later(13);
    assert_eq!(story.revisit().await, "unchanged 1");
    assert_eq!(story.log(), ["snapshot", "failed fetch.server-error", "unchanged"]);
    story.is_whole();
}

#[tokio::test]
async fn what_comes_in_the_place_of_a_page_is_kept_whole_and_frozen_once() {
    let story = Story::of_a_job_page().await;
    let pages = || story.captures_of(JOB);
    for (hours, status, body, kept, taken) in [
        (25, 404, "<h1>Deleted by its author</h1>", 2, 2),
        // Word for word the same: there is nothing new to keep.
        (168, 404, "<h1>Deleted by its author</h1>", 2, 2),
        // Kept, since it is another answer; the news is the same.
        (168, 410, "<h1>Long gone</h1>", 3, 2),
        (168, 403, "<h1>Log in</h1>", 4, 3),
    ] {
        story.site.answer_with_body(JOB, status, body);
        story.hours_later(hours);
        story.revisit().await;
        let pages = pages();
        let last = pages.last().unwrap();
        assert_eq!((pages.len(), story.lead().snapshots.len()), (kept, taken), "{status}");
        assert_eq!((last.status, last.body.as_slice()), (status, body.as_bytes()));
        assert_eq!(last.header("etag"), Some(format!("\"{}\"", body.len()).as_str()));
        let row = story.lead().revisits.pop().unwrap();
        assert_eq!(row.capture.as_ref(), Some(&last.id), "{status}");
    }
    // The frozen file has the server's words, and says what it is.
    let (lead, answer) = (story.lead(), pages().remove(1));
    let frozen = lead.snapshots.iter().find(|taken| taken.capture == answer.id).unwrap();
    let file = story.folder.path().join("desk/snapshots").join(&frozen.file);
    let file = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    assert!(file.contains("What came in the place of posting"), "{file}");
    assert!(file.contains("\"status\":\"404\""), "{file}");
    story.is_whole();

    // It is back, with the bytes that it had: nothing asks whether a word of its being gone changed.
    story.site.put(JOB, "text/html", job(FLAGGED));
    story.hours_later(168);
    assert_eq!(story.revisit().await, "unchanged 1");
    assert_eq!(story.site.asked().pop().unwrap(), "/ad/7 200");
    story.is_whole();
}

#[tokio::test]
async fn a_site_that_says_gone_with_the_bytes_of_the_page_is_believed_by_its_status() {
    let story = Story::of_a_job_page().await;
    story.site.answer_with_body(JOB, 410, &job(FLAGGED));
    story.hours_later(25);
    assert_eq!(story.revisit().await, "gone 1");
    assert_eq!(story.captures_of(JOB).pop().unwrap().status, 410);
    story.site.put(JOB, "text/html", job(FLAGGED));
    story.hours_later(50);
    assert_eq!(story.revisit().await, "unchanged 1");
    assert_eq!(story.log(), ["snapshot", "gone fetch.not-found", "unchanged"]);
    story.is_whole();
}

/// No posting is read out of it, and it is evidence of one all the same.
#[tokio::test]
async fn what_came_in_the_place_of_a_page_stays_as_long_as_its_lead() {
    let story = Story::of_a_job_page().await;
    story.site.answer_with(JOB, 404);
    story.hours_later(25);
    assert_eq!(story.revisit().await, "gone 1");
    story.hours_later(24 * 1000);
    let would_go = || {
        let desk = story.open();
        let captures = desk.retention_plan().unwrap().report().total().captures;
        desk.close().unwrap();
        captures
    };
    assert_eq!(would_go(), 0, "somebody works on the lead");
    let lead = story.lead().id;
    let mut desk = story.open();
    desk.decide(&lead, "Olena", Verdict::Dismiss, "looked at").unwrap();
    desk.close().unwrap();
    story.hours_later(24 * 1000);
    assert_eq!(would_go(), 2, "the page, and what came in its place");
}

#[tokio::test]
async fn only_leads_of_interest_and_sources_that_are_walked_are_asked_for() {
    for (verdict, is_asked) in [
        (Verdict::Monitor, true),
        (Verdict::Escalate, true),
        (Verdict::Dismiss, false),
        (Verdict::Refer, false),
    ] {
        let story = Story::of_a_job_page().await;
        let lead = story.lead().id;
        let mut desk = story.open();
        desk.claim(&lead, "Olena").unwrap();
        desk.decide(&lead, "Olena", verdict, "looked at").unwrap();
        desk.close().unwrap();
        story.hours_later(25);
        let asked = story.revisit().await;
        assert_eq!(asked, if is_asked { "unchanged 1" } else { "" }, "{verdict}");
    }
    let story = Story::of_a_job_page().await;
    let sources = story.folder.path().join("desk/sources.toml");
    let text = std::fs::read_to_string(&sources).unwrap();
    for (setting, is_asked) in [("paused = true\n", false), ("paused = false\n", true)] {
        std::fs::write(&sources, format!("{text}{setting}")).unwrap();
        story.hours_later(25);
        assert_eq!(story.revisit().await.is_empty(), !is_asked, "{setting}");
    }
}

#[tokio::test]
async fn a_stop_file_keeps_everything_from_being_asked() {
    let story = Story::of_a_job_page().await;
    let stop = story.folder.path().join("desk").join(STOP_FILE);
    story.site.asked();
    story.hours_later(25);
    std::fs::write(&stop, "").unwrap();
    assert_eq!(story.revisit().await, "");
    assert_eq!(story.site.asked(), Vec::<String>::new());
    std::fs::remove_file(stop).unwrap();
    assert_eq!(story.revisit().await, "unchanged 1");
}

#[tokio::test]
async fn the_scheduler_asks_for_what_is_due_beside_its_walks() {
    let story = Story::of_a_job_page().await;
    story.site.answer_with(JOB, 404);
    story.hours_later(25);
    let desk = story.open();
    let web = story.client(&desk);
    let desk = Arc::new(Mutex::new(desk));
    let (seen, told) = tokio::sync::watch::channel(String::new());
    let news = |news: crate::WatchNews<'_>| {
        if let crate::WatchNews::Revisited(source, report) = news {
            seen.send_replace(format!("{source} {}", report.tally.of("revisit.gone")));
        }
    };
    let mut told = told;
    let end = async move {
        told.wait_for(|told| !told.is_empty()).await.unwrap();
    };
    crate::watch(desk.clone(), web, &news, end).await.unwrap();
    assert_eq!(*seen.borrow(), "site 1");
    let id: SourceId = "site".parse().unwrap();
    assert!(lock(&desk).store.leases().unwrap().iter().all(|(source, _)| *source != id));
    drop(desk);
    assert_eq!(story.log(), ["snapshot", "gone fetch.not-found"]);
}

#[test]
fn hours_that_do_not_grow_are_refused_with_a_sentence() {
    for (written, is_good) in
        [("[24, 72]", true), ("[]", true), ("[1]", true), ("[72, 24]", false), ("[0, 24]", false)]
    {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("desk");
        crate::init(&dir, "Test", "desk@example.org").unwrap();
        let path = dir.join("fusion.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let text =
            text.replace("again_after_h = [24, 72, 168]", &format!("again_after_h = {written}"));
        std::fs::write(&path, text).unwrap();
        let read = crate::Config::read(&path);
        assert_eq!(read.is_ok(), is_good, "{written}");
        if let Err(error) = read {
            assert!(error.to_string().contains("snapshot.again_after_h"), "{error}");
        }
    }
}
