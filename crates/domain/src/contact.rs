use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Span;

/// What sort of contact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// A phone number; value in E.164, as in `+380671234567`.
    Phone,
    /// An e-mail address; value in lower case.
    Email,
    /// A web address.
    Url,
    /// An account: `telegram:name`, `instagram:name`, `whatsapp:+380...`, `viber:+380...`.
    Handle,
    /// A cryptocurrency address with a right checksum: `btc:...`, `eth:0x...`, `tron:T...`.
    Wallet,
    /// A way into a closed group or chat: `telegram:+AbC...`, `whatsapp:Xyz...`, `viber:...`.
    Invite,
}

/// A contact found in a posting. Displayed names are not contacts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// What sort it is.
    pub kind: ContactKind,
    /// The canonical form, equal for equal contacts: two postings with the same value belong
    /// together.
    pub value: String,
    /// Where it stands; `span.quote` is the raw form.
    pub span: Span,
}

/// Digits of a number as people dial it at home, without what goes before.
const HOME_DIGITS: usize = 9;

impl Contact {
    /// The forms under which people look for a contact, given its value or what they typed: two that
    /// share one are taken for the same. Numbers go by their last digits, accounts with the name of
    /// the network or without.
    pub fn marks(value: &str) -> BTreeSet<String> {
        let value = value.trim().to_lowercase();
        let (network, rest) = value.split_once(':').unwrap_or(("", &value));
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let is_number = rest.chars().all(|c| c.is_ascii_digit() || " +-()\u{a0}".contains(c));
        if is_number && digits.len() >= 6 {
            return [digits[digits.len().saturating_sub(HOME_DIGITS)..].to_owned()].into();
        }
        let name = rest.trim_start_matches('@');
        let mut marks = BTreeSet::from([name.to_owned()]);
        if !network.is_empty() {
            marks.insert(value.clone());
        }
        marks.retain(|mark| !mark.is_empty());
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_found_as_people_write_it() {
        for (value, typed) in [
            ("+380671234567", "067 123 45 67"),
            ("+380671234567", "+38 (067) 123-45-67"),
            ("whatsapp:+380671234567", "380671234567"),
            ("telegram:olena_jobs", "@Olena_Jobs"),
            ("telegram:olena_jobs", "telegram:olena_jobs"),
            ("at:olena_jobs", "olena_jobs"),
            ("jobs@example.org", "Jobs@Example.org"),
        ] {
            let (value, typed) = (Contact::marks(value), Contact::marks(typed));
            assert!(!value.is_disjoint(&typed), "{value:?} and {typed:?}");
        }
        for (value, typed) in
            [("+380671234567", "067 123 45 68"), ("telegram:olena", "telegram:olha"), ("a", " ")]
        {
            assert!(Contact::marks(value).is_disjoint(&Contact::marks(typed)), "{value} {typed}");
        }
    }
}
