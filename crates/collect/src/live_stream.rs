use std::time::Duration;

use async_trait::async_trait;
use domain::{Capture, Problem};
use jiff::Timestamp;

/// A connection over which a server sends messages as they come about. While it is open the host is
/// asked nothing else.
#[async_trait]
pub trait LiveStream: Send {
    /// The next message; waits for it no longer than this. May be dropped while it waits.
    async fn next(&mut self, patience: Duration) -> Heard;

    /// What time it is, for whoever listens.
    fn now(&self) -> Timestamp;

    /// Messages of it, one a line, as a capture of this moment. `part` is the fragment of its address
    /// that tells it from others of the same connection.
    fn capture(&self, part: &str, lines: Vec<u8>) -> Capture;

    /// Says good-bye.
    async fn hang_up(&mut self);
}

/// What came of waiting for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message.
    Text(String),
    /// One that is no text.
    Bytes,
    /// None, for as long as we waited.
    Nothing,
    /// The connection is over, and why.
    Ended(Problem),
}
