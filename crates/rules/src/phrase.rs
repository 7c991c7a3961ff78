//! The phrase language: from `паспорт* ..3 (у|в)? @keeper` to a tree.

use crate::folding::Folding;
use crate::read::yaml::shortened;

/// Longest phrase that is read, in characters.
const MAX_CHARS: usize = 2_000;
/// Deepest nesting of groups.
const MAX_DEPTH: usize = 8;
/// Widest gap, in words.
const MAX_GAP: u8 = 8;
/// Width of a gap written without a number.
const PLAIN_GAP: u8 = 3;
/// Most pieces in any order: each order is written out, and four would be twenty-four.
const MAX_SWAPPED: usize = 3;

/// A parsed phrase or a part of one. All words are folded as texts are. A pack has hundreds of
/// thousands of parts, so each holds no more memory than it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    Word(Box<str>),
    Stem(Box<str>),
    /// A stem with an ending of its language: of one kind (`noun`), or of any.
    Inflected(Box<str>, Option<Box<str>>),
    Number {
        low: u64,
        high: u64,
    },
    /// Up to so many other words.
    Gap(u8),
    /// `@name`, looked up when the whole pack has been read.
    List(Box<str>),
    Sequence(Box<[Phrase]>),
    Alternatives(Box<[Phrase]>),
    Optional(Box<Phrase>),
}

/// Parses a phrase; the error says what is wrong and at which character.
pub(crate) fn parse(source: &str, folding: &mut Folding) -> Result<Phrase, String> {
    let chars: Vec<char> = source.chars().collect();
    if chars.len() > MAX_CHARS {
        return Err(format!("longer than {MAX_CHARS} characters; use a word list"));
    }
    let mut parser = Parser { chars: &chars, at: 0, folding };
    let phrase = parser.sequence(0)?;
    if begins_or_ends_with_gap(&phrase) {
        return Err("a phrase must not begin or end with a gap".to_owned());
    }
    match parser.peek() {
        None => Ok(phrase),
        Some(')') => Err(parser.wrong("`)` without `(`")),
        Some(_) => Err(parser.wrong("`|` stands only inside parentheses, as in `(a|b)`")),
    }
}

fn begins_or_ends_with_gap(phrase: &Phrase) -> bool {
    let is_gap = |item: Option<&Phrase>| matches!(item, Some(Phrase::Gap(_)));
    match phrase {
        Phrase::Sequence(items) => is_gap(items.first()) || is_gap(items.last()),
        other => is_gap(Some(other)),
    }
}

/// Whether a piece takes up a word in every match.
fn is_certain(piece: &Phrase) -> bool {
    !matches!(piece, Phrase::Gap(_) | Phrase::Optional(_))
}

/// All orders of the pieces, with the gaps between them where they were written.
fn in_any_order(pieces: &[Phrase], gaps: &[Option<Phrase>]) -> Phrase {
    let orders: &[&[usize]] = match pieces.len() {
        2 => &[&[0, 1], &[1, 0]],
        _ => &[&[0, 1, 2], &[0, 2, 1], &[1, 0, 2], &[1, 2, 0], &[2, 0, 1], &[2, 1, 0]],
    };
    let written_out = orders.iter().map(|order| {
        let mut items = Vec::new();
        for (index, piece) in order.iter().enumerate() {
            items.extend(index.checked_sub(1).and_then(|gap| gaps[gap].clone()));
            items.push(pieces[*piece].clone());
        }
        Phrase::Sequence(items.into())
    });
    Phrase::Alternatives(written_out.collect())
}

struct Parser<'p> {
    chars: &'p [char],
    at: usize,
    folding: &'p mut Folding,
}

impl Parser<'_> {
    fn sequence(&mut self, depth: usize) -> Result<Phrase, String> {
        let mut items = Vec::new();
        loop {
            self.skip_spaces();
            match self.peek() {
                None | Some(')' | '|') => break,
                Some('<') => {
                    let swapped = self.swapped(items.pop(), depth)?;
                    items.push(swapped);
                }
                Some(_) => {
                    let item = self.item(depth)?;
                    items.push(self.maybe_optional(item)?);
                }
            }
        }
        match items.len() {
            0 => Err(self.wrong("a word is missing")),
            1 => Ok(items.remove(0)),
            _ => Ok(Phrase::Sequence(items.into())),
        }
    }

    fn item(&mut self, depth: usize) -> Result<Phrase, String> {
        match self.peek() {
            Some('(') => self.group(depth),
            Some('?') => Err(self.wrong("`?` stands directly behind a word, group or list")),
            Some(mark @ ('*' | '~')) => {
                let message = format!("`{mark}` stands directly behind the beginning of a word");
                Err(self.wrong(&message))
            }
            Some('.') if self.chars.get(self.at + 1) == Some(&'.') => self.gap(),
            Some('@') => self.list(),
            Some('#') => self.number(),
            _ => self.word(),
        }
    }

    fn group(&mut self, depth: usize) -> Result<Phrase, String> {
        if depth >= MAX_DEPTH {
            return Err(self.wrong(&format!("groups nested deeper than {MAX_DEPTH}")));
        }
        let opened_at = self.at;
        let mut branches = Vec::new();
        loop {
            self.at += 1;
            branches.push(self.sequence(depth + 1)?);
            match self.peek() {
                Some('|') => {}
                Some(')') => break,
                _ => {
                    self.at = opened_at;
                    return Err(self.wrong("`(` is never closed"));
                }
            }
        }
        self.at += 1;
        Ok(match branches.len() {
            1 => branches.remove(0),
            _ => Phrase::Alternatives(branches.into()),
        })
    }

    fn maybe_optional(&mut self, item: Phrase) -> Result<Phrase, String> {
        if self.peek() != Some('?') {
            return Ok(item);
        }
        if matches!(item, Phrase::Gap(_)) {
            return Err(self.wrong("a gap is optional anyway, and takes no `?`"));
        }
        self.at += 1;
        Ok(Phrase::Optional(Box::new(item)))
    }

    fn gap(&mut self) -> Result<Phrase, String> {
        self.at += 2;
        let digits = self.take_while(|c| c.is_ascii_digit());
        self.end_of_piece("a gap is written `..` or `..3`")?;
        if digits.is_empty() {
            return Ok(Phrase::Gap(PLAIN_GAP));
        }
        self.gap_of(&digits)
    }

    fn gap_of(&self, digits: &str) -> Result<Phrase, String> {
        match digits.parse::<u8>() {
            Ok(width @ 1..=MAX_GAP) => Ok(Phrase::Gap(width)),
            _ => Err(self.wrong(&format!("a gap is 1 to {MAX_GAP} words wide, found {digits}"))),
        }
    }

    /// `a <..2> b`: the pieces on both sides in either order; three of them in any.
    fn swapped(&mut self, before: Option<Phrase>, depth: usize) -> Result<Phrase, String> {
        const FORM: &str = "either order is written `a <..3> b`, `a <..> b` or `a <> b`";
        let sides = "`<..>` stands between two pieces that must be there";
        let mut pieces = vec![before.filter(is_certain).ok_or_else(|| self.wrong(sides))?];
        let mut gaps = Vec::new();
        while self.peek() == Some('<') {
            self.at += 1;
            let inside = self.take_while(|c| c == '.' || c.is_ascii_digit());
            if self.peek() != Some('>') {
                return Err(self.wrong(FORM));
            }
            self.at += 1;
            self.end_of_piece(FORM)?;
            gaps.push(match (inside.as_str(), inside.strip_prefix("..")) {
                ("", _) => None,
                (_, Some("")) => Some(Phrase::Gap(PLAIN_GAP)),
                (_, Some(digits)) => Some(self.gap_of(digits)?),
                _ => return Err(self.wrong(FORM)),
            });
            self.skip_spaces();
            let piece = match self.peek() {
                None | Some(')' | '|') => None,
                Some(_) => {
                    let item = self.item(depth)?;
                    Some(self.maybe_optional(item)?)
                }
            };
            pieces.push(piece.filter(is_certain).ok_or_else(|| self.wrong(sides))?);
            self.skip_spaces();
        }
        if pieces.len() > MAX_SWAPPED {
            let message = format!("more than {MAX_SWAPPED} pieces in any order; use `all`");
            return Err(self.wrong(&message));
        }
        Ok(in_any_order(&pieces, &gaps))
    }

    fn list(&mut self) -> Result<Phrase, String> {
        self.at += 1;
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if name.is_empty() {
            return Err(self.wrong("`@` needs the name of a word list behind it"));
        }
        self.end_of_piece("the name of a word list holds only a-z 0-9 _ -")?;
        Ok(Phrase::List(name.into()))
    }

    fn number(&mut self) -> Result<Phrase, String> {
        const FORM: &str = "a number is written `#`, `#18` or `#18-30`";
        self.at += 1;
        let low = self.take_while(|c| c.is_ascii_digit());
        let mut high = low.clone();
        if !low.is_empty() && self.peek() == Some('-') {
            self.at += 1;
            high = self.take_while(|c| c.is_ascii_digit());
        }
        self.end_of_piece(FORM)?;
        if low.is_empty() {
            return Ok(Phrase::Number { low: 0, high: u64::MAX });
        }
        match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) if low <= high => Ok(Phrase::Number { low, high }),
            (Ok(_), Ok(_)) => Err(self.wrong("the range of numbers is empty")),
            _ => Err(self.wrong(FORM)),
        }
    }

    /// A word or stem. What folding takes apart (`сім-карт*`) becomes a sequence.
    fn word(&mut self) -> Result<Phrase, String> {
        let started_at = self.at;
        let written = self.take_while(|c| !c.is_whitespace() && !"()|?*~<>".contains(c));
        let mark = self.peek().filter(|c| matches!(c, '*' | '~'));
        let mut words =
            if mark.is_some() { self.folding.stem(&written) } else { self.folding.words(&written) };
        let mut endings = None;
        if mark.is_some() {
            self.at += 1;
            if mark == Some('~') {
                endings = Some(self.take_while(|c| c.is_ascii_lowercase()));
            }
            self.end_of_piece("`*` and `~` stand only at the end of a word")?;
        }
        let Some(last) = words.pop() else {
            self.at = started_at;
            return Err(self.wrong(&format!("`{}` holds no letter or digit", shortened(&written))));
        };
        let last = match (mark, endings) {
            (None, _) => Phrase::Word(last.into()),
            (_, None) => Phrase::Stem(last.into()),
            (_, Some(_)) if last.chars().nth(1).is_none() => {
                self.at = started_at;
                return Err(self.wrong("a stem before `~` has two letters or more"));
            }
            (_, Some(kind)) => {
                let kind = Some(kind).filter(|kind| !kind.is_empty());
                Phrase::Inflected(last.into(), kind.map(Into::into))
            }
        };
        if words.is_empty() {
            return Ok(last);
        }
        let words = words.into_iter().map(|word| Phrase::Word(word.into()));
        Ok(Phrase::Sequence(words.chain([last]).collect()))
    }

    fn end_of_piece(&self, form: &str) -> Result<(), String> {
        match self.peek() {
            None | Some('(' | ')' | '|' | '?') => Ok(()),
            Some(c) if c.is_whitespace() => Ok(()),
            Some(_) => Err(self.wrong(form)),
        }
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|c| accept(**c)).count();
        self.at += count;
        let mut taken = String::with_capacity(2 * count);
        taken.extend(&rest[..count]);
        taken
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn wrong(&self, what: &str) -> String {
        let rest: String = self.chars.iter().skip(self.at).take(20).collect();
        if rest.is_empty() {
            return format!("{what}, at the end of the phrase");
        }
        format!("{what}, at character {} `{rest}`", self.at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<Phrase, String> {
        parse(source, &mut Folding::default())
    }

    #[test]
    fn a_phrase_reads_as_it_is_documented() {
        let word = |w: &str| Phrase::Word(w.into());
        let expected = Phrase::Sequence(Box::new([
            Phrase::Stem("паспорт".into()),
            Phrase::Gap(3),
            Phrase::Alternatives(Box::new([
                word("буде"),
                Phrase::Sequence(Box::new([word("вже"), Phrase::Stem("зберіга".into())])),
            ])),
            Phrase::Optional(Box::new(word("нас"))),
            Phrase::Gap(2),
            Phrase::List("keeper".into()),
            Phrase::Number { low: 18, high: 30 },
            Phrase::Number { low: 0, high: u64::MAX },
        ]));
        assert_eq!(
            read("Паспорт* .. (буде|вже зберіга*) нас? ..2 @keeper #18-30 #").as_ref(),
            Ok(&expected)
        );
    }

    #[test]
    fn either_order_is_both_orders_written_out() {
        let same = |short: &str, long: &str| assert_eq!(read(short), read(long), "{short}");
        same("aa <..2> bb", "(aa ..2 bb|bb ..2 aa)");
        same("xx (aa cc) <> bb yy", "xx ((aa cc) bb|bb (aa cc)) yy");
        same(
            "aa <..> bb <..1> cc",
            "(aa .. bb ..1 cc|aa .. cc ..1 bb|bb .. aa ..1 cc|bb .. cc ..1 aa|cc .. aa ..1 bb|cc .. bb ..1 aa)",
        );
    }

    #[test]
    fn faults_are_told_with_their_place() {
        for (source, told) in [
            ("", "a word is missing, at the end of the phrase"),
            ("a (b|", "a word is missing, at the end of the phrase"),
            ("aa (b", "`(` is never closed, at character 4 `(b`"),
            ("aa)", "`)` without `(`, at character 3 `)`"),
            ("aa | bb", "`|` stands only inside parentheses, as in `(a|b)`, at character 4 `| bb`"),
            ("aa ..9 b", "a gap is 1 to 8 words wide, found 9, at character 7 ` b`"),
            ("aa ..x", "a gap is written `..` or `..3`, at character 6 `x`"),
            ("aa ? b", "`?` stands directly behind a word, group or list, at character 4 `? b`"),
            ("* aa", "`*` stands directly behind the beginning of a word, at character 1 `* aa`"),
            ("aa*b", "`*` and `~` stand only at the end of a word, at character 4 `b`"),
            ("aa~нн", "`*` and `~` stand only at the end of a word, at character 4 `нн`"),
            ("a~", "a stem before `~` has two letters or more, at character 1 `a~`"),
            (
                "aa <.3> b",
                "either order is written `a <..3> b`, `a <..> b` or `a <> b`, at character 8 ` b`",
            ),
            (
                "<..> b",
                "`<..>` stands between two pieces that must be there, at character 1 `<..> b`",
            ),
            (
                "aa <..> b?",
                "`<..>` stands between two pieces that must be there, at the end of the phrase",
            ),
            (
                "aa <> b <> c <> d",
                "more than 3 pieces in any order; use `all`, at the end of the phrase",
            ),
            ("aa @", "`@` needs the name of a word list behind it, at the end of the phrase"),
            ("aa #30-18", "the range of numbers is empty, at the end of the phrase"),
            ("aa ..3", "a phrase must not begin or end with a gap"),
            (".. (aa)", "a phrase must not begin or end with a gap"),
            ("aa !!", "`!!` holds no letter or digit, at character 4 `!!`"),
        ] {
            assert_eq!(read(source).as_ref().map_err(String::as_str), Err(told), "{source}");
        }
    }

    #[test]
    fn deep_nesting_and_long_phrases_are_refused() {
        assert!(read(&format!("aa {}", "(".repeat(100_000))).is_err());
        let nested = format!("aa {}b{}", "(".repeat(20), ")".repeat(20));
        assert!(read(&nested).unwrap_err().contains("nested deeper"));
    }
}
