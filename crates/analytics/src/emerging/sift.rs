//! The postings of a week, and what is said in enough different texts of it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, BuildHasherDefault};

use domain::{Field, Region};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::sketch::Sketch;
use super::wordings::{Sketcher, Wordings};
use super::{CandidateKind, Counted, EmergingOptions, since};
use crate::AnalyticsError;
use crate::archive::{Archive, Column, Lists, Part, Words};
use crate::grams::Grams;
use crate::week::Week;

/// What a week says.
pub(super) struct Sifted {
    /// Different texts.
    pub(super) texts: u32,
    pub(super) things: Vec<Counted>,
    /// How its texts are worded, as far as they are followed.
    pub(super) wordings: Wordings,
}

/// Most things that are followed.
const MOST: usize = 300_000;
/// Most texts whose words are remembered to tell copies; beyond, a copy counts again.
const MOST_TEXTS: usize = 4_000_000;

/// One posting as it is counted.
pub(super) struct Said<'a> {
    pub(super) week: i32,
    pub(super) posting: &'a str,
    pub(super) source: &'a str,
    pub(super) author: Option<&'a str>,
    pub(super) title: Option<&'a str>,
    pub(super) text: &'a str,
    pub(super) region: Option<Region>,
    contacts: &'a Lists,
    row: usize,
}

impl Said<'_> {
    /// The first of its contacts.
    pub(super) fn contact(&self) -> Option<&str> {
        self.contacts.get(self.row).next()
    }

    /// Its contacts and channels, each once.
    pub(super) fn contacts(&self) -> BTreeSet<(CandidateKind, &str)> {
        self.contacts.get(self.row).map(|contact| (kind_of(contact), contact)).collect()
    }
}

fn kind_of(contact: &str) -> CandidateKind {
    match contact.split(':').next() {
        Some("handle" | "invite" | "url") => CandidateKind::Channel,
        _ => CandidateKind::Contact,
    }
}

/// Which texts were met; the same words in another posting are the same text.
#[derive(Default)]
pub(super) struct Copies(FxHashSet<(i32, u64)>);

impl Copies {
    pub(super) fn is_new(&mut self, said: &Said<'_>) -> bool {
        if self.0.len() >= MOST_TEXTS {
            self.0.clear();
        }
        // Digits aside: a copy with another price or phone is a copy.
        let words: String =
            said.text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
        self.0.insert((said.week, hash_of(&words)))
    }
}

pub(super) fn hash_of(words: &str) -> u64 {
    // The library's hash keeps its entropy in the upper bits.
    let hash = BuildHasherDefault::<FxHasher>::default().hash_one(words);
    (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

const COLUMNS: [Column; 10] = [
    Column::Week,
    Column::Flagged,
    Column::Edited,
    Column::Posting,
    Column::Source,
    Column::Region,
    Column::Title,
    Column::Text,
    Column::Contacts,
    Column::Author,
];

/// Visits the postings of these weeks, file by file.
pub(super) fn visit(
    archive: &Archive,
    (first, last): (Week, Week),
    flagged: bool,
    visit: &mut dyn FnMut(&Said<'_>),
) -> Result<(), AnalyticsError> {
    for file in archive.files_since(Some(since(first)))? {
        let part = Part::read(&file, &COLUMNS)?;
        let weeks = part.weeks()?;
        if !weeks.iter().any(|week| (first.days()..=last.days()).contains(week)) {
            continue;
        }
        let (flags, edited) = (part.truths(Column::Flagged)?, part.truths(Column::Edited)?);
        let words = |column| -> Result<Words, AnalyticsError> { part.words(column) };
        let (postings, sources, regions) =
            (words(Column::Posting)?, words(Column::Source)?, words(Column::Region)?);
        let (titles, texts) = (words(Column::Title)?, words(Column::Text)?);
        let contacts = part.lists(Column::Contacts)?;
        let authors = words(Column::Author)?;
        for row in 0..part.height() {
            if edited[row] || (flagged && !flags[row]) {
                continue;
            }
            if !(first.days()..=last.days()).contains(&weeks[row]) {
                continue;
            }
            visit(&Said {
                week: weeks[row],
                posting: postings.get(row),
                source: sources.get(row),
                author: authors.stated(row),
                title: titles.stated(row),
                text: texts.get(row),
                region: regions.stated(row).and_then(Region::new),
                contacts: &contacts,
                row,
            });
        }
    }
    Ok(())
}

/// Counts what the week says in at least `least` different texts.
pub(super) fn sift(archive: &Archive, options: &EmergingOptions) -> Result<Sifted, AnalyticsError> {
    let week = (options.week, options.week);
    let (mut sketch, mut grams, mut copies) = (Sketch::new(), Grams::new(), Copies::default());
    let (mut wordings, mut sketcher) = (Wordings::default(), Sketcher::new());
    let mut texts = 0;
    let mut once: FxHashSet<u64> = FxHashSet::default();
    visit(archive, week, options.flagged, &mut |said| {
        if !copies.is_new(said) {
            return;
        }
        texts += 1;
        if options.templates {
            sketcher.sketch(said.text).iter().for_each(|sketch| wordings.take_in(sketch));
        }
        once.clear();
        each_gram(&mut grams, said, &mut |gram, _, _| {
            let hash = hash_of(gram);
            if once.insert(hash) {
                sketch.add(hash);
            }
        });
    })?;
    // A second pass over one week costs less than names for all that is said once.
    let least = u8::try_from(options.least).unwrap_or(u8::MAX);
    let (mut copies, mut phrases) = (Copies::default(), FxHashMap::<String, u32>::default());
    let mut contacts: BTreeMap<(CandidateKind, String), u32> = BTreeMap::new();
    let mut templates: BTreeMap<String, u32> = BTreeMap::new();
    visit(archive, week, options.flagged, &mut |said| {
        if !copies.is_new(said) {
            return;
        }
        once.clear();
        each_gram(&mut grams, said, &mut |gram, _, _| {
            let hash = hash_of(gram);
            if !once.insert(hash) || sketch.at_most(hash) < least {
                return;
            }
            if let Some(count) = phrases.get_mut(gram) {
                *count += 1;
            } else if phrases.len() < MOST {
                phrases.insert(gram.to_owned(), 1);
            }
        });
        if let Some(name) = worded(&wordings, &mut sketcher, said) {
            *templates.entry(name.to_owned()).or_default() += 1;
        }
        for (kind, value) in said.contacts() {
            if contacts.len() < MOST {
                *contacts.entry((kind, value.to_owned())).or_default() += 1;
            }
        }
    })?;
    let phrases = phrases.into_iter().map(|(value, now)| (CandidateKind::Phrase, value, now));
    let contacts = contacts.into_iter().map(|((kind, value), now)| (kind, value, now));
    templates.retain(|_, now| *now >= options.least);
    wordings.keep(|name| templates.contains_key(name));
    let templates = templates.into_iter().map(|(name, now)| (CandidateKind::Template, name, now));
    let mut things: Vec<Counted> = phrases
        .chain(contacts)
        .chain(templates)
        .filter(|(_, _, now)| *now >= options.least)
        .map(|(kind, value, now)| Counted { kind, value, now, weeks: Vec::new() })
        .collect();
    things.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    Ok(Sifted { texts, things, wordings })
}

/// The wording that is followed and that a posting is in.
pub(super) fn worded<'w>(
    wordings: &'w Wordings,
    sketcher: &mut Sketcher,
    said: &Said<'_>,
) -> Option<&'w str> {
    if wordings.is_empty() {
        return None;
    }
    wordings.find(&sketcher.sketch(said.text)?)
}

/// Each run of words of title and text.
pub(super) fn each_gram(
    grams: &mut Grams,
    said: &Said<'_>,
    visit: &mut dyn FnMut(&str, &str, std::ops::Range<usize>),
) {
    if let Some(title) = said.title {
        grams.visit(Field::Title, title, said.region, &mut |gram, range| visit(gram, title, range));
    }
    grams.visit(Field::Text, said.text, said.region, &mut |gram, range| {
        visit(gram, said.text, range);
    });
}
