//! Which kinds of work and which countries the words of a posting name, and from where to where they
//! take people. Small open word lists, for counting many postings; they add no point to any one.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use text::{Folded, Route, TokenKind};

const TOPICS: &str = include_str!("../words/topics.tsv");
/// Shortest beginning of a word that may stand for all its endings, in letters.
const SHORTEST_STEM: usize = 3;
const LONGEST_STEM: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Sector(&'static str),
    Country(&'static str),
}

struct Words {
    whole: FxHashMap<String, Topic>,
    stems: FxHashMap<String, Topic>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words { whole: FxHashMap::default(), stems: FxHashMap::default() };
    for line in TOPICS.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (Some(kind), Some(id), Some(list)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let topic = if kind == "sector" { Topic::Sector(id) } else { Topic::Country(id) };
        for word in list.split(' ').filter(|word| !word.is_empty()) {
            match word.strip_suffix('~') {
                Some(stem) => words.stems.insert(text::fold_word(stem), topic),
                None => words.whole.insert(text::fold_word(word), topic),
            };
        }
    }
    words
});

/// What a posting's words name, each once, in order of the alphabet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Topics {
    pub(crate) sectors: Vec<&'static str>,
    pub(crate) countries: Vec<&'static str>,
    /// As [`route_name`] writes them.
    pub(crate) routes: Vec<String>,
}

/// Looks words up, reusing its buffers.
pub(crate) struct Lexicon {
    folded: Folded,
}

impl Lexicon {
    pub(crate) fn new() -> Self {
        Self { folded: Folded::new("") }
    }

    pub(crate) fn topics(&mut self, title: Option<&str>, text: &str) -> Topics {
        let mut topics = Topics::default();
        let mut route = Route::default();
        for words in title.into_iter().chain([text]) {
            self.folded.refold(words);
            route.add(&self.folded);
            for token in self.folded.tokens() {
                if token.kind != TokenKind::Word {
                    continue;
                }
                match topic_of(self.folded.word(token)) {
                    Some(Topic::Sector(id)) => topics.sectors.push(id),
                    Some(Topic::Country(code)) => topics.countries.push(code),
                    None => {}
                }
            }
        }
        for list in [&mut topics.sectors, &mut topics.countries] {
            list.sort_unstable();
            list.dedup();
        }
        topics.routes = route.legs().map(route_name).collect();
        topics
    }
}

/// Between the two ends of a route.
const TO: &str = " -> ";
/// Stands for an end that the words do not tell.
const UNTOLD: &str = "?";

/// A route as it stands in the archive: `UA -> DE`, `? -> DE`.
fn route_name((from, to): (Option<&'static str>, Option<&'static str>)) -> String {
    format!("{}{TO}{}", from.unwrap_or(UNTOLD), to.unwrap_or(UNTOLD))
}

/// The two ends of a route that is written so; `None` for one that is not told.
pub(crate) fn route_ends(route: &str) -> Option<(Option<&str>, Option<&str>)> {
    let (from, to) = route.split_once(TO)?;
    let told = |end| (end != UNTOLD).then_some(end);
    Some((told(from), told(to)))
}

/// The whole word, else its longest beginning that is listed.
fn topic_of(word: &str) -> Option<Topic> {
    if let Some(topic) = WORDS.whole.get(word) {
        return Some(*topic);
    }
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    let ends: Vec<usize> = ends.take(LONGEST_STEM).collect();
    let stems = ends.iter().skip(SHORTEST_STEM - 1).rev();
    stems.filter_map(|end| WORDS.stems.get(word.get(..*end)?)).next().copied()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The ids of a kind, in the order of the list.
    pub(crate) fn ids(kind: &'static str) -> impl Iterator<Item = &'static str> {
        TOPICS.lines().filter_map(move |line| {
            let mut fields = line.split('\t');
            (fields.next() == Some(kind)).then(|| fields.next()).flatten()
        })
    }

    #[test]
    fn words_of_four_languages_name_the_same_work_and_country() {
        let mut lexicon = Lexicon::new();
        for text in [
            "Робота в Німеччині на фермі, збір полуниці",
            "Работа в Германии, сбор клубники",
            "Muncă la cules de căpșuni în Germania",
            "Strawberry harvest on a farm in Germany",
        ] {
            let topics = lexicon.topics(None, text);
            assert_eq!(topics.sectors, ["farm"], "{text}");
            assert_eq!(topics.countries, ["DE"], "{text}");
            assert_eq!(topics.routes, ["? -> DE"], "{text}");
        }
        assert_eq!(lexicon.topics(Some("Hello"), "nothing of the kind"), Topics::default());
    }

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines = TOPICS.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(ids("sector").count() + ids("country").count(), lines);
    }
}
