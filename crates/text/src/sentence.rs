//! Where sentences end.

/// Whether the mark `c` at `at` ends a sentence. `before` is the word before it, folded.
pub(crate) fn ends_at(original: &str, at: usize, c: char, before: Option<&str>) -> bool {
    let rest = &original[at + c.len_utf8()..];
    match c {
        '!' | '…' | '•' | '●' | '▪' | '■' | '◆' | '►' | '✓' | '✔' | '\u{2028}' | '\u{2029}' => {
            true
        }
        // `page?id=7` is no question.
        '?' => !rest.starts_with(|next: char| next.is_ascii_lowercase()),
        '.' => full_stop(original, at, rest, before),
        '\n' => {
            let line = rest.trim_start_matches([' ', '\t', '\r']);
            // A line that goes on in lower case is the same sentence, wrapped.
            !line.starts_with(char::is_lowercase)
        }
        _ => false,
    }
}

fn full_stop(original: &str, at: usize, rest: &str, before: Option<&str>) -> bool {
    let next = rest.chars().next();
    // Sloppy writers leave the blank out: `кімната.Дзвоніть`. Addresses are not written like that.
    let runs_on = next.is_some_and(|next| ('А'..='Я').contains(&next) || "ІЇЄҐЁ".contains(next))
        && original[..at].ends_with(char::is_lowercase);
    let parted = next.is_none_or(|next| !next.is_alphanumeric());
    let after_word = original[..at].ends_with(|last: char| last.is_alphabetic());
    (runs_on || parted) && !(after_word && before.is_some_and(is_abbreviation))
}

/// Words that stand with a full stop amid a sentence, folded; single letters always may.
fn is_abbreviation(word: &str) -> bool {
    const SHORT: &[&str] = &[
        "грн", "руб", "тис", "тыс", "ул", "вул", "зл", "год", "час", "тел", "обл", "см", "кг",
        "км", "хв", "мин", "пр", "буд", "кв", "гр", "мл", "млн", "чол", "чел", "дол", "долл", "nr",
        "str", "dl", "dna", "tel", "ex", "st", "mr", "mrs", "min", "max", "art", "jud", "bld",
        "etc", "zl", "ul", "tys", "tzn", "np", "bzw", "ca", "inkl", "usw",
    ];
    SHORT.contains(&word) || word.chars().nth(1).is_none()
}
