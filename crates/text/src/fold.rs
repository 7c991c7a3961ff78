//! The folding itself: clean words go through a table, byte for byte; words with anything odd in them
//! are collected letter by letter and undisguised.

use std::ops::Range;

use domain::Language;

use crate::letters::is_apostrophe;
use crate::romanized;
use crate::sentence;
use crate::spaced::{self, Gap};
use crate::table::{CYRILLIC, DIGIT, LATIN, Run, SURE, Table};
use crate::trail::Trail;
use crate::unusual::{self, Gathered};
use crate::words::{Around, Piece, SHORTEST_ALL_ALIKE, Script, Undone, border, undisguise};

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
    /// Number of its sentence, from 0; numbers may be left out.
    pub sentence: u32,
    /// Word or number.
    pub kind: TokenKind,
    /// A letter of it was repeated three times and more, and stands here once: it may be meant twice.
    pub stretched: bool,
    /// More than case, accents and apostrophes was folded: somebody may have hidden the word. Never
    /// set for numbers.
    pub disguised: bool,
}

/// A text as rules see it. Can be used again for the next text, keeping its buffers.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    text: String,
    trail: Trail,
    tokens: Vec<Token>,
    sentence: u32,
    /// Script of the word before.
    script: Script,
    /// Words so far that can only be Cyrillic, and only Latin.
    sure_words: (u32, u32),
    /// Words so far that were of both scripts.
    mixed_words: u32,
    /// How the last word written letter by letter was parted, and where it ended.
    parted: Option<(Gap, usize)>,
    romanized: Option<Language>,
    gathered: Gathered,
}

/// Bytes between two words that are written letter by letter, up to which the second may be short.
const FARTHEST_PARTED: usize = 24;
/// Longest text that is folded: places are 32 bits wide.
const LONGEST: usize = u32::MAX as usize / 4;

impl Folded {
    /// Folds a text.
    pub fn new(original: &str) -> Self {
        let mut folded = Self::default();
        folded.refold(original);
        folded
    }

    /// Folds another text into the same buffers. Texts beyond 1 GB are cut there.
    pub fn refold(&mut self, original: &str) {
        self.text.clear();
        self.trail.clear();
        self.tokens.clear();
        (self.sentence, self.script) = (0, Script::None);
        (self.sure_words, self.mixed_words, self.parted) = ((0, 0), 0, None);
        let original = &original[..original.floor_char_boundary(LONGEST)];
        self.text.reserve(original.len());
        let table = Table::get();
        let mut at = 0;
        while let Some(byte) = original.as_bytes().get(at) {
            at = if table.starts_word(original.as_bytes(), at) {
                self.word_at(original, at, table)
            } else if *byte == b' ' {
                self.put_ascii(' ', at)
            } else {
                self.between(original, at)
            };
        }
        let (cyrillic, latin) = self.sure_words;
        self.romanized = (latin > cyrillic).then(|| romanized::told(self)).flatten();
        if let Some(language) = self.romanized {
            self.read_in_cyrillic(original, language);
        }
    }

    /// The language of a text that was typed in Latin letters and is meant, and folded, in Cyrillic
    /// ones: "Rabota v Polshe".
    pub fn romanized(&self) -> Option<Language> {
        self.romanized
    }

    /// The folded text: punctuation kept, for patterns.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Words and numbers in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The letters of a token.
    #[inline]
    pub fn word(&self, token: &Token) -> &str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// The whole original characters that a range of the folded text came from. Marks without a
    /// letter of their own are in it when they stand inside, and not when they stand at its borders.
    pub fn original_range(&self, folded: Range<usize>) -> Range<usize> {
        self.trail.original_range(&self.text, folded)
    }

    /// Folds the word that begins here; gives where it ends.
    fn word_at(&mut self, original: &str, at: usize, table: &Table) -> usize {
        if table.is_single_letter(original.as_bytes(), at)
            && let Some(end) = self.spaced_word(original, at)
        {
            return end;
        }
        let (text_before, trail_before) = (self.text.len(), self.trail.mark());
        match self.clean_word(original, at, table) {
            Some(end) => end,
            None => {
                self.text.truncate(text_before);
                self.trail.back_to(trail_before);
                self.odd_word(original, at)
            }
        }
    }

    /// The fast way: a word of one script, or a number, with nothing odd in it. `None` when it is
    /// not that; what was written is then to be taken back.
    fn clean_word(&mut self, original: &str, from: usize, table: &Table) -> Option<usize> {
        let start = self.text.len();
        self.trail.straight(start, from);
        let Run { end: at, seen, letters } = match table.folded_run(original.as_bytes(), from) {
            Some(run) => {
                self.text.push_str(&original[from..run.end]);
                run
            }
            None => self.fold_run(original, from, table)?,
        };
        if !ends_plainly(original, at) {
            return None;
        }
        let (kind, script) = match seen & (LATIN | CYRILLIC | DIGIT) {
            DIGIT => (TokenKind::Number, self.script),
            LATIN => (TokenKind::Word, Script::Latin),
            CYRILLIC => (TokenKind::Word, Script::Cyrillic),
            _ => return None,
        };
        // Words of look-alikes alone may be meant in the script of their neighbours.
        let all_alike = kind == TokenKind::Word && seen & SURE == 0;
        let may_be_other = letters == 1
            || letters >= SHORTEST_ALL_ALIKE
            || script == Script::Cyrillic
            || self.script == Script::None
            || self.mixed_words > 0;
        if all_alike && script != self.script && may_be_other {
            return None;
        }
        if seen & SURE != 0 {
            match script {
                Script::Cyrillic => self.sure_words.0 += 1,
                _ => self.sure_words.1 += 1,
            }
        }
        self.script = script;
        self.push_token(start, (from, at), kind, Undone::default());
        Some(at)
    }

    /// Folds letters and digits one by one; `None` when one stands three times in a row.
    fn fold_run(&mut self, original: &str, from: usize, table: &Table) -> Option<Run> {
        let mut run = Run { end: from, seen: 0, letters: 0 };
        let (mut last, mut before_last) = ('\0', '\0');
        let mut straight = true;
        while let Some((folded, class, length)) = table.letter(original.as_bytes(), run.end) {
            let same_length = folded.len_utf8() == length;
            if !same_length {
                self.trail.bent(self.text.len(), run.end, run.end + length);
            } else if !straight {
                self.trail.straight(self.text.len(), run.end);
            }
            straight = same_length;
            self.text.push(folded);
            if folded == last && last == before_last && class & DIGIT == 0 {
                return None;
            }
            (before_last, last) = (last, folded);
            run.add(class, length);
        }
        Some(run)
    }

    /// The thorough way, for words with anything odd in them.
    fn odd_word(&mut self, original: &str, from: usize) -> usize {
        let mut gathered = std::mem::take(&mut self.gathered);
        let end = gathered.gather(original, from);
        if gathered.pieces.is_empty() {
            // Nothing of a word after all.
            self.gathered = gathered;
            return self.put_as_is(original, from);
        }
        let after = unusual::script_after(original, end);
        if let Some(border) = border(&gathered.pieces, original) {
            let mut second = gathered.pieces.split_off(border);
            self.push_undisguised(&mut gathered.pieces, (Script::None, 0), gathered.hidden);
            self.push_undisguised(&mut second, after, gathered.hidden);
        } else {
            self.push_undisguised(&mut gathered.pieces, after, gathered.hidden);
        }
        self.gathered = gathered;
        end
    }

    fn push_undisguised(&mut self, word: &mut Vec<Piece>, after: (Script, u32), hidden: bool) {
        let undone = undisguise(word, self.around(after));
        self.mixed_words += u32::from(undone.mixed);
        self.script = if undone.script == Script::None { self.script } else { undone.script };
        self.push_word(word, Undone { disguised: undone.disguised || hidden, ..undone });
    }

    /// The scripts around the word at hand.
    fn around(&self, (after, mixed): (Script, u32)) -> Around {
        const FEW: u32 = 2;
        let main = match self.sure_words {
            (cyrillic, latin) if cyrillic > FEW + 4 * latin => Script::Cyrillic,
            (cyrillic, latin) if latin > FEW + 4 * cyrillic => Script::Latin,
            _ => Script::None,
        };
        Around { before: self.script, after, main, mixing: self.mixed_words + mixed > 1 }
    }

    /// A word written letter by letter, if one begins here.
    fn spaced_word(&mut self, original: &str, from: usize) -> Option<usize> {
        let mut gathered = std::mem::take(&mut self.gathered);
        let known = self.parted.filter(|(_, end)| from - end <= FARTHEST_PARTED);
        let known = known.map(|(gap, _)| gap);
        let found = spaced::gather(&mut gathered.pieces, original, from, known);
        if let Some((end, gap)) = found {
            self.parted = Some((gap, end));
            let undone = undisguise(&mut gathered.pieces, self.around((Script::None, 0)));
            spaced::close_gaps(&mut gathered.pieces);
            self.script = if undone.script == Script::None { self.script } else { undone.script };
            self.push_word(&gathered.pieces, Undone { disguised: true, ..undone });
        }
        self.gathered = gathered;
        found.map(|(end, _)| end)
    }

    /// A character between words; gives where the next begins.
    fn between(&mut self, original: &str, at: usize) -> usize {
        let Some(c) = original[at..].chars().next() else { return original.len() };
        let to = at + c.len_utf8();
        if sentence::ends_at(original, at, c, self.tokens.last().map(|token| self.word(token))) {
            self.sentence += 1;
        }
        if c.is_ascii() {
            return self.put_ascii(c, at);
        }
        match unusual::between(original, at, c) {
            unusual::Between::Dropped => to,
            unusual::Between::Kept(end) => {
                self.trail.straight(self.text.len(), at);
                self.text.push_str(&original[at..end]);
                end
            }
            unusual::Between::Is(other) => {
                self.put(Piece { c: other, from: at as u32, to: to as u32 });
                to
            }
            unusual::Between::Letter => match self.spaced_word(original, at) {
                Some(end) => end,
                None => self.odd_word(original, at),
            },
        }
    }

    fn put_ascii(&mut self, c: char, at: usize) -> usize {
        self.trail.straight(self.text.len(), at);
        self.text.push(c);
        at + 1
    }

    fn put_as_is(&mut self, original: &str, at: usize) -> usize {
        let Some(c) = original[at..].chars().next() else { return original.len() };
        self.trail.straight(self.text.len(), at);
        self.text.push(c);
        at + c.len_utf8()
    }

    /// Puts a word as one token, or as several where digits border on letters.
    fn push_word(&mut self, word: &[Piece], undone: Undone) {
        let mut rest = word;
        while let Some(first) = rest.first() {
            let kind = first.kind();
            let same = rest.iter().take_while(|piece| piece.kind() == kind).count();
            let (part, after) = rest.split_at(same);
            let start = self.text.len();
            part.iter().for_each(|piece| self.put(*piece));
            if let (Some(kind), Some(last)) = (kind, part.last()) {
                let (from, to) = (first.from as usize, last.to as usize);
                self.push_token(start, (from, to), kind, undone);
            }
            rest = after;
        }
    }

    fn push_token(
        &mut self,
        start: usize,
        (from, to): (usize, usize),
        kind: TokenKind,
        undone: Undone,
    ) {
        let is_word = kind == TokenKind::Word;
        self.tokens.push(Token {
            start: start as u32,
            end: self.text.len() as u32,
            from: from as u32,
            to: to as u32,
            sentence: self.sentence,
            kind,
            stretched: undone.stretched && is_word,
            disguised: undone.disguised && is_word,
        });
    }

    /// What was put since `start` is this token, read anew from this place of the original.
    pub(crate) fn push_again(&mut self, token: &Token, start: usize, from: u32, to: u32) {
        let (start, end) = (start as u32, self.text.len() as u32);
        self.tokens.push(Token { start, end, from, to, ..*token });
    }

    pub(crate) fn end_romanized(&mut self, language: Language) {
        self.romanized = Some(language);
    }

    pub(crate) fn put(&mut self, piece: Piece) {
        let (from, to) = (piece.from as usize, piece.to as usize);
        if piece.c.len_utf8() == to - from {
            self.trail.straight(self.text.len(), from);
        } else {
            self.trail.bent(self.text.len(), from, to);
        }
        self.text.push(piece.c);
    }
}

/// Whether what follows a word is sure to be no part of it.
fn ends_plainly(original: &str, at: usize) -> bool {
    match original.as_bytes().get(at) {
        None | Some(b' ' | b'\n' | b',' | b'.' | b'-' | b'!' | b'?' | b':') => true,
        Some(byte) if byte.is_ascii() => !matches!(byte, b'\'' | b'`' | b'@' | b'$'),
        Some(_) => {
            let c = original[at..].chars().next().unwrap_or(' ');
            !is_apostrophe(c) && unusual::parts_words(c)
        }
    }
}

/// Folds a word of a rule file the way texts are folded.
pub fn fold_word(word: &str) -> String {
    let folded = Folded::new(word);
    folded.tokens().iter().map(|token| folded.word(token)).collect()
}
