//! Masks in text what a redacted packet does not disclose. Each masked thing gets a number, so that
//! a reader sees the same thing come again; quoted places are carried over to the masked text.

use std::collections::BTreeMap;
use std::ops::Range;

use domain::{Contact, ContactKind, Field, Span};
use serde::Serialize;

use crate::language::Labels;

/// What sort of thing was masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MaskKind {
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
    /// A web address.
    Url,
    /// An account.
    Handle,
    /// A wallet.
    Wallet,
    /// An invitation into a chat.
    Invite,
    /// Who posted.
    Author,
    /// Another long number: of a document, a card, an account.
    Number,
    /// A name that the preparer asked to mask.
    Named,
    /// A remark or reason written on the desk.
    Remark,
    /// The text of a tip: it may tell of a victim.
    Tip,
    /// A person of the desk who neither prepared nor approved the packet.
    Person,
    /// A source, whose name may tell where the posting stood.
    Source,
    /// A file of evidence, which shows the page as it was.
    File,
    /// A line of the custody log.
    Line,
}

impl MaskKind {
    pub(crate) fn label(self, labels: &Labels) -> &str {
        match self {
            Self::Phone => &labels.mask_phone,
            Self::Email => &labels.mask_email,
            Self::Url => &labels.mask_url,
            Self::Handle => &labels.mask_handle,
            Self::Wallet => &labels.mask_wallet,
            Self::Invite => &labels.mask_invite,
            Self::Author => &labels.mask_author,
            Self::Number => &labels.mask_number,
            Self::Named => &labels.mask_named,
            Self::Remark => &labels.mask_remark,
            Self::Tip => &labels.mask_tip,
            Self::Person => &labels.mask_person,
            Self::Source => &labels.mask_source,
            Self::File => &labels.mask_file,
            Self::Line => &labels.mask_line,
        }
    }
}

impl From<ContactKind> for MaskKind {
    fn from(kind: ContactKind) -> Self {
        match kind {
            ContactKind::Phone => Self::Phone,
            ContactKind::Email => Self::Email,
            ContactKind::Url => Self::Url,
            ContactKind::Handle => Self::Handle,
            ContactKind::Wallet => Self::Wallet,
            ContactKind::Invite => Self::Invite,
        }
    }
}

/// A text with its masked places, and the way from places of the original to places in it.
pub(crate) struct MaskedText {
    pub(crate) text: String,
    /// Original range, and the range of its label in `text`; in order.
    moved: Vec<(Range<usize>, Range<usize>)>,
}

impl MaskedText {
    /// The same place in the masked text. A place that reaches into a masked one takes all of its
    /// label.
    pub(crate) fn span(&self, span: &Span) -> Option<Span> {
        let range = self.place(span.start, false)..self.place(span.end, true);
        Span::quoting(span.field, &self.text, range)
    }

    fn place(&self, at: usize, is_end: bool) -> usize {
        let mut shift = 0_isize;
        for (from, to) in &self.moved {
            if at <= from.start && !(is_end && at == from.start && from.is_empty()) {
                break;
            }
            if at < from.end {
                return if is_end { to.end } else { to.start };
            }
            shift = to.end as isize - from.end as isize;
        }
        at.saturating_add_signed(shift)
    }
}

/// Gives things their numbers and remembers what was masked.
pub(crate) struct Masker<'a> {
    labels: &'a Labels,
    /// Number of each thing within its kind.
    numbers: BTreeMap<(MaskKind, String), usize>,
    counts: BTreeMap<MaskKind, usize>,
    /// Words that are masked wherever they stand, in lower case, the longest first.
    terms: Vec<(Vec<char>, MaskKind, String)>,
}

impl<'a> Masker<'a> {
    pub(crate) fn new(labels: &'a Labels) -> Self {
        Self { labels, numbers: BTreeMap::new(), counts: BTreeMap::new(), terms: Vec::new() }
    }

    /// Masks these words wherever they stand. One or two letters would mask every text.
    pub(crate) fn term(&mut self, words: &str, kind: MaskKind, value: &str) {
        let words: Vec<char> = words.trim().chars().flat_map(char::to_lowercase).collect();
        if words.len() > 2 {
            self.terms.push((words, kind, value.to_owned()));
            self.terms.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
            self.terms.dedup();
        }
    }

    /// What stands in the place of this thing: `[phone 2]`.
    pub(crate) fn label(&mut self, kind: MaskKind, value: &str) -> String {
        let number = match self.numbers.get(&(kind, value.to_owned())) {
            Some(number) => *number,
            None => {
                let count = self.counts.entry(kind).or_default();
                *count += 1;
                self.numbers.insert((kind, value.to_owned()), *count);
                *count
            }
        };
        format!("[{} {number}]", kind.label(self.labels))
    }

    /// What was masked, by kind.
    pub(crate) fn counts(&self) -> Vec<(MaskKind, usize)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count)).collect()
    }

    /// The whole text as one masked thing.
    pub(crate) fn whole(&mut self, kind: MaskKind, text: &str) -> MaskedText {
        self.masked(text, vec![(0..text.len(), kind, text.to_owned())])
    }

    /// A text without contacts of its own.
    pub(crate) fn text(&mut self, text: &str) -> String {
        self.field(Field::Text, text, &[]).text
    }

    /// A field of a posting: its contacts, the words to mask, and what looks like a contact or the
    /// number of a document.
    pub(crate) fn field(&mut self, field: Field, text: &str, contacts: &[Contact]) -> MaskedText {
        let mut places: Vec<(Range<usize>, MaskKind, String)> = contacts
            .iter()
            .filter(|contact| contact.span.field == field)
            .map(|contact| {
                let range = contact.span.start..contact.span.end;
                (range, MaskKind::from(contact.kind), contact.value.clone())
            })
            .filter(|(range, ..)| text.get(range.clone()).is_some_and(|part| !part.is_empty()))
            .collect();
        self.find_terms(text, &mut places);
        find_addresses(text, &mut places);
        find_numbers(text, &mut places);
        self.masked(text, places)
    }

    fn find_terms(&self, text: &str, places: &mut Vec<(Range<usize>, MaskKind, String)>) {
        let letters: Vec<(usize, char)> = text
            .char_indices()
            .flat_map(|(at, letter)| letter.to_lowercase().map(move |lower| (at, lower)))
            .collect();
        for (words, kind, value) in &self.terms {
            for start in 0..letters.len().saturating_sub(words.len() - 1) {
                let fits = words.iter().zip(&letters[start..]).all(|(a, (_, b))| a == b);
                if fits {
                    let end = letters.get(start + words.len()).map_or(text.len(), |(at, _)| *at);
                    add(places, letters[start].0..end, *kind, value.clone());
                }
            }
        }
    }

    fn masked(
        &mut self,
        text: &str,
        mut places: Vec<(Range<usize>, MaskKind, String)>,
    ) -> MaskedText {
        places.sort_by_key(|(range, ..)| (range.start, range.end));
        let mut masked = MaskedText { text: String::with_capacity(text.len()), moved: Vec::new() };
        let mut at = 0;
        for (range, kind, value) in places {
            if range.start < at || range.is_empty() {
                continue;
            }
            masked.text.push_str(&text[at..range.start]);
            let start = masked.text.len();
            masked.text.push_str(&self.label(kind, &value));
            at = range.end;
            masked.moved.push((range, start..masked.text.len()));
        }
        masked.text.push_str(&text[at..]);
        masked
    }
}

/// Adds a place unless it lies in another; one that reaches out of another is made one with it.
fn add(
    places: &mut Vec<(Range<usize>, MaskKind, String)>,
    mut range: Range<usize>,
    kind: MaskKind,
    value: String,
) {
    if range.is_empty() {
        return;
    }
    let overlaps = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
    if let Some((known, ..)) = places.iter_mut().find(|(known, ..)| overlaps(known, &range)) {
        known.start = known.start.min(range.start);
        known.end = known.end.max(range.end);
        range = known.clone();
        // The longer place may now touch others, which become part of it.
        places.retain(|(other, ..)| *other == range || !overlaps(other, &range));
        return;
    }
    places.push((range, kind, value));
}

/// Words with the marks of an address: an `@`, a scheme, a known host of invitations.
fn find_addresses(text: &str, places: &mut Vec<(Range<usize>, MaskKind, String)>) {
    const HOSTS: [&str; 8] =
        ["://", "www.", "t.me/", "wa.me/", "viber.", "instagram.com", "facebook.com", "vk.com"];
    let mut start = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let end = start + word.trim_end().len();
        let lower = word.to_lowercase();
        let has_at = lower.chars().any(|c| matches!(c, '@' | '＠'));
        if has_at || HOSTS.iter().any(|host| lower.contains(host)) {
            let kind = if has_at { MaskKind::Handle } else { MaskKind::Url };
            add(places, start..end, kind, text[start..end].to_owned());
        }
        start += word.len();
    }
}

/// Runs of six digits or more, also with blanks, dots, dashes and brackets between them.
fn find_numbers(text: &str, places: &mut Vec<(Range<usize>, MaskKind, String)>) {
    const FEWEST: usize = 6;
    let mut run: Option<(Range<usize>, String)> = None;
    let mut gap = 0;
    let mut runs = Vec::new();
    for (at, letter) in text.char_indices().chain([(text.len(), 'x')]) {
        if letter.is_numeric() {
            let (range, digits) = run.get_or_insert_with(|| (at..at, String::new()));
            range.end = at + letter.len_utf8();
            digits.push(letter);
            gap = 0;
        } else if run.is_some() && gap < 2 && " \u{a0}.-–()/+".contains(letter) {
            gap += 1;
        } else if let Some((range, digits)) = run.take() {
            gap = 0;
            if digits.chars().count() >= FEWEST {
                runs.push((range, digits));
            }
        }
    }
    for (range, digits) in runs {
        add(places, range, MaskKind::Number, digits);
    }
}

#[cfg(test)]
mod tests {
    use crate::ReportLanguage;

    use super::*;

    fn masked(text: &str, terms: &[&str]) -> (String, Vec<(MaskKind, usize)>) {
        let mut masker = Masker::new(ReportLanguage::En.words());
        for term in terms {
            masker.term(term, MaskKind::Named, term);
        }
        (masker.text(text), masker.counts())
    }

    #[test]
    fn addresses_numbers_and_names_are_masked_and_numbered() {
        let (text, counts) = masked(
            "Пиши @olena_job або https://t.me/+AbC, паспорт АА 123456, ОЛЕНА К. Ще раз: @olena_job",
            &["Олена К"],
        );
        assert_eq!(
            text,
            "Пиши [account 1] або [web address 1] паспорт АА [number 1], [name 1]. Ще раз: [account 1]"
        );
        assert_eq!(
            counts,
            [
                (MaskKind::Url, 1),
                (MaskKind::Handle, 1),
                (MaskKind::Number, 1),
                (MaskKind::Named, 1)
            ]
        );
    }

    #[test]
    fn short_numbers_stay_since_they_are_pay_and_hours() {
        let (text, counts) = masked("1500 EUR, 12 год, 18-25 років", &[]);
        assert_eq!((text.as_str(), counts.len()), ("1500 EUR, 12 год, 18-25 років", 0));
    }

    #[test]
    fn quoted_places_are_carried_over() {
        let text = "дзвони 0671234567 сьогодні, паспорт здай";
        let mut masker = Masker::new(ReportLanguage::En.words());
        let masked = masker.field(Field::Text, text, &[]);
        let moved = |words: &str| {
            let start = text.find(words).unwrap();
            let span = Span::quoting(Field::Text, text, start..start + words.len()).unwrap();
            masked.span(&span).unwrap().quote
        };
        assert_eq!(moved("дзвони"), "дзвони");
        assert_eq!(moved("паспорт здай"), "паспорт здай");
        assert_eq!(moved("дзвони 0671234567"), "дзвони [number 1]");
        assert_eq!(moved("1234567 сьогодні"), "[number 1] сьогодні");
        assert_eq!(moved("067123"), "[number 1]");
    }
}
