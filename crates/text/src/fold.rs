//! The folding itself: one pass over the original, words collected and undisguised one by one,
//! every folded byte with the original bytes that it came from.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::letters::{Plain, is_apostrophe, is_cyrillic, plain};
use crate::spaced;
use crate::words::{Piece, Script, undisguise};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters.
    Word,
    /// Digits.
    Number,
}

/// A word or number, with its place in the folded text and in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte in the folded text.
    pub start: u32,
    /// One past its last byte there.
    pub end: u32,
    /// First byte in the original.
    pub from: u32,
    /// One past its last byte there.
    pub to: u32,
    /// Number of its sentence, from 0.
    pub sentence: u32,
    /// Word or number.
    pub kind: TokenKind,
    /// More than case and accents was folded: somebody may have hidden the word.
    pub disguised: bool,
}

/// A text as rules see it. Can be used again for the next text, keeping its buffers.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    /// For each folded byte: the original bytes that it came from.
    map: Vec<(u32, u32)>,
    tokens: Vec<Token>,
    sentence: u32,
    script: Script,
    word: Vec<Piece>,
    /// What the word being collected needs: nothing, or a look at its disguises.
    doubtful: bool,
    /// The word being collected held something that nobody types by accident.
    hidden: bool,
}

impl Folded {
    /// Folds a text.
    pub fn new(original: &str) -> Self {
        let mut folded = Self::default();
        folded.refold(original);
        folded
    }

    /// Folds another text into the same buffers. Texts beyond 4 GB are cut there.
    pub fn refold(&mut self, original: &str) {
        self.text.clear();
        self.map.clear();
        self.tokens.clear();
        self.word.clear();
        (self.sentence, self.script) = (0, Script::None);
        (self.doubtful, self.hidden) = (false, false);
        self.text.reserve(original.len());
        self.map.reserve(original.len());
        let original = match original.char_indices().find(|(at, _)| *at > u32::MAX as usize - 8) {
            Some((at, _)) if original.len() > u32::MAX as usize => &original[..at],
            _ => original,
        };
        let mut chars = original.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let to = (at + c.len_utf8()) as u32;
            let next = chars.peek().map(|(_, next)| *next);
            self.take(c, at as u32, to, next, original);
        }
        self.end_word();
        spaced::join(self, original);
    }

    /// The folded text: punctuation kept, for patterns. Words that were written with gaps stand
    /// joined behind its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Words and numbers in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The letters of a token.
    pub fn word(&self, token: &Token) -> &str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// The whole original characters that a range of the folded text came from.
    pub fn original_range(&self, folded: Range<usize>) -> Range<usize> {
        let covered = self.map.get(folded).unwrap_or_default();
        let from = covered.iter().map(|(from, _)| *from).min().unwrap_or(0);
        let to = covered.iter().map(|(_, to)| *to).max().unwrap_or(from);
        from as usize..to as usize
    }

    fn take(&mut self, c: char, from: u32, to: u32, next: Option<char>, original: &str) {
        match plain(c) {
            Some(Plain::Letter(letter)) => self.letter(letter, from, to),
            Some(Plain::Digit(digit)) => self.digit(digit, from, to),
            Some(Plain::Nothing) => {
                let inside = !self.word.is_empty() && next.is_some_and(char::is_alphanumeric);
                self.hidden |= inside && c != '\u{ad}';
            }
            Some(Plain::Other(other)) => self.other(other, from, to, next, original),
            None => self.unusual(c, from, to, next, original),
        }
    }

    fn letter(&mut self, c: char, from: u32, to: u32) {
        // A number ends where letters begin: `12год`, `5к`.
        if self.word.iter().all(|piece| piece.c.is_ascii_digit()) && !self.word.is_empty() {
            self.end_word();
        }
        if let Some(last) = self.word.last() {
            let crosses = is_cyrillic(last.c) != is_cyrillic(c);
            self.doubtful |= crosses || last.c == c;
        }
        self.word.push(Piece { c, from, to });
    }

    fn digit(&mut self, c: char, from: u32, to: u32) {
        self.doubtful |= self.word.last().is_some_and(|last| !last.c.is_ascii_digit());
        self.word.push(Piece { c, from, to });
    }

    fn other(&mut self, c: char, from: u32, to: u32, next: Option<char>, original: &str) {
        let inside = self.word.last().is_some_and(|last| last.c.is_alphabetic())
            && next.is_some_and(char::is_alphabetic);
        if inside && is_apostrophe(c) {
            return;
        }
        if inside && is_letter_like(c, &original[to as usize..]) {
            self.doubtful = true;
            self.word.push(Piece { c, from, to });
            return;
        }
        self.end_word();
        if self.ends_sentence(c, &original[to as usize..]) {
            self.sentence += 1;
        }
        self.put(Piece { c, from, to });
    }

    /// Characters that the fast table does not know: composed by NFKC, accents off.
    fn unusual(&mut self, c: char, from: u32, to: u32, next: Option<char>, original: &str) {
        if is_combining_mark(c) {
            return self.mark(c, to);
        }
        if c == 'ß' || c == 'ẞ' {
            self.letter('s', from, to);
            return self.letter('s', from, to);
        }
        let mut known = false;
        for folded in std::iter::once(c).nfkc().flat_map(char::to_lowercase) {
            match plain(folded) {
                Some(Plain::Letter(letter)) => {
                    self.letter(letter, from, to);
                    self.hidden |= is_styled(c);
                }
                Some(Plain::Digit(digit)) => self.digit(digit, from, to),
                Some(Plain::Nothing) => {}
                Some(Plain::Other(other)) if known => self.put(Piece { c: other, from, to }),
                Some(Plain::Other(other)) => self.other(other, from, to, next, original),
                None if is_combining_mark(folded) => {}
                None if folded.is_alphabetic() => {
                    let bare = folded.to_string().nfd().next().unwrap_or(folded);
                    self.letter(bare, from, to);
                    self.doubtful = true;
                }
                None => self.other(folded, from, to, next, original),
            }
            known = true;
        }
    }

    /// A mark that stands over the letter before it. Й and ї come apart in some texts; all else is
    /// accent or disguise.
    fn mark(&mut self, mark: char, to: u32) {
        let Some(last) = self.word.last_mut() else { return };
        last.to = to;
        match (last.c, mark) {
            ('и', '\u{306}') => last.c = 'й',
            ('і', '\u{308}') => last.c = 'ї',
            ('у', '\u{306}') => last.c = 'ў',
            // A stroke through a letter, or a second mark on it, is no accent.
            (_, '\u{334}'..='\u{338}' | '\u{20d0}'..='\u{20f0}') => self.hidden = true,
            _ => {}
        }
    }

    fn ends_sentence(&self, c: char, rest: &str) -> bool {
        let mut after = rest.chars();
        let next = after.next();
        match c {
            '!' | '?' | '…' => true,
            '.' => {
                let parted =
                    next.is_none_or(|next| next.is_whitespace() || !next.is_alphanumeric());
                parted && !self.after_abbreviation()
            }
            '\n' => {
                let line = rest.trim_start_matches([' ', '\t', '\r']);
                // A line that goes on in lower case is the same sentence, wrapped.
                !line.chars().next().is_some_and(|first| first.is_lowercase())
            }
            _ => false,
        }
    }

    fn after_abbreviation(&self) -> bool {
        const SHORT: &[&str] = &[
            "грн", "руб", "тис", "тыс", "т", "д", "п", "ул", "вул", "м", "г", "р", "зл", "год",
            "ч", "час", "тел", "обл", "см", "кг", "км", "хв", "мин", "пр", "буд", "кв", "nr",
            "str", "dl", "dna", "tel", "ex", "e", "i", "g", "st", "mr", "mrs", "ok", "min", "max",
            "art", "jud", "ул", "гр", "євро", "злот",
        ];
        let word = self.tokens.last().filter(|token| token.end as usize == self.text.len());
        word.is_some_and(|token| {
            SHORT.contains(&self.word(token)) || self.word(token).chars().count() == 1
        })
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let mut word = std::mem::take(&mut self.word);
        let mut disguised = false;
        // The usual word, of one script with nothing odd in it, needs no second look. Words of
        // look-alikes alone do, when the text around them is Cyrillic.
        let latin_amid_cyrillic = self.script == Script::Cyrillic && word[0].c.is_ascii_lowercase();
        if self.doubtful || latin_amid_cyrillic || !is_plain_letter(word[0].c) {
            let (script, changed) = undisguise(&mut word, self.script);
            disguised = changed;
            self.script = if script == Script::None { self.script } else { script };
        } else if word[0].c.is_alphabetic() {
            self.script = if is_cyrillic(word[0].c) { Script::Cyrillic } else { Script::Latin };
        }
        let hidden = std::mem::take(&mut self.hidden);
        self.doubtful = false;
        self.push_word(&word, disguised || hidden);
        word.clear();
        self.word = word;
    }

    /// Puts a word as one token, or as several where digits border on letters.
    pub(crate) fn push_word(&mut self, word: &[Piece], disguised: bool) {
        let mut at = 0;
        while at < word.len() {
            let is_number = word[at].c.is_ascii_digit();
            let same =
                word[at..].iter().take_while(|piece| piece.c.is_ascii_digit() == is_number).count();
            let part = &word[at..at + same];
            let start = self.text.len() as u32;
            for piece in part {
                self.put(*piece);
            }
            let kind = if is_number { TokenKind::Number } else { TokenKind::Word };
            self.tokens.push(Token {
                start,
                end: self.text.len() as u32,
                from: part[0].from,
                to: part[same - 1].to,
                sentence: self.sentence,
                kind,
                disguised,
            });
            at += same;
        }
    }

    pub(crate) fn put(&mut self, piece: Piece) {
        self.text.push(piece.c);
        self.map.resize(self.text.len(), (piece.from, piece.to));
    }

    pub(crate) fn tokens_mut(&mut self) -> &mut Vec<Token> {
        &mut self.tokens
    }
}

fn is_plain_letter(c: char) -> bool {
    c.is_ascii_lowercase() || is_cyrillic(c) || c.is_ascii_digit()
}

/// Letters of mathematical, circled, squared and wide alphabets, and regional indicators.
fn is_styled(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}' | '\u{ff21}'..='\u{ff5a}' | '\u{1f130}'..='\u{1f189}')
}

/// `@` and `$` stand for letters between letters, unless this is an address.
fn is_letter_like(c: char, rest: &str) -> bool {
    let rest_of_chunk = rest.split(char::is_whitespace).next().unwrap_or_default();
    match c {
        '@' => !rest_of_chunk.chars().take(64).any(|c| c == '.'),
        '$' => true,
        _ => false,
    }
}

/// Folds a word of a rule file the way texts are folded.
pub fn fold_word(word: &str) -> String {
    let folded = Folded::new(word);
    let words: Vec<&str> = folded.tokens().iter().map(|token| folded.word(token)).collect();
    words.concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let folded = Folded::new(text);
        folded.tokens().iter().map(|token| folded.word(token).to_owned()).collect()
    }

    #[test]
    fn disguised_words_come_out_plain() {
        for (hidden, clear) in [
            ("Пaспoрт", "паспорт"),
            ("п4спорт", "пчспорт"),
            ("esc0rt", "escort"),
            ("p@ssport", "passport"),
            ("pаsspоrt", "passport"),
            ("паспорррт", "паспорт"),
            ("п\u{200b}аспорт", "паспорт"),
            ("п а с п о р т", "паспорт"),
            ("п.а.с.п.о.р.т", "паспорт"),
            ("e-s-c-o-r-t", "escort"),
            ("𝗽𝗮𝘀𝘀𝗽𝗼𝗿𝘁", "passport"),
            ("ⓔⓢⓒⓞⓡⓣ", "escort"),
            ("ｐａｓｓｐｏｒｔ", "passport"),
            ("д0кументи", "документи"),
            ("виїзд xoctec", "виїзд хостес"),
        ] {
            let joined = words(hidden).join(" ");
            assert_eq!(joined, clear, "{hidden}");
            let folded = Folded::new(hidden);
            assert!(folded.tokens().iter().any(|token| token.disguised), "{hidden}");
        }
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        for text in [
            "робота за кордоном для дівчат",
            "требуются девушки на работу",
            "їжа та житло об'єкт",
            "йод йод",
            "cautam fete pentru munca",
            "passport needed call mum and dad",
            "iphone mac pc",
            "з а у",
        ] {
            let folded = Folded::new(text);
            let expected = text.replace('\'', "");
            assert_eq!(words(text).join(" "), expected);
            assert!(folded.tokens().iter().all(|token| !token.disguised), "{text}");
        }
        assert_eq!(words("й ї").concat(), "йї", "letters that came apart are put together");
        assert_eq!(
            words("Pașaport ȚARĂ ţară Straße ŁÓDŹ").join(" "),
            "pasaport tara tara strasse lodz"
        );
        assert_eq!(words("18-25, 12год, 5к, mp3").join(" "), "18 25 12 год 5 к mp 3");
    }

    #[test]
    fn sentences_end_where_a_reader_would_end_them() {
        let sentences =
            |text: &str| Folded::new(text).tokens().last().map_or(0, |token| token.sentence + 1);
        assert_eq!(sentences("Паспорт у нас. Дзвоніть!"), 2);
        assert_eq!(sentences("Зарплата 500 грн. на день"), 1);
        assert_eq!(sentences("рядок\nдалі"), 1);
        assert_eq!(sentences("рядок\nДалі"), 2);
        assert_eq!(sentences("e-mail a.b@c.de і 1.500"), 1);
    }

    proptest! {
        #[test]
        fn any_text_folds_and_leads_back(text in "\\PC{0,60}|[а-яіїєa-z0-9 .,!\n]{0,80}") {
            let folded = Folded::new(&text);
            let mut last = 0;
            for token in folded.tokens() {
                prop_assert!(token.from < token.to && token.to as usize <= text.len());
                prop_assert!(text.get(token.from as usize..token.to as usize).is_some());
                prop_assert!(token.from >= last, "tokens go forward");
                last = token.from;
                prop_assert!(!folded.word(token).is_empty());
                let range = folded.original_range(token.start as usize..token.end as usize);
                prop_assert_eq!((range.start as u32, range.end as u32), (token.from, token.to));
            }
            prop_assert_eq!(folded.text().len(), folded.map.len());
        }

        #[test]
        fn a_folded_word_folds_to_itself(word in "[а-яА-ЯіїєґІЇЄҐёЁ]{1,12}|[a-zA-ZșțăâîşţłąęäöüßŁŻ]{1,12}") {
            let once = fold_word(&word);
            prop_assert_eq!(fold_word(&once), once);
        }
    }
}
