//! A connection that stays open, over the polite client: robots.txt, guard, turn and budget are those of
//! any request, and what is asked is an HTTP GET that the server answers by changing to WebSocket
//! (RFC 6455).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Clock, Header, Peer, Problem, Sha256, Source,
    SourceId,
};
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use reqwest::Upgraded;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use url::Url;

use crate::fetch_outcome::{
    BROKEN_OFF, BROKEN_STREAM, NO_STREAM, STREAM_CLOSED, TIMEOUT, TOO_LARGE, check_status,
};
use crate::polite_client::{PoliteClient, jitter};
use crate::turns::{FAILURES_BEFORE_REST, HostTurn};
use crate::wire::{Received, head_of, header_map, http_client, request_headers};
use crate::wire_error::problem_of;
use crate::{Heard, LiveStream, Request, Validators};

/// The largest message that is taken in. Records of the networks that we listen to are smaller.
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// Reading is done in pieces of this size.
const PIECE: usize = 16 * 1024;
/// Nobody waits longer for a good-bye to be sent.
const GOOD_BYE: Duration = Duration::from_secs(1);

const SWITCHED: u16 = 101;

impl PoliteClient {
    /// Opens a stream. `wss` is asked as `https`, which is what it is on the wire.
    pub(crate) async fn open_stream(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<PoliteStream, Problem> {
        let asked = match request.url.split_once("://") {
            Some(("ws", rest)) => format!("http://{rest}"),
            Some(("wss", rest)) => format!("https://{rest}"),
            _ => request.url.clone(),
        };
        let url = self.address(&asked, source)?;
        let crawl_delay = self.ask_robots(source, &url, robots).await?;
        let pause = self.pause(source, crawl_delay);
        let key = generate_key();
        let headers = upgrade_headers(&url, &self.settings.user_agent, &key);
        let mut turn = self.turn(&url, pause).await?;
        // A connection that changes its language is of no use to others: it has a client of its own.
        let client = http_client(&self.settings, !source.allow_private).http1_only().build();
        let exchanged = match client {
            Ok(client) => self.switch(&client, &url, &headers).await,
            Err(error) => Err(problem_of(error, &url)),
        };
        turn.answered();
        let (received, response) = match exchanged {
            Ok((received, response)) => (Ok(received), Some(response)),
            Err(problem) => (Err(problem), None),
        };
        // A host that opens streams and breaks them off has not done well yet.
        if !received.as_ref().is_ok_and(|received| received.status == SWITCHED) {
            self.note(&mut turn, &url, pause, &received);
        }
        let received = received?;
        check_switched(&received, &url, &key)?;
        let broken_off = |error| problem_of(error, &url);
        let Some(response) = response else { return Err(not_opened(&url)) };
        let upgraded = timeout(self.settings.timeout, response.upgrade()).await;
        let upgraded = upgraded.map_err(|_| silent(&url))?.map_err(broken_off)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(PIECE)
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let socket = WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await;
        Ok(PoliteStream {
            socket,
            turn,
            pause,
            clock: self.clock.clone(),
            silence: self.settings.timeout,
            heard_at: Instant::now(),
            is_asked: false,
            has_heard: false,
            source: source.id.clone(),
            url,
            request_headers: headers,
            response_headers: received.headers,
            peer: received.peer,
        })
    }

    async fn switch(
        &self,
        client: &reqwest::Client,
        url: &Url,
        headers: &[Header],
    ) -> Result<(Received, reqwest::Response), Problem> {
        let sent = client.get(url.clone()).headers(header_map(headers)).send();
        let came = timeout(self.settings.timeout, sent).await.map_err(|_| silent(url))?;
        let response = came.map_err(|error| problem_of(error, url))?;
        Ok((head_of(&response), response))
    }
}

fn upgrade_headers(url: &Url, user_agent: &str, key: &str) -> Vec<Header> {
    let mut headers = request_headers(url, user_agent, &Validators::default(), CaptureRole::Page);
    headers.retain(|(name, _)| !name.starts_with("accept"));
    for (name, value) in [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", key),
    ] {
        headers.push((name.to_owned(), value.to_owned()));
    }
    headers
}

fn check_switched(received: &Received, url: &Url, key: &str) -> Result<(), Problem> {
    if received.status != SWITCHED {
        check_status(received.status, url.as_str())?;
        return Err(not_opened(url));
    }
    let upgrade = received.header("upgrade").unwrap_or_default();
    let accepted = received.header("sec-websocket-accept").unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case("websocket") || accepted != derive_accept_key(key.as_bytes()) {
        let detail = "the server changes to something else than what was asked for";
        return Err(Problem::new(NO_STREAM, url.as_str(), detail));
    }
    Ok(())
}

fn not_opened(url: &Url) -> Problem {
    Problem::new(NO_STREAM, url.as_str(), "the server answers and opens no stream")
}

fn silent(url: &Url) -> Problem {
    Problem::new(TIMEOUT, url.as_str(), "nothing came for too long")
}

/// An open stream. It holds the turn at its host until it is dropped.
pub(crate) struct PoliteStream {
    socket: WebSocketStream<Upgraded>,
    turn: HostTurn,
    pause: Duration,
    clock: Arc<dyn Clock>,
    /// For so long a server may say nothing, not even that it is there when it is asked.
    silence: Duration,
    heard_at: Instant,
    /// It was asked whether it is there, since it said something last.
    is_asked: bool,
    /// A message has come.
    has_heard: bool,
    source: SourceId,
    url: Url,
    request_headers: Vec<Header>,
    response_headers: Vec<Header>,
    peer: Peer,
}

impl PoliteStream {
    /// A host whose streams break, or end before they began, is asked ever less, like one whose pages do.
    fn ended(&mut self, problem: Problem) -> Heard {
        if problem.outcome != STREAM_CLOSED || !self.has_heard {
            let jitter = jitter(&self.url, self.clock.now());
            self.turn.failed(self.pause, jitter, FAILURES_BEFORE_REST);
        }
        Heard::Ended(problem)
    }

    fn problem_of(&self, error: Error) -> Problem {
        let (outcome, detail) = match error {
            Error::ConnectionClosed | Error::AlreadyClosed => {
                (STREAM_CLOSED, "the server closed the stream")
            }
            Error::Capacity(_) => (TOO_LARGE, "a message is larger than any should be"),
            Error::Utf8(_) => (BROKEN_STREAM, "a message is not UTF-8"),
            Error::Io(_) => (BROKEN_OFF, "the stream broke off"),
            Error::Protocol(error) => {
                use tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake;
                match error {
                    ResetWithoutClosingHandshake => (BROKEN_OFF, "the stream broke off"),
                    _ => (BROKEN_STREAM, "what the server sends is no WebSocket"),
                }
            }
            _ => (BROKEN_STREAM, "the stream cannot be read on"),
        };
        Problem::new(outcome, self.url.as_str(), detail)
    }
}

#[async_trait]
impl LiveStream for PoliteStream {
    async fn next(&mut self, patience: Duration) -> Heard {
        let until = Instant::now() + patience;
        loop {
            // A place where little happens is silent for hours; half way we ask whether it is there.
            let asks_at = self.heard_at + self.silence / 2;
            let lost_at = self.heard_at + self.silence;
            let wakes_at = until.min(if self.is_asked { lost_at } else { asks_at });
            let Ok(came) = timeout_at(wakes_at, self.socket.next()).await else {
                let now = Instant::now();
                if now >= lost_at {
                    return self.ended(silent(&self.url));
                }
                if now >= until {
                    return Heard::Nothing;
                }
                self.is_asked = true;
                let ping = self.socket.send(Message::Ping(Bytes::new()));
                let asked = timeout(self.silence / 2, ping).await;
                match asked {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => return self.ended(self.problem_of(error)),
                    Err(_) => return self.ended(silent(&self.url)),
                }
            };
            (self.heard_at, self.is_asked) = (Instant::now(), false);
            match came {
                Some(Ok(Message::Text(text))) => {
                    self.turn.succeeded();
                    self.has_heard = true;
                    return Heard::Text(text.as_str().to_owned());
                }
                Some(Ok(Message::Binary(_))) => return Heard::Bytes,
                // "Are you there?", which the library answers.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_))) | None => {
                    return self.ended(self.problem_of(Error::ConnectionClosed));
                }
                Some(Err(error)) => return self.ended(self.problem_of(error)),
            }
            if Instant::now() >= until {
                return Heard::Nothing;
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn capture(&self, part: &str, lines: Vec<u8>) -> Capture {
        let mut url = self.url.clone();
        url.set_fragment(Some(part));
        let (fetched_at, sha256) = (self.clock.now(), Sha256::of(&lines));
        Capture {
            id: CaptureId::derive(&self.source, url.as_str(), fetched_at, &sha256),
            source: self.source.clone(),
            role: CaptureRole::Page,
            method: CaptureMethod::Http,
            url: url.into(),
            redirects: Vec::new(),
            fetched_at,
            status: SWITCHED,
            request_headers: self.request_headers.clone(),
            response_headers: self.response_headers.clone(),
            body: lines,
            sha256,
            decoded: None,
            peer: self.peer.clone(),
        }
    }

    async fn hang_up(&mut self) {
        // Whether it arrives makes no difference to us.
        let _ = timeout(GOOD_BYE, self.socket.close(None)).await;
    }
}

impl Drop for PoliteStream {
    /// The pause at the host counts from now.
    fn drop(&mut self) {
        self.turn.answered();
    }
}
