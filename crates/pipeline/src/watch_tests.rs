use std::sync::Mutex as StdMutex;

use collect::{FetchRefusal, Fetched, Request, SavedWeb};
use domain::Capture;

use super::*;
use crate::{STOP_FILE, scan};

/// Walks through time with the runtime, whose own clock leaps over every sleep in these tests.
struct LeapingClock {
    from: Timestamp,
    started: Instant,
}

impl LeapingClock {
    fn from(time: &str) -> Arc<Self> {
        Arc::new(Self { from: time.parse().unwrap(), started: Instant::now() })
    }
}

impl Clock for LeapingClock {
    fn now(&self) -> Timestamp {
        self.from + jiff::SignedDuration::try_from(self.started.elapsed()).unwrap()
    }
}

/// A saved web whose answers take a while, and that notes what it was asked for and when.
struct SlowWeb {
    saved: SavedWeb,
    takes: Duration,
    clock: Arc<LeapingClock>,
    asked: StdMutex<Vec<(String, String)>>,
}

#[async_trait::async_trait]
impl Web for SlowWeb {
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        let time = self.clock.now().strftime("%d %H:%M").to_string();
        self.asked.lock().unwrap().push((source.id.to_string(), time));
        tokio::time::sleep(self.takes).await;
        self.saved.get(source, request, robots).await
    }
}

const FEED: &str = "<rss version=\"2.0\"><channel><title>a</title><item><guid>1</guid>\
    <title>Cook wanted</title><description>Kitchen work, contract, paid monthly.</description>\
    </item></channel></rss>";

struct Story {
    folder: tempfile::TempDir,
    clock: Arc<LeapingClock>,
    web: Arc<SlowWeb>,
}

impl Story {
    fn new(takes: Duration, sources: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = LeapingClock::from("2026-03-01T12:00:00Z");
        crate::init(&folder.path().join("desk"), "Test", "desk@example.org").unwrap();
        let saved = SavedWeb::at(clock.from);
        let saved = saved.with("https://a.example/feed", "application/rss+xml", FEED);
        let saved = saved.with("https://b.example/feed", "application/rss+xml", FEED);
        let asked = StdMutex::default();
        let web = Arc::new(SlowWeb { saved, takes, clock: clock.clone(), asked });
        let story = Self { folder, clock, web };
        story.write_sources(sources);
        story
    }

    fn write_sources(&self, sources: &str) {
        std::fs::write(self.folder.path().join("desk/sources.toml"), sources).unwrap();
    }

    fn open(&self) -> Arc<Mutex<Desk>> {
        let dir = self.folder.path().join("desk");
        Arc::new(Mutex::new(Desk::open(&dir, self.clock.clone()).unwrap()))
    }

    fn asked(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.web.asked.lock().unwrap())
    }

    fn asked_for(&self, id: &str) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|(source, _)| source == id);
        asked.map(|(_, time)| time).collect()
    }
}

fn source(id: &str, schedule: &str) -> String {
    format!(
        "[[source]]\nid = \"{id}\"\nkind = \"feed\"\nurl = \"https://{id}.example/feed\"\n\
         basis = \"invented\"\nschedule = \"{schedule}\"\n\n"
    )
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 60 * 60)
}

#[tokio::test(start_paused = true)]
async fn each_source_is_walked_when_its_schedule_says_so() {
    let story = Story::new(Duration::from_secs(1), &source("a", "0 */6 * * *"));
    let desk = story.open();
    let jitter_off = |config: &mut crate::Config| config.schedule.jitter_minutes = 0;
    jitter_off(&mut lock(&desk).settings.config);
    let ended = watch(desk, story.web.clone(), &|_| (), tokio::time::sleep(hours(25))).await;
    ended.unwrap();
    // At once, since it was never walked, and then by the clock.
    let expected = ["01 12:00", "01 18:00", "02 00:00", "02 06:00", "02 12:00"];
    assert_eq!(story.asked_for("a"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_takes_hours_holds_up_no_other() {
    let sources = source("a", "0 0 1 1 *") + &source("b", "30 * * * *");
    let story = Story::new(hours(3), &sources);
    let desk = story.open();
    lock(&desk).settings.config.schedule.jitter_minutes = 0;
    watch(desk, story.web.clone(), &|_| (), tokio::time::sleep(hours(7))).await.unwrap();
    assert_eq!(
        story.asked(),
        [
            ("a".to_owned(), "01 12:00".to_owned()),
            ("b".to_owned(), "01 12:00".to_owned()),
            // Its turns at 12:30, 13:30 and 14:30 came while it was walked, and are made up for once.
            ("b".to_owned(), "01 15:00".to_owned()),
            ("b".to_owned(), "01 18:00".to_owned()),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_stop_file_ends_a_watch_in_the_midst_of_a_walk() {
    let story = Story::new(hours(100), &source("a", "0 * * * *"));
    let desk = story.open();
    let stop = story.folder.path().join("desk").join(STOP_FILE);
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        std::fs::write(&stop, "").unwrap();
    };
    let watching = watch(desk.clone(), story.web.clone(), &|_| (), std::future::pending());
    let (ended, ()) = tokio::join!(watching, stopping);
    ended.unwrap();
    assert_eq!(lock(&desk).store.leases().unwrap(), [], "the source was given back");
    let after = story.clock.now().duration_since(story.clock.from);
    assert!(after < jiff::SignedDuration::from_secs(65), "it took {after}");
}

#[tokio::test(start_paused = true)]
async fn what_is_past_its_time_is_deleted_when_the_desk_says_so() {
    let story = Story::new(Duration::ZERO, &source("a", "0 0 1 1 *"));
    let path = story.folder.path().join("desk/fusion.toml");
    let settings = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, settings.replace("clear_days = 90", "clear_days = 0")).unwrap();
    let deleted = StdMutex::new(Vec::new());
    let told = |told: WatchNews<'_>| {
        if let WatchNews::Retained(report) = told {
            deleted.lock().unwrap().push(report.total().captures);
        }
    };
    let watched = || async {
        let end = tokio::time::sleep(Duration::from_secs(20));
        watch(story.open(), story.web.clone(), &told, end).await.unwrap();
    };
    watched().await;
    assert_eq!(*deleted.lock().unwrap(), [0; 0], "nobody told it to");
    let settings = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, settings.replace("automatic = false", "automatic = true")).unwrap();
    watched().await;
    assert_eq!(*deleted.lock().unwrap(), [1], "the page of the feed");
}

#[tokio::test(start_paused = true)]
async fn sources_that_are_added_meanwhile_are_walked_and_mistakes_are_told() {
    let story = Story::new(Duration::ZERO, &source("a", "0 0 1 1 *"));
    let desk = story.open();
    let news = StdMutex::new(Vec::new());
    let told = |told: WatchNews<'_>| {
        news.lock().unwrap().push(match told {
            WatchNews::Walked(id, _) => id.to_string(),
            WatchNews::Changed => "changed".to_owned(),
            WatchNews::Retained(_) => "retained".to_owned(),
            WatchNews::Refused(error)
            | WatchNews::NotRetained(error)
            | WatchNews::NotStamped(error)
            | WatchNews::NotRehashed(error) => error.to_string(),
            WatchNews::Revisited(source, _) => format!("{source} again"),
            WatchNews::Fetched(source, _) => format!("{source} pictures"),
            WatchNews::Fault(fault) => fault.to_string(),
            WatchNews::Rehashed(..) | WatchNews::Stamped(_) => return,
        });
    };
    let editing = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        story.write_sources("[[source]]\nid = 7\n");
        tokio::time::sleep(Duration::from_secs(20)).await;
        let both = source("a", "0 0 1 1 *") + &source("b", "0 0 1 1 *");
        story.write_sources(&both);
        tokio::time::sleep(Duration::from_secs(20)).await;
    };
    watch(desk, story.web.clone(), &told, editing).await.unwrap();
    let news = news.lock().unwrap();
    assert_eq!((&*news[0], &*news[2], &*news[3]), ("a", "changed", "b"), "{news:?}");
    assert!(news[1].contains("sources.toml:2"), "{news:?}");
    assert_eq!(news.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn two_scanners_never_have_one_source() {
    let story = Story::new(hours(1), &source("a", "0 * * * *"));
    let desk = story.open();
    let sources = lock(&desk).settings.sources.clone();
    let one = scan(desk.clone(), sources.clone(), story.web.clone(), &|_| ());
    let other = scan(desk.clone(), sources.clone(), story.web.clone(), &|_| ());
    let (one, other) = tokio::join!(one, other);
    let outcomes = [one.unwrap().total(), other.unwrap().total()];
    let of = |name| outcomes.iter().map(|tally| tally.of(name)).sum::<u64>();
    assert_eq!((of("source.finished"), of("source.leased"), of("fetch.new")), (1, 1, 1));
    assert_eq!(story.asked().len(), 1, "both asked for the page");
    let again = scan(desk, sources, story.web.clone(), &|_| ()).await.unwrap();
    assert_eq!(again.total().of("source.finished"), 1, "the source was not given back");
}

#[tokio::test(start_paused = true)]
async fn a_scanner_that_lost_its_lease_breaks_its_walk_off() {
    let story = Story::new(hours(1), &source("a", "0 * * * *"));
    let desk = story.open();
    let sources = lock(&desk).settings.sources.clone();
    let robbing = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        // As if this process had been asleep past its lease, and another had taken the source.
        let (desk, now) = (lock(&desk), story.clock.now());
        let id = &desk.settings.sources[0].id;
        let name = &desk.store.leases().unwrap()[0].1.holder;
        desk.store.end_lease(id, name).unwrap();
        desk.store.take_lease(id, &domain::Lease::from(now, "another"), now).unwrap();
    };
    let scanning = scan(desk.clone(), sources, story.web.clone(), &|_| ());
    let (report, ()) = tokio::join!(scanning, robbing);
    assert_eq!(report.unwrap().total().of("source.lease-lost"), 1);
    assert_eq!(lock(&desk).store.leases().unwrap()[0].1.holder, "another");
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_the_sources_are_free_at_once() {
    let story = Story::new(Duration::from_secs(1), &source("a", "0 * * * *"));
    let desk = story.open();
    let now = story.clock.now();
    {
        let desk = lock(&desk);
        let id = desk.settings.sources[0].id.clone();
        desk.store.take_lease(&id, &domain::Lease::from(now, "scanner-1"), now).unwrap();
        desk.store.sync().unwrap();
    }
    // Not closed: as a crash leaves it.
    drop(desk);
    let desk = story.open();
    let sources = lock(&desk).settings.sources.clone();
    let report = scan(desk, sources, story.web.clone(), &|_| ()).await.unwrap();
    assert_eq!(report.total().of("source.finished"), 1);
}

#[tokio::test(start_paused = true)]
async fn how_we_stand_with_hosts_goes_from_run_to_run() {
    struct Standing(StdMutex<Vec<domain::HostStanding>>);
    #[async_trait::async_trait]
    impl Web for Standing {
        async fn get(
            &self,
            _: &Source,
            _: &Request,
            _: &mut Vec<Capture>,
        ) -> Result<Fetched, FetchRefusal> {
            Ok(Fetched::NotModified)
        }
        fn standings(&self) -> Vec<domain::HostStanding> {
            self.0.lock().unwrap().clone()
        }
        fn take_over(&self, standings: Vec<domain::HostStanding>) {
            self.0.lock().unwrap().extend(standings);
        }
    }
    let story = Story::new(Duration::ZERO, &source("a", "0 * * * *"));
    let today = story.clock.now().as_second().div_euclid(86_400);
    let host = |name: &str, day: i64| domain::HostStanding {
        host: name.to_owned(),
        day,
        asked: 7,
        ..domain::HostStanding::default()
    };
    let asked = vec![host("https://a.example", today), host("https://old.example", today - 9)];
    for (before, after) in [(asked.clone(), asked.clone()), (Vec::new(), asked[..1].to_vec())] {
        let desk = story.open();
        let sources = lock(&desk).settings.sources.clone();
        let web = Arc::new(Standing(StdMutex::new(before)));
        scan(desk, sources, web.clone(), &|_| ()).await.unwrap();
        assert_eq!(web.standings(), after);
    }
}
