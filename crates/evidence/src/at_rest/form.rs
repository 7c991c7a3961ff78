//! The form of a sealed file: a head, then frames. Each frame opens by itself, so that a capture is
//! read where it lies, and a file can grow at its end.
//!
//! | head | bytes | |
//! |---|---|---|
//! | mark | 16 | `fusion-at-rest1` and a newline |
//! | data key | 8 | its number, see `keyring` |
//! | salt | 32 | random, new for each file that is written |
//! | length | 8 | of the plain file; all ones for one that grows |
//! | tag | 16 | HMAC-SHA256 under the file's key over `head`, its first half |
//!
//! | frame | bytes | |
//! |---|---|---|
//! | length | 4 | of its plain bytes, at most 65,536; the highest bit: zeros, which are not written |
//! | offset | 8 | of its first byte in the plain file |
//! | nonce | 12 | random |
//! | tag | 16 | of ChaCha20-Poly1305 (RFC 8439); length and offset are its associated data |
//! | sealed bytes | length | none for zeros |
//!
//! Numbers have their lowest byte first. The file's key is HMAC-SHA256 under the data key over
//! `fusion at rest 1`, a zero byte, the first 64 bytes of the head, the file's place in the desk
//! (`captures/20261123-000001.warc.gz`), and a byte 1: HKDF-Expand (RFC 5869). A file in another
//! place, or with another head, has another key, and nothing of it opens.

use std::io;

use chacha20poly1305::aead::{AeadInPlace as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};

use super::keyring::{DataKey, KeyId, mac};

/// What a sealed file begins with.
pub(crate) const MARK: &[u8; 16] = b"fusion-at-rest1\n";
/// Bytes of the head.
pub(crate) const HEAD: usize = 80;
/// Those that come before its tag.
const TOLD: usize = 64;
/// Bytes of a frame before what is sealed.
pub(crate) const FRAME_HEAD: usize = 40;
/// Most plain bytes of a frame.
pub(crate) const MOST: usize = 64 * 1024;
const INFO: &[u8] = b"fusion at rest 1\0";
const ZEROS: u32 = 1 << 31;
const GROWS: u64 = u64::MAX;

/// The head of a file, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    told: [u8; TOLD],
    tag: [u8; 16],
}

impl Head {
    /// A new head, and the key of its file. `length` is that of the plain file; `None` for one that grows.
    pub(crate) fn new(
        data_key: &DataKey,
        place: &str,
        length: Option<u64>,
    ) -> io::Result<(Self, FileKey)> {
        let mut told = [0; TOLD];
        told[..16].copy_from_slice(MARK);
        told[16..24].copy_from_slice(&data_key.id().0);
        random(&mut told[24..56])?;
        told[56..].copy_from_slice(&length.unwrap_or(GROWS).to_le_bytes());
        let key = FileKey::of(data_key, &told, place);
        let tag = key.tag_of_head();
        Ok((Self { told, tag }, key))
    }

    /// Takes a head apart; `None` if the bytes are not the beginning of a sealed file.
    pub(crate) fn parse(bytes: &[u8; HEAD]) -> Option<Self> {
        let (told, tag) = (bytes[..TOLD].try_into().ok()?, bytes[TOLD..].try_into().ok()?);
        bytes.starts_with(MARK).then_some(Self { told, tag })
    }

    pub(crate) fn to_bytes(self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..TOLD].copy_from_slice(&self.told);
        bytes[TOLD..].copy_from_slice(&self.tag);
        bytes
    }

    /// The data key that it asks for.
    pub(crate) fn key_id(&self) -> KeyId {
        let mut id = [0; 8];
        id.copy_from_slice(&self.told[16..24]);
        KeyId(id)
    }

    /// Length of the plain file; `None` of one that grows.
    pub(crate) fn length(&self) -> Option<u64> {
        let mut length = [0; 8];
        length.copy_from_slice(&self.told[56..]);
        Some(u64::from_le_bytes(length)).filter(|length| *length != GROWS)
    }

    /// The key of the file, if the head is as it was written and the file in its place.
    pub(crate) fn open(&self, data_key: &DataKey, place: &str) -> Option<FileKey> {
        let key = FileKey::of(data_key, &self.told, place);
        (key.tag_of_head() == self.tag).then_some(key)
    }
}

/// The key of one file.
#[derive(Clone)]
pub(crate) struct FileKey {
    cipher: ChaCha20Poly1305,
    head: [u8; 16],
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FileKey")
    }
}

impl FileKey {
    fn of(data_key: &DataKey, told: &[u8; TOLD], place: &str) -> Self {
        let key = data_key.mac(&[INFO, told, place.as_bytes(), &[1]]);
        let mut head = [0; 16];
        head.copy_from_slice(&mac(&key, &[b"head"])[..16]);
        Self { cipher: ChaCha20Poly1305::new((&key).into()), head }
    }

    fn tag_of_head(&self) -> [u8; 16] {
        self.head
    }

    /// Appends these bytes as frames that begin at this place of the plain file.
    pub(crate) fn seal(&self, mut offset: u64, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        for piece in bytes.chunks(MOST) {
            self.frame(offset, piece.len() as u32, piece, out)?;
            offset += piece.len() as u64;
        }
        Ok(())
    }

    /// The same of so many zeros.
    pub(crate) fn seal_zeros(
        &self,
        mut offset: u64,
        mut count: u64,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        while count > 0 {
            let length = count.min(MOST as u64);
            self.frame(offset, length as u32 | ZEROS, b"", out)?;
            offset += length;
            count -= length;
        }
        Ok(())
    }

    fn frame(&self, offset: u64, length: u32, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let start = out.len();
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&offset.to_le_bytes());
        let mut nonce = [0; 12];
        random(&mut nonce)?;
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&[0; 16]);
        out.extend_from_slice(bytes);
        let (head, sealed) = out[start..].split_at_mut(FRAME_HEAD);
        let tag =
            self.cipher.encrypt_in_place_detached(Nonce::from_slice(&nonce), &head[..12], sealed);
        let tag = tag.map_err(|_| io::Error::other("the bytes cannot be encrypted"))?;
        head[24..].copy_from_slice(&tag);
        Ok(())
    }

    /// Opens a frame, of which `bytes` is all, into `plain`; tells whether it is as it was sealed.
    pub(crate) fn open(&self, bytes: &[u8], plain: &mut Vec<u8>) -> bool {
        plain.clear();
        let Some((head, sealed)) = bytes.split_first_chunk::<FRAME_HEAD>() else { return false };
        let Some(frame) = Frame::parse(head) else { return false };
        plain.extend_from_slice(sealed);
        let (nonce, tag) = (Nonce::from_slice(&head[12..24]), Tag::from_slice(&head[24..]));
        let opened = self.cipher.decrypt_in_place_detached(nonce, &head[..12], plain, tag);
        if opened.is_err() || plain.len() as u64 != frame.stored {
            plain.clear();
            return false;
        }
        plain.resize(frame.length as usize, 0);
        true
    }
}

/// What the first bytes of a frame say, before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Plain bytes.
    pub(crate) length: u64,
    /// Where they begin.
    pub(crate) offset: u64,
    /// Sealed bytes that follow.
    pub(crate) stored: u64,
}

impl Frame {
    pub(crate) fn parse(head: &[u8; FRAME_HEAD]) -> Option<Self> {
        let told = u32::from_le_bytes(head[..4].try_into().ok()?);
        let offset = u64::from_le_bytes(head[4..12].try_into().ok()?);
        let length = u64::from(told & !ZEROS);
        let stored = if told & ZEROS == 0 { length } else { 0 };
        (1..=MOST as u64).contains(&length).then_some(Self { length, offset, stored })
    }
}

/// The machine's own random bytes. They are not passed in as elsewhere: whoever could make a nonce
/// come twice could read both frames.
pub(super) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| io::Error::other(format!("the machine gives no random bytes: {error}")))
}
