//! The digests that records state of themselves: `sha1:` or `sha256:`, in base 32 as most archives
//! write them, in hexadecimal, or in base 64 of either alphabet.

use domain::Sha256;
use sha1::Digest as _;

/// What a stated digest says of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestCheck {
    /// The bytes have this digest.
    Right,
    /// They have another.
    Wrong,
    /// The digest is of a sort or in a form that is not known here.
    Unknown,
}

/// Holds a stated digest, such as `sha1:Z6W6WEQQQICP5WA7OWB2SS75WLK4K7Y3`, against bytes.
pub fn check_digest(stated: &str, bytes: &[u8]) -> DigestCheck {
    let Some((sort, value)) = stated.split_once(':') else { return DigestCheck::Unknown };
    let computed: Vec<u8> = match sort.trim().to_ascii_lowercase().as_str() {
        "sha1" | "sha-1" => sha1::Sha1::digest(bytes).to_vec(),
        "sha256" | "sha-256" => Sha256::of(bytes).as_bytes().to_vec(),
        _ => return DigestCheck::Unknown,
    };
    let value = value.trim().trim_end_matches('=');
    let bits = 8 * computed.len();
    let stated = match value.len() {
        length if length == bits / 4 => decoded(value, 4, hexadecimal),
        length if length == bits.div_ceil(5) => decoded(value, 5, base32),
        length if length == bits.div_ceil(6) => decoded(value, 6, base64),
        _ => None,
    };
    match stated {
        Some(stated) if stated == computed => DigestCheck::Right,
        Some(stated) if stated.len() == computed.len() => DigestCheck::Wrong,
        _ => DigestCheck::Unknown,
    }
}

/// Letters of so many bits each as bytes; bits that are left over fill the last letter.
fn decoded(text: &str, width: u32, value: fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes() {
        bits = (bits << width | u32::from(value(letter)?)) & 0x3fff;
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

fn hexadecimal(letter: u8) -> Option<u8> {
    u8::try_from(char::from(letter).to_digit(16)?).ok()
}

/// RFC 4648, either case.
fn base32(letter: u8) -> Option<u8> {
    match letter.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        letter @ b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    }
}

fn base64(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_held_against_bytes_in_the_forms_that_archives_write() {
        for (stated, check) in [
            ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", DigestCheck::Right),
            ("SHA-1: da39a3ee5e6b4b0d3255bfef95601890afd80709", DigestCheck::Right),
            ("sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=", DigestCheck::Right),
            ("sha1:2jmj7l5rSw0yVb_vlWAYkK_YBwk", DigestCheck::Right),
            ("sha1:3jmj7l5rSw0yVb_vlWAYkK_YBwk", DigestCheck::Wrong),
            ("sha1:1112H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", DigestCheck::Unknown),
            ("sha1:4I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", DigestCheck::Wrong),
            (
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                DigestCheck::Right,
            ),
            (
                "sha256:f3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                DigestCheck::Wrong,
            ),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", DigestCheck::Unknown),
            ("", DigestCheck::Unknown),
            ("sha1:ї", DigestCheck::Unknown),
        ] {
            assert_eq!(check_digest(stated, b""), check, "{stated}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_statement_is_read(stated in "(sha1|sha256)?:?\\PC{0,70}", bytes: Vec<u8>) {
            check_digest(&stated, &bytes);
        }
    }
}
