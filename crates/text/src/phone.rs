//! Phone numbers, to E.164. The library knows every country's plan; what people write is cleaned
//! first, since it refuses `+38(067)...`.

use std::ops::Range;

use domain::Region;
use phonenumber::country;
use unicode_normalization::UnicodeNormalization as _;

/// Regions tried for a national number when the source names none.
const REGION_OF_NOBODY: [&str; 3] = ["UA", "MD", "RO"];
const FEWEST_DIGITS: usize = 8;
const MOST_DIGITS: usize = 15;

/// Whether the text has digits beyond ASCII: keycaps, wide or styled ones.
pub(super) fn has_unusual_digits(text: &str) -> bool {
    text.contains('\u{20e3}') || text.chars().any(|c| !c.is_ascii() && digit(c).is_some())
}

/// The numbers of a text with their places.
pub(super) fn phones(text: &str, region: Option<Region>) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    for candidate in candidates(text) {
        if let Some(value) = number(&candidate.digits, candidate.international, region) {
            found.push((candidate.range, value));
        }
    }
    found
}

struct Candidate {
    range: Range<usize>,
    digits: String,
    international: bool,
}

/// Runs of digits with the marks that people put between them, each a possible number.
fn candidates(text: &str) -> Vec<Candidate> {
    let mut all = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut before: Option<char> = None;
    while let Some((at, c)) = chars.next() {
        let starts = c == '+' || c == '(' || digit(c).is_some();
        let glued = before.is_some_and(|b| b.is_alphanumeric() || b == '_' || b == '@');
        before = Some(c);
        if !starts || glued {
            continue;
        }
        let mut digits: String = digit(c).into_iter().collect();
        let mut end = at + c.len_utf8();
        let mut marks = 0;
        while let Some((next_at, next)) = chars.peek().copied() {
            if let Some(digit) = digit(next) {
                digits.push(digit);
                marks = 0;
                end = next_at + next.len_utf8();
            } else if is_mark(next) && marks < 3 {
                marks += usize::from(!matches!(next, '\u{fe0f}' | '\u{20e3}'));
                if matches!(next, '\u{fe0f}' | '\u{20e3}') {
                    end = next_at + next.len_utf8();
                }
            } else {
                before = Some(next);
                break;
            }
            before = Some(next);
            chars.next();
            if digits.len() > MOST_DIGITS + 2 {
                break;
            }
        }
        let glued_after = text[end..].chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
        let raw = &text[at..end];
        if (FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len()) && !glued_after && !is_list(raw) {
            all.push(Candidate {
                range: at..end,
                international: c == '+' || digits.starts_with("00"),
                digits,
            });
        }
    }
    all
}

/// Years, ranges of pay and the like: all parts have four digits or more, and none begins as a
/// national number does.
fn is_list(raw: &str) -> bool {
    let parts: Vec<&str> =
        raw.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    parts.len() > 1 && !raw.starts_with(['0', '+', '(']) && parts.iter().all(|part| part.len() >= 4)
}

fn digit(c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    if c.is_ascii() {
        return None;
    }
    // Wide and styled digits fold to ASCII ones.
    std::iter::once(c).nfkc().next().filter(char::is_ascii_digit)
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{a0}'
            | '-'
            | '–'
            | '—'
            | '('
            | ')'
            | '.'
            | '/'
            | '\u{fe0f}'
            | '\u{20e3}'
            | '\u{202f}'
            | '\u{2009}'
    )
}

fn number(digits: &str, international: bool, region: Option<Region>) -> Option<String> {
    if international {
        return e164(None, &format!("+{}", digits.trim_start_matches("00")));
    }
    // 380..., 373..., 40...: the plus was forgotten.
    if digits.len() >= 11
        && !digits.starts_with('0')
        && let Some(value) = e164(None, &format!("+{digits}"))
    {
        return Some(value);
    }
    match region {
        Some(region) => e164(Some(region.as_str()), digits),
        None if digits.starts_with('0') => {
            REGION_OF_NOBODY.iter().find_map(|region| e164(Some(region), digits))
        }
        None => None,
    }
}

fn e164(region: Option<&str>, digits: &str) -> Option<String> {
    let country: Option<country::Id> = region.and_then(|region| region.parse().ok());
    if region.is_some() && country.is_none() {
        return None;
    }
    // National numbers begin with the trunk digit, save where there is none to begin with.
    let number = phonenumber::parse(country, digits).ok()?;
    number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}
