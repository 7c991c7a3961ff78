use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use domain::{Band, Verdict};
use store::QueueFilter;

use super::*;
use crate::{Collectors, ImportOptions, import, init};

/// Of one hand.
const PHONE: &str = "0671234567";
/// Of another.
const OTHER_PHONE: &str = "0637654321";
const OFFER: &str = "Дівчата 18-25 з Одеси на роботу в Стамбул, документи не потрібні. Паспорт залишається у координатора, телефон забираємо, дорогу відпрацюєте. Виїзд сьогодні.";
const OTHER: &str = "Девушки 18-25 из Молдовы на работу в Стамбул, документы не нужны. Паспорт сдаёте старшей на хранение, телефон забираем, долг за дорогу отработаете. Выезд сегодня.";

/// A program that is told things.
struct Receiver {
    address: SocketAddr,
    status: Arc<AtomicU16>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (status, requests) =
            (Arc::new(AtomicU16::new(204)), Arc::<Mutex<Vec<String>>>::default());
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            status: status.clone(),
            requests: requests.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, mut request) = (stream.unwrap(), Vec::new());
                let mut piece = [0; 4096];
                while !is_whole(&String::from_utf8_lossy(&request)) {
                    let read = stream.read(&mut piece).unwrap();
                    request.extend_from_slice(&piece[..read]);
                }
                requests.lock().unwrap().push(String::from_utf8(request).unwrap());
                let status = status.load(Ordering::SeqCst);
                write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                )
                .unwrap();
            }
        });
        receiver
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn is_whole(request: &str) -> bool {
    request.split_once("\r\n\r\n").is_some_and(|(head, body)| {
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        body.len() >= length.map_or(0, |length| length.parse().unwrap())
    })
}

/// A clock that a story moves.
struct Hands(Mutex<Timestamp>);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Story {
    folder: tempfile::TempDir,
    clock: Arc<Hands>,
    config: NotifyConfig,
}

impl Story {
    fn new(config: NotifyConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        init(&folder.path().join("desk"), "Test", "desk@example.org").unwrap();
        let clock = Arc::new(Hands(Mutex::new("2026-11-28T10:00:00Z".parse().unwrap())));
        Self { folder, clock, config }
    }

    fn told_at(receiver: &Receiver) -> Self {
        Self::new(NotifyConfig {
            webhook: Some(format!("http://{}/hook", receiver.address)),
            secret_env: Some("SECRET".to_owned()),
            ..NotifyConfig::default()
        })
    }

    fn on(&self) -> Desk {
        Desk::open(&self.folder.path().join("desk"), self.clock.clone()).unwrap()
    }

    async fn import(&self, name: &str, phone: &str, text: &str) {
        let path = self.folder.path().join(name);
        let row = serde_json::json!({"id": name, "text": format!("{text} {phone}"), "region": "UA", "author": "@invented_hr"});
        std::fs::write(&path, format!("{row}\n")).unwrap();
        let desk = Arc::new(Mutex::new(self.on()));
        let collectors = Collectors::new(self.clock.clone());
        import(desk.clone(), &path, &ImportOptions::default(), &collectors).await.unwrap();
        Arc::into_inner(desk).unwrap().into_inner().unwrap().close().unwrap();
    }

    /// One round of a program that was just started.
    async fn round(&self) {
        let desk = self.on();
        let round = Round {
            config: self.config.clone(),
            index: desk.reader(),
            dir: desk.dir().to_owned(),
            app: "https://desk.example/".to_owned(),
        };
        let variables = |name: &str| (name == "SECRET").then(|| "a shared secret".to_owned());
        round.tell(&*self.clock, &variables).await.unwrap();
        desk.close().unwrap();
    }

    fn outbox(&self) -> Outbox {
        Outbox::read(&self.folder.path().join("desk")).unwrap().unwrap()
    }

    fn later(&self, minutes: i64) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.checked_add(SignedDuration::from_mins(minutes)).unwrap();
    }
}

#[tokio::test]
async fn a_critical_lead_is_told_once_signed_and_without_a_word_of_its_postings() {
    let receiver = Receiver::new();
    let story = Story::told_at(&receiver);
    story.import("before.ndjson", OTHER_PHONE, OTHER).await;
    story.round().await;
    let mut desk = story.on();
    let before = desk.queue(&QueueFilter::default(), 9).unwrap().remove(0).lead;
    assert_eq!(before.band, Band::Critical);
    desk.claim(&before.id, "Olena").unwrap();
    desk.close().unwrap();
    story.round().await;
    assert_eq!(receiver.requests(), Vec::<String>::new(), "what was there before is no news");

    story.import("new.ndjson", PHONE, OFFER).await;
    let desk = story.on();
    let leads = desk.queue(&QueueFilter::default(), 9).unwrap();
    let lead =
        leads.into_iter().find(|row| row.posting.posting.text.contains("Одеси")).unwrap().lead;
    assert_eq!(lead.band, Band::Critical);
    desk.close().unwrap();
    story.round().await;
    let told = receiver.requests();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("fusion-signature: sha256="), "{}", told[0]);
    let body: serde_json::Value =
        serde_json::from_str(told[0].split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["lead"], lead.id.to_string());
    assert_eq!(body["page"], format!("https://desk.example/leads/{}", lead.id));
    assert_eq!((&body["band"], &body["languages"][0]), (&"critical".into(), &"uk".into()));
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "band",
            "format",
            "indicators",
            "kind",
            "languages",
            "lead",
            "opened_at",
            "page",
            "sent_at"
        ]
    );
    for word in ["Одес", "координатор", "671234567", "invented", "secret"] {
        assert!(!told[0].contains(word), "{word} was told: {}", told[0]);
    }

    // Another posting of it, and a start later, it is no news.
    story.import("again.ndjson", PHONE, &OFFER.replace("сьогодні", "завтра")).await;
    story.round().await;
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_told_waits_over_restarts_ever_longer() {
    let receiver = Receiver::new();
    let mut story = Story::told_at(&receiver);
    story.round().await;
    story.import("new.ndjson", PHONE, OFFER).await;
    receiver.status.store(500, Ordering::SeqCst);
    // After a minute, two, four: each is looked at a minute early too.
    for (asked, pause) in [(1, 1), (2, 2), (3, 4)] {
        story.round().await;
        assert_eq!(receiver.requests().len(), asked);
        let queue = story.outbox().webhook;
        assert_eq!((queue.waiting.len(), queue.tries as usize), (1, asked));
        assert_eq!(queue.failure.as_deref(), Some("it answered with status 500"));
        story.later(pause - 1);
        story.round().await;
        assert_eq!(receiver.requests().len(), asked, "it was asked again too soon");
        story.later(1);
    }
    story.config.secret_env = Some("NOT_SET".to_owned());
    story.round().await;
    let failure = story.outbox().webhook.failure.unwrap();
    assert!(failure.contains("NOT_SET") && !failure.contains("127.0.0.1"), "{failure}");
    story.config.secret_env = Some("SECRET".to_owned());
    receiver.status.store(200, Ordering::SeqCst);
    story.later(360);
    story.round().await;
    assert_eq!(receiver.requests().len(), 4);
    let queue = story.outbox().webhook;
    assert_eq!((queue.waiting.len(), queue.tries, queue.failure), (0, 0, None));
    assert!(queue.last_at.is_some());
}

#[tokio::test]
async fn a_lead_that_was_decided_meanwhile_is_not_told() {
    let receiver = Receiver::new();
    let story = Story::told_at(&receiver);
    story.round().await;
    story.import("new.ndjson", PHONE, OFFER).await;
    receiver.status.store(500, Ordering::SeqCst);
    story.round().await;
    let mut desk = story.on();
    let lead = desk.queue(&QueueFilter::default(), 1).unwrap().remove(0).lead.id;
    desk.decide(&lead, "Olena", Verdict::Refer, "told the inspectorate").unwrap();
    desk.close().unwrap();
    story.later(1);
    story.round().await;
    assert_eq!((receiver.requests().len(), story.outbox().webhook.waiting), (1, vec![]));
}

#[tokio::test]
async fn a_lead_that_was_decided_and_is_open_again_is_news_again() {
    let dismiss = |desk: &mut Desk| {
        let lead = desk.queue(&QueueFilter::default(), 1).unwrap().remove(0).lead.id;
        desk.decide(&lead, "Olena", Verdict::Dismiss, "an ordinary offer").unwrap();
    };
    // The telling program looks between decision and new posting, or only after both.
    for looks_between in [true, false] {
        let receiver = Receiver::new();
        let story = Story::told_at(&receiver);
        story.round().await;
        story.import("new.ndjson", PHONE, OFFER).await;
        story.round().await;
        assert_eq!(receiver.requests().len(), 1);
        story.later(1);
        let mut desk = story.on();
        dismiss(&mut desk);
        desk.close().unwrap();
        if looks_between {
            story.round().await;
        }
        story.later(1);
        story.import("again.ndjson", PHONE, &OFFER.replace("сьогодні", "завтра")).await;
        story.round().await;
        story.round().await;
        assert_eq!(receiver.requests().len(), 2, "looked between: {looks_between}");
    }
}

#[tokio::test]
async fn a_lead_that_went_into_another_before_it_was_told_is_told_under_its_new_name() {
    let receiver = Receiver::new();
    let story = Story::told_at(&receiver);
    story.import("before.ndjson", OTHER_PHONE, OTHER).await;
    story.round().await;
    story.import("new.ndjson", PHONE, OFFER).await;
    receiver.status.store(500, Ordering::SeqCst);
    story.round().await;
    let waiting = story.outbox().webhook.waiting;
    let mut desk = story.on();
    let rows = desk.queue(&QueueFilter::default(), 9).unwrap();
    let mut ids: Vec<LeadId> = rows.into_iter().map(|row| row.lead.id).collect();
    // The first name stays.
    ids.sort_by_key(|id| *id == waiting[0]);
    let one = desk.merge(&ids, "Olena", "one hand").unwrap().id;
    assert_eq!(waiting.len(), 1);
    desk.close().unwrap();
    receiver.status.store(200, Ordering::SeqCst);
    story.later(1);
    story.round().await;
    let told = receiver.requests();
    assert_eq!(told.len(), 2);
    assert!(told[1].contains(&one.to_string()), "{}", told[1]);
    assert_eq!(story.outbox().webhook.waiting, []);
}

#[cfg(unix)]
#[tokio::test]
async fn a_day_s_leads_are_in_one_mail_that_holds_no_word_of_theirs() {
    use std::os::unix::fs::PermissionsExt as _;
    let bin = tempfile::tempdir().unwrap();
    let (program, kept) = (bin.path().join("sendmail"), bin.path().join("mails"));
    let script = format!(
        "#!/bin/sh\n[ -e {0}.broken ] && {{ echo no route >&2; exit 75; }}\n{{ echo \"$@\"; cat; }} >> {0}\n",
        kept.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let story = Story::new(NotifyConfig {
        mail_to: vec!["olena@desk.example".into(), "ion@desk.example".into()],
        mail_from: Some("fusion@desk.example".into()),
        sendmail: program.display().to_string(),
        ..NotifyConfig::default()
    });
    let mails = || std::fs::read_to_string(&kept).unwrap_or_default();
    story.round().await;
    story.import("a.ndjson", PHONE, OFFER).await;
    std::fs::write(bin.path().join("mails.broken"), "").unwrap();
    story.round().await;
    let failure = story.outbox().mail.failure.unwrap();
    assert!(failure.contains("no route"), "{failure}");
    std::fs::remove_file(bin.path().join("mails.broken")).unwrap();
    story.later(1);
    story.round().await;
    let first = mails();
    assert!(
        first.starts_with(
            "-oi -f fusion@desk.example -- olena@desk.example ion@desk.example\nFrom: "
        )
    );
    assert!(first.contains("Subject: Fusion Center: 1 critical lead\n"), "{first}");
    assert!(first.contains("https://desk.example/leads/l-"), "{first}");
    for word in ["Одес", "координатор", "671234567", "invented"] {
        assert!(!first.contains(word), "{word} was mailed: {first}");
    }
    story.import("b.ndjson", OTHER_PHONE, OTHER).await;
    story.later(60);
    story.round().await;
    assert_eq!(mails(), first, "the next digest came too soon");
    story.later(24 * 60);
    story.round().await;
    assert_eq!(mails().matches("Subject: Fusion Center: 1 critical lead\n").count(), 2);
    assert_eq!(story.outbox().mail.waiting, []);
}

#[test]
fn what_cannot_be_used_is_refused_in_a_sentence() {
    let webhook = |address: &str| NotifyConfig {
        webhook: Some(address.to_owned()),
        secret_env: Some("SECRET".to_owned()),
        ..NotifyConfig::default()
    };
    let mail = |to: &str, from: Option<&str>| NotifyConfig {
        mail_to: vec![to.to_owned()],
        mail_from: from.map(str::to_owned),
        ..NotifyConfig::default()
    };
    let never = NotifyConfig { digest_hours: 0, ..NotifyConfig::default() };
    let unsigned = NotifyConfig { secret_env: None, ..webhook("https://hooks.example/") };
    for (bad, said) in [
        (webhook("http://hooks.example/"), "must be https"),
        (unsigned, "notify.secret_env"),
        (mail("olena@desk.example", None), "notify.mail_from"),
        (mail("olena@desk.example\nBcc: x@y", Some("a@b")), "no e-mail address"),
        (mail("-olena@desk.example", Some("a@b")), "no e-mail address"),
        (never, "digest_hours"),
    ] {
        let refused = bad.check().unwrap_err().to_string();
        assert!(refused.contains(said) && refused.starts_with("fusion.toml"), "{refused}");
    }
    mail("olena@desk.example", Some("fusion@desk.example")).check().unwrap();
    webhook("https://hooks.example/").check().unwrap();
    NotifyConfig::default().check().unwrap();
}
