//! Ids. Records that come from outside get ids derived from what they are (source, key, bytes), so
//! that reading the same thing twice gives the same id and a scan can be repeated at any point.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Sha256;
use crate::digest::hex;

/// Why a string is no valid id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{value}` is no {what}: {rule}")]
pub struct IdError {
    what: &'static str,
    value: String,
    rule: &'static str,
}

const RULE: &str = "use 1 to 120 of the characters a-z 0-9 . _ -";

fn is_plain(value: &str) -> bool {
    (1..=120).contains(&value.len())
        && value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        && !value.starts_with('.')
        && !value.contains("..")
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the form: lower-case ASCII letters, digits, `.`, `_`, `-`. Ids are used as
            /// file names, so nothing that could leave a folder is let through.
            pub fn new(value: impl Into<String>) -> Result<Self, IdError> {
                let value = value.into();
                if is_plain(&value) {
                    Ok(Self(value))
                } else {
                    Err(IdError { what: $what, value, rule: RULE })
                }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A source, named by the analyst in `sources.toml`: `jobs-iasi`.
    SourceId,
    "source id"
);
id!(
    /// A capture: `c-` and 24 hex digits of what was fetched, from where, when.
    CaptureId,
    "capture id"
);
id!(
    /// A posting: `p-` and 24 hex digits of its source and its permanent key there.
    PostingId,
    "posting id"
);
id!(
    /// A lead: `l-` and the digits of one of its postings.
    LeadId,
    "lead id"
);
id!(
    /// An indicator of `rules/indicators.yaml`: `document-retention`.
    IndicatorId,
    "indicator id"
);
id!(
    /// A rule: `<language>.<topic>.<name>`, as in `uk.documents.kept`.
    RuleId,
    "rule id"
);

impl CaptureId {
    const PREFIX: &str = "c-";

    /// Its digits, for those who keep many; `None` of an id that was not derived.
    pub fn to_bytes(&self) -> Option<[u8; 12]> {
        digits_after(Self::PREFIX, &self.0)
    }

    /// The id of these digits.
    pub fn from_bytes(digits: [u8; 12]) -> Self {
        Self(with_digits(Self::PREFIX, &digits))
    }

    /// Derives the id of a capture from its source, address, time of fetching and payload.
    pub fn derive(
        source: &SourceId,
        url: &str,
        fetched_at: jiff::Timestamp,
        payload: &Sha256,
    ) -> Self {
        let time = fetched_at.to_string();
        Self(derived(Self::PREFIX, &[source.as_str(), url, &time, &payload.to_hex()]))
    }
}

impl PostingId {
    const PREFIX: &str = "p-";

    /// Its digits, for those who keep many; `None` of an id that was not derived.
    pub fn to_bytes(&self) -> Option<[u8; 12]> {
        digits_after(Self::PREFIX, &self.0)
    }

    /// The id of these digits.
    pub fn from_bytes(digits: [u8; 12]) -> Self {
        Self(with_digits(Self::PREFIX, &digits))
    }

    /// Derives the id of a posting from its source and the key that is permanent there: a feed
    /// item's guid, a page's address, a post number, a row's id.
    pub fn derive(source: &SourceId, key: &str) -> Self {
        Self(derived(Self::PREFIX, &[source.as_str(), key]))
    }
}

impl LeadId {
    /// The lead that this posting founds.
    pub fn founded_by(posting: &PostingId) -> Self {
        Self(format!("l-{}", posting.as_str().trim_start_matches("p-")))
    }

    /// The posting that this lead is named after; `None` for a name that no posting gives.
    pub fn founder(&self) -> Option<PostingId> {
        digits_after("l-", &self.0).map(PostingId::from_bytes)
    }
}

/// 24 hex digits after a prefix, and nothing else.
fn digits_after(prefix: &str, id: &str) -> Option<[u8; 12]> {
    let (pairs, rest) = id.strip_prefix(prefix)?.as_bytes().as_chunks();
    let pairs: &[[u8; 2]; 12] = pairs.try_into().ok().filter(|_| rest.is_empty())?;
    let mut digits = [0; 12];
    for (byte, [high, low]) in digits.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = (digit(*high)? << 4 | digit(*low)?) as u8;
    }
    Some(digits)
}

fn with_digits(prefix: &str, digits: &[u8]) -> String {
    format!("{prefix}{}", hex(digits))
}

fn derived(prefix: &str, parts: &[&str]) -> String {
    let digest = Sha256::of_parts(parts.iter().map(|part| part.as_bytes()));
    format!("{prefix}{}", &digest.to_hex()[..24])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_folder() {
        for bad in ["", "../x", "a/b", "A", "a b", ".hidden", "ї", "a..b"] {
            assert!(SourceId::new(bad).is_err(), "{bad} was let through");
        }
        assert!(SourceId::new("jobs-iasi.2").is_ok());
    }

    #[test]
    fn the_same_posting_gets_the_same_id_and_parts_do_not_run_together() {
        let source = SourceId::new("a").unwrap();
        let other = SourceId::new("ab").unwrap();
        assert_eq!(PostingId::derive(&source, "bc"), PostingId::derive(&source, "bc"));
        assert_ne!(PostingId::derive(&source, "bc"), PostingId::derive(&other, "c"));
    }
}
