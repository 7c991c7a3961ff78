//! Gzip members one after another, read as one stream, which goes on behind a member that is
//! broken.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// How a gzip member with deflated content begins (RFC 1952).
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// So much may come out before the factor counts: a small file may well be very regular.
const FREE: u64 = 64 * 1024 * 1024;

/// Gzip members as one stream.
pub(crate) struct Members<R> {
    state: State<R>,
    /// How many times their size members may unpack to, in all.
    most_times: Option<u64>,
    unpacked: u64,
    resumed_at: u64,
    buffer: Vec<u8>,
    used: usize,
}

enum State<R> {
    Between(Front<R>),
    Member(Box<GzDecoder<Front<R>>>),
    /// Unpacks without end.
    Over,
}

impl<R: BufRead> Members<R> {
    pub(crate) fn new(inner: R) -> Self {
        let front = Front { front: Vec::new(), at: 0, inner, bytes: 0 };
        Self {
            state: State::Between(front),
            most_times: None,
            unpacked: 0,
            resumed_at: 0,
            buffer: Vec::new(),
            used: 0,
        }
    }

    pub(crate) fn set_most_times(&mut self, times: u64) {
        self.most_times = Some(times);
    }

    /// After an error: looks for the next member. Tells whether there is one.
    pub(crate) fn resume(&mut self) -> io::Result<bool> {
        (self.buffer, self.used) = (Vec::new(), 0);
        let mut front = match std::mem::replace(&mut self.state, State::Over) {
            State::Between(front) => front,
            State::Member(member) => member.into_inner(),
            State::Over => return Ok(false),
        };
        if front.bytes == self.resumed_at && !front.fill_buf()?.is_empty() {
            front.consume(1);
        }
        let found = front.seek(&MAGIC)?;
        self.resumed_at = front.bytes;
        self.state = State::Between(front);
        Ok(found)
    }

    fn unpack(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => {
                    return Err(io::Error::other("it unpacks to far more than a page would"));
                }
                State::Between(mut front) => {
                    let next = front.peek(&MAGIC);
                    if let Ok(Next::Wanted) = next {
                        self.state = State::Member(Box::new(GzDecoder::new(front)));
                        continue;
                    }
                    self.state = State::Between(front);
                    return match next? {
                        Next::End => Ok(0),
                        Next::Wanted | Next::Other => Err(io::Error::new(
                            io::ErrorKind::InvalidData,
                            "bytes that are no gzip follow a gzip member",
                        )),
                    };
                }
                State::Member(mut member) => {
                    let read = member.read(into);
                    let packed = member.get_ref().bytes;
                    if let Ok(0) = read {
                        self.state = State::Between(member.into_inner());
                        continue;
                    }
                    self.unpacked += read.as_ref().map_or(0, |read| *read as u64);
                    let most = self.most_times.map(|times| FREE.max(packed.saturating_mul(times)));
                    // What unpacks without end is left where it is: the state stays `Over`.
                    if most.is_none_or(|most| self.unpacked <= most) {
                        self.state = State::Member(member);
                    }
                    return read;
                }
            }
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(into.len());
        into[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Members<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.buffer.len() {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.resize(16 * 1024, 0);
            let read = self.unpack(&mut buffer);
            buffer.truncate(*read.as_ref().unwrap_or(&0));
            (self.buffer, self.used) = (buffer, 0);
            read?;
        }
        Ok(&self.buffer[self.used..])
    }

    fn consume(&mut self, amount: usize) {
        self.used = (self.used + amount).min(self.buffer.len());
    }
}

/// A reader with a few bytes put back before it, and a count of what was taken from it.
struct Front<R> {
    front: Vec<u8>,
    at: usize,
    inner: R,
    bytes: u64,
}

enum Next {
    Wanted,
    Other,
    End,
}

impl<R: BufRead> Front<R> {
    /// Whether these bytes come next. Takes none.
    fn peek(&mut self, wanted: &[u8; 3]) -> io::Result<Next> {
        while self.front.len() - self.at < wanted.len() {
            let ready = self.inner.fill_buf()?;
            let count = ready.len().min(wanted.len());
            if count == 0 {
                break;
            }
            self.front.extend_from_slice(&ready[..count]);
            self.inner.consume(count);
        }
        let next = &self.front[self.at..];
        Ok(match next {
            [] => Next::End,
            next if next.starts_with(wanted) => Next::Wanted,
            _ => Next::Other,
        })
    }

    /// Goes to the next place where these bytes stand.
    fn seek(&mut self, wanted: &[u8; 3]) -> io::Result<bool> {
        let mut last = [0_u8; 3];
        let mut seen = 0;
        loop {
            let buffer = self.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let mut taken = 0;
            let mut found = false;
            for byte in buffer {
                taken += 1;
                seen += 1;
                last = [last[1], last[2], *byte];
                if seen >= wanted.len() && last == *wanted {
                    found = true;
                    break;
                }
            }
            self.consume(taken);
            if found {
                let rest = self.front.split_off(self.at);
                (self.front, self.at) = ([wanted.as_slice(), &rest].concat(), 0);
                self.bytes -= wanted.len() as u64;
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead> Read for Front<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut ready = self.fill_buf()?;
        let count = ready.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Front<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.front.len() { Ok(&self.front[self.at..]) } else { self.inner.fill_buf() }
    }

    fn consume(&mut self, amount: usize) {
        self.bytes += amount as u64;
        if self.at < self.front.len() {
            self.at += amount;
        } else {
            self.inner.consume(amount);
        }
    }
}
