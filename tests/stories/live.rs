//! A stream that carries everybody's posts: listened to for a while, killed in the midst, stopped, tested.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

use crate::desk::{Desk, collect_files};
use crate::kinds::texts;

const RECRUITER: &str = "did:plc:vyhadana2222";
const NEIGHBOUR: &str = "did:plc:inshyi2222";
/// Some minutes ago, by whatever clock the machine has.
const AGO: Duration = Duration::from_secs(300);
/// All messages that there are.
const ALL: usize = 43;
/// Nobody waits for it unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Gate {
    asked: Vec<String>,
    sent: usize,
    /// Before the message with this number the server waits.
    held: Option<usize>,
}

/// A Jetstream of events that have happened, up until the process ends.
struct Stream {
    port: u16,
    start: u64,
    gate: Arc<(Mutex<Gate>, Condvar)>,
}

impl Stream {
    /// Twenty posts of a recruiter among a neighbour's; one is edited, one taken away.
    #[allow(clippy::disallowed_methods, reason = "a stream that is far behind is told to be so")]
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let start = u64::try_from((now - AGO).as_micros()).unwrap();
        let (events, gate) = (Arc::new(events(start)), Arc::<(Mutex<Gate>, Condvar)>::default());
        let own = gate.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (gate, events) = (own.clone(), events.clone());
                std::thread::spawn(move || serve(stream, &gate, &events));
            }
        });
        Self { port, start, gate }
    }

    /// The source, whose walks end after so many messages: time is no measure on a busy machine.
    fn sources(&self, messages: usize) -> String {
        format!(
            "[[source]]\nid = \"live\"\nkind = \"jetstream\"\nurl = \"ws://127.0.0.1:{}/subscribe\"\nbasis = \
             \"invented\"\nallow_private = true\nmin_delay_ms = 1\nwanted.accounts = \
             [\"{RECRUITER}\"]\nwanted.seconds = 600\nwanted.messages = {messages}\n",
            self.port
        )
    }

    fn new_desk(&self) -> Desk {
        let desk = Desk::new();
        self.write_sources(&desk, ALL);
        desk
    }

    fn write_sources(&self, desk: &Desk, messages: usize) {
        std::fs::write(desk.dir().join("sources.toml"), self.sources(messages)).unwrap();
    }

    fn hold(&self, number: Option<usize>) {
        let (gate, changed) = &*self.gate;
        let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        (gate.held, gate.sent) = (number, 0);
        changed.notify_all();
    }

    fn wait_for(&self, number: usize) {
        let (gate, changed) = &*self.gate;
        let gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(gate, PATIENCE, |gate| gate.sent < number);
        let (gate, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(gate.sent >= number, "{} messages were sent instead of {number}", gate.sent);
    }

    fn asked(&self) -> Vec<String> {
        self.gate.0.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }
}

fn event(time_us: u64, did: &str, operation: &str, number: usize, text: &str) -> (u64, String) {
    let mut commit = json!({"rev": "3mfyaaaaaaa2a", "operation": operation,
        "collection": "app.bsky.feed.post", "rkey": format!("post{number}"), "cid": "bafyone"});
    if operation != "delete" {
        commit["record"] = json!({"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-03-01T12:00:00.000Z"});
    }
    let event = json!({"did": did, "time_us": time_us, "kind": "commit", "commit": commit});
    (time_us, event.to_string())
}

fn events(start: u64) -> Vec<(u64, String)> {
    const SECOND: u64 = 1_000_000;
    let texts = texts();
    let mut events = Vec::new();
    for number in 1..=20 {
        let at = start + number as u64 * 10 * SECOND;
        events.push(event(at, NEIGHBOUR, "create", number, "Сьогодні сонячно"));
        events.push(event(at + 1, RECRUITER, "create", number, &texts[number]));
        match number {
            7 => events.push(event(
                at + 2,
                RECRUITER,
                "update",
                3,
                &format!("{} Терміново!", texts[3]),
            )),
            12 => events.push(event(at + 2, RECRUITER, "delete", 5, "")),
            15 => events.push(event(at + 2, NEIGHBOUR, "delete", 5, "")),
            _ => {}
        }
    }
    events
}

fn serve(mut stream: TcpStream, gate: &(Mutex<Gate>, Condvar), events: &[(u64, String)]) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut lines = BufReader::new(reading).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = request.split(' ').nth(1).unwrap_or("/").to_owned();
    let key = head.iter().find_map(|line| line.strip_prefix("sec-websocket-key: "));
    let Some(key) = key else {
        let _ = write!(stream, "HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        return;
    };
    let accept = derive_accept_key(key.as_bytes());
    let _ = write!(
        stream,
        "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    );
    let cursor = path.split("cursor=").nth(1).and_then(|cursor| cursor.parse::<u64>().ok());
    let (state, changed) = gate;
    state.lock().unwrap_or_else(PoisonError::into_inner).asked.push(path);
    let mut socket = WebSocket::from_raw_socket(stream, Role::Server, None);
    for (at, text) in events {
        if *at < cursor.unwrap_or(0) {
            continue;
        }
        if socket.send(Message::text(text.as_str())).is_err() {
            return;
        }
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sent += 1;
        changed.notify_all();
        let number = state.sent;
        drop(changed.wait_timeout_while(state, PATIENCE, |gate| gate.held == Some(number)));
    }
    // Nothing more happens; whoever listens is waited for.
    while socket.read().is_ok() {}
}

/// All that was captured, unpacked.
fn captured(desk: &Desk) -> String {
    let mut files = Vec::new();
    collect_files(&desk.dir().join("captures"), &mut files);
    let mut all = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "gz")) {
        let mut bytes = Vec::new();
        MultiGzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut bytes).unwrap();
        all.push_str(&String::from_utf8_lossy(&bytes));
    }
    all
}

/// The leads with their postings' words and scores.
fn leads(desk: &Desk) -> Vec<String> {
    let mut leads: Vec<String> = desk
        .queue()
        .iter()
        .map(|row| {
            let texts = row["posting"]["posting"]["text"].as_str().unwrap();
            format!("{} {} {texts}", row["lead"]["id"], row["lead"]["score"])
        })
        .collect();
    leads.sort();
    leads
}

fn outcomes(said: &Value) -> &Value {
    &said["outcomes"]
}

#[test]
fn a_stream_is_listened_to_from_where_the_last_walk_ended() {
    let stream = Stream::start();
    let desk = stream.new_desk();
    let first = desk.fusion(&["--format", "json", "scan"]).ended(0).json();
    let counted = outcomes(&first);
    assert_eq!(counted["event.not-wanted"], 21, "a neighbour's posts are not ours: {first}");
    assert_eq!(
        (&counted["posting.edited"], &counted["posting.gone"]),
        (&json!(1), &json!(1)),
        "{first}"
    );
    assert!(counted["posting.flagged"].as_u64().unwrap() > 10, "{first}");
    assert!(!captured(&desk).contains("сонячно"), "what is not wanted is not kept");

    stream.write_sources(&desk, 2);
    let second = desk.fusion(&["--format", "json", "scan"]).ended(0).json();
    let counted = outcomes(&second);
    assert!(counted["posting.flagged"].is_null() && counted["fetch.new"].is_null(), "{second}");
    assert_eq!(counted["event.known"], 1, "five seconds are asked for again: {second}");
    let last = stream.start + 200_000_000 + 1 - 5_000_000;
    let asked = stream.asked();
    assert!(
        !asked[0].contains("cursor=") && asked[1].ends_with(&format!("cursor={last}")),
        "{asked:?}"
    );
    assert!(
        asked[0].contains(&format!("wantedDids={}", RECRUITER.replace(':', "%3A"))),
        "{asked:?}"
    );

    // A lead's evidence is its own line, and the robots.txt that allowed it stands beside.
    desk.fusion(&["evidence", "verify"]).ended(0);
    let snapshot =
        std::fs::read_dir(desk.dir().join("snapshots")).unwrap().next().unwrap().unwrap();
    let mut zip = zip::ZipArchive::new(std::fs::File::open(snapshot.path()).unwrap()).unwrap();
    let mut plain = String::new();
    let warc = zip.by_name("archive/data.warc.gz").unwrap();
    MultiGzDecoder::new(warc).read_to_string(&mut plain).unwrap();
    assert_eq!(plain.matches("\"time_us\"").count(), 1, "{plain}");
    assert!(plain.contains("/robots.txt"), "{plain}");
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}

#[test]
fn a_stream_that_is_killed_anywhere_loses_and_doubles_nothing() {
    let stream = Stream::start();
    let calm = stream.new_desk();
    calm.fusion(&["scan"]).ended(0);
    let disturbed = stream.new_desk();
    for number in [1, 9, 18, 30, ALL] {
        stream.hold(Some(number));
        let null = std::process::Stdio::null;
        let mut child = disturbed.command(&["scan"]).stdout(null()).stderr(null()).spawn().unwrap();
        stream.wait_for(number);
        std::thread::sleep(Duration::from_millis(number as u64 * 3));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    stream.hold(None);
    disturbed.fusion(&["scan"]).ended(0);
    assert_eq!(leads(&disturbed), leads(&calm));
    assert!(leads(&calm).len() > 5);
    let all = captured(&disturbed);
    for (_, event) in events(stream.start).iter().filter(|(_, event)| event.contains(RECRUITER)) {
        let times = all.matches(event.as_str()).count();
        // A wording that was kept already may come again; a post does not, nor its end.
        let most = if event.contains("update") { 5 } else { 1 };
        assert!((1..=most).contains(&times), "{times} times: {event}");
    }
    disturbed.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn a_stop_file_ends_listening_and_a_test_writes_nothing() {
    let stream = Stream::start();
    let desk = stream.new_desk();
    let tested = desk.fusion(&["source", "test", "live"]).ended(0);
    assert!(
        tested.out.contains("status 101") && tested.out.contains("read as jetstream"),
        "{}",
        tested.out
    );
    let url = format!("ws://127.0.0.1:{}/subscribe", stream.port);
    let wants = |want: &str| {
        let mut test = vec!["source", "test", &url, "--kind", "jetstream", "--allow-private"];
        test.extend(["--want", want, "--want", "messages=43"]);
        desk.fusion(&test)
    };
    let texts = texts();
    let word = texts[1].split_whitespace().find(|word| word.chars().count() > 4).unwrap();
    let tested = wants(&format!("words={}", word.to_uppercase())).ended(0);
    assert!(tested.out.contains("read as jetstream"), "{}", tested.out);
    wants("words=nobody says this").refused(&["nothing was kept", "40 event.not-wanted"]);
    wants("words=на").refused(&["less than three letters"]);
    wants("word=на").ended(2);
    assert_eq!(desk.queue().len(), 0);
    assert!(!captured(&desk).contains("subscribe"));

    stream.write_sources(&desk, 1_000_000);
    stream.hold(None);
    let scan = desk.command(&["scan"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    stream.wait_for(ALL);
    let begun = Instant::now();
    std::fs::write(desk.dir().join("STOP"), "").unwrap();
    let output = scan.wait_with_output().unwrap();
    assert!(output.status.success() && begun.elapsed() < PATIENCE);
    std::fs::remove_file(desk.dir().join("STOP")).unwrap();
    stream.write_sources(&desk, ALL);
    desk.fusion(&["scan"]).ended(0);
    assert!(leads(&desk).len() > 5, "what was heard and not kept is heard again");
}
