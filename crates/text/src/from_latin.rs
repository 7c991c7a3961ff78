//! Cyrillic letters for the Latin ones that a Ukrainian or Russian word was typed with. There are many
//! schemes and people mix them: `ya ia ja`, `kh h x`, `zh j`, `shch sch`, `y i`, `w`, `4`. What sounds
//! alike is read alike; soft signs, which most leave out, are put back where endings and common stems
//! tell.

use domain::Language;

use crate::spelling;
use crate::words::Piece;

/// Puts the Cyrillic letters of a word into `out`. `typed` are its letters in lower case, with their
/// places; letters that are none of the alphabet stay as they are.
pub(crate) fn cyrillic(typed: &[Piece], language: Language, out: &mut Vec<Piece>) {
    out.clear();
    if typed.is_empty() {
        return;
    }
    if let Some(word) = whole(typed) {
        let (from, to) = (typed[0].from, typed[typed.len() - 1].to);
        return out.extend(word.chars().map(|c| Piece { c, from, to }));
    }
    let is_uk = language == Language::Uk;
    let mut at = 0;
    while at < typed.len() {
        let (read, letters) = next_letters(typed, at, is_uk, out);
        let (from, to) = (typed[at].from, typed[at + read - 1].to);
        out.extend(letters.chars().map(|c| Piece { c, from, to }));
        at += read;
    }
    spelling::mend(out, is_uk);
}

/// Names that are not spelt by ear.
fn whole(typed: &[Piece]) -> Option<&'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("viber", "вайбер"),
        ("whatsapp", "ватсап"),
        ("facebook", "фейсбук"),
        ("hostess", "хостес"),
        ("escort", "эскорт"),
        ("vip", "вип"),
        ("id", "ид"),
        ("w", "в"),
        ("y", "и"),
        ("zhile", "жилье"),
        ("zhilye", "жилье"),
        ("jilye", "жилье"),
        ("jile", "жилье"),
        ("voskresenye", "воскресенье"),
        ("voskresene", "воскресенье"),
        ("est", "есть"),
        ("den", "день"),
        ("byt", "быть"),
        ("zhit", "жить"),
        ("jit", "жить"),
        ("vremia", "время"),
    ];
    let is_it = |name: &str| name.chars().eq(typed.iter().map(|piece| piece.c));
    NAMES.iter().find(|(name, _)| is_it(name)).map(|(_, word)| *word)
}

/// The longest group of letters from `at` on, and what it stands for.
fn next_letters(typed: &[Piece], at: usize, is_uk: bool, out: &[Piece]) -> (usize, &'static str) {
    let letter = |index: usize| typed.get(at + index).map_or(' ', |piece| piece.c);
    let next = [letter(0), letter(1), letter(2), letter(3)];
    let is_last = |read: usize| at + read == typed.len();
    let before = out.last().map_or(' ', |piece| piece.c);
    let after_vowel = "аеєиіїоуюяыэ".contains(before);
    let after_consonant = before != ' ' && !after_vowel;
    let after_hissing = "чшщж".contains(before);
    let (yy, ii) = if is_uk { ("и", "і") } else { ("ы", "и") };
    match next {
        ['s', 'h', 'c', 'h'] => (4, "щ"),
        ['t', 's', 'y' | 'i' | 'j', 'a'] if is_last(4) => (4, reflexive(before, is_uk)),
        ['s', 'c', 'h', _] => (3, "щ"),
        ['z', 'h', ..] => (2, "ж"),
        // `agentstvo`, `detskiy`.
        ['t', 's', 't' | 'k', _] => (1, "т"),
        ['k', 'h', ..] => (2, "х"),
        ['t', 's' | 'z', ..] => (2, "ц"),
        ['c', 'h', ..] | ['č', ..] | ['4', ..] => (if next[0] == 'c' { 2 } else { 1 }, "ч"),
        ['s', 'h', ..] => (2, "ш"),
        // `nochyu`, `chya`.
        ['y' | 'i', 'u', ..] if after_hissing => (2, "ью"),
        ['y', 'a', ..] if after_hissing => (2, "ья"),
        ['y' | 'j', 'a', ..] => (2, "я"),
        ['y' | 'j', 'u', ..] => (2, "ю"),
        // `zhilyo`, but `beryom`; `novye`.
        ['y' | 'j', 'o', ..] | ['j', 'e', ..] if after_consonant && is_last(2) && !is_uk => {
            (2, "ье")
        }
        ['y', 'e', ..] if after_consonant && !is_uk => (1, "ы"),
        ['y', 'o', ..] if is_uk => (2, "йо"),
        ['y' | 'j', 'o', ..] => (2, "е"),
        ['j', 'e', ..] if !is_uk => (1, "ж"),
        ['y' | 'j', 'e', ..] => (2, if is_uk { "є" } else { "е" }),
        ['y', 'y', ..] => (2, if is_uk { "ий" } else { "ый" }),
        ['i', 'y' | 'j', ..] if is_last(2) => (2, if is_uk { "ій" } else { "ий" }),
        ['y', 'j', ..] if is_last(2) => (2, if is_uk { "ий" } else { "ый" }),
        ['y', 'i', ..] if is_uk && after_consonant && is_last(2) => (2, "ий"),
        ['y' | 'j', 'i', ..] if is_uk && !after_consonant => (2, "ї"),
        // `vakansia`, `Italia`, but `dlia`, `nedelia`; `ofitsiant`.
        ['i', 'a', ..] if is_last(2) && (before == 'ц' || is_country(out)) => {
            (2, if is_uk { "ія" } else { "ия" })
        }
        ['i', 'a', ..] if before == 'ц' => (2, if is_uk { "іа" } else { "иа" }),
        ['i', 'a', ..] => (2, "я"),
        ['i', 'u', ..] => (2, "ю"),
        ['i', 'e', ..] if is_uk && after_vowel => (2, "є"),
        ['i', 'i', ..] if is_uk => (2, "ії"),
        ['o', 'i', ..] if is_uk && is_last(2) => (2, "ої"),
        ['i', ..] if after_vowel && is_uk => (1, "й"),
        ['i', 'i', ..] if is_last(2) => (2, if before == 'к' { "ий" } else { "ии" }),
        ['i', ..] if after_vowel && is_last(1) && before != 'и' => (1, "й"),
        ['i', ..] => (1, ii),
        ['y', ..] if after_vowel || before == ' ' => (1, "й"),
        ['y', ..] => (1, yy),
        ['j', ..] if is_last(1) || is_uk => (1, "й"),
        // `vajber`, `najdem`, but `nujno`, `mojno`, `dolzhen`.
        ['j', next, ..]
            if after_vowel && next != 'i' && !("уо".contains(before) && next == 'n') =>
        {
            (1, "й")
        }
        ['j', ..] => (1, "ж"),
        ['c', 'k', ..] => (2, "к"),
        ['c', 'a' | 'o' | 'u' | 'r' | 'l', ..] if before == ' ' => (1, "к"),
        ['h', ..] => (1, if is_uk { "г" } else { "х" }),
        ['\'' | '’' | '`' | 'ʹ', 'y' | 'j' | 'i', 'a' | 'u' | 'e' | 'i', _] if is_uk => (1, ""),
        [c, ..] => (1, single(c)),
    }
}

/// Whether what was read so far is a country, but for its last letters.
fn is_country(read: &[Piece]) -> bool {
    const COUNTRIES: &[&str] = &[
        "итал",
        "герман",
        "испан",
        "англ",
        "дан",
        "норвег",
        "ирланд",
        "финлянд",
        "голланд",
        "румын",
        "іспан",
        "німеччин",
        "австр",
        "бельг",
        "албан",
        "словен",
        "словак",
        "япон",
        "компан",
        "лин",
    ];
    let is_it = |name: &&&str| name.chars().eq(read.iter().map(|piece| piece.c));
    COUNTRIES.iter().find(is_it).is_some()
}

/// What `tsya` at the end of a word is: the reflexive of a verb, or the end of `pratsya`.
fn reflexive(before: char, is_uk: bool) -> &'static str {
    match (is_uk, before) {
        (true, 'а') => "ця",
        (true, _) | (false, 'а' | 'и') => "ться",
        (false, _) => "тся",
    }
}

fn single(c: char) -> &'static str {
    match c {
        'a' => "а",
        'b' => "б",
        'c' => "ц",
        'd' => "д",
        'e' => "е",
        'f' => "ф",
        'g' => "г",
        'k' => "к",
        'l' => "л",
        'm' => "м",
        'n' => "н",
        'o' => "о",
        'p' => "п",
        'q' => "к",
        'r' => "р",
        's' => "с",
        't' => "т",
        'u' => "у",
        'v' => "в",
        'w' => "ш",
        'x' => "х",
        'z' => "з",
        'š' => "ш",
        'ž' => "ж",
        '\'' | '’' | '`' | 'ʹ' => "ь",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(language: Language, typed: &str) -> String {
        let pieces: Vec<Piece> = typed
            .char_indices()
            .map(|(at, c)| Piece { c, from: at as u32, to: (at + c.len_utf8()) as u32 })
            .collect();
        let mut out = Vec::new();
        cyrillic(&pieces, language, &mut out);
        assert!(out.windows(2).all(|two| two[0].from <= two[1].from), "{typed}");
        out.iter().map(|piece| piece.c).collect()
    }

    #[test]
    fn russian_words_are_read_in_all_spellings() {
        for (typed, expected) in [
            ("rabota", "работа"),
            ("zhilyo", "жилье"),
            ("zhilye", "жилье"),
            ("dlya", "для"),
            ("dlia", "для"),
            ("dlja", "для"),
            ("dengi", "деньги"),
            ("den'gi", "деньги"),
            ("xoroshaya", "хорошая"),
            ("khoroshaia", "хорошая"),
            ("horoshaja", "хорошая"),
            ("nujna", "нужна"),
            ("nujen", "нужен"),
            ("nuzhen", "нужен"),
            ("vyezd", "выезд"),
            ("germaniya", "германия"),
            ("germania", "германия"),
            ("otrabotaesh", "отработаешь"),
            ("trebuetsya", "требуется"),
            ("obeshchaem", "обещаем"),
            ("obeschaem", "обещаем"),
            ("xozyain", "хозяин"),
            ("lichnyy", "личный"),
            ("rabochiy", "рабочий"),
            ("eto", "это"),
            ("eskort", "эскорт"),
            ("4to", "что"),
            ("wkola", "школа"),
            ("polshu", "польшу"),
            ("contract", "контрацт"),
        ] {
            assert_eq!(read(Language::Ru, typed), expected, "{typed}");
        }
    }

    #[test]
    fn ukrainian_words_are_read_in_all_spellings() {
        for (typed, expected) in [
            ("robota", "робота"),
            ("pratsya", "праця"),
            ("pratsia", "праця"),
            ("zhytlo", "житло"),
            ("bezkoshtovno", "безкоштовно"),
            ("hroshi", "гроші"),
            ("shcho", "що"),
            ("viddaiesh", "віддаєш"),
            ("viddayesh", "віддаєш"),
            ("zabyraiemo", "забираємо"),
            ("zabyrayemo", "забираємо"),
            ("misyats", "місяць"),
            ("misiats", "місяць"),
            ("polshchi", "польщі"),
            ("nimechchyni", "німеччині"),
            ("koordynatora", "координатора"),
            ("potribni", "потрібні"),
            ("robochyi", "робочий"),
            ("ukrainy", "україни"),
            ("yizhdzhaiemo", "їжджаємо"),
            ("pratsiuiemo", "працюємо"),
            ("tilky", "тільки"),
            ("divchata", "дівчата"),
            ("poyizdka", "поїздка"),
        ] {
            assert_eq!(read(Language::Uk, typed), expected, "{typed}");
        }
    }
}
