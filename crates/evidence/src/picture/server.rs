//! The only web that the browser has: a proxy on loopback that holds one page and what was kept of its
//! parts, each under its own address, and refuses the rest.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use domain::Capture;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use url::{Position, Url};

use super::certificate::Certificate;
use super::{LEAST_HEIGHT, MOST_HEIGHT, Sought, WIDTH};

/// Nothing of the page runs, and it loads styles and pictures alone: of what it asks for, there is
/// what was kept.
const PAGE_POLICY: &str = "sandbox allow-same-origin; default-src 'none'; \
    style-src 'unsafe-inline' data: http: https:; img-src data: http: https:; font-src data:; \
    frame-ancestors 'self'";
/// A part does nothing by itself.
const PART_POLICY: &str = "sandbox; default-src 'none'";
const MEASURE_POLICY: &str = "default-src 'none'; frame-src 'self'; \
    script-src 'nonce-ours'; style-src 'unsafe-inline'";

/// Says how high the page is, what HTML the browser made of it, and where words stand on it.
const SCRIPT: &str = include_str!("measure.js");
/// No more letters of a page are looked through, and no more rectangles given for one quote.
const MOST_LETTERS: usize = 2_000_000;
const MOST_RECTANGLES: usize = 40;

/// The longest head of a request, in bytes.
const MOST_HEAD: u64 = 64 * 1024;
/// The most connections at once.
const MOST_TALKS: u64 = 64;
const PATIENCE: Option<Duration> = Some(Duration::from_secs(5));

pub(super) struct PageServer {
    port: u16,
    page: Url,
    measure: Url,
    certificate: Certificate,
    shared: Arc<Shared>,
}

struct Shared {
    answers: BTreeMap<Place, Arc<Answer>>,
    tls: Arc<ServerConfig>,
    refused: AtomicU64,
    talks: AtomicU64,
    ended: AtomicBool,
}

struct Answer {
    content_type: String,
    policy: &'static str,
    body: Vec<u8>,
}

/// An address but for its scheme and what it points to in the page: a browser asks for the picture of
/// a secure page securely, however it was fetched.
type Place = (String, String);

fn place_of(url: &Url) -> Place {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (host, url[Position::BeforePath..Position::AfterQuery].to_owned())
}

impl PageServer {
    /// Begins to serve a page and its parts.
    pub(super) fn start(page: &Capture, parts: &[Capture], sought: &[Sought]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let certificate = Certificate::new().map_err(io::Error::other)?;
        let mut address = Url::parse(&page.url).map_err(io::Error::other)?;
        address.set_fragment(None);
        let measure = address.join(&format!("/measure-{port}")).map_err(io::Error::other)?;
        let mut answers = BTreeMap::new();
        for part in parts {
            let answer = Arc::new(Answer::of(part, PART_POLICY));
            let addresses = part.redirects.iter().chain([&part.url]);
            for url in addresses.filter_map(|url| Url::parse(url).ok()) {
                answers.insert(place_of(&url), answer.clone());
            }
        }
        answers.insert(place_of(&address), Arc::new(Answer::of(page, PAGE_POLICY)));
        let body = measure_page(&address, sought).into_bytes();
        let content_type = "text/html; charset=utf-8".to_owned();
        let ours = Answer { content_type, policy: MEASURE_POLICY, body };
        answers.insert(place_of(&measure), Arc::new(ours));
        let shared = Arc::new(Shared {
            answers,
            tls: certificate.server().map_err(io::Error::other)?,
            refused: AtomicU64::new(0),
            talks: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let with = shared.clone();
        thread::spawn(move || listen(&listener, &with));
        Ok(Self { port, page: address, measure, certificate, shared })
    }

    /// Where the browser finds the page.
    pub(super) fn page(&self) -> &str {
        self.page.as_str()
    }

    /// Where it finds ours, which looks at the other from outside.
    pub(super) fn measure(&self) -> &str {
        self.measure.as_str()
    }

    /// What makes a browser ask this server alone, for everything.
    pub(super) fn flags(&self) -> [String; 3] {
        let port = self.page.port_or_known_default().unwrap_or_default();
        [
            format!("--proxy-server=http://127.0.0.1:{}", self.port),
            format!("--ignore-certificate-errors-spki-list={}", self.certificate.pin()),
            // Browsers do not ask some ports of their own accord; nobody is asked here.
            format!("--explicitly-allowed-ports={port}"),
        ]
    }

    /// How many requests were refused.
    pub(super) fn end(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

impl Answer {
    fn of(capture: &Capture, policy: &'static str) -> Self {
        let kind = capture.header("content-type").unwrap_or("application/octet-stream");
        let content_type = kind.chars().filter(|c| !c.is_control()).collect();
        Self { content_type, policy, body: capture.content().to_vec() }
    }

    fn write(&self, mut stream: impl Write) -> io::Result<()> {
        let Self { content_type, policy, body } = self;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
             Content-Security-Policy: {policy}\r\nX-Content-Type-Options: nosniff\r\n\
             Cache-Control: no-store\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        stream.flush()
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.ended.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if shared.talks.fetch_add(1, Ordering::Relaxed) >= MOST_TALKS {
            shared.talks.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let shared = shared.clone();
        thread::spawn(move || {
            // Who hangs up has no answer.
            let _ = talk(stream, &shared);
            shared.talks.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// One request, one answer; behind a request for a way through to a secure server, that one's.
fn talk(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(PATIENCE)?;
    stream.set_write_timeout(PATIENCE)?;
    let (method, target) = head(&mut stream)?;
    if method != "CONNECT" {
        return answer(stream, &method, Url::parse(&target).ok(), shared);
    }
    stream.write_all(b"HTTP/1.1 200 It is me\r\n\r\n")?;
    let secure = ServerConnection::new(shared.tls.clone()).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(secure, stream);
    let (method, path) = head(&mut stream)?;
    let url = Url::parse(&format!("https://{target}{path}")).ok();
    let answered = answer(&mut stream, &method, url, shared);
    stream.conn.send_close_notify();
    stream.flush()?;
    answered
}

/// The method and the target of a request, whose head is read to its end.
fn head(stream: &mut impl Read) -> io::Result<(String, String)> {
    let mut lines = BufReader::new(stream.take(MOST_HEAD));
    let (mut first, mut line) = (String::new(), String::new());
    lines.read_line(&mut first)?;
    while lines.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = first.split_ascii_whitespace().map(str::to_owned);
    Ok((words.next().unwrap_or_default(), words.next().unwrap_or_default()))
}

fn answer(
    mut stream: impl Write,
    method: &str,
    url: Option<Url>,
    shared: &Shared,
) -> io::Result<()> {
    let known = url.filter(|_| method == "GET").and_then(|url| shared.answers.get(&place_of(&url)));
    if let Some(answer) = known {
        return answer.write(stream);
    }
    shared.refused.fetch_add(1, Ordering::Relaxed);
    stream.write_all(b"HTTP/1.1 403 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    stream.flush()
}

fn measure_page(page: &Url, sought: &[Sought]) -> String {
    // Inside a script's element no `<` may end it, or begin a comment.
    let sought = serde_json::to_string(sought).unwrap_or_else(|_| "[]".to_owned());
    let sought = sought.replace('<', "\\u003c");
    // An address may hold an ampersand, and no quotation mark.
    let page = page.as_str().replace('&', "&amp;");
    format!(
        "<!doctype html><meta charset=utf-8><body><iframe id=page sandbox=\"allow-same-origin\" \
         src=\"{page}\" style=\"width:{WIDTH}px;height:{LEAST_HEIGHT}px;border:0\"></iframe>\
         <script id=sought type=\"application/json\">{sought}</script>\
         <script nonce=ours>const LEAST_HEIGHT={LEAST_HEIGHT},MOST_HEIGHT={MOST_HEIGHT},\
         MOST_LETTERS={MOST_LETTERS},MOST_RECTANGLES={MOST_RECTANGLES};\n{SCRIPT}</script>"
    )
}
