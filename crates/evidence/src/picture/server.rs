//! The only web that the browser has: a proxy on loopback that holds one page, and refuses the rest.

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use domain::Capture;

use super::{LEAST_HEIGHT, MOST_HEIGHT, Sought, WIDTH};

/// Where the browser finds the page: a name that no DNS knows (RFC 2606).
pub(super) const PAGE: &str = "http://page.invalid/page";
/// Where it finds ours, which looks at the other from outside.
pub(super) const MEASURE: &str = "http://page.invalid/measure";

/// Nothing of the page runs, and it loads nothing but what it carries itself.
const PAGE_POLICY: &str = "sandbox allow-same-origin; default-src 'none'; \
    style-src 'unsafe-inline' data:; img-src data:; font-src data:; frame-ancestors 'self'";
const MEASURE_POLICY: &str = "default-src 'none'; frame-src http://page.invalid; \
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

pub(super) struct PageServer {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    content_type: String,
    body: Vec<u8>,
    measure: String,
    refused: AtomicU64,
    talks: AtomicU64,
    ended: AtomicBool,
}

impl PageServer {
    pub(super) fn start(page: &Capture, sought: &[Sought]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let kind = page.header("content-type").unwrap_or("text/html");
        let shared = Arc::new(Shared {
            content_type: kind.chars().filter(|c| !c.is_control()).collect(),
            body: page.content().to_vec(),
            measure: measure_page(sought),
            refused: AtomicU64::new(0),
            talks: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let with = shared.clone();
        thread::spawn(move || listen(&listener, &with));
        Ok(Self { port, shared })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
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
            let _ = talk(&stream, &shared);
            shared.talks.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// One request, one answer.
fn talk(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_write_timeout(Some(Duration::from_secs(5)))?;
    let mut lines = BufReader::new(stream.take(MOST_HEAD));
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let mut line = String::new();
    while lines.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = first.split(' ');
    match (words.next(), words.next()) {
        (Some("GET"), Some(PAGE)) => {
            answer(stream, &shared.content_type, PAGE_POLICY, &shared.body)
        }
        (Some("GET"), Some(MEASURE)) => {
            answer(stream, "text/html; charset=utf-8", MEASURE_POLICY, shared.measure.as_bytes())
        }
        _ => {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            let mut stream = stream;
            stream.write_all(
                b"HTTP/1.1 403 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )
        }
    }
}

fn answer(mut stream: &TcpStream, kind: &str, policy: &str, body: &[u8]) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Content-Security-Policy: {policy}\r\nX-Content-Type-Options: nosniff\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn measure_page(sought: &[Sought]) -> String {
    // Inside a script's element no `<` may end it, or begin a comment.
    let sought = serde_json::to_string(sought).unwrap_or_else(|_| "[]".to_owned());
    let sought = sought.replace('<', "\\u003c");
    format!(
        "<!doctype html><meta charset=utf-8><body><iframe id=page sandbox=\"allow-same-origin\" \
         src=\"{PAGE}\" style=\"width:{WIDTH}px;height:{LEAST_HEIGHT}px;border:0\"></iframe>\
         <script id=sought type=\"application/json\">{sought}</script>\
         <script nonce=ours>const LEAST_HEIGHT={LEAST_HEIGHT},MOST_HEIGHT={MOST_HEIGHT},\
         MOST_LETTERS={MOST_LETTERS},MOST_RECTANGLES={MOST_RECTANGLES};\n{SCRIPT}</script>"
    )
}
