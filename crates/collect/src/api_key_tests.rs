//! A key reaches the server that it is for, and nothing that is written.

use std::sync::Arc;
use std::time::Duration;

use domain::{Capture, FixedClock, Source, SourceId};

use crate::api_key::holds;
use crate::loopback::{Loopback, Reply, answer, redirect};
use crate::{ApiKey, FetchRefusal, Fetched, KeyPlace, PoliteClient, PoliteSettings, Request, Web};

/// With a character that stands otherwise in an address.
const KEY: &str = "s3cret+key-0123456789";
const KEY_IN_ADDRESS: &str = "s3cret%2Bkey-0123456789";

fn key(place: KeyPlace) -> ApiKey {
    ApiKey { place, variable: "DESK_KEY".to_owned() }
}

fn in_query() -> ApiKey {
    key(KeyPlace::Query("app_key".to_owned()))
}

/// Every byte that came of the request: captures, or the problem.
async fn get(url: &str, keys: Vec<ApiKey>, variable: Option<&'static str>) -> (String, String) {
    let mut settings = PoliteSettings::with_contact("desk@example.org");
    settings.min_delay = Duration::ZERO;
    let clock = Arc::new(FixedClock("2026-03-01T12:00:00Z".parse().unwrap()));
    let ring = move |name: &str| variable.filter(|_| name == "DESK_KEY").map(str::to_owned);
    let client = PoliteClient::new(settings, clock).unwrap().with_keys(Box::new(ring));
    let source = Source::new(SourceId::new("a").unwrap(), "adzuna", url, "invented");
    let source = Source { allow_private: true, ..source };
    let request = Request { url: url.to_owned(), keys, ..Request::default() };
    let mut robots: Vec<Capture> = Vec::new();
    let fetched = client.get(&source, &request, &mut robots).await;
    let name = match &fetched {
        Ok(Fetched::Answer(_) | Fetched::LargeAnswer(..)) => "kept",
        Ok(Fetched::NotModified) => "not modified",
        Err(FetchRefusal { problem, .. }) => problem.outcome.name,
    };
    let bodies: Vec<String> = match &fetched {
        Ok(Fetched::Answer(page)) => vec![String::from_utf8_lossy(page.content()).into_owned()],
        _ => Vec::new(),
    };
    (name.to_owned(), format!("{fetched:?} {robots:?} {request:?} {bodies:?}"))
}

fn tells_the_key(text: &str) -> bool {
    holds(text.as_bytes(), KEY)
}

#[tokio::test]
async fn a_key_is_sent_and_stands_in_nothing_that_is_kept() {
    for (place, sent) in [
        (
            KeyPlace::Query("app_key".to_owned()),
            format!("GET /jobs?what=a&app_key={KEY_IN_ADDRESS} "),
        ),
        (KeyPlace::Header("x-api-key".to_owned()), format!("x-api-key: {KEY}\r\n")),
    ] {
        let server = Loopback::serving(|_, _| answer(200, "", "{}")).await;
        let (name, written) = get(&server.url("/jobs?what=a"), vec![key(place)], Some(KEY)).await;
        assert_eq!(name, "kept");
        let heads = server.heads();
        assert!(!heads[0].contains("s3cret"), "robots.txt needs no key: {}", heads[0]);
        assert!(heads[1].contains(&sent), "{}", heads[1]);
        assert!(written.contains("/jobs?what=a") && !tells_the_key(&written), "{written}");
    }
}

#[tokio::test]
async fn no_problem_tells_the_key() {
    let broken: [(&str, fn() -> Reply); 6] = [
        ("fetch.key-refused", || answer(401, "", "no such key")),
        ("fetch.key-refused", || answer(403, "", "")),
        ("fetch.server-error", || answer(500, "", "")),
        ("fetch.too-many", || answer(429, "", "")),
        ("fetch.broken-off", || {
            Reply::Bytes(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nx".to_vec())
        }),
        ("fetch.broken-off", || Reply::Bytes(b"no http".to_vec())),
    ];
    for (expected, reply) in broken {
        let server = Loopback::serving(move |path, _| match path {
            "/robots.txt" => answer(404, "", ""),
            _ => reply(),
        })
        .await;
        let (name, written) = get(&server.url("/jobs"), vec![in_query()], Some(KEY)).await;
        assert_eq!(name, expected);
        assert!(!tells_the_key(&written), "{written}");
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_key_is_not_kept() {
    let echoes: [fn() -> Reply; 4] = [
        || answer(200, "", format!("{{\"app_key\": \"{KEY}\"}}")),
        || answer(200, "", format!("next: /jobs?app_key={KEY_IN_ADDRESS}")),
        || answer(200, &format!("x-asked: {KEY}\r\n"), ""),
        || redirect(&format!("/login?app_key={KEY_IN_ADDRESS}")),
    ];
    for echo in echoes {
        let server = Loopback::serving(move |path, _| match path {
            "/robots.txt" => answer(404, "", ""),
            _ => echo(),
        })
        .await;
        let (name, written) = get(&server.url("/jobs"), vec![in_query()], Some(KEY)).await;
        assert_eq!(name, "fetch.key-echoed");
        assert!(!tells_the_key(&written), "{written}");
    }
}

#[tokio::test]
async fn a_key_follows_no_redirect_to_another_server() {
    let other = Loopback::serving(|_, _| answer(200, "", "elsewhere")).await;
    let to = other.url("/jobs");
    let server = Loopback::serving(move |path, _| match path {
        "/jobs" | "/robots.txt" => answer(404, "", ""),
        path if path.starts_with("/jobs?") => redirect("/moved"),
        _ => redirect(&to),
    })
    .await;
    let (name, _) = get(&server.url("/jobs"), vec![in_query()], Some(KEY)).await;
    assert_eq!(name, "kept");
    let heads = server.heads();
    assert!(heads.iter().any(|head| head.contains("GET /moved?app_key=")), "{heads:?}");
    assert!(other.heads().iter().all(|head| !tells_the_key(head)));
}

#[tokio::test]
async fn without_a_usable_key_nothing_is_asked() {
    let server = Loopback::serving(|_, _| answer(200, "", "")).await;
    for variable in [None, Some(""), Some("  "), Some("abc.123"), Some("line\nbreak-in-key")] {
        let (name, written) = get(&server.url("/jobs"), vec![in_query()], variable).await;
        assert_eq!(name, "fetch.no-key");
        assert!(written.contains("`DESK_KEY`"), "{written}");
        assert!(variable.is_none_or(|value| value.trim().is_empty() || !written.contains(value)));
    }
    assert!(server.heads().is_empty());
}

#[test]
fn a_key_goes_over_an_encrypted_connection_to_a_public_server() {
    let ring: crate::KeyRing = Box::new(|_| Some(KEY.to_owned()));
    let keys = [in_query()];
    let look_up = |url: &str| {
        let url = url::Url::parse(url).unwrap();
        super::Keys::look_up(&keys, &url, false, &ring).map(|_| ()).map_err(|p| p.outcome.name)
    };
    assert_eq!(look_up("https://api.example/jobs"), Ok(()));
    assert_eq!(look_up("http://api.example/jobs"), Err("fetch.key-in-the-clear"));
}
