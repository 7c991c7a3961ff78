//! Files that people add to a lead. The file is a capture like any other; a remark that begins with
//! `[file] ` says whose it is, so that it is in the custody log and in packets which files there are.

use std::fmt;

use crate::{Lead, Note, PostingId, Sha256};

const MARK: &str = "[file] ";

/// A file that somebody added to a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The posting of the lead that it was added to: it stays with it wherever that goes.
    pub posting: PostingId,
    /// Its number among the files of that posting, from 1.
    pub number: u32,
    /// Over its bytes.
    pub sha256: Sha256,
    /// How many there are.
    pub bytes: u64,
    /// Its name, as it was given.
    pub name: String,
}

impl fmt::Display for Attachment {
    /// The text of the remark.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { posting, number, sha256, bytes, name } = self;
        write!(f, "{MARK}{posting}/{number} {sha256} {bytes} {name}")
    }
}

impl Attachment {
    /// The file that a remark tells of; `None` if it tells of none.
    pub fn of(note: &str) -> Option<Self> {
        let mut words = note.strip_prefix(MARK)?.splitn(4, ' ');
        let (posting, number) = words.next()?.split_once('/')?;
        Some(Self {
            posting: PostingId::new(posting).ok()?,
            number: number.parse().ok()?,
            sha256: words.next()?.parse().ok()?,
            bytes: words.next()?.parse().ok()?,
            name: words.next()?.to_owned(),
        })
    }
}

impl Lead {
    /// The files that people added, each with the remark that tells of it, in order of time.
    pub fn attachments(&self) -> Vec<(Attachment, &Note)> {
        let told = self.notes.iter().filter_map(|note| Some((Attachment::of(&note.text)?, note)));
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_reads_back_as_the_file_it_tells_of() {
        let attachment = Attachment {
            posting: PostingId::new("p-0123456789abcdef01234567").unwrap(),
            number: 2,
            sha256: Sha256::of(b"invented"),
            bytes: 8,
            name: "a letter, page 1.pdf".to_owned(),
        };
        assert_eq!(Attachment::of(&attachment.to_string()), Some(attachment));
        for other in
            ["a remark", "[file] ", "[file] x/1 2 3 4", "[file] p-0123456789abcdef01234567/x"]
        {
            assert_eq!(Attachment::of(other), None, "{other}");
        }
    }
}
