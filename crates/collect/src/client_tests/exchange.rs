//! What is sent, what comes, and what is said when it is no answer.

use domain::{FixedClock, Peer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::Validators;
use crate::loopback::{Loopback, Reply, answer, redirect};

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
async fn a_capture_tells_who_answered_and_which_certificate_they_showed() {
    let plain = pages(|| answer(200, "", "x")).await;
    let got = get(&client(|_| ()), &plain.url("/x")).await.unwrap();
    let here = plain.address.ip();
    assert_eq!(got.peer, Peer { address: Some(here), certificate: None });

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (acceptor, certificate) = self_signed();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx")
                .await;
            let _ = stream.shutdown().await;
        }
    });
    let mut trusting = client(|_| ());
    let builder = crate::wire::http_client(&trusting.settings, false);
    trusting.open = builder.tls_danger_accept_invalid_certs(true).build().unwrap();
    let got = get(&trusting, &format!("https://{address}/x")).await.unwrap();
    assert_eq!(got.peer, Peer { address: Some(here), certificate: Some(certificate) });
}

#[test]
fn nothing_is_fetched_anonymously() {
    let clock = Arc::new(FixedClock(jiff::Timestamp::UNIX_EPOCH));
    let made = PoliteClient::new(PoliteSettings::with_contact(" "), clock);
    assert!(matches!(made, Err(ClientError::NoContact(_))));
}
