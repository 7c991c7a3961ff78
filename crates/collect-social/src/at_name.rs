//! The names of the AT Protocol: accounts, kinds of records, records, times.
//!
//! Each is checked as <https://atproto.com/specs> says, so that nothing else gets into an address or
//! a key.

use jiff::Timestamp;

/// A domain name as the name of an account: `agency.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle(String);

/// The name of an account that stays when its handle changes: `did:plc:...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Did(String);

/// An account by handle or DID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtAccount {
    /// By handle.
    Handle(Handle),
    /// By DID.
    Did(Did),
}

/// A kind of record or method: `app.bsky.feed.post`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nsid(String);

/// The name of a record among those of its kind and account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordKey(String);

/// A record key that is a time: 53 bits of microseconds and 10 of a clock's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tid(u64);

/// The address of an account, of its records of a kind, or of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtUri {
    /// Whose.
    pub account: AtAccount,
    /// Of which kind.
    pub collection: Option<Nsid>,
    /// Which.
    pub record_key: Option<RecordKey>,
}

impl Handle {
    /// `None` if it is no handle.
    pub fn parse(name: &str) -> Option<Self> {
        let last = name.rsplit('.').next()?;
        let starts_well = last.starts_with(|letter: char| letter.is_ascii_alphabetic());
        (name.len() <= 253 && name.contains('.') && starts_well && name.split('.').all(is_label))
            .then(|| Self(name.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Did {
    /// `None` if it is no DID.
    pub fn parse(name: &str) -> Option<Self> {
        let (method, rest) = name.strip_prefix("did:")?.split_once(':')?;
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._:%-".contains(&byte);
        let is_whole = !rest.is_empty() && !rest.ends_with([':', '%']) && rest.bytes().all(is_rest);
        (name.len() <= 2048 && is_method && is_whole).then(|| Self(name.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AtAccount {
    /// `None` if it is neither handle nor DID.
    pub fn parse(name: &str) -> Option<Self> {
        Did::parse(name).map(Self::Did).or_else(|| Handle::parse(name).map(Self::Handle))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Handle(handle) => handle.as_str(),
            Self::Did(did) => did.as_str(),
        }
    }
}

impl Nsid {
    /// `None` if it is no such name.
    pub fn parse(name: &str) -> Option<Self> {
        let (domain, last) = name.rsplit_once('.')?;
        let starts_well =
            |part: &str| part.starts_with(|letter: char| letter.is_ascii_alphabetic());
        let is_last = last.len() <= 63
            && starts_well(last)
            && last.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_domain = name.len() <= 253 + 1 + 63
            && domain.contains('.')
            && starts_well(domain)
            && domain.split('.').all(is_label);
        (is_last && is_domain).then(|| Self(name.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl RecordKey {
    /// `None` if it is no record key.
    pub fn parse(key: &str) -> Option<Self> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_~.:-".contains(&byte);
        let fits = (1..=512).contains(&key.len()) && key != "." && key != "..";
        (fits && key.bytes().all(is_part)).then(|| Self(key.to_owned()))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Tid {
    /// `None` if it is none.
    pub fn parse(key: &str) -> Option<Self> {
        const DIGITS: &[u8] = b"234567abcdefghijklmnopqrstuvwxyz";
        if key.len() != 13 {
            return None;
        }
        let mut number: u64 = 0;
        for byte in key.bytes() {
            let digit = DIGITS.iter().position(|digit| *digit == byte)?;
            // Thirteen digits hold 65 bits, of which 64 are used.
            number = number.checked_mul(32)?.checked_add(digit.try_into().ok()?)?;
        }
        Some(Self(number))
    }

    /// The time that it stands for.
    pub fn time(self) -> Option<Timestamp> {
        Timestamp::from_microsecond(i64::try_from(self.0 >> 10).ok()?).ok()
    }
}

impl AtUri {
    /// `None` if it is no such address.
    pub fn parse(address: &str) -> Option<Self> {
        if address.len() > 8192 {
            return None;
        }
        let mut parts = address.strip_prefix("at://")?.split('/');
        let account = AtAccount::parse(parts.next()?)?;
        let (collection, record_key) = (parts.next(), parts.next());
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            account,
            collection: whole(collection, Nsid::parse)?,
            record_key: whole(record_key, RecordKey::parse)?,
        })
    }
}

/// A time as the protocol writes it: capital `T`, seconds, a zone. `None` for any other.
pub fn at_datetime(text: &str) -> Option<Timestamp> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let is_shape = date_time.bytes().zip(b"0000-00-00T00:00:00").all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == *other,
    });
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone_at)?;
    let digits = fraction.strip_prefix('.');
    let is_fraction = fraction.is_empty()
        || digits.is_some_and(|digits| {
            (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
    let is_offset = zone.len() == 6
        && zone.bytes().zip(b"+00:00").skip(1).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            other => byte == *other,
        });
    // Years so near to zero that a zone could make them negative are not allowed.
    let is_far = !text.starts_with("000");
    if !(is_shape && is_fraction && is_far && (zone == "Z" || is_offset && zone != "-00:00")) {
        return None;
    }
    // Nanoseconds are as fine as we keep them.
    let fraction = fraction.get(..10).unwrap_or(fraction);
    format!("{date_time}{fraction}{zone}").parse().ok()
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// What is absent is absent; what is there must be right.
fn whole<T>(part: Option<&str>, parse: fn(&str) -> Option<T>) -> Option<Option<T>> {
    part.map_or(Some(None), |part| parse(part).map(Some))
}
