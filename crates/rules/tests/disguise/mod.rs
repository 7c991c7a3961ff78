//! Ten ways in which people hide words from filters, each applied to a whole text.

/// A way to write a text so that a reader still reads it.
pub(crate) struct Disguise {
    pub(crate) name: &'static str,
    /// Changes one word; the second argument says how many letters it has.
    of_word: fn(&str, usize, &mut Dice) -> String,
    /// What stands between words in place of a blank.
    between: fn(&mut Dice) -> &'static str,
}

pub(crate) const ALL: [Disguise; 10] = [
    Disguise { name: "look-alike letters", of_word: look_alikes, between: blank },
    Disguise { name: "digits for letters", of_word: leet, between: blank },
    Disguise { name: "spaced letters", of_word: |word, n, _| parted(word, n, " "), between: wide },
    Disguise { name: "dotted letters", of_word: |word, n, _| parted(word, n, "."), between: blank },
    Disguise { name: "invisible marks", of_word: invisible, between: blank },
    Disguise { name: "emoji and styled letters", of_word: styled, between: blank },
    Disguise { name: "tripled letters", of_word: tripled, between: blank },
    Disguise { name: "combining marks", of_word: marked, between: blank },
    Disguise { name: "mixed case", of_word: mixed_case, between: blank },
    Disguise { name: "look-alikes and emoji", of_word: look_alikes, between: emoji },
];

impl Disguise {
    /// The text in this disguise; the same for the same seed.
    pub(crate) fn apply(&self, text: &str, seed: u64) -> String {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bf0_3635);
        let mut disguised = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || is_apostrophe(c);
            let word = rest.find(|c| !is_word(c)).map_or(rest, |end| &rest[..end]);
            // Names of accounts and addresses have to stay what they are.
            let address = rest.split(char::is_whitespace).next().unwrap_or_default();
            if is_address(address) {
                disguised.push_str(address);
                rest = &rest[address.len()..];
            } else if word.is_empty() {
                match first {
                    ' ' => disguised.push_str((self.between)(&mut dice)),
                    other => disguised.push(other),
                }
                rest = &rest[first.len_utf8()..];
            } else {
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                disguised.push_str(&(self.of_word)(word, letters, &mut dice));
                rest = &rest[word.len()..];
            }
        }
        disguised
    }
}

fn is_address(word: &str) -> bool {
    word.contains(['@', '_']) || word.contains("://") || word.contains(".me/") || word.contains('#')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ')
}

/// Numbers that follow from the seed alone.
pub(crate) struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

fn blank(_: &mut Dice) -> &'static str {
    " "
}

/// Words whose letters are parted stand farther apart.
fn wide(_: &mut Dice) -> &'static str {
    "   "
}

fn emoji(dice: &mut Dice) -> &'static str {
    [" ", " ", " 🔥 ", " 💰", "✨ ", " ❤️ ", " 👉🏻 "][dice.below(7)]
}

/// Cyrillic letters and the Latin ones that look like them.
const ALIKE: [(char, char); 24] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('һ', 'h'),
    ('ԁ', 'd'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('І', 'I'),
];

fn alike(c: char) -> Option<char> {
    ALIKE.iter().find_map(|(cyrillic, latin)| match c {
        _ if c == *cyrillic => Some(*latin),
        _ if c == *latin => Some(*cyrillic),
        _ => None,
    })
}

fn look_alikes(word: &str, letters: usize, dice: &mut Dice) -> String {
    let swap = |c: char| if letters > 0 && !dice.one_in(4) { alike(c).unwrap_or(c) } else { c };
    word.chars().map(swap).collect()
}

/// One or two letters inside longer words.
fn leet(word: &str, letters: usize, dice: &mut Dice) -> String {
    let chars: Vec<char> = word.chars().collect();
    let is_cyrillic = word.chars().any(|c| ('\u{400}'..='\u{52f}').contains(&c));
    let is_vowel = |at: usize| chars.get(at).is_some_and(|c| "аеєиіїоуыэюяaeiouyăâî".contains(*c));
    let mut left = if letters > 6 { 2 } else { 1 };
    let mut after_digit = false;
    let mut leet = String::new();
    for (at, c) in chars.iter().copied().enumerate() {
        let inside = at > 0 && at + 1 < chars.len();
        let beside_vowel = at > 0 && is_vowel(at - 1) || is_vowel(at + 1);
        let digit = match c.to_lowercase().next().unwrap_or(c) {
            'о' | 'o' => Some('0'),
            'а' | 'a' if !beside_vowel => Some('4'),
            'а' | 'a' => Some('@'),
            'е' | 'e' if !beside_vowel => Some('3'),
            'з' if beside_vowel => Some('3'),
            'ч' if beside_vowel => Some('4'),
            'б' => Some('6'),
            'l' if beside_vowel => Some('1'),
            'i' if !is_cyrillic && !beside_vowel => Some('1'),
            's' => Some('5'),
            't' if !beside_vowel => Some('7'),
            _ => None,
        };
        match digit.filter(|_| letters > 3 && inside && left > 0 && !after_digit && dice.one_in(2))
        {
            Some(digit) => {
                leet.push(digit);
                left -= 1;
                after_digit = true;
            }
            None => {
                leet.push(c);
                after_digit = c.is_ascii_digit();
            }
        }
    }
    leet
}

fn parted(word: &str, letters: usize, mark: &str) -> String {
    if letters < 2 || letters < word.chars().count() {
        return word.to_owned();
    }
    let letters: Vec<String> = word.chars().map(String::from).collect();
    letters.join(mark)
}

fn invisible(word: &str, letters: usize, dice: &mut Dice) -> String {
    const MARKS: [char; 6] = ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}'];
    let mut hidden = String::new();
    for (at, c) in word.chars().enumerate() {
        if at > 0 && letters > 1 && dice.one_in(2) {
            hidden.push(MARKS[dice.below(MARKS.len())]);
        }
        hidden.push(c);
    }
    hidden
}

/// Digits on keys; letters of wide, mathematical, circled or squared alphabets, as far as the Latin
/// alphabet goes.
fn styled(word: &str, letters: usize, dice: &mut Dice) -> String {
    if letters == 0 {
        return word.chars().flat_map(|c| [c, '\u{fe0f}', '\u{20e3}']).collect();
    }
    const REGIONAL: u32 = 0x1f1e6;
    let bases =
        [0xff41_u32, 0x1d41a, 0x1d5ba, 0x1d68a, 0x24d0, 0x1f150, 0x1f170, 0x1f130, REGIONAL];
    let base = bases[dice.below(bases.len())];
    let is_latin = word.chars().all(|c| c.is_ascii_alphabetic());
    let mut shown = |c: char| {
        let latin = match alike(c) {
            Some(latin) if latin.is_ascii_alphabetic() => Some(latin),
            _ if is_latin => Some(c),
            _ => None,
        };
        let styled = latin.filter(|_| letters > 3 && (is_latin || !dice.one_in(3)));
        let styled = styled.map(|latin| latin.to_ascii_lowercase() as u32 - u32::from('a') + base);
        styled.and_then(char::from_u32).unwrap_or(c)
    };
    let shown: Vec<String> = word.chars().map(|c| shown(c).to_string()).collect();
    // Two of these side by side are shown as a flag, so whoever writes with them parts them.
    shown.join(if base == REGIONAL { "\u{200b}" } else { "" })
}

fn tripled(word: &str, letters: usize, dice: &mut Dice) -> String {
    if letters < 4 || letters < word.chars().count() {
        return word.to_owned();
    }
    let chosen = dice.below(letters);
    let times = 3 + dice.below(3);
    let repeat =
        |(at, c): (usize, char)| std::iter::repeat_n(c, if at == chosen { times } else { 1 });
    word.chars().enumerate().flat_map(repeat).collect()
}

fn marked(word: &str, letters: usize, dice: &mut Dice) -> String {
    const MARKS: [char; 6] = ['\u{301}', '\u{336}', '\u{332}', '\u{334}', '\u{35c}', '\u{33f}'];
    let mut marked = String::new();
    for c in word.chars() {
        marked.push(c);
        if letters > 1 && c.is_alphabetic() && dice.one_in(2) {
            marked.push(MARKS[dice.below(MARKS.len())]);
        }
    }
    marked
}

fn mixed_case(word: &str, _: usize, dice: &mut Dice) -> String {
    let mix = |c: char| -> String {
        if dice.one_in(2) { c.to_uppercase().collect() } else { c.to_lowercase().collect() }
    };
    word.chars().map(mix).collect()
}
