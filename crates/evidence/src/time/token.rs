//! What is asked of an authority and what it answers (RFC 3161), as far as a desk needs it: that the
//! answer grants a token over the root that was asked for. Whether the authority's signature and
//! certificates are good is checked with `openssl ts -verify`.

use domain::Sha256;

/// `SHA-256` as an AlgorithmIdentifier with NULL parameters.
const SHA256_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00];
/// Nothing that is nested deeper is read.
const DEEPEST: usize = 24;

/// A TimeStampReq: version 1, the digest, a nonce against replay, and the certificates wanted.
pub(crate) fn request(root: &Sha256, nonce: u64) -> Vec<u8> {
    let mut imprint = SHA256_ALGORITHM.to_vec();
    imprint.extend(element(0x04, root.as_bytes()));
    let mut body = element(0x02, &[1]);
    body.extend(element(0x30, &imprint));
    body.extend(element(0x02, &nonce_bytes(nonce)));
    body.extend(element(0x01, &[0xff]));
    element(0x30, &body)
}

/// Without leading zeros, and never negative.
fn nonce_bytes(nonce: u64) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(nonce.to_be_bytes());
    let spare = bytes.windows(2).take_while(|pair| pair[0] == 0 && pair[1] < 0x80).count();
    bytes.split_off(spare)
}

/// All lengths of ours are below 128.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag, content.len() as u8];
    bytes.extend_from_slice(content);
    bytes
}

/// Checks that an answer grants a token over this root with this nonce; gives the authority's time
/// as it wrote it, `20261128101500Z`. Without a nonce any will do.
pub(crate) fn granted_time(
    answer: &[u8],
    root: &Sha256,
    nonce: Option<u64>,
) -> Result<String, String> {
    let mut outer = Elements::of(answer).next_of(0x30)?;
    let mut status = outer.next_of(0x30)?;
    let code = status.next_content(0x02)?;
    if !matches!(code, [0 | 1]) {
        return Err(format!("the authority refused: status {code:?}"));
    }
    // ContentInfo, [0], SignedData, then its EncapsulatedContentInfo with TSTInfo in octets.
    let mut content_info = outer.next_of(0x30)?;
    content_info.next_content(0x06)?;
    let mut signed = content_info.next_of(0xa0)?.next_of(0x30)?;
    signed.next_content(0x02)?;
    signed.next_content(0x31)?;
    let mut encapsulated = signed.next_of(0x30)?;
    encapsulated.next_content(0x06)?;
    let octets = encapsulated.next_of(0xa0)?.next_content(0x04)?;
    let mut info = Elements::of(octets).next_of(0x30)?;
    info.next_content(0x02)?;
    info.next_content(0x06)?;
    let mut imprint = info.next_of(0x30)?;
    let algorithm = imprint.next_content(0x30)?;
    if !algorithm.starts_with(&SHA256_ALGORITHM[2..13]) {
        return Err("the token is over another kind of digest".to_owned());
    }
    if imprint.next_content(0x04)? != root.as_bytes() {
        return Err("the token is over another digest than was asked for".to_owned());
    }
    info.next_content(0x02)?;
    let time = info.next_content(0x18)?;
    if let Some(nonce) = nonce {
        let wanted = nonce_bytes(nonce);
        let mut answered = std::iter::from_fn(|| info.next()).take(DEEPEST);
        if !answered.any(|(tag, content)| tag == 0x02 && content == wanted) {
            return Err("the token answers another question: its nonce is not ours".to_owned());
        }
    }
    let time = std::str::from_utf8(time).map_err(|_| "its time cannot be read".to_owned())?;
    let is_time =
        time.len() <= 30 && time.bytes().all(|b| b.is_ascii_digit() || b".Z".contains(&b));
    if is_time { Ok(time.to_owned()) } else { Err("its time cannot be read".to_owned()) }
}

/// The elements of a DER encoding, one after another.
struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Tag and content; `None` at the end and when it cannot be read.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.rest.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            if count == 0 || count > 4 {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
            rest = after;
        }
        let (content, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((tag, content))
    }

    fn next_content(&mut self, tag: u8) -> Result<&'a [u8], String> {
        match self.next() {
            Some((found, content)) if found == tag => Ok(content),
            _ => Err("it is no answer of a time-stamping authority".to_owned()),
        }
    }

    fn next_of(&mut self, tag: u8) -> Result<Self, String> {
        self.next_content(tag).map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_what_openssl_would_write() {
        let root = Sha256::of(b"root");
        let bytes = request(&root, 0x8000_0000_0000_0001);
        assert_eq!(bytes[..5], [0x30, bytes.len() as u8 - 2, 0x02, 0x01, 0x01]);
        assert_eq!(bytes[bytes.len() - 3..], [0x01, 0x01, 0xff]);
        assert!(bytes.windows(32).any(|window| window == root.as_bytes()));
        let nonce = [0x02, 9, 0x00, 0x80, 0, 0, 0, 0, 0, 0, 1];
        assert!(bytes.windows(nonce.len()).any(|window| window == nonce), "never negative");
        assert_eq!(nonce_bytes(0), [0]);
        assert_eq!(nonce_bytes(0x7f), [0x7f]);
        assert_eq!(nonce_bytes(0x80), [0, 0x80]);
    }

    #[test]
    fn what_is_no_answer_is_refused_and_never_panics() {
        let root = Sha256::of(b"root");
        for bytes in [&b""[..], b"<html>", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x80]] {
            assert!(granted_time(bytes, &root, None).is_err());
        }
        // Refused: status 2.
        let refusal = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02];
        let said = granted_time(&refusal, &root, None).unwrap_err();
        assert!(said.contains("refused"), "{said}");
    }
}
