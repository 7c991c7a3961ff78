use std::fmt;

use serde::{Deserialize, Serialize};

/// What a picture looks like, in 256 bits: near-copies of it (smaller, recompressed) differ in few.
/// Written as its version and 64 hex digits, `d1:...`: hashes of two versions say nothing about each
/// other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageHash([u8; 32]);

/// The text is no image hash.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no image hash: expected `d1:` and 64 hex digits")]
pub struct ParseImageHashError(String);

const VERSION: &str = "d1:";

impl ImageHash {
    /// Wraps the bits.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 256 bits.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// In how many bits two differ.
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

impl fmt::Display for ImageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERSION)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ImageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<ImageHash> for String {
    fn from(hash: ImageHash) -> String {
        hash.to_string()
    }
}

impl std::str::FromStr for ImageHash {
    type Err = ParseImageHashError;

    fn from_str(text: &str) -> Result<Self, ParseImageHashError> {
        let bad = || ParseImageHashError(text.chars().take(80).collect());
        let hex = text.strip_prefix(VERSION).ok_or_else(bad)?;
        if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(bad());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for ImageHash {
    type Error = ParseImageHashError;

    fn try_from(text: String) -> Result<Self, ParseImageHashError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_as_it_is_written_and_nothing_else_is_one() {
        let hash = ImageHash::from_bytes(std::array::from_fn(|at| at as u8 * 7));
        assert_eq!(hash.to_string().parse::<ImageHash>().unwrap(), hash);
        let written = hash.to_string();
        for other in [&written[3..], &written.to_uppercase(), "d1:", "", &format!("{written}0")] {
            assert!(other.parse::<ImageHash>().is_err(), "{other}");
        }
    }
}
