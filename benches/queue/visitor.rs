//! One of many people in the app: asks for a page, waits for it, asks for the next.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::fill;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Queue,
    Filtered,
    Search,
    Lead,
}

pub(super) const PAGES: [Page; 4] = [Page::Queue, Page::Filtered, Page::Search, Page::Lead];

impl Page {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Filtered => "with filters",
            Self::Search => "search",
            Self::Lead => "lead",
        }
    }

    fn path(self, dice: &mut fill::Dice, leads: u64) -> String {
        match self {
            Self::Queue => format!("/queue?page={}", 1 + dice.below(3)),
            Self::Filtered => fill::some_filter(dice),
            Self::Search => fill::some_search(dice, leads),
            Self::Lead => format!("/leads/{}", fill::lead_id(dice.below(leads))),
        }
    }
}

/// One answer.
pub(super) struct Asked {
    pub(super) page: Page,
    pub(super) took: Duration,
}

pub(super) struct Visitor {
    stream: BufReader<TcpStream>,
    host: String,
    cookie: String,
}

struct Answer {
    status: u16,
    cookies: Vec<String>,
    body: String,
}

fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    BufReader::new(stream)
}

impl Visitor {
    /// Comes in by a one-time link.
    pub(super) fn enter(address: &str, link: &str) -> Self {
        let host = address.to_owned();
        let mut visitor = Self { stream: connect(address), host, cookie: String::new() };
        let form = visitor.get(link);
        visitor.cookie = form.cookies.join("; ");
        let csrf = form.body.split("name=\"csrf\" value=\"").nth(1).unwrap();
        let csrf = format!("csrf={}", csrf.split('"').next().unwrap());
        let entered = visitor.send("POST", link, Some(&csrf));
        assert_eq!(entered.status, 303, "{}", entered.body);
        let session = entered.cookies.iter().find(|cookie| cookie.contains("session"));
        visitor.cookie.clone_from(session.unwrap());
        visitor
    }

    /// How many leads the queue at this address has.
    pub(super) fn total(&mut self, path: &str) -> u64 {
        let body = self.get(path).body;
        let count = body.split("class=\"count\">").nth(1).unwrap_or("");
        count.split('<').next().unwrap_or("").parse().unwrap_or(0)
    }

    /// One page after another, until then.
    pub(super) fn ask_until(mut self, ends: Instant, number: u64, leads: u64) -> Vec<Asked> {
        let mut dice = fill::Dice(number * 7_919);
        let mut asked = Vec::new();
        while Instant::now() < ends {
            let page = PAGES[dice.below(PAGES.len() as u64) as usize];
            let path = page.path(&mut dice, leads);
            let started = Instant::now();
            let answer = self.get(&path);
            let took = started.elapsed();
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            if let Some(session) = answer.cookies.iter().find(|cookie| cookie.contains("session")) {
                self.cookie.clone_from(session);
            }
            asked.push(Asked { page, took });
        }
        asked
    }

    fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    fn send(&mut self, method: &str, path: &str, form: Option<&str>) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        if !self.cookie.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", self.cookie));
        }
        if let Some(form) = form {
            let kind = "application/x-www-form-urlencoded";
            request.push_str(&format!(
                "Content-Type: {kind}\r\nContent-Length: {}\r\nOrigin: http://{}\r\n",
                form.len(),
                self.host
            ));
        }
        request.push_str("\r\n");
        request.push_str(form.unwrap_or(""));
        // The app shuts connections that were idle for a while.
        for _ in 0..2 {
            let sent = self.stream.get_mut().write_all(request.as_bytes());
            if sent.is_ok()
                && let Some(answer) = self.answer()
            {
                return answer;
            }
            self.stream = connect(&self.host);
        }
        panic!("no answer to {method} {path}");
    }

    /// `None` if the app has shut the connection.
    fn answer(&mut self) -> Option<Answer> {
        let (mut length, mut cookies, mut status) = (0, Vec::new(), 0);
        loop {
            let mut line = String::new();
            if !matches!(self.stream.read_line(&mut line), Ok(1..)) {
                return None;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(rest) = line.strip_prefix("HTTP/1.1 ") {
                status = rest[..3].parse().unwrap();
            }
            let Some((name, value)) = line.split_once(": ") else { continue };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap(),
                "set-cookie" => cookies.push(value.split(';').next().unwrap().to_owned()),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        Some(Answer { status, cookies, body: String::from_utf8(body).unwrap() })
    }
}
