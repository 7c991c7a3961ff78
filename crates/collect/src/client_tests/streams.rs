//! Streams: what a server sends over an open connection, and every way to hurt us with one.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::*;
use crate::loopback::redirect;
use crate::polite_client::hostile::peak;
use crate::{Heard, LiveStream};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
/// What a stream may take, whatever is sent over it: one message, and what the system buffers.
const MOST_MEMORY: u64 = 12_000_000;

/// A frame of a server, whole.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&head_of_frame(0x80 | kind, payload.len() as u64)[..], payload].concat()
}

fn head_of_frame(first: u8, length: u64) -> Vec<u8> {
    match length {
        0..126 => vec![first, length as u8],
        126..0x1_0000 => [&[first, 126], &(length as u16).to_be_bytes()[..]].concat(),
        _ => [&[first, 127], &length.to_be_bytes()[..]].concat(),
    }
}

/// The answer that opens a stream.
fn opened(head: &str) -> Vec<u8> {
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
    )
    .into_bytes()
}

/// A server without robots.txt, each of whose streams sends so. `send` is given the answer that opens
/// it.
async fn streams(send: impl Fn(Vec<u8>) -> Reply + Send + Sync + 'static) -> Loopback {
    Loopback::serving(move |path, head| match path {
        "/robots.txt" => answer(404, "", ""),
        _ => send(opened(head)),
    })
    .await
}

fn sends(frames: Vec<u8>) -> impl Fn(Vec<u8>) -> Reply + Send + Sync {
    move |opened| Reply::Open([opened, frames.clone()].concat())
}

fn address(server: &Loopback) -> String {
    format!("ws://{}/subscribe?wantedCollections=a.b.c", server.address)
}

async fn listen(
    client: &PoliteClient,
    source: &Source,
    url: &str,
) -> Result<Box<dyn LiveStream>, String> {
    let request = Request { url: url.to_owned(), ..Request::default() };
    let opened = client.listen(source, &request, &mut Vec::new()).await;
    opened.map_err(|FetchRefusal { problem, .. }| problem.outcome.name.to_owned())
}

/// What is heard until the end, or until nothing came for a while.
async fn all(stream: &mut dyn LiveStream) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        match stream.next(Duration::from_millis(1500)).await {
            Heard::Text(text) => heard.push(text),
            Heard::Bytes => heard.push("bytes".to_owned()),
            Heard::Nothing => {
                heard.push("nothing".to_owned());
                return heard;
            }
            Heard::Ended(problem) => {
                heard.push(problem.outcome.name.to_owned());
                return heard;
            }
        }
    }
}

fn patient(settings: &mut PoliteSettings) {
    settings.timeout = Duration::from_secs(1);
}

#[tokio::test]
async fn what_is_sent_is_heard_and_kept_with_what_was_asked() {
    let frames = [
        frame(TEXT, "{\"a\": \"привіт\"}".as_bytes()),
        frame(PING, b"there?"),
        // One message in three frames.
        head_of_frame(TEXT, 1),
        b"b".to_vec(),
        head_of_frame(0, 1),
        b"c".to_vec(),
        frame(0, b"d"),
        frame(BINARY, b"\xff"),
        frame(CLOSE, &1000_u16.to_be_bytes()),
    ];
    let server = streams(sends(frames.concat())).await;
    let client = client(|_| ());
    let (source, mut robots) = (source("a", true), Vec::new());
    let request = Request { url: address(&server), ..Request::default() };
    let Ok(mut stream) = client.listen(&source, &request, &mut robots).await else {
        panic!("it was not opened")
    };
    assert_eq!(all(&mut *stream).await, ["{\"a\": \"привіт\"}", "bcd", "bytes", "stream.closed"]);
    let capture = stream.capture("time_us=1-2", b"one\ntwo\n".to_vec());
    let asked = server.url("/subscribe?wantedCollections=a.b.c");
    assert_eq!((capture.url, capture.status), (format!("{asked}#time_us=1-2"), 101));
    assert_eq!(
        (&capture.body[..], capture.sha256),
        (&b"one\ntwo\n"[..], Sha256::of(b"one\ntwo\n"))
    );
    let head = server.heads().pop().unwrap();
    for (name, value) in &capture.request_headers {
        assert!(head.contains(&format!("{name}: {value}\r\n")), "{name} in {head}");
    }
    assert!(head.contains("FusionCenter/") && head.contains("sec-websocket-version: 13"), "{head}");
    assert_eq!(robots.len(), 1);
}

#[tokio::test]
async fn nothing_that_a_stream_brings_costs_more_than_its_cap() {
    type Row = (&'static str, &'static [&'static str], fn() -> Vec<u8>);
    let table: [Row; 12] = [
        ("a frame of a gigabyte", &["fetch.too-large"], || head_of_frame(0x81, 1 << 30)),
        ("a frame without end", &["fetch.too-large"], || head_of_frame(0x81, 1 << 62)),
        ("a frame just too large", &["fetch.too-large"], || frame(TEXT, &[b'x'; 1_048_577])),
        ("a message of many frames", &["fetch.too-large"], || {
            let piece = [head_of_frame(0, 100_000), vec![b'x'; 100_000]].concat();
            [&head_of_frame(TEXT, 0)[..], &piece.repeat(20)].concat()
        }),
        ("bad UTF-8", &["stream.broken"], || frame(TEXT, b"\xff\xfe")),
        ("half a letter", &["stream.broken"], || frame(TEXT, "п".as_bytes().split_at(1).0)),
        ("a masked frame", &["stream.broken"], || vec![0x81, 0x80, 1, 2, 3, 4]),
        ("reserved bits", &["stream.broken"], || vec![0xf1, 0]),
        ("an unknown frame", &["stream.broken"], || vec![0x83, 0]),
        ("a long ping", &["stream.broken"], || frame(PING, &[0; 126])),
        ("no end of a message", &["fetch.timeout"], || head_of_frame(0x81, 100)),
        ("a message and silence", &["x", "fetch.timeout"], || frame(TEXT, b"x")),
    ];
    let client = client(patient);
    for (name, expected, frames) in table {
        let server = streams(sends(frames())).await;
        let mut stream = listen(&client, &source("a", true), &address(&server)).await.unwrap();
        peak();
        let before = peak();
        assert_eq!(all(&mut *stream).await, expected, "{name}");
        if let (Some(before), Some(after)) = (before, peak()) {
            assert!(after.saturating_sub(before) < MOST_MEMORY, "{name}: memory");
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_drips_or_never_ends_is_told() {
    type Row = (&'static str, &'static str, fn(Vec<u8>) -> Reply);
    let table: [Row; 4] = [
        ("closed in a frame", "fetch.broken-off", |opened| {
            Reply::Bytes([opened, vec![0x81, 9, b'x']].concat())
        }),
        ("reset", "fetch.broken-off", |opened| Reply::Reset([opened, vec![0x81, 9]].concat())),
        ("a byte now and then", "fetch.timeout", |opened| {
            let head = [opened, head_of_frame(0x81, 1_000_000)].concat();
            Reply::Repeat(head, vec![b'x'], Duration::from_millis(20))
        }),
        ("pings and nothing else", "nothing", |opened| {
            Reply::Repeat(opened, frame(PING, b"?"), Duration::from_millis(1))
        }),
    ];
    for (name, expected, reply) in table {
        let server = streams(reply).await;
        let client = client(patient);
        let mut stream = listen(&client, &source("a", true), &address(&server)).await.unwrap();
        assert_eq!(all(&mut *stream).await, [expected], "{name}");
    }
    // Messages without end are taken one by one, for as long as anybody asks for the next.
    let endless = |opened| Reply::Repeat(opened, frame(TEXT, &[b'x'; 60_000]), Duration::ZERO);
    let server = streams(endless).await;
    let client = client(patient);
    let mut stream = listen(&client, &source("a", true), &address(&server)).await.unwrap();
    peak();
    let before = peak();
    for _ in 0..1000 {
        assert!(matches!(stream.next(Duration::from_secs(1)).await, Heard::Text(_)));
    }
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after.saturating_sub(before) < MOST_MEMORY, "memory");
    }
    stream.hang_up().await;
}

#[tokio::test]
async fn a_place_where_nothing_happens_is_asked_whether_it_is_there() {
    use futures_util::StreamExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::Role;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/subscribe", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            if head.starts_with("GET /robots.txt") {
                let none = "HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                stream.write_all(none.as_bytes()).await.unwrap();
                continue;
            }
            stream.write_all(&opened(&head)).await.unwrap();
            // The library answers who asks.
            let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
            while socket.next().await.is_some() {}
        }
    });
    let mut stream = listen(&client(patient), &source("a", true), &url).await.unwrap();
    // Three times as long as a server may be silent that does not answer.
    assert_eq!(stream.next(Duration::from_secs(3)).await, Heard::Nothing);
}

#[tokio::test]
async fn what_is_no_stream_is_named() {
    type Row = (&'static str, fn() -> Reply);
    let switched = |header: &str| {
        Reply::Bytes(
            format!("HTTP/1.1 101 X\r\nconnection: upgrade\r\n{header}\r\n\r\n").into_bytes(),
        )
    };
    let table: [Row; 9] = [
        ("stream.not-opened", || answer(200, "", "a page")),
        ("fetch.forbidden", || answer(401, "", "")),
        ("fetch.not-found", || answer(404, "", "")),
        ("fetch.too-many", || answer(429, "", "")),
        ("fetch.server-error", || answer(503, "", "")),
        // A stream elsewhere is not what the source names.
        ("fetch.unexpected-status", || redirect("http://127.0.0.2/subscribe")),
        ("fetch.too-large", || answer(200, &format!("x: {}\r\n", "y".repeat(10_000_000)), "")),
        ("fetch.timeout", || Reply::Silence),
        ("fetch.broken-off", || Reply::Reset(Vec::new())),
    ];
    for (expected, reply) in table {
        let server = pages(reply).await;
        let got = listen(&client(patient), &source("a", true), &address(&server)).await;
        assert_eq!(got.err().as_deref(), Some(expected));
    }
    for header in ["upgrade: websocket\r\nsec-websocket-accept: x", "upgrade: h2c"] {
        let server = pages(move || switched(header)).await;
        let got = listen(&client(patient), &source("a", true), &address(&server)).await;
        assert_eq!(got.err().as_deref(), Some("stream.not-opened"), "{header}");
    }
}

#[tokio::test]
async fn the_guard_and_robots_txt_hold_for_streams_too() {
    let server = streams(sends(frame(TEXT, b"secret"))).await;
    let port = server.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "[::ffff:127.0.0.1]"] {
        let url = format!("ws://{host}:{port}/subscribe");
        let got = listen(&client(patient), &source("a", false), &url).await;
        assert_eq!(got.err().as_deref(), Some("fetch.private-address"), "{host}");
    }
    assert_eq!(server.heads(), [""; 0], "nothing reached the private host");

    let forbids = Loopback::serving(|_, _| answer(200, "", "User-agent: *\nDisallow: /sub")).await;
    let got = listen(&client(patient), &source("a", true), &address(&forbids)).await;
    assert_eq!(got.err().as_deref(), Some("fetch.robots-disallow"));
    for url in ["ftp://a.example/subscribe", "ws://a:b@a.example/subscribe"] {
        let got = listen(&client(patient), &source("a", true), url).await;
        assert_eq!(got.err().as_deref(), Some("fetch.bad-url"), "{url}");
    }
}

#[tokio::test]
async fn while_a_stream_is_open_its_host_is_asked_nothing_else() {
    let server = Loopback::serving(|path, head| match path {
        "/robots.txt" => answer(404, "", ""),
        "/page" => answer(200, "", "x"),
        _ => Reply::Open(opened(head)),
    })
    .await;
    let client = Arc::new(client(|_| ()));
    let stream = listen(&client, &source("a", true), &address(&server)).await.unwrap();
    let asking = {
        let (client, url) = (client.clone(), server.url("/page"));
        tokio::spawn(async move { get(&client, &url).await.is_ok() })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.asked().len(), 2, "robots.txt and the stream");
    drop(stream);
    assert!(asking.await.unwrap());
    assert_eq!(server.asked()[2], "/page");
}

#[tokio::test]
async fn a_host_whose_streams_break_or_end_at_once_is_left_to_rest() {
    for reply in [Reply::Reset as fn(Vec<u8>) -> Reply, |opened| {
        Reply::Open([opened, frame(CLOSE, &1000_u16.to_be_bytes())].concat())
    }] {
        let times = Arc::new(AtomicUsize::new(0));
        let counted = times.clone();
        let server = streams(move |opened| {
            counted.fetch_add(1, Ordering::SeqCst);
            reply(opened)
        })
        .await;
        let client = client(patient);
        let mut outcomes = Vec::new();
        for _ in 0..20 {
            match listen(&client, &source("a", true), &address(&server)).await {
                Ok(mut stream) => outcomes.extend(all(&mut *stream).await),
                Err(name) => outcomes.push(name),
            }
        }
        assert_eq!(outcomes.last().unwrap(), "fetch.host-resting", "{outcomes:?}");
        assert_eq!(times.load(Ordering::SeqCst), 5, "{outcomes:?}");
    }
}
