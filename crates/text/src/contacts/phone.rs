//! Phone numbers, to E.164. The library knows every country's plan; what people write is cleaned
//! first, since it refuses `+38(067)...`.

use std::ops::Range;

use domain::Region;
use phonenumber::country;
use unicode_normalization::UnicodeNormalization as _;

use super::known_plan::{self, Told};

/// Regions tried for a national number when the source names none, in Cyrillic and in other texts.
const NOBODYS: [[&str; 3]; 2] = [["UA", "MD", "RO"], ["RO", "MD", "UA"]];
/// E.164 has at most 15 digits; fewer than 8 are an extension, a price or a year.
const FEWEST_DIGITS: usize = 8;
pub(super) const MOST_DIGITS: usize = 15;
/// With this many digits a number behind a plus is whole, and the next line is something else.
const MOST_DIGITS_SPLIT: usize = 12;
/// How often the number plans are asked for one text; each time takes microseconds.
const MOST_TRIES: usize = 300;

/// The numbers of a text with their places.
pub(super) fn phones(text: &str, region: Option<Region>) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut tries = MOST_TRIES;
    let mut groups = Vec::new();
    let mut at = 0;
    while at < text.len() {
        at = line_of_groups(text, at, &mut groups);
        let digits: usize = groups.iter().map(|group: &Group| group.digits.len()).sum();
        if digits < FEWEST_DIGITS || is_no_phone(text, &groups, region) {
            continue;
        }
        let mut first = 0;
        while first < groups.len() {
            let begins = first == 0 || groups[first].plus || groups[first].digits.starts_with('0');
            let number = begins.then(|| number_at(text, &groups[first..], region, &mut tries));
            match number.flatten() {
                Some((length, value)) => {
                    let last = &groups[first + length - 1];
                    found.push((groups[first].range.start..last.range.end, value));
                    first += length;
                }
                None => first += 1,
            }
        }
    }
    found
}

/// Digits that touch.
struct Group {
    /// With a bracket or plus before it.
    range: Range<usize>,
    digits: String,
    plus: bool,
}

/// Collects the next groups of digits that stand together, with no more than a mark or three between
/// them; gives where to go on.
fn line_of_groups(text: &str, from: usize, groups: &mut Vec<Group>) -> usize {
    groups.clear();
    let Some(start) = next_digit(text, from) else { return text.len() };
    let mut at = start;
    let before = text[..start].chars().next_back();
    let glued = before.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '@' | '='));
    let (mut marks, mut lead) = (0, lead_before(text, from, start));
    let mut total = 0;
    while let Some(c) = text[at..].chars().next() {
        let to = at + c.len_utf8();
        if let Some(digit) = digit_at(text, at, c) {
            let touching = marks == 0 && !groups.is_empty();
            if !touching {
                let plus = text[lead..].starts_with('+');
                groups.push(Group { range: lead..at, digits: String::new(), plus });
            }
            if let Some(group) = groups.last_mut() {
                group.digits.push(digit);
                group.range.end = to;
            }
            (marks, total) = (0, total + 1);
            lead = to;
        } else if matches!(c, '\u{fe0f}' | '\u{20e3}') {
            if let Some(group) = groups.last_mut().filter(|_| marks == 0) {
                group.range.end = to;
            }
            lead = to;
        } else if (is_mark(c) || is_line_end(text, at) && goes_on_below(text, groups, total))
            && marks < 3
            && total < 200
        {
            // Both signs of a Windows line end are one mark.
            marks += usize::from(c != '\r');
            // A bracket or plus before digits belongs to them.
            lead = if matches!(c, '+' | '(') && !text[lead..].starts_with('+') { at } else { lead };
            lead = if matches!(c, '+' | '(') || text[lead..].starts_with(['+', '(']) {
                lead
            } else {
                to
            };
        } else {
            break;
        }
        at = to;
    }
    let end = groups.last().map_or(at, |group| group.range.end);
    let glued_after = text[end..].starts_with(|c: char| c.is_alphabetic() || c == '_');
    if glued {
        groups.clear();
    } else if glued_after {
        groups.pop();
    }
    at.max(start + 1)
}

/// Where the next digit is. Look-alike letters begin no number, save an O before two digits.
fn next_digit(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        // Letters of our alphabets are below U+2000, and there ASCII has the only digits.
        at += position(bytes.get(at..)?, |byte| byte.is_ascii_digit() || byte >= 0xe2)?;
        if bytes[at].is_ascii_digit() {
            return Some(o_before(text, from, at).unwrap_or(at));
        }
        let c = text[at..].chars().next()?;
        if digit_at(text, at, c).is_some() {
            return Some(at);
        }
        at += c.len_utf8();
    }
}

/// Where the first byte of a kind is. Most texts have none for long, so blocks are looked at whole,
/// which takes the processor a few steps each.
fn position(bytes: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    const BLOCK: usize = 32;
    let has_one = |block: &[u8; BLOCK]| block.iter().fold(false, |any, byte| any | is(*byte));
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let passed = blocks.iter().take_while(|block| !has_one(block)).count() * BLOCK;
    bytes[passed..].iter().position(|byte| is(*byte)).map(|at| passed + at)
}

/// Where the O right before this digit stands, if it is meant as one.
fn o_before(text: &str, from: usize, digit: usize) -> Option<usize> {
    let (at, c) = text[from..digit].char_indices().next_back()?;
    let at = from + at;
    let word_before = text[..at].ends_with(char::is_alphanumeric);
    (digit_at(text, at, c).is_some() && !word_before).then_some(at)
}

/// The beginning of the plus and bracket right before a digit.
fn lead_before(text: &str, from: usize, digit: usize) -> usize {
    let mut lead = digit;
    for (at, c) in text[from..digit].char_indices().rev().take(3) {
        match c {
            '+' | '(' => lead = from + at,
            ' ' => {}
            _ => break,
        }
    }
    lead
}

/// The digit that stands here: ASCII, wide or styled, or an O before a digit or another O.
fn digit_at(text: &str, at: usize, c: char) -> Option<char> {
    if c.is_ascii_digit() {
        return Some(c);
    }
    if matches!(c, 'O' | 'o' | 'О' | 'о') {
        let mut after = text[at + c.len_utf8()..].chars();
        let next = after.next().is_some_and(|next| next.is_ascii_digit());
        let beyond = after.next().is_some_and(|next| next.is_ascii_digit() || is_mark(next));
        return (next && beyond).then_some('0');
    }
    if (c as u32) < 0x2000 {
        return None;
    }
    std::iter::once(c).nfkc().next().filter(char::is_ascii_digit)
}

/// Whether a line ends here; a lone carriage return ends none.
fn is_line_end(text: &str, at: usize) -> bool {
    text[at..].starts_with('\n') || text[at..].starts_with("\r\n")
}

/// Whether what is there so far is the beginning of a number that is split over lines. Behind a plus
/// the country tells how many digits are still to come; where it does not, lines of few digits each
/// are one number written down the page.
fn goes_on_below(text: &str, groups: &[Group], digits: usize) -> bool {
    let [first, ..] = groups else { return false };
    if !first.plus {
        return digits < 9 && first.digits.starts_with('0');
    }
    if digits >= MOST_DIGITS_SPLIT {
        return false;
    }
    let so_far: String = groups.iter().map(|group| group.digits.as_str()).collect();
    digits < 9 || known_plan::lacks_digits(&so_far) || is_column(text, groups)
}

/// Whether each group stands on a line of its own and is too short for a telephone without the rest.
fn is_column(text: &str, groups: &[Group]) -> bool {
    let between = |pair: &[Group]| text[pair[0].range.end..pair[1].range.start].contains('\n');
    groups.iter().all(|group| group.digits.len() <= 4) && groups.windows(2).all(between)
}

fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '–' | '—' | '‑' | '(' | ')' | '.' | '/' | '+')
        || matches!(c, '\u{202f}' | '\u{2009}' | '\u{200b}' | '\u{2060}')
}

/// Dates, lists of years, ranges of pay, and sums in thousands.
fn is_no_phone(text: &str, groups: &[Group], region: Option<Region>) -> bool {
    let lengths: Vec<usize> = groups.iter().map(|group| group.digits.len()).collect();
    let first = &groups[0];
    let is_year = |group: &Group| group.digits.starts_with("19") || group.digits.starts_with("20");
    let date = match lengths[..] {
        [1..=2, 1..=2, 4, ..] => is_year(&groups[2]),
        [4, 1..=2, 1..=2, ..] => is_year(first),
        _ => false,
    };
    let plain = !first.plus
        && !first.digits.starts_with('0')
        && !text[first.range.start..].starts_with('(');
    let list = plain && lengths.len() > 1 && lengths.iter().all(|length| (4..8).contains(length));
    let thousands = plain
        && region.is_none_or(|region| region.as_str() != "PL")
        && lengths.len() > 1
        && lengths[1..].iter().all(|length| *length == 3)
        && groups.last().is_some_and(|last| last.digits == "000");
    date || list || thousands
}

/// The longest number that begins with the first of these groups: how many groups, and its form.
fn number_at(
    text: &str,
    groups: &[Group],
    region: Option<Region>,
    tries: &mut usize,
) -> Option<(usize, String)> {
    let mut ends = Vec::new();
    let mut digits = String::new();
    for (index, group) in groups.iter().enumerate() {
        if digits.len() + group.digits.len() > MOST_DIGITS + 2 || index > 0 && group.plus {
            break;
        }
        digits.push_str(&group.digits);
        if digits.len() >= FEWEST_DIGITS {
            ends.push((index + 1, digits.len()));
        }
    }
    // The form that most are written in first: everything up to the next number.
    while let Some((length, end)) = ends.pop() {
        if *tries == 0 {
            return None;
        }
        *tries -= 1;
        if let Some(value) = number(text, &digits[..end], groups[0].plus, region) {
            return Some((length, value));
        }
    }
    None
}

/// The number that these digits are, in E.164.
pub(super) fn number(
    text: &str,
    digits: &str,
    plus: bool,
    region: Option<Region>,
) -> Option<String> {
    if plus {
        return e164(None, digits);
    }
    if let Some(rest) = digits.strip_prefix("00") {
        return e164(None, rest);
    }
    // 380..., 373..., 40...: the plus was forgotten; 8 0..: the old way of Ukraine.
    if digits.len() >= 11 && !digits.starts_with('0') {
        let ukrainian = region.is_none_or(|region| region.as_str() == "UA");
        if ukrainian && digits.len() == 11 && digits.starts_with("80") {
            return e164(None, &format!("3{digits}"));
        }
        if let Some(value) = e164(None, digits) {
            return Some(value);
        }
    }
    match region {
        Some(region) => e164(Some(region.as_str()), digits),
        None if digits.starts_with('0') => {
            let cyrillic = text.chars().take(2000).any(|c| ('\u{400}'..'\u{500}').contains(&c));
            NOBODYS[usize::from(!cyrillic)].iter().find_map(|region| e164(Some(region), digits))
        }
        None => None,
    }
}

/// The number in E.164, if its country's plan has it. Without a region the digits begin with the
/// country's code.
fn e164(region: Option<&str>, digits: &str) -> Option<String> {
    match known_plan::told(region, digits) {
        Told::Number(number) => return Some(number),
        Told::Nothing => return None,
        Told::Unknown => {}
    }
    if !(FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len()) {
        return None;
    }
    let number = match region {
        Some(region) => {
            let country: country::Id = region.parse().ok()?;
            phonenumber::parse(Some(country), digits).ok()?
        }
        None => phonenumber::parse(None, format!("+{digits}")).ok()?,
    };
    number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written with both kinds of line ends.
    fn values(text: &str) -> Vec<String> {
        let found = |text: &str| -> Vec<String> {
            let found = phones(text, Region::new("UA"));
            found.into_iter().map(|(_, value)| value).collect()
        };
        let values = found(text);
        assert_eq!(found(&text.replace('\n', "\r\n")), values, "{text}");
        values
    }

    #[test]
    fn a_number_that_is_split_over_lines_is_found_whole() {
        for (text, expected) in [
            ("+380\n67\n123\n45\n67", "+380671234567"),
            ("+380\n67\n123\n45\n67\n1500", "+380671234567"),
            ("+380 67\n123 45\n67\nграфік", "+380671234567"),
            ("+380 (67)\n123-45 \n 67", "+380671234567"),
            ("+38\n067\n123\n45\n67", "+380671234567"),
            ("067\n123\n45\n67", "+380671234567"),
            ("+40\n722\n123\n456\n2000", "+40722123456"),
            ("+48\n501\n234\n567", "+48501234567"),
            ("+44\n7911\n123\n456", "+447911123456"),
            ("+971\n50\n123\n45\n67", "+971501234567"),
            ("+49 30 1234567\n2000", "+49301234567"),
        ] {
            assert_eq!(values(text), [expected], "{text}");
        }
        assert_eq!(values("+380671234567\n0501112233"), ["+380671234567", "+380501112233"]);
    }

    #[test]
    fn prices_and_dates_below_one_another_are_no_numbers() {
        for text in [
            "1500\n2000\n2500\n3000",
            "01.12.2024\n02.12.2024\n03.12.2024",
            "+500\n1000\n1500\n2000",
            "+10\n20\n30\n40\n50\n60",
            "0\n100\n200\n300\n400",
            "18\n25\n2024\n12\n31",
        ] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }
}
