//! A hostile web: each way to hurt us in a row of one table. None costs more than its cap of bytes
//! and memory, none reaches an address that is forbidden, and the next page is fetched all the same.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::tests::{client, get, get_for, gzip, pages, self_signed, source};
use super::*;
use crate::guard::Resolver;
use crate::loopback::{Loopback, Reply, answer, redirect};

const LARGEST: usize = 1_000_000;
/// Bytes that the system takes from a server before we have read any.
const BUFFERED: u64 = 8_000_000;
/// What a page of the largest size may take, received and unpacked, with room for its reading.
const MOST_MEMORY: u64 = 24_000_000;

type Row = (&'static str, Result<u16, &'static str>, fn() -> Reply);

const TABLE: [Row; 27] = [
    ("slow drip", Err("fetch.timeout"), || Reply::Drip),
    ("silence", Err("fetch.timeout"), || Reply::Silence),
    ("endless body", Err("fetch.too-large"), || Reply::Endless),
    ("gzip bomb", Err("fetch.too-large"), || packed("gzip", &gzip(&vec![0; 64_000_000]))),
    ("gzip bomb of many members", Err("fetch.too-large"), || {
        packed("gzip", &gzip(&vec![0; 100_000]).repeat(2_000))
    }),
    // Not asked for, and not unpacked at all.
    ("zstd bomb", Err("fetch.unknown-encoding"), || packed("zstd", &[0x28, 0xb5, 0x2f, 0xfd])),
    ("brotli bomb", Err("fetch.unknown-encoding"), || packed("br", &[0xff; 1_000])),
    ("packed twice", Err("fetch.unknown-encoding"), || packed("gzip, gzip", &gzip(&gzip(b"x")))),
    ("redirect loop", Err("fetch.redirect-loop"), || redirect("/x")),
    ("redirect to another protocol", Err("fetch.bad-url"), || redirect("file:///etc/passwd")),
    ("redirect with a log-in", Err("fetch.bad-url"), || redirect("http://a:b@127.0.0.1/")),
    ("redirect to nowhere", Err("fetch.unexpected-status"), || answer(302, "", "")),
    ("length stated too long", Err("fetch.broken-off"), || stated(99, b"short")),
    ("length stated too short", Ok(200), || stated(2, b"short")),
    ("length that is no number", Err("fetch.broken-off"), || {
        Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nx".to_vec())
    }),
    ("two lengths", Err("fetch.broken-off"), || {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 9\r\n\r\nx";
        Reply::Bytes(head.into())
    }),
    ("wrong charset", Ok(200), || {
        answer(200, "content-type: text/html; charset=x\r\n", [0xff; 99])
    }),
    ("header of 10 MB", Err("fetch.too-large"), || {
        answer(200, &format!("x: {}\r\n", "y".repeat(10_000_000)), "")
    }),
    ("100,000 headers", Err("fetch.too-large"), || answer(200, &"x: y\r\n".repeat(100_000), "")),
    ("deep JSON", Ok(200), || answer(200, "", "[".repeat(LARGEST - 1))),
    ("deep HTML", Ok(200), || answer(200, "", "<b>".repeat(LARGEST / 3))),
    ("reset", Err("fetch.broken-off"), || Reply::Reset(stated_bytes(99, b"short"))),
    ("reset at once", Err("fetch.broken-off"), || Reply::Reset(Vec::new())),
    ("half-closed in the head", Err("fetch.broken-off"), || {
        Reply::HalfClosed(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec())
    }),
    ("half-closed in the body", Err("fetch.broken-off"), || {
        Reply::HalfClosed(stated_bytes(99, b"short"))
    }),
    ("429", Err("fetch.too-many"), || answer(429, "", "")),
    ("503", Err("fetch.server-error"), || answer(503, "", "")),
];

fn packed(encoding: &str, body: &[u8]) -> Reply {
    answer(200, &format!("content-encoding: {encoding}\r\n"), body)
}

fn stated_bytes(length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn stated(length: usize, body: &[u8]) -> Reply {
    Reply::Bytes(stated_bytes(length, body))
}

fn capped(settings: &mut PoliteSettings) {
    settings.timeout = Duration::from_secs(3);
    settings.connect_timeout = Duration::from_secs(1);
    settings.max_body_bytes = LARGEST;
}

/// The most memory that this process has had since it was asked last, where the system tells; each
/// test has a process of its own.
pub(crate) fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[tokio::test]
async fn nothing_that_a_server_does_costs_more_than_its_cap_or_ends_the_scan() {
    let honest = pages(|| answer(200, "", "here")).await;
    let client = client(capped);
    for (name, expected, reply) in TABLE {
        // Made once, outside of what is measured.
        let made = std::sync::Mutex::new(Some(reply()));
        let server = pages(move || made.lock().unwrap().take().unwrap_or_else(reply)).await;
        peak();
        let before = peak();
        let got = get(&client, &server.url("/x")).await;
        if let (Some(before), Some(after)) = (before, peak()) {
            let more = after.saturating_sub(before);
            assert!(more < MOST_MEMORY, "{name}: {more} bytes of memory");
        }
        let expected = expected.map_err(str::to_owned);
        assert_eq!(got.map(|capture| capture.status), expected, "{name}");
        assert!(server.sent() < LARGEST as u64 + 2 * BUFFERED, "{name}: {} sent", server.sent());
        let next = get(&client, &honest.url(&format!("/{}", name.len()))).await;
        assert!(next.is_ok(), "{name}: the next page was not fetched");
    }
}

#[tokio::test]
async fn a_page_that_lies_about_its_charset_or_is_nested_without_end_is_read_within_bounds() {
    let lies = crate::decode(&[0xff; 99], Some("text/html; charset=x"));
    assert!(!lies.text.is_empty());
    let deep = "<b>".repeat(LARGEST / 3);
    assert!(crate::parse_html(&deep).is_err() || crate::plain_text(&deep).is_empty());
    let json: Result<serde_json::Value, _> = serde_json::from_str(&"[".repeat(LARGEST - 1));
    assert!(json.is_err());
}

#[tokio::test]
async fn forbidden_addresses_are_not_reached_by_redirect() {
    let inside = pages(|| answer(200, "", "secret")).await;
    let port = inside.address.port();
    for target in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("//127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fe80::1]/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.1.1/".to_owned(),
        "http://0.0.0.0/".to_owned(),
    ] {
        let goes_to = target.clone();
        let public = pages(move || redirect(&goes_to)).await;
        let client = super::tests::client_with_public("public.example", public.address);
        let url = format!("http://public.example:{}/x", public.address.port());
        let got = get_for(&client, &source("a", false), &url, &mut Vec::new()).await;
        assert_eq!(got.err().as_deref(), Some("fetch.private-address"), "{target}");
    }
    assert_eq!(inside.heads(), [""; 0], "nothing reached the private host");
}

#[tokio::test]
async fn a_name_whose_answer_changes_leads_nowhere_but_to_what_was_looked_at() {
    // One port on two addresses: 127.0.0.1 stands for the public internet, 127.0.0.2 for inside.
    let public = pages(|| answer(200, "connection: close\r\n", "public")).await;
    let port = public.address.port();
    let inside = tokio::net::TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = reached.clone();
    tokio::spawn(async move {
        while inside.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    for first_answers in 0..4 {
        let asked = AtomicUsize::new(0);
        let names = move |_: &str| {
            let honest = asked.fetch_add(1, Ordering::SeqCst) < first_answers;
            vec![SocketAddr::from(([127, 0, 0, if honest { 1 } else { 2 }], 0))]
        };
        let may_reach = |address: IpAddr| address == IpAddr::from([127, 0, 0, 1]);
        let mut client = client(capped);
        client.guarded = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver { may_reach, names: Some(Arc::new(names)) }))
            .no_proxy()
            .build()
            .unwrap();
        let url = format!("http://rebound.example:{port}/x");
        let mut outcomes = Vec::new();
        for _ in 0..3 {
            let got = get_for(&client, &source("a", false), &url, &mut Vec::new()).await;
            outcomes.push(got.map_or_else(|name| name, |page| page.status.to_string()));
        }
        let fits = |name: &String| name == "200" || name == "fetch.private-address";
        assert!(outcomes.iter().all(fits), "{outcomes:?}");
        // Each connection is a look of its own: robots.txt takes the first.
        assert_eq!(outcomes[0] == "200", first_answers >= 2, "{outcomes:?}");
    }
    assert_eq!(reached.load(Ordering::SeqCst), 0, "somebody got in");
}

#[tokio::test]
async fn faults_of_tls_are_named_and_end_in_time() {
    let (acceptor, _) = self_signed();
    let honest = pages(|| answer(200, "", "here")).await;
    for (fault, expected) in [
        ("self-signed", "fetch.tls"),
        ("plain", "fetch.tls"),
        ("closed", "fetch.tls"),
        ("silent", "fetch.robots-unreachable"),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                match fault {
                    "self-signed" => drop(acceptor.accept(stream).await),
                    "plain" => {
                        use tokio::io::AsyncWriteExt as _;
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nx").await;
                    }
                    "closed" => {
                        use tokio::io::AsyncReadExt as _;
                        let _ = stream.read(&mut [0; 4096]).await;
                    }
                    _ => silent.push(stream),
                }
            }
        });
        let client = client(capped);
        let got = get(&client, &format!("https://{address}/x")).await;
        assert_eq!(got.err().as_deref(), Some(expected), "{fault}");
        assert!(get(&client, &honest.url("/x")).await.is_ok(), "{fault}: nothing goes on");
    }
}

#[tokio::test]
async fn a_storm_costs_a_host_a_handful_of_requests_and_others_nothing() {
    let honest = pages(|| answer(200, "", "here")).await;
    for reply in [
        (|| answer(503, "retry-after: 0\r\n", "")) as fn() -> Reply,
        || answer(429, "retry-after: 0\r\n", ""),
        || Reply::Reset(Vec::new()),
        || Reply::HalfClosed(Vec::new()),
    ] {
        let server = pages(reply).await;
        let client = client(capped);
        for page in 0..50 {
            let _ = get(&client, &server.url(&format!("/{page}"))).await;
            assert!(get(&client, &honest.url(&format!("/{page}"))).await.is_ok());
        }
        assert!(server.asked().len() <= 6, "asked {} times", server.asked().len());
    }
}

#[tokio::test]
async fn large_answers_wait_for_room_and_small_ones_do_not() {
    let large = || pages(|| answer(200, "", vec![b'x'; 300_000]));
    let (one, other) = (large().await, large().await);
    let unpacks_large = pages(|| packed("gzip", &gzip(&vec![b'x'; 300_000]))).await;
    let small = pages(|| answer(200, "", "x")).await;
    let client = client(|settings| settings.large_answers = 1);
    let source = source("a", true);
    let request = |server: &Loopback| Request { url: server.url("/x"), ..Request::default() };
    let first = client.get(&source, &request(&one), &mut Vec::new()).await;
    assert!(matches!(first, Ok(Fetched::LargeAnswer(..))), "{first:?}");
    assert!(get(&client, &small.url("/x")).await.is_ok());
    for server in [&other, &unpacks_large] {
        let (request, mut robots) = (request(server), Vec::new());
        let waiting = client.get(&source, &request, &mut robots);
        let waited = tokio::time::timeout(Duration::from_millis(300), waiting).await;
        assert!(waited.is_err(), "there was no room: {waited:?}");
    }
    drop(first);
    assert!(get(&client, &other.url("/y")).await.is_ok());
    assert!(get(&client, &unpacks_large.url("/y")).await.is_ok());
}
