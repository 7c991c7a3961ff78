//! Many hosts on loopback, each an address of 127.0.0.0/8 behind one port. Some misbehave. They note
//! what they were asked and when, so that politeness is told by those who are asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flate2::write::GzEncoder;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a page answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    Proper,
    NotFound,
    ServerError,
    TooMany,
    Reset,
    Drip,
    Endless,
    Bomb,
    RedirectLoop,
    WrongLength,
    HalfClosed,
    Garbage,
}

/// The ways of misbehaving, for tables.
pub const FAULTS: [Manner; 11] = [
    Manner::NotFound,
    Manner::ServerError,
    Manner::TooMany,
    Manner::Reset,
    Manner::Drip,
    Manner::Endless,
    Manner::Bomb,
    Manner::RedirectLoop,
    Manner::WrongLength,
    Manner::HalfClosed,
    Manner::Garbage,
];

/// One request, as its host saw it.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    pub manner: Manner,
    pub arrived: Instant,
    /// A time before the asker can have known the end of the answer: when its last bytes were
    /// handed over, or its first ones if it has no end but that the asker gives up, unseen by us.
    pub ended: Instant,
    pub bytes: u64,
    /// How many requests the host had at that time.
    pub at_once: usize,
}

#[derive(Default)]
struct Log {
    served: BTreeMap<usize, Vec<Served>>,
    now: BTreeMap<usize, usize>,
}

/// The hosts, up until dropped.
pub struct Hosts {
    port: u16,
    log: Arc<Mutex<Log>>,
    _runtime: tokio::runtime::Runtime,
}

type Manners = dyn Fn(usize, usize) -> Manner + Send + Sync;

impl Hosts {
    /// `manners` tells how page `n` of a host answers.
    pub fn start(manners: impl Fn(usize, usize) -> Manner + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind(("0.0.0.0", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Log::default()));
        let (manners, pages): (Arc<Manners>, _) = (Arc::new(manners), Arc::new(Pages::new()));
        let noted = log.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manners, pages, log) = (manners.clone(), pages.clone(), noted.clone());
                tokio::spawn(async move { serve(stream, &*manners, &pages, &log).await });
            }
        });
        Self { port, log, _runtime: runtime }
    }

    pub fn url(&self, host: usize, page: usize) -> String {
        format!("http://127.1.{}.{}:{}/feed/{page}", host / 250, host % 250 + 1, self.port)
    }

    /// `sources.toml` with so many feeds on each of so many hosts, host by host.
    pub fn sources(&self, hosts: usize, pages: usize) -> String {
        let mut sources = String::new();
        for (host, page) in (0..hosts).flat_map(|host| (0..pages).map(move |page| (host, page))) {
            let _ = write!(
                sources,
                "[[source]]\nid = \"h{host}-{page}\"\nkind = \"feed\"\nurl = \"{}\"\nbasis = \
                 \"invented\"\nallow_private = true\n\n",
                self.url(host, page)
            );
        }
        sources
    }

    /// What each host saw.
    pub fn log(&self) -> BTreeMap<usize, Vec<Served>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).served.clone()
    }

    /// The hosts that were asked two things at once, or again before the pause was over.
    pub fn hurried(&self, pause: Duration) -> Vec<String> {
        let mut hurried = Vec::new();
        for (host, served) in self.log() {
            if let Some(crowded) = served.iter().find(|one| one.at_once > 1) {
                hurried.push(format!("host {host}: {} requests at once", crowded.at_once));
            }
            for pair in served.windows(2) {
                let between = pair[1].arrived.saturating_duration_since(pair[0].ended);
                if between < pause {
                    hurried.push(format!("host {host}: asked again after {between:?}"));
                }
            }
        }
        hurried
    }
}

/// Answers that are made once.
struct Pages {
    feeds: Vec<String>,
    bomb: Vec<u8>,
}

const FEEDS: usize = 40;
const DRIP: Duration = Duration::from_millis(50);
const ITEMS: usize = 10;

impl Pages {
    fn new() -> Self {
        let samples = include_str!("../fixtures/demo/postings.ndjson").lines();
        let texts: Vec<String> = samples
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .map(|sample| sample["text"].as_str().unwrap_or_default().replace(['<', '&'], " "))
            .collect();
        let feeds = (0..FEEDS).map(|feed| {
            let mut items = String::new();
            for item in 0..ITEMS {
                let text = &texts[(feed * ITEMS + item) % texts.len()];
                let _ = write!(
                    items,
                    "<item><guid>{feed}-{item}</guid><title>Offer {item}</title><pubDate>Sun, 01 \
                     Mar 2026 1{item}:00:00 GMT</pubDate><description>{text}</description></item>"
                );
            }
            format!("<rss version=\"2.0\"><channel><title>Feed</title>{items}</channel></rss>")
        });
        let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            packer.write_all(&[b' '; 1 << 20]).unwrap();
        }
        Self { feeds: feeds.collect(), bomb: packer.finish().unwrap() }
    }
}

async fn serve(mut stream: TcpStream, manners: &Manners, pages: &Pages, log: &Mutex<Log>) {
    let Ok(address) = stream.local_addr() else { return };
    let Some(host) = host_of(address.ip()) else { return };
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let arrived = Instant::now();
        let at_once = {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let now = log.now.entry(host).or_default();
            *now += 1;
            *now
        };
        let path = String::from_utf8_lossy(&head);
        let path = path.split(' ').nth(1).unwrap_or_default();
        let page = path.strip_prefix("/feed/").and_then(|page| page.parse().ok());
        let manner = page.map_or(Manner::NotFound, |page| manners(host, page));
        let answer = Answer { stream: &mut stream, bytes: 0, ended: arrived };
        let (bytes, ended, stays) = answer.give(manner, page.unwrap_or(0), pages).await;
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        *log.now.entry(host).or_default() -= 1;
        let served = Served { manner, arrived, ended, bytes, at_once };
        log.served.entry(host).or_default().push(served);
        if !stays {
            return;
        }
    }
}

fn host_of(address: IpAddr) -> Option<usize> {
    let IpAddr::V4(address) = address else { return None };
    let [127, 1, high, low] = Ipv4Addr::octets(&address) else { return None };
    Some(usize::from(high) * 250 + usize::from(low) - 1)
}

struct Answer<'a> {
    stream: &'a mut TcpStream,
    bytes: u64,
    ended: Instant,
}

impl Answer<'_> {
    async fn send(&mut self, bytes: &[u8]) -> bool {
        // Noted before: the asker may have it sooner than we know that it was sent.
        self.ended = Instant::now();
        let sent = self.stream.write_all(bytes).await.is_ok();
        self.bytes += if sent { bytes.len() as u64 } else { 0 };
        sent
    }

    async fn whole(&mut self, status: &str, headers: &str, body: &[u8]) -> bool {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
        self.send(&[head.as_bytes(), body].concat()).await
    }

    /// Gives the bytes that were sent, when the last of them were, and whether the connection stays.
    async fn give(mut self, manner: Manner, page: usize, pages: &Pages) -> (u64, Instant, bool) {
        let feed = pages.feeds[page % pages.feeds.len()].as_bytes();
        let xml = "content-type: application/rss+xml\r\n";
        let stays = match manner {
            Manner::Proper => self.whole("200 OK", xml, feed).await,
            Manner::NotFound => self.whole("404 Not Found", "", b"").await,
            Manner::ServerError => self.whole("503 Service Unavailable", "", b"").await,
            Manner::TooMany => self.whole("429 Too Many", "retry-after: 1\r\n", b"").await,
            Manner::RedirectLoop => {
                let back = format!("location: /feed/{page}\r\n");
                self.whole("302 Found", &back, b"").await
            }
            Manner::Bomb => self.whole("200 OK", "content-encoding: gzip\r\n", &pages.bomb).await,
            Manner::Garbage => self.whole("200 OK", xml, b"<rss><channel><item>\xff<<&").await,
            Manner::WrongLength => {
                self.send(b"HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\nshort").await;
                false
            }
            Manner::Reset => {
                self.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort").await;
                let _ = self.stream.set_zero_linger();
                false
            }
            Manner::HalfClosed => {
                // Our half is closed; the other half is listened to for ever.
                self.send(b"HTTP/1.1 200 OK\r\ncontent-le").await;
                let _ = self.stream.shutdown().await;
                let _ = self.stream.read_u8().await;
                false
            }
            Manner::Drip => {
                let mut goes_on = self.send(b"HTTP/1.1 200 OK\r\n\r\n").await;
                let begun = self.ended;
                while goes_on {
                    // The asker says nothing more: whatever is read is that they have gone.
                    let left = tokio::time::timeout(DRIP, self.stream.read_u8()).await.is_ok();
                    goes_on = !left && self.send(b" ").await;
                }
                self.ended = begun;
                false
            }
            Manner::Endless => {
                let mut goes_on = self.send(b"HTTP/1.1 200 OK\r\n\r\n").await;
                let begun = self.ended;
                while goes_on {
                    goes_on = self.send(&[b' '; 64 * 1024]).await;
                }
                self.ended = begun;
                false
            }
        };
        (self.bytes, self.ended, stays)
    }
}

/// The most memory that a process ever had, where the system tells.
pub fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
