use std::io::Write as _;
use std::net::SocketAddr;

use domain::{CaptureRole, FixedClock, SourceId};
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::Validators;
use crate::loopback::{Loopback, Reply, answer, redirect};

pub(super) fn client(change: impl FnOnce(&mut PoliteSettings)) -> PoliteClient {
    let mut settings = PoliteSettings::with_contact("desk@example.org");
    settings.min_delay = Duration::ZERO;
    change(&mut settings);
    let clock = FixedClock("2026-03-01T12:00:00Z".parse().unwrap());
    PoliteClient::new(settings, Arc::new(clock)).unwrap()
}

/// A client to which this name is a public host, though it is served on loopback.
pub(super) fn client_with_public(host: &str, address: SocketAddr) -> PoliteClient {
    let mut client = client(|_| ());
    client.guarded = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(Resolver::of_system(true)))
        .resolve(host, address)
        .no_proxy()
        .build()
        .unwrap();
    client
}

pub(super) fn source(id: &str, allow_private: bool) -> Source {
    Source { allow_private, ..Source::new(SourceId::new(id).unwrap(), "feed", "", "invented") }
}

/// The capture, or the name of what came instead.
pub(super) async fn get(client: &PoliteClient, url: &str) -> Result<Capture, String> {
    get_for(client, &source("a", true), url, &mut Vec::new()).await
}

pub(super) async fn get_for(
    client: &PoliteClient,
    source: &Source,
    url: &str,
    robots: &mut Vec<Capture>,
) -> Result<Capture, String> {
    let request = Request { url: url.to_owned(), ..Request::default() };
    match client.get(source, &request, robots).await {
        Ok(Fetched::Answer(capture) | Fetched::LargeAnswer(capture, _)) => Ok(*capture),
        Ok(Fetched::NotModified) => Err("not modified".to_owned()),
        Err(FetchRefusal(problem)) => Err(problem.outcome.name.to_owned()),
    }
}

/// A server whose robots.txt is missing and whose pages all answer so.
pub(super) async fn pages(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Loopback {
    Loopback::serving(
        move |path, _| if path == "/robots.txt" { answer(404, "", "") } else { reply() },
    )
    .await
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn gzipped(body: &[u8]) -> Reply {
    answer(200, "content-encoding: gzip\r\n", body)
}

#[tokio::test]
async fn every_misbehaviour_ends_in_its_named_outcome() {
    type Case = (&'static str, fn() -> Reply);
    let cases: [Case; 21] = [
        ("fetch.timeout", || Reply::Drip),
        ("fetch.too-large", || Reply::Endless),
        ("fetch.too-large", || gzipped(&gzip(&vec![0; 2_000_000]))),
        ("fetch.too-large", || answer(200, &format!("x: {}\r\n", "y".repeat(1_000_000)), "")),
        ("fetch.broken-encoding", || gzipped(b"no gzip")),
        ("fetch.broken-encoding", || gzipped(&gzip(b"half of it is missing")[..20])),
        ("fetch.unknown-encoding", || answer(200, "content-encoding: br\r\n", "x")),
        ("fetch.broken-off", || {
            Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort".to_vec())
        }),
        ("fetch.broken-off", || {
            Reply::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort".to_vec())
        }),
        ("fetch.broken-off", || Reply::Bytes(Vec::new())),
        ("fetch.broken-off", || Reply::Bytes(b"hello, this is no HTTP\r\n\r\n".to_vec())),
        ("fetch.redirect-loop", || redirect("/x")),
        ("fetch.bad-url", || redirect("ftp://example.org/")),
        ("fetch.bad-url", || redirect("http://user:secret@127.0.0.1/")),
        ("fetch.unexpected-status", || answer(302, "", "")),
        ("fetch.not-found", || answer(404, "", "")),
        ("fetch.not-found", || answer(410, "", "")),
        ("fetch.forbidden", || answer(403, "", "")),
        ("fetch.forbidden", || answer(401, "www-authenticate: Basic\r\n", "")),
        ("fetch.too-many", || answer(429, "", "")),
        ("fetch.server-error", || answer(500, "", "")),
    ];
    for (index, (expected, reply)) in cases.into_iter().enumerate() {
        let server = pages(reply).await;
        let client = client(|settings| {
            settings.timeout = Duration::from_secs(8);
            settings.max_body_bytes = 1_000_000;
        });
        let got = get(&client, &server.url("/x")).await;
        assert_eq!(got.map(|capture| capture.status), Err(expected.to_owned()), "case {index}");
    }
}

#[tokio::test]
async fn hosts_that_cannot_be_reached_are_told_apart() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let no_tls = format!("https://{}/", plain.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"this is no TLS, whatever you say\r\n").await;
        }
    });
    // A label this long is refused by the resolver itself, without asking anybody.
    let unknown = format!("http://{}.example/", "x".repeat(64));
    for (url, expected) in [
        (format!("http://{closed}/"), "fetch.connect"),
        (no_tls, "fetch.tls"),
        (unknown, "fetch.dns"),
        ("ftp://example.org/".to_owned(), "fetch.bad-url"),
        ("no address".to_owned(), "fetch.bad-url"),
        ("http://a:b@example.org/".to_owned(), "fetch.bad-url"),
        (format!("http://example.org/{}", "x".repeat(9000)), "fetch.bad-url"),
    ] {
        assert_eq!(get(&client(|_| ()), &url).await.err().as_deref(), Some(expected), "{url}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let server = pages(|| answer(200, "", "secret")).await;
    let port = server.address.port();
    let (client, source) = (client(|_| ()), source("a", false));
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "0.0.0.0",
    ] {
        let got =
            get_for(&client, &source, &format!("http://{host}:{port}/"), &mut Vec::new()).await;
        assert_eq!(got.err().as_deref(), Some("fetch.private-address"), "{host}");
    }
    assert_eq!(server.heads(), [""; 0], "nothing reached the private host");
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_not_followed() {
    let inside = pages(|| answer(200, "", "secret")).await;
    for target in
        [inside.url("/secret"), format!("http://localhost:{}/secret", inside.address.port())]
    {
        let public = pages(move || redirect(&target)).await;
        let client = client_with_public("public.example", public.address);
        let url = format!("http://public.example:{}/x", public.address.port());
        let got = get_for(&client, &source("a", false), &url, &mut Vec::new()).await;
        assert_eq!(got.err().as_deref(), Some("fetch.private-address"));
        assert_eq!(public.asked(), ["/robots.txt", "/x"]);
    }
    assert_eq!(inside.heads(), [""; 0], "nothing reached the private host");
}

#[tokio::test]
async fn a_robots_txt_that_redirects_into_a_private_network_is_not_followed() {
    let inside = pages(|| answer(200, "", "secret")).await;
    let target = inside.url("/robots.txt");
    let public = Loopback::serving(move |_, _| redirect(&target)).await;
    let client = client_with_public("public.example", public.address);
    let url = format!("http://public.example:{}/x", public.address.port());
    let got = get_for(&client, &source("a", false), &url, &mut Vec::new()).await;
    assert_eq!(got.err().as_deref(), Some("fetch.private-address"));
    assert_eq!(inside.heads(), [""; 0]);
}

#[tokio::test]
async fn a_capture_holds_what_was_sent_and_what_came() {
    let server = pages(|| gzipped(&gzip(b"<p>hello"))).await;
    let capture = get(&client(|_| ()), &server.url("/x#part")).await.unwrap();
    assert_eq!(capture.body, gzip(b"<p>hello"));
    assert_eq!(capture.content(), b"<p>hello");
    assert_eq!(capture.sha256, Sha256::of(&capture.body));
    assert_eq!((capture.status, capture.url), (200, server.url("/x")));
    assert!(capture.response_headers.contains(&("content-encoding".to_owned(), "gzip".to_owned())));
    let head = server.heads().pop().unwrap();
    let mut sent: Vec<_> =
        head.lines().skip(1).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let mut recorded: Vec<_> =
        capture.request_headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    sent.sort();
    recorded.sort();
    assert_eq!(sent, recorded);
    assert!(head.contains("FusionCenter/") && head.contains("(+mailto:desk@example.org)"));
}

#[tokio::test]
async fn redirects_are_followed_and_recorded() {
    let server = Loopback::serving(|path, _| match path {
        "/robots.txt" => answer(404, "", ""),
        "/a" => redirect("/b"),
        "/b" => redirect("c?d#e"),
        _ => answer(200, "", "here"),
    })
    .await;
    let capture = get(&client(|_| ()), &server.url("/a")).await.unwrap();
    assert_eq!(capture.url, server.url("/c?d"));
    assert_eq!(capture.redirects, [server.url("/a"), server.url("/b")]);
    let long = Loopback::serving(|path, _| match path {
        "/robots.txt" => answer(404, "", ""),
        path => redirect(&format!("{path}x")),
    })
    .await;
    assert_eq!(
        get(&client(|_| ()), &long.url("/")).await.err().as_deref(),
        Some("fetch.redirect-loop")
    );
    assert_eq!(long.asked().len(), 1 + 6);
}

#[tokio::test]
async fn what_we_have_is_not_sent_again() {
    let server = Loopback::serving(|_, head| match head.contains("if-none-match: \"v1\"\r\n") {
        true => answer(304, "", ""),
        false => answer(200, "etag: \"v1\"\r\n", "x"),
    })
    .await;
    let (client, source) = (client(|_| ()), source("a", true));
    let etag = get(&client, &server.url("/x")).await.unwrap().header("etag").map(str::to_owned);
    let validators =
        Validators { etag, last_modified: Some("Sun, 01 Mar 2026 10:00:00 GMT".to_owned()) };
    let request = Request { url: server.url("/x"), validators, ..Request::default() };
    assert_eq!(client.get(&source, &request, &mut Vec::new()).await, Ok(Fetched::NotModified));
    let head = server.heads().pop().unwrap();
    assert!(head.contains("if-modified-since: Sun, 01 Mar 2026 10:00:00 GMT\r\n"), "{head}");
}

#[tokio::test]
async fn robots_txt_is_asked_once_and_kept_for_each_source() {
    for status in [200, 404] {
        let server = Loopback::serving(move |path, _| match path {
            "/robots.txt" => answer(status, "", "User-agent: *\nDisallow: /private"),
            _ => answer(200, "", "x"),
        })
        .await;
        let client = client(|_| ());
        let mut robots = Vec::new();
        for id in ["a", "a", "b"] {
            get_for(&client, &source(id, true), &server.url("/x"), &mut robots).await.unwrap();
        }
        let kept: Vec<_> =
            robots.iter().map(|capture| (capture.source.as_str(), capture.status)).collect();
        assert_eq!(kept, [("a", status), ("b", status)]);
        assert!(robots.iter().all(|capture| capture.role == CaptureRole::Robots
            && capture.url == server.url("/robots.txt")));
        assert_ne!(robots[0].id, robots[1].id);
        assert_eq!(server.asked(), ["/robots.txt", "/x", "/x", "/x"]);
        // 4xx says that there are no rules, whatever stands in the body.
        let private = get(&client, &server.url("/private")).await.map(|capture| capture.status);
        let expected =
            if status == 200 { Err("fetch.robots-disallow".to_owned()) } else { Ok(200) };
        assert_eq!(private, expected);
    }
}

#[tokio::test]
async fn without_robots_txt_nothing_is_fetched_and_the_host_is_left_alone() {
    type Case = (fn() -> Reply, usize);
    // A server that stumbles is asked twice.
    let cases: [Case; 4] = [
        (|| answer(500, "", ""), 2),
        (|| answer(429, "", ""), 1),
        (|| Reply::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec()), 1),
        (|| Reply::Drip, 1),
    ];
    for (reply, requests) in cases {
        let server = Loopback::serving(move |_, _| reply()).await;
        let client = client(|settings| settings.timeout = Duration::from_secs(1));
        for path in ["/x", "/y"] {
            assert_eq!(
                get(&client, &server.url(path)).await.err().as_deref(),
                Some("fetch.robots-unreachable")
            );
        }
        assert_eq!(server.asked(), vec!["/robots.txt"; requests]);
    }
}

#[tokio::test]
async fn robots_txt_is_followed_to_where_it_leads_and_read_to_its_limit() {
    let server = Loopback::serving(|path, _| match path {
        "/robots.txt" => redirect("/elsewhere"),
        "/elsewhere" => {
            let rules = "User-agent: FusionCenter\nDisallow: /no\nCrawl-delay: 7\n";
            answer(200, "", format!("{rules}{}\nDisallow: /", "# padding\n".repeat(100_000)))
        }
        "/away" => redirect("/no"),
        _ => answer(200, "", "x"),
    })
    .await;
    let (client, source, mut robots) = (client(|_| ()), source("a", true), Vec::new());
    let page = Url::parse(&server.url("/yes")).unwrap();
    assert_eq!(client.ask_robots(&source, &page, &mut robots).await, Ok(Duration::from_secs(7)));
    assert_eq!(robots[0].body.len(), crate::robots::LARGEST);
    for path in ["/no", "/away"] {
        // The pause that the file asks for would make this test slow.
        let page = Url::parse(&server.url(path)).unwrap();
        let asked = client.ask_robots(&source, &page, &mut robots).await;
        let refused = asked.err().map(|problem| problem.outcome.name);
        assert_eq!(refused, (path == "/no").then_some("fetch.robots-disallow"));
    }
}

#[tokio::test]
async fn the_longest_of_the_pauses_that_are_asked_for_is_made() {
    for (asked, own) in [(0.4, 0), (0.1, 400)] {
        let server = Loopback::serving(move |path, _| match path {
            "/robots.txt" => answer(200, "", format!("User-agent: *\nCrawl-delay: {asked}\n")),
            _ => answer(200, "", "x"),
        })
        .await;
        let client = client(|settings| settings.min_delay = Duration::from_millis(own));
        for path in ["/a", "/b", "/c"] {
            get(&client, &server.url(path)).await.unwrap();
        }
        assert_eq!(server.asked().len(), 4);
        // Counted from the end of an answer, so that the next request comes later yet.
        assert!(server.shortest_pause() >= Duration::from_millis(400), "{asked} {own}");
    }
}

#[tokio::test]
async fn a_redirect_to_a_disallowed_page_is_not_followed() {
    let server = Loopback::serving(|path, _| match path {
        "/robots.txt" => answer(200, "", "User-agent: *\nDisallow: /login"),
        _ => redirect("/login"),
    })
    .await;
    assert_eq!(
        get(&client(|_| ()), &server.url("/x")).await.err().as_deref(),
        Some("fetch.robots-disallow")
    );
    assert_eq!(server.asked(), ["/robots.txt", "/x"]);
}

#[tokio::test]
async fn a_host_that_has_had_enough_is_left_alone() {
    for (status, expected) in [(429, "fetch.too-many"), (503, "fetch.server-error")] {
        for retry_after in ["3600", "Sun, 01 Mar 2026 13:00:00 GMT"] {
            let server =
                pages(move || answer(status, &format!("retry-after: {retry_after}\r\n"), "")).await;
            let client = client(|_| ());
            assert_eq!(get(&client, &server.url("/x")).await.err().as_deref(), Some(expected));
            assert_eq!(
                get(&client, &server.url("/y")).await.err().as_deref(),
                Some("fetch.retry-later")
            );
            assert_eq!(server.asked(), ["/robots.txt", "/x"]);
        }
    }
}

#[tokio::test]
async fn a_host_that_says_its_budget_is_spent_is_left_alone_until_it_says_so() {
    for (remaining, reset, expected) in [
        ("x-ratelimit-remaining: 0", "x-ratelimit-reset: 2026-03-01T13:00:00.000Z", true),
        ("ratelimit-remaining: 0", "ratelimit-reset: 1772370000", true),
        ("x-ratelimit-remaining: 0.0", "x-ratelimit-reset: 3600", true),
        ("x-ratelimit-remaining: 1", "x-ratelimit-reset: 3600", false),
        ("x-ratelimit-remaining: 0", "x-ratelimit-reset: 2026-03-01T11:00:00.000Z", false),
        ("x-ratelimit-remaining: 0", "x-ratelimit-reset: soon", false),
    ] {
        let server = pages(move || answer(200, &format!("{remaining}\r\n{reset}\r\n"), "x")).await;
        let client = client(|_| ());
        assert!(get(&client, &server.url("/x")).await.is_ok());
        let next = get(&client, &server.url("/y")).await.err();
        let wanted = expected.then_some("fetch.retry-later");
        assert_eq!(next.as_deref(), wanted, "{remaining} {reset}");
    }
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_once_more() {
    let times = std::sync::atomic::AtomicUsize::new(0);
    let server = pages(move || match times.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => answer(503, "retry-after: 0\r\n", ""),
        _ => answer(200, "", "x"),
    })
    .await;
    assert!(get(&client(|_| ()), &server.url("/x")).await.is_ok());
    assert_eq!(server.asked(), ["/robots.txt", "/x", "/x"]);
}

#[tokio::test]
async fn a_storm_of_errors_ends_with_the_host_left_to_rest() {
    for reply in [
        (|| answer(503, "", "")) as fn() -> Reply,
        || answer(429, "retry-after: 0\r\n", ""),
        || Reply::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec()),
    ] {
        let server = pages(reply).await;
        let client = client(|_| ());
        let mut outcomes = Vec::new();
        for page in 0..20 {
            outcomes.extend(get(&client, &server.url(&format!("/{page}"))).await.err());
        }
        assert_eq!(outcomes.len(), 20);
        assert_eq!(outcomes.last().unwrap(), "fetch.host-resting", "{outcomes:?}");
        assert_eq!(server.asked().len(), 1 + 5, "robots.txt and five failures: {outcomes:?}");
    }
}

#[tokio::test]
async fn the_budget_counts_every_request() {
    let server = pages(|| answer(200, "", "x")).await;
    let client = client(|settings| settings.max_requests_per_host = 3);
    for expected in [None, None, Some("fetch.budget")] {
        assert_eq!(get(&client, &server.url("/x")).await.err().as_deref(), expected);
    }
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_host_is_asked_one_thing_at_a_time() {
    let server = pages(|| answer(200, "", "x")).await;
    let client = Arc::new(client(|_| ()));
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (client, url) = (client.clone(), server.url(&format!("/{number}")));
        asking.spawn(async move { get(&client, &url).await.is_ok() });
    }
    assert!(asking.join_all().await.into_iter().all(|ok| ok));
    assert_eq!((server.asked().len(), server.most_at_once()), (21, 1));
}

#[test]
fn nothing_is_fetched_anonymously() {
    let clock = Arc::new(FixedClock(jiff::Timestamp::UNIX_EPOCH));
    let made = PoliteClient::new(PoliteSettings::with_contact(" "), clock);
    assert!(matches!(made, Err(ClientError::NoContact(_))));
}
