//! A site on loopback whose pages change, and that notes what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Status, content type, body; the body's length is its `ETag`.
type Page = (u16, &'static str, Vec<u8>);

#[derive(Clone, Default)]
struct Pages {
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct Site {
    pub(crate) base: String,
    pages: Pages,
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let pages = Pages::default();
        let serving = pages.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let pages = serving.clone();
                std::thread::spawn(move || pages.answer(stream));
            }
        });
        Self { base, pages }
    }

    pub(crate) fn put(&self, path: &str, kind: &'static str, body: impl Into<Vec<u8>>) {
        self.pages.pages.lock().unwrap().insert(path.to_owned(), (200, kind, body.into()));
    }

    pub(crate) fn answer_with(&self, path: &str, status: u16) {
        self.answer_with_body(path, status, "no page");
    }

    pub(crate) fn answer_with_body(&self, path: &str, status: u16, body: &str) {
        self.answer_with_bytes(path, status, body.into());
    }

    pub(crate) fn answer_with_bytes(&self, path: &str, status: u16, body: Vec<u8>) {
        let page = (status, "text/html", body);
        self.pages.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// What was asked since this was asked last, robots.txt aside; `PATH 304` when nothing had to be
    /// sent.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.pages.asked.lock().unwrap());
        asked.retain(|line| !line.starts_with("/robots.txt"));
        asked
    }

    /// How many requests there were since then.
    #[allow(dead_code, reason = "not every story wants to know")]
    pub(crate) fn asked_so_far(&self) -> usize {
        self.pages.asked.lock().unwrap().len()
    }
}

impl Pages {
    fn answer(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        loop {
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                if line.trim().is_empty() {
                    break;
                }
                lines.push(line.trim().to_ascii_lowercase());
            }
            let path = lines[0].split(' ').nth(1).unwrap().to_owned();
            let page = self.pages.lock().unwrap().get(&path).cloned();
            let (status, kind, body) = page.unwrap_or((404, "text/html", "no page".into()));
            let tag = format!("\"{}\"", body.len());
            let is_known = status == 200 && lines.contains(&format!("if-none-match: {tag}"));
            let (status, body) = if is_known { (304, Vec::new()) } else { (status, body) };
            self.asked.lock().unwrap().push(format!("{path} {status}"));
            // The body of a redirect is where it leads.
            let to = if status == 302 {
                String::from_utf8_lossy(&body).into_owned()
            } else {
                String::new()
            };
            let location = if to.is_empty() { to } else { format!("Location: {to}\r\n") };
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Type: {kind}; charset=utf-8\r\n{location}ETag: {tag}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                return;
            }
        }
    }
}
