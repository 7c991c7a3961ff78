//! A site on loopback whose pages change, and that notes what it was asked.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Status, content type, body; the body's length is its `ETag`.
type Page = (u16, &'static str, String);

#[derive(Clone, Default)]
struct Pages {
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

pub(super) struct Site {
    pub(super) base: String,
    pages: Pages,
}

impl Site {
    pub(super) fn start() -> Self {
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

    pub(super) fn put(&self, path: &str, kind: &'static str, body: impl Into<String>) {
        self.pages.pages.lock().unwrap().insert(path.to_owned(), (200, kind, body.into()));
    }

    pub(super) fn answer_with(&self, path: &str, status: u16) {
        self.answer_with_body(path, status, "no page");
    }

    pub(super) fn answer_with_body(&self, path: &str, status: u16, body: &str) {
        let page = (status, "text/html", body.to_owned());
        self.pages.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// What was asked since this was asked last, robots.txt aside; `PATH 304` when nothing had to be
    /// sent.
    pub(super) fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.pages.asked.lock().unwrap());
        asked.retain(|line| !line.starts_with("/robots.txt"));
        asked
    }

    /// How many requests there were since then.
    #[allow(dead_code, reason = "not every story wants to know")]
    pub(super) fn asked_so_far(&self) -> usize {
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
            let (status, kind, body) = page.unwrap_or((404, "text/html", "no page".to_owned()));
            let tag = format!("\"{}\"", body.len());
            let is_known = status == 200 && lines.contains(&format!("if-none-match: {tag}"));
            let (status, body) = if is_known { (304, String::new()) } else { (status, body) };
            self.asked.lock().unwrap().push(format!("{path} {status}"));
            let head = format!(
                "HTTP/1.1 {status} x\r\nContent-Type: {kind}; charset=utf-8\r\nETag: {tag}\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if stream.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }
}
