//! Listening to a place that sends its posts as they come about: for a while, from where the last walk
//! ended. What is wanted is kept in parts, one message a line, before anything is read out of it.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{Outcome, PostingId, Problem};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{Heard, KeepError, LiveStream, Scan, ScanError};

/// Where the checkpoint keeps the time of the newest message, in microseconds.
const TIME: &str = "time_us";
/// So much is asked for again when a connection is opened: messages of one moment come in no fixed
/// order, and other servers' clocks differ.
const OVERLAP: u64 = 5_000_000;
/// A first message that is so much younger than what was asked for follows on a hole.
const HOLE: u64 = 60 * 60 * 1_000_000;
/// Whoever is further behind than this when the walk ends is told.
const BEHIND: u64 = 10 * 60 * 1_000_000;

/// Most messages of a part, and of those that are looked up before it is kept.
const MOST_LINES: usize = 1000;
/// Most bytes of a part, save for one message that is larger.
const MOST_BYTES: usize = 1024 * 1024;

const BROKEN: Outcome = Outcome::fault("event.broken");
/// Edited or taken away, and never read here.
const NOT_OURS: Outcome = Outcome::intended("event.not-ours");
const KNOWN: Outcome = Outcome::intended("event.known");
const GAP: Outcome = Outcome::fault("stream.gap");
const IS_BEHIND: Outcome = Outcome::intended("stream.behind");

/// A place that is listened to.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    /// The address that sends messages from this time on, in microseconds since 1970; the present ones
    /// without a time.
    pub address: &'a (dyn Fn(Option<u64>) -> String + Sync),
    /// What a message is to us. Pure.
    pub sort: &'a (dyn Fn(&str) -> Message + Sync),
    /// Longest time of a walk.
    pub longest: Duration,
    /// Most messages of a walk.
    pub most: u64,
}

/// A message, looked at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When the server had it, in microseconds since 1970.
    pub time_us: Option<u64>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A new post that is wanted: kept, unless we have it.
    Wanted(PostingId),
    /// A new wording that is wanted: kept.
    Edited(PostingId),
    /// It changes a post or takes it away: kept if we have the post.
    OfKnown(PostingId),
    /// Counted under this name and forgotten.
    PassedOver(Outcome),
    /// It is not what the place's documentation says, and why.
    Broken(&'static str),
}

/// Listens until the time is up or enough was heard. The checkpoint holds the time of the newest
/// message; a connection that ends is opened again by the client's rules, for as long as there is time.
pub async fn listen(scan: &mut Scan<'_>, live: Live<'_>) -> Result<(), ScanError> {
    let at = scan.checkpoint.get(TIME).and_then(|at| at.parse().ok());
    let mut ear = Ear { live, at, heard: 0, end: Instant::now() + live.longest };
    while ear.end > Instant::now() && ear.heard < live.most {
        let from = ear.at.map(|at| at.saturating_sub(OVERLAP));
        let address = (live.address)(from);
        match scan.listen(&address).await? {
            Ok(mut stream) => ear.hear(scan, &mut *stream, &address).await?,
            // Counted by its name; what was heard before is kept.
            Err(_) => break,
        }
    }
    if let Some(at) = ear.at {
        scan.checkpoint.set(TIME, at.to_string());
    }
    Ok(())
}

struct Ear<'a> {
    live: Live<'a>,
    /// The time of the newest message.
    at: Option<u64>,
    heard: u64,
    end: Instant,
}

impl Ear<'_> {
    /// Hears one connection out, and keeps what is wanted of it.
    async fn hear(
        &mut self,
        scan: &mut Scan<'_>,
        stream: &mut dyn LiveStream,
        address: &str,
    ) -> Result<(), ScanError> {
        let mut part = Part::default();
        let mut expected = self.at;
        let mut is_caught_up = false;
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.heard >= self.live.most {
                break;
            }
            let heard = stream.next(left).await;
            is_caught_up = heard == Heard::Nothing;
            self.heard += u64::from(!is_caught_up);
            match heard {
                Heard::Text(text) => {
                    let message = self.sort(&text);
                    let from = message.time_us.and_then(|to| Some((expected.take()?, to)));
                    if let Some((from, to)) =
                        from.filter(|(from, to)| to.saturating_sub(*from) > HOLE)
                    {
                        scan.fail(Problem::new(GAP, address, gap(from, to)));
                    }
                    self.move_on(message.time_us, stream.now());
                    part.take(message, &text, scan, stream, address).await?;
                }
                Heard::Bytes => {
                    scan.fail(Problem::new(BROKEN, address, "the message is no text"));
                }
                Heard::Nothing => {}
                Heard::Ended(problem) => {
                    scan.fail(problem);
                    return Ok(part.keep(scan, stream).await?);
                }
            }
        }
        part.keep(scan, stream).await?;
        if let Some(behind) = self.behind(stream.now()).filter(|_| !is_caught_up) {
            scan.fail(Problem::new(IS_BEHIND, address, behind));
        }
        stream.hang_up().await;
        Ok(())
    }

    fn sort(&self, text: &str) -> Message {
        if text.contains(['\n', '\r']) {
            let fate = Fate::Broken("the message is more than one line");
            return Message { time_us: None, fate };
        }
        (self.live.sort)(text)
    }

    /// A time in the future would let the next walk begin there.
    fn move_on(&mut self, time_us: Option<u64>, now: Timestamp) {
        let now = u64::try_from(now.as_microsecond()).unwrap_or(0);
        self.at = self.at.max(time_us.map(|time| time.min(now)));
    }

    fn behind(&self, now: Timestamp) -> Option<String> {
        let now = u64::try_from(now.as_microsecond()).ok()?;
        let behind = now.saturating_sub(self.at?);
        (behind > BEHIND).then(|| {
            let minutes = behind / 60_000_000;
            format!("it is {minutes} minutes behind; let it listen longer, or more often")
        })
    }
}

fn gap(from: u64, to: u64) -> String {
    let time = |at: u64| {
        let at = i64::try_from(at).ok().and_then(|at| Timestamp::from_microsecond(at).ok());
        at.map_or_else(|| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
    };
    format!("the server sent nothing of the time from {} to {}", time(from), time(to))
}

/// Messages that are kept together.
#[derive(Default)]
struct Part {
    lines: Vec<(Fate, u64, String)>,
    posts: BTreeSet<PostingId>,
    bytes: usize,
}

impl Part {
    /// Counts a message, or puts it with those that may be kept. A part has each post once: what becomes
    /// of it is read part by part.
    async fn take(
        &mut self,
        message: Message,
        text: &str,
        scan: &mut Scan<'_>,
        stream: &mut dyn LiveStream,
        address: &str,
    ) -> Result<(), KeepError> {
        let post = match &message.fate {
            Fate::Wanted(post) | Fate::Edited(post) | Fate::OfKnown(post) => post.clone(),
            Fate::PassedOver(outcome) => {
                scan.tally.count(*outcome);
                return Ok(());
            }
            Fate::Broken(why) => {
                scan.fail(Problem::new(BROKEN, address, *why));
                return Ok(());
            }
        };
        let is_full = self.lines.len() >= MOST_LINES || self.bytes + text.len() > MOST_BYTES;
        if is_full || self.posts.contains(&post) {
            self.keep(scan, stream).await?;
        }
        self.posts.insert(post);
        self.bytes += text.len();
        self.lines.push((message.fate, message.time_us.unwrap_or_default(), text.to_owned()));
        Ok(())
    }

    /// Keeps what is wanted, and begins anew.
    async fn keep(
        &mut self,
        scan: &mut Scan<'_>,
        stream: &mut dyn LiveStream,
    ) -> Result<(), KeepError> {
        let Self { lines, posts, .. } = std::mem::take(self);
        let posts: Vec<PostingId> = posts.into_iter().collect();
        let known = scan.known(&posts).await?;
        let (mut first, mut last, mut body) = (u64::MAX, 0, Vec::new());
        for (fate, time_us, text) in lines {
            match fate {
                Fate::Wanted(post) if known.contains(&post) => scan.tally.count(KNOWN),
                Fate::OfKnown(post) if !known.contains(&post) => scan.tally.count(NOT_OURS),
                _ => {
                    (first, last) = (first.min(time_us), last.max(time_us));
                    body.extend_from_slice(text.as_bytes());
                    body.push(b'\n');
                }
            }
        }
        if !body.is_empty() {
            scan.keep(&stream.capture(&format!("{TIME}={first}-{last}"), body)).await?;
        }
        Ok(())
    }
}
