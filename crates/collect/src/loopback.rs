//! A small HTTP server on loopback for tests, that can misbehave in every way.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends a head, then a byte now and then, for ever.
    Drip,
    /// Sends a head, then bytes without end.
    Endless,
    /// Sends these bytes, then resets the connection.
    Reset(Vec<u8>),
    /// Sends these bytes, closes its half of the connection and listens on for ever.
    HalfClosed(Vec<u8>),
    /// Sends nothing, for ever.
    Silence,
    /// Sends these bytes and keeps the connection open, for ever.
    Open(Vec<u8>),
    /// Sends the first bytes, then the others again and again with a pause between them, for ever.
    Repeat(Vec<u8>, Vec<u8>, Duration),
}

/// An answer with this status, these header lines (each with its line end) and this body.
pub(crate) fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    Reply::Bytes([head.as_bytes(), body].concat())
}

pub(crate) fn redirect(to: &str) -> Reply {
    answer(302, &format!("location: {to}\r\n"), "")
}

type Script = dyn Fn(&str, &str) -> Reply + Send + Sync;

pub(crate) struct Loopback {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    most_at_once: Arc<AtomicUsize>,
    sent: Arc<AtomicU64>,
    arrivals: Arc<Mutex<Vec<Instant>>>,
}

impl Loopback {
    /// Serves until the test ends. `script` is given path and whole head of each request.
    pub(crate) async fn serving(
        script: impl Fn(&str, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            heads: Arc::default(),
            most_at_once: Arc::default(),
            sent: Arc::default(),
            arrivals: Arc::default(),
        };
        let script: Arc<Script> = Arc::new(script);
        let (heads, most, now) =
            (server.heads.clone(), server.most_at_once.clone(), Arc::new(AtomicUsize::new(0)));
        let sent = server.sent.clone();
        let arrivals = server.arrivals.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Each request has a connection of its own here.
                arrivals.lock().unwrap().push(Instant::now());
                let (heads, most, now, script, sent) =
                    (heads.clone(), most.clone(), now.clone(), script.clone(), sent.clone());
                tokio::spawn(async move {
                    let at_once = now.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(at_once, Ordering::SeqCst);
                    serve(stream, &heads, &*script, &now, &sent).await;
                });
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of all requests, as they came.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The paths that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.heads().iter().map(|head| path_of(head).to_owned()).collect()
    }

    /// The shortest time between two requests.
    pub(crate) fn shortest_pause(&self) -> Duration {
        let arrivals = self.arrivals.lock().unwrap();
        arrivals.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(Duration::MAX)
    }

    /// How many bytes of answers went out.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.most_at_once.load(Ordering::SeqCst)
    }
}

fn path_of(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

async fn serve(
    mut stream: TcpStream,
    heads: &Mutex<Vec<String>>,
    script: &Script,
    now: &AtomicUsize,
    sent: &AtomicU64,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => {
                now.fetch_sub(1, Ordering::SeqCst);
                return;
            }
        }
    }
    let head = String::from_utf8(head).unwrap();
    heads.lock().unwrap().push(head.clone());
    // Long enough for a client that does not wait its turn to be seen.
    tokio::time::sleep(Duration::from_millis(2)).await;
    let start = b"HTTP/1.1 200 OK\r\n\r\n";
    let reply = script(path_of(&head), &head);
    // The client may be done with us as soon as it has the last byte.
    now.fetch_sub(1, Ordering::SeqCst);
    match reply {
        Reply::Bytes(bytes) => drop(send(&mut stream, &bytes, sent).await),
        Reply::Reset(bytes) => {
            send(&mut stream, &bytes, sent).await;
            stream.set_zero_linger().unwrap();
        }
        Reply::HalfClosed(bytes) => {
            send(&mut stream, &bytes, sent).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_u8().await;
        }
        Reply::Silence => drop(stream.read_u8().await),
        Reply::Open(bytes) => {
            send(&mut stream, &bytes, sent).await;
            while stream.read_u8().await.is_ok() {}
        }
        Reply::Repeat(first, piece, pause) => {
            send(&mut stream, &first, sent).await;
            while send(&mut stream, &piece, sent).await {
                tokio::time::sleep(pause).await;
            }
        }
        Reply::Drip => {
            send(&mut stream, start, sent).await;
            while send(&mut stream, b"x", sent).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Endless => {
            send(&mut stream, start, sent).await;
            while send(&mut stream, &[b'x'; 64 * 1024], sent).await {}
        }
    }
}

async fn send(stream: &mut TcpStream, bytes: &[u8], sent: &AtomicU64) -> bool {
    let went = stream.write_all(bytes).await.is_ok();
    sent.fetch_add(if went { bytes.len() as u64 } else { 0 }, Ordering::SeqCst);
    went
}
