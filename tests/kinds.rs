//! An invented site for each kind of source that is fetched, all on one server that can hold a
//! request back: whoever asked for it can then be killed with certainty in the midst of its walk.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kind_boards;

/// Kind, address on the server, and how many requests a walk takes.
pub const KINDS: [(&str, &str, usize); 16] = [
    ("feed", "/feed", 1),
    ("comments", "/comments/feed", 1),
    ("page", "/board", 13),
    ("greenhouse", "/v1/boards/robota/jobs", 1),
    ("lever", "/v0/postings/robota", 1),
    ("ashby", "/posting-api/job-board/robota", 1),
    ("smartrecruiters", "/v1/companies/robota/postings", 13),
    ("adzuna", "/v1/api/jobs/pl/search?app_id=invented&what=robota", 1),
    ("vk", "/method/wall.get?owner_id=-12", 1),
    ("job-page", "/jobs", 13),
    ("sitemap", "/sitemap.xml", 13),
    ("telegram", "/s/zrazok", 3),
    ("mastodon", "/tags/robota", 3),
    ("bluesky", "/xrpc/app.bsky.feed.searchPosts?q=robota", 3),
    ("reddit", "/r/robota", 3),
    ("lemmy", "/c/robota", 3),
];

const POSTS: usize = 12;
const POSTS_OF_A_PAGE: usize = 4;
/// Long enough for the slowest machine; nobody waits for it unless something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Gate {
    asked: usize,
    /// The request with this number gets no answer.
    held: Option<usize>,
    /// What all pages of each host are, whatever is asked for.
    pages: Vec<Arc<String>>,
}

/// The server, up until the process ends.
pub struct KindSites {
    port: u16,
    gate: Arc<(Mutex<Gate>, Condvar)>,
}

impl KindSites {
    pub fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let gate = Arc::new((Mutex::new(Gate::default()), Condvar::new()));
        let (own, texts) = (gate.clone(), Arc::new(texts()));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (gate, texts) = (own.clone(), texts.clone());
                std::thread::spawn(move || serve(stream, &gate, &texts));
            }
        });
        Self { port, gate }
    }

    /// `sources.toml` with all kinds, each source named like its kind.
    pub fn sources(&self) -> String {
        self.sources_of(0, "")
    }

    /// The same with another host and an ending to each name.
    pub fn sources_of(&self, host: usize, ending: &str) -> String {
        let address = format!("127.1.0.{}:{}", host + 1, self.port);
        let mut sources = String::new();
        for (kind, path, _) in KINDS {
            let _ = write!(
                sources,
                "[[source]]\nid = \"{kind}{ending}\"\nkind = \"{kind}\"\nurl = \"http://{address}{path}\"\nbasis \
                 = \"invented\"\nallow_private = true\nmin_delay_ms = 1\n{}\n",
                settings_of(kind)
            );
        }
        sources
    }

    /// From now on, the request with this number gets no answer.
    pub fn hold(&self, number: usize) {
        let (gate, _) = &*self.gate;
        let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        (gate.asked, gate.held) = (0, Some(number));
    }

    /// From now on, all pages of each host are its one.
    pub fn answer_all(&self, pages: Vec<String>) {
        let (gate, _) = &*self.gate;
        gate.lock().unwrap_or_else(PoisonError::into_inner).pages =
            pages.into_iter().map(Arc::new).collect();
    }

    /// Waits until so many requests have come since.
    #[track_caller]
    pub fn wait_for(&self, number: usize) {
        let (gate, came) = &*self.gate;
        let gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = came.wait_timeout_while(gate, PATIENCE, |gate| gate.asked < number);
        let (gate, _) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(gate.asked >= number, "{} requests came instead of {number}", gate.asked);
    }

    /// Answers everything again.
    pub fn let_go(&self) {
        let (gate, came) = &*self.gate;
        gate.lock().unwrap_or_else(PoisonError::into_inner).held = None;
        came.notify_all();
    }
}

/// The environment variable that holds the keys of the sites that want one, and the key.
pub const KEY: (&str, &str) = ("KIND_SITES_KEY", "invented-key-0123456789");

fn settings_of(kind: &str) -> String {
    match kind {
        "job-page" | "sitemap" => "follow = \"^/jobs/\"\n".to_owned(),
        "page" => "selectors.link = \"a.job\"\nselectors.text = \".words\"\n".to_owned(),
        "adzuna" => format!("keys.app_key = \"{}\"\n", KEY.0),
        "vk" => format!("keys.access_token = \"{}\"\n", KEY.0),
        _ => String::new(),
    }
}

/// Invented postings, those that are leads first.
pub fn texts() -> Vec<String> {
    let samples = include_str!("../fixtures/demo/postings.ndjson").lines();
    let mut samples: Vec<Value> = samples.map(|line| serde_json::from_str(line).unwrap()).collect();
    samples.sort_by_key(|sample| sample["lead"] != true);
    samples.iter().map(|sample| sample["text"].as_str().unwrap().to_owned()).collect()
}

fn serve(mut stream: TcpStream, gate: &(Mutex<Gate>, Condvar), texts: &[String]) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut lines = BufReader::new(reading).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let host = head.iter().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or("/");
    let mut answer = site(path, &format!("http://{host}"), texts);
    if path != "/robots.txt" {
        let (state, came) = gate;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked += 1;
        let number = state.asked;
        let number_of_host =
            host.split([':', '.']).nth(3).and_then(|last| last.parse::<usize>().ok());
        if let Some(page) = number_of_host.and_then(|last| state.pages.get(last.checked_sub(1)?)) {
            answer = Some((200, String::new(), page.to_string()));
        }
        came.notify_all();
        let held = |gate: &mut Gate| gate.held == Some(number);
        drop(came.wait_timeout_while(state, PATIENCE, held));
    }
    let (status, headers, body) = answer.unwrap_or((404, String::new(), String::new()));
    // Who was killed meanwhile does not listen.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
}

/// Status, headers, body.
pub type Answer = (u16, String, String);

fn site(path: &str, server: &str, texts: &[String]) -> Option<Answer> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parameter = |name: &str| {
        let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        found.and_then(|value| value.parse::<usize>().ok())
    };
    if let Some(number) = path.strip_prefix("/jobs/") {
        return job(number.parse().ok()?, texts);
    }
    let end = ["before", "max_id", "cursor", "after", "page_cursor"];
    let end = end.iter().find_map(|name| parameter(name)).unwrap_or(POSTS + 1);
    let first = end.saturating_sub(POSTS_OF_A_PAGE).max(1);
    let posts: Vec<(usize, &str)> =
        (first..end).rev().map(|number| (number, texts[number].as_str())).collect();
    let next = (first > 1).then_some(first);
    match path {
        "/feed" | "/comments/feed" => Some(feed(texts)),
        "/jobs" => Some(html(&(1..=POSTS).fold(String::new(), |list, number| {
            list + &format!("<a href=\"/jobs/{number}\">{number}</a> ")
        }))),
        "/sitemap.xml" => Some(xml(
            &(1..=POSTS).fold("<urlset>".to_owned(), |list, number| {
                list + &format!("<url><loc>{server}/jobs/{number}</loc></url>")
            }),
            "</urlset>",
        )),
        "/s/zrazok" => Some(channel(&posts, next)),
        "/api/v1/timelines/tag/robota" => Some(statuses(&posts, next, server)),
        "/xrpc/app.bsky.feed.searchPosts" => Some(skies(&posts, next)),
        "/r/robota/new.json" => Some(listing(&posts, next)),
        "/api/v3/post/list" => Some(lemmy(&posts, next)),
        _ => kind_boards::answer(path, texts),
    }
}

pub fn html(body: &str) -> Answer {
    let page = format!("<!DOCTYPE html><html><body>{body}</body></html>");
    (200, "content-type: text/html; charset=utf-8\r\n".to_owned(), page)
}

fn xml(body: &str, end: &str) -> Answer {
    (200, "content-type: application/xml\r\n".to_owned(), format!("{body}{end}"))
}

pub fn json_of(value: &Value) -> Answer {
    (200, "content-type: application/json\r\n".to_owned(), value.to_string())
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn day(number: usize) -> String {
    format!("2026-03-{number:02}T10:00:00Z")
}

fn feed(texts: &[String]) -> Answer {
    let items = (1..=POSTS).fold(String::new(), |items, number| {
        let text = escaped(&texts[number]);
        items + &format!("<item><guid>{number}</guid><description>{text}</description></item>")
    });
    xml(&format!("<rss version=\"2.0\"><channel><title>a</title>{items}"), "</channel></rss>")
}

fn job(number: usize, texts: &[String]) -> Option<Answer> {
    let posting = json!({
        "@context": "https://schema.org", "@type": "JobPosting", "title": format!("Offer {number}"),
        "description": texts.get(number)?, "datePosted": day(number),
    });
    let posting = posting.to_string().replace("</", "<\\/");
    Some(html(&format!("<script type=\"application/ld+json\">{posting}</script>")))
}

fn channel(posts: &[(usize, &str)], next: Option<usize>) -> Answer {
    let more = next.map_or(String::new(), |next| {
        format!(
            "<div class=\"tgme_widget_message_centered js-messages_more_wrap\"><a \
             href=\"/s/zrazok?before={next}\" class=\"tme_messages_more js-messages_more\" \
             data-before=\"{next}\"></a></div>"
        )
    });
    let messages = posts.iter().rev().fold(String::new(), |messages, (number, text)| {
        messages
            + &format!(
                "<div class=\"tgme_widget_message_wrap js-widget_message_wrap\"><div \
                 class=\"tgme_widget_message js-widget_message\" data-post=\"zrazok/{number}\"><div \
                 class=\"tgme_widget_message_text js-message_text\">{}</div><a \
                 class=\"tgme_widget_message_date\"><time datetime=\"{}\"></time></a></div></div>",
                escaped(text),
                day(*number)
            )
    });
    html(&format!(
        "<section class=\"tgme_channel_history js-message_history\">{more}{messages}</section>"
    ))
}

fn statuses(posts: &[(usize, &str)], next: Option<usize>, server: &str) -> Answer {
    let statuses: Vec<Value> = posts
        .iter()
        .map(|(number, text)| {
            json!({
                "id": number.to_string(), "uri": format!("{server}/statuses/{number}"),
                "url": format!("{server}/@agency/{number}"), "visibility": "public",
                "content": format!("<p>{}</p>", escaped(text)), "created_at": day(*number),
                "account": {"id": "7", "acct": "agency"}, "media_attachments": [],
            })
        })
        .collect();
    let (status, mut headers, body) = json_of(&Value::from(statuses));
    if let Some(next) = next {
        let _ = write!(
            headers,
            "link: <{server}/api/v1/timelines/tag/robota?limit=40&max_id={next}>; rel=\"next\"\r\n"
        );
    }
    (status, headers, body)
}

fn skies(posts: &[(usize, &str)], next: Option<usize>) -> Answer {
    let posts: Vec<Value> = posts
        .iter()
        .map(|(number, text)| {
            json!({
                "uri": format!("at://did:plc:zrazok/app.bsky.feed.post/{number}"), "cid": "c",
                "author": {"did": "did:plc:zrazok", "handle": "agency.example"},
                "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": day(*number)},
                "indexedAt": day(*number),
            })
        })
        .collect();
    let mut answer = json!({ "posts": posts });
    if let Some(next) = next {
        answer["cursor"] = next.to_string().into();
    }
    json_of(&answer)
}

fn listing(posts: &[(usize, &str)], next: Option<usize>) -> Answer {
    let children: Vec<Value> = posts
        .iter()
        .map(|(number, text)| {
            json!({"kind": "t3", "data": {
                "id": format!("p{number}"), "name": format!("t3_p{number}"), "title": "Offer",
                "selftext": text, "author": "agency", "subreddit": "robota",
                "permalink": format!("/r/robota/comments/p{number}/offer/"),
                "created_utc": 1_772_000_000 + number * 60,
            }})
        })
        .collect();
    let after = next.map(|next| next.to_string());
    json_of(&json!({"kind": "Listing", "data": {"children": children, "after": after}}))
}

fn lemmy(posts: &[(usize, &str)], next: Option<usize>) -> Answer {
    let posts: Vec<Value> = posts
        .iter()
        .map(|(number, text)| {
            json!({
                "post": {
                    "id": number, "ap_id": format!("https://l.example/post/{number}"),
                    "published": day(*number), "name": "Offer", "body": text,
                },
                "creator": {"name": "agency", "actor_id": "https://l.example/u/agency"},
                "community": {"name": "robota"},
            })
        })
        .collect();
    json_of(&json!({"posts": posts, "next_page": next.map(|next| next.to_string())}))
}
