//! What becomes of single letters: case, accents, look-alikes across scripts, digits as letters.

/// What a character is, once it is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// A letter; lower case, accents off.
    Letter(char),
    /// A decimal digit, as ASCII.
    Digit(char),
    /// Vanishes: zero-width marks, soft hyphens, stacked accents, apostrophes in words.
    Nothing,
    /// Parts words; kept for patterns.
    Other(char),
}

/// Folds a character by itself. `None`: the fast table does not know it.
pub(crate) fn plain(c: char) -> Option<Plain> {
    Some(match c {
        'a'..='z' => Plain::Letter(c),
        'A'..='Z' => Plain::Letter(c.to_ascii_lowercase()),
        '0'..='9' => Plain::Digit(c),
        '\u{0}'..='\u{7f}' => Plain::Other(c),
        'а'..='я' | 'і' | 'ї' | 'є' | 'ў' | 'ј' => Plain::Letter(c),
        'А'..='Я' => Plain::Letter(shifted(c, 0x20)),
        'ё' | 'Ё' => Plain::Letter('е'),
        'ґ' | 'Ґ' => Plain::Letter('г'),
        'І' => Plain::Letter('і'),
        'Ї' => Plain::Letter('ї'),
        'Є' => Plain::Letter('є'),
        'Ў' => Plain::Letter('ў'),
        'Ј' => Plain::Letter('ј'),
        'ă' | 'Ă' | 'â' | 'Â' | 'ą' | 'Ą' | 'ä' | 'Ä' | 'á' | 'à' | 'å' | 'Á' | 'À' | 'Å' | 'ā'
        | 'Ā' | 'ã' | 'Ã' => Plain::Letter('a'),
        'î' | 'Î' | 'í' | 'ì' | 'ï' | 'Í' | 'Ì' | 'Ï' | 'ī' | 'Ī' => Plain::Letter('i'),
        'ș' | 'Ș' | 'ş' | 'Ş' | 'ś' | 'Ś' | 'š' | 'Š' => Plain::Letter('s'),
        'ț' | 'Ț' | 'ţ' | 'Ţ' | 'ť' | 'Ť' => Plain::Letter('t'),
        'ę' | 'Ę' | 'é' | 'É' | 'è' | 'È' | 'ê' | 'Ê' | 'ë' | 'Ë' | 'ě' | 'Ě' | 'ē' | 'Ē' => {
            Plain::Letter('e')
        }
        'ó' | 'Ó' | 'ö' | 'Ö' | 'ò' | 'Ò' | 'ô' | 'Ô' | 'õ' | 'Õ' | 'ø' | 'Ø' | 'ō' | 'Ō' => {
            Plain::Letter('o')
        }
        'ü' | 'Ü' | 'ú' | 'Ú' | 'ù' | 'Ù' | 'û' | 'Û' | 'ū' | 'Ū' | 'ů' | 'Ů' => {
            Plain::Letter('u')
        }
        'ł' | 'Ł' => Plain::Letter('l'),
        'ć' | 'Ć' | 'ç' | 'Ç' | 'č' | 'Č' => Plain::Letter('c'),
        'ń' | 'Ń' | 'ñ' | 'Ñ' | 'ň' | 'Ň' => Plain::Letter('n'),
        'ź' | 'Ź' | 'ż' | 'Ż' | 'ž' | 'Ž' => Plain::Letter('z'),
        'ř' | 'Ř' => Plain::Letter('r'),
        'ý' | 'Ý' | 'ÿ' => Plain::Letter('y'),
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{180e}' => Plain::Nothing,
        '–' | '—' | '«' | '»' | '„' | '“' | '”' | '…' | '•' | '№' | '€' | '\u{a0}' | '’' | '‘'
        | 'ʼ' | '₴' | '°' => Plain::Other(if c == '\u{a0}' { ' ' } else { c }),
        _ => return None,
    })
}

fn shifted(c: char, by: u32) -> char {
    char::from_u32(c as u32 + by).unwrap_or(c)
}

/// Whether an apostrophe of this form stands inside words (м'ята, п’ять).
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '′')
}

/// Cyrillic letters that nothing Latin looks like: they show what script a word is meant in.
pub(crate) fn is_surely_cyrillic(c: char) -> bool {
    is_cyrillic(c) && to_latin(c).is_none()
}

/// Latin letters that nothing Cyrillic looks like.
pub(crate) fn is_surely_latin(c: char) -> bool {
    c.is_ascii_lowercase() && to_cyrillic(c).is_none()
}

pub(crate) fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{52f}')
}

/// The Cyrillic letter that a Latin or Greek one stands for in a Cyrillic word.
pub(crate) fn to_cyrillic(c: char) -> Option<char> {
    Some(match c {
        'a' | 'α' | 'ɑ' => 'а',
        'b' | 'β' => 'в',
        'c' | 'ϲ' => 'с',
        'e' | 'ε' => 'е',
        'h' | 'η' => 'н',
        'i' | 'ι' | 'ı' => 'і',
        'j' | 'ϳ' => 'ј',
        'k' | 'κ' => 'к',
        'm' | 'μ' => 'м',
        'o' | 'ο' | 'σ' => 'о',
        'p' | 'ρ' => 'р',
        't' | 'τ' => 'т',
        'x' | 'χ' => 'х',
        'y' | 'γ' | 'υ' => 'у',
        _ => return None,
    })
}

/// The Latin letter that a Cyrillic or Greek one stands for in a Latin word.
pub(crate) fn to_latin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'е' | 'ҽ' | 'ε' => 'e',
        'н' | 'η' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'о' | 'ο' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'х' | 'χ' => 'x',
        'у' | 'ү' | 'γ' | 'υ' => 'y',
        'ԁ' => 'd',
        'һ' => 'h',
        'ԛ' => 'q',
        'ԝ' | 'ѡ' => 'w',
        'ν' | 'ѵ' => 'v',
        'ӏ' => 'l',
        _ => return None,
    })
}

/// The letter that a digit or mark stands for between letters of a Cyrillic word. Between
/// consonants 3 and 4 are vowels (`п4спорт`), beside a vowel they are what they look like (`но4ь`).
pub(crate) fn leet_cyrillic(c: char, beside_vowel: bool) -> Option<char> {
    Some(match c {
        '0' => 'о',
        '3' if beside_vowel => 'з',
        '3' => 'е',
        '4' if beside_vowel => 'ч',
        '4' => 'а',
        '6' => 'б',
        '1' => 'і',
        '@' => 'а',
        '$' => 'с',
        _ => return None,
    })
}

/// The letter that a digit or mark stands for between letters of a Latin word. Beside a vowel 1 is
/// an l (`emp1oyer`), between consonants an i (`g1rl`).
pub(crate) fn leet_latin(c: char, beside_vowel: bool) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' if beside_vowel => 'l',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => return None,
    })
}

pub(crate) fn is_vowel(c: char) -> bool {
    "аеєиіїоуыэюяaeiouy".contains(c)
}
