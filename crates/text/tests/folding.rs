//! What comes out of folding, told by pairs of what is written and what a reader reads.

use proptest::prelude::*;
use text::{Folded, TokenKind, fold_word};

fn words(text: &str) -> Vec<String> {
    let folded = Folded::new(text);
    folded.tokens().iter().map(|token| folded.word(token).to_owned()).collect()
}

#[test]
fn disguised_words_come_out_plain() {
    for (hidden, clear) in [
        ("Пaспoрт", "паспорт"),
        ("п4спорт", "паспорт"),
        ("но4ь", "ночь"),
        ("3аробіток", "заробіток"),
        ("6ез", "без"),
        ("esc0rt", "escort"),
        ("p@ssport", "passport"),
        ("pa$$port", "passport"),
        ("g1rls", "girls"),
        ("emp1oyer", "employer"),
        ("pаssport", "passport"),
        ("паспорррт", "паспорт"),
        ("п\u{200b}аспорт", "паспорт"),
        ("п\u{336}а\u{336}с\u{336}порт", "паспорт"),
        ("p\u{301}\u{300}assport", "passport"),
        ("п а с п о р т", "паспорт"),
        ("п\u{a0}а с\u{a0}п о р т", "паспорт"),
        ("п.а.с.п.о.р.т", "паспорт"),
        ("п_а_с_п_о_р_т", "паспорт"),
        ("п🔥а🔥с🔥п💋о🔥р❤️т", "паспорт"),
        ("e-s-c-o-r-t", "escort"),
        ("e s c 0 r t", "escort"),
        ("п a с п o р т", "паспорт"),
        ("наш п а с п о р т  у вас", "наш паспорт у вас"),
        ("𝗽𝗮𝘀𝘀𝗽𝗼𝗿𝘁", "passport"),
        ("ⓔⓢⓒⓞⓡⓣ", "escort"),
        ("🅔🅢🅒🅞🅡🅣", "escort"),
        ("🇪 🇸 🇨 🇴 🇷 🇹", "escort"),
        ("ｐａｓｓｐｏｒｔ", "passport"),
        ("д0кументи", "документи"),
        ("Cтавка за день", "ставка за день"),
        ("виїзд xoctec", "виїзд хостес"),
        ("xoctec у клуб", "хостес у клуб"),
        ("паспорт i віза", "паспорт і віза"),
        ("work as еѕсоrt girl", "work as escort girl"),
        ("the рассе of work", "the pacce of work"),
        ("Bсeм poбoтa", "всем робота"),
        ("He вiддaють пacпopти", "не віддають паспорти"),
        ("Wе рау gіrlѕ аnd kеер раѕѕроrts", "we pay girls and keep passports"),
        ("П.о р.о.б.о.т.у н.а д.е.н.ь", "по роботу на день"),
        ("Н а   р о б о т у   з   н и м и", "на роботу з ними"),
        ("з в ' я з о к", "звязок"),
        ("y0u w@it", "you wait"),
        ("т3л3ф0ни забираємо", "телефони забираємо"),
        ("🇨\u{200b}🇱\u{200b}🇺\u{200b}🇧", "club"),
        ("🆆🅾🆁🅺🅴🆁", "worker"),
        ("ім\u{200b}'\u{200d}я та адреса", "імя та адреса"),
        ("приймaємo!", "приймаємо"),
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
        "компанія mac шукає taxi у пошуках",
        "з а у",
        "категорії b c d e",
        "вася і петро cat and dog мама тато",
        "viber мама тато",
        "www xxx",
        "it компанія і pc",
        "н а с",
        "b 2 b і c 4",
    ] {
        let folded = Folded::new(text);
        let expected = text.replace('\'', "");
        assert_eq!(words(text).join(" "), expected);
        assert!(folded.tokens().iter().all(|token| !token.disguised), "{text}");
    }
}

#[test]
fn accents_case_and_apostrophes_go_without_suspicion() {
    for (written, expected) in [
        ("й ї", "й ї"),
        ("Pașaport ȚARĂ ţară Straße ŁÓDŹ", "pasaport tara tara strasse lodz"),
        ("ПІД’ЇЗД м'ята ГАНОК Ґанок Ёлка", "підїзд мята ганок ганок елка"),
        ("за\u{301}мок", "замок"),
        ("пере\u{ad}несення", "перенесення"),
        (
            "18-25, 12год, 5к, mp3 covid19 а4 2/2 B2B",
            "18 25 12 год 5 к mp 3 covid 19 а 4 2 2 b 2 b",
        ),
        ("1️⃣2️⃣", "12"),
        ("🇵🇱Польща🇺🇦🇩🇪 Firma™", "польща firma"),
        ("LinuxАдміністратор", "linux адміністратор"),
        ("mail a.b@cde.com", "mail a b cde com"),
    ] {
        assert_eq!(words(written).join(" "), expected, "{written}");
        assert!(Folded::new(written).tokens().iter().all(|token| !token.disguised), "{written}");
    }
}

#[test]
fn sentences_end_where_a_reader_would_end_them() {
    let sentences = |text: &str| {
        let folded = Folded::new(text);
        let mut numbers: Vec<u32> = folded.tokens().iter().map(|token| token.sentence).collect();
        numbers.dedup();
        numbers.len()
    };
    for (text, expected) in [
        ("Паспорт у нас. Дзвоніть!", 2),
        ("Зарплата 500 грн. на день і т.д. усе", 1),
        ("рядок\nдалі", 1),
        ("рядок\nДалі", 2),
        ("рядок\n🔥 далі", 2),
        ("робота 🔥 житло 🔥 усе", 1),
        ("e-mail a.b@c.de і 1.500", 1),
        ("є кімната.Дзвоніть", 2),
        ("https://example.com/a?b=1 тут", 1),
        ("Що? Де?! Коли...", 3),
        ("• житло • харчування", 2),
    ] {
        assert_eq!(sentences(text), expected, "{text}");
    }
}

#[test]
fn a_place_in_the_folded_text_leads_to_the_whole_original_characters() {
    let original = "Наш П\u{200b}а\u{336}ș п а с п о р т\u{200b}!";
    let folded = Folded::new(original);
    let at = |part: &str| {
        let start = folded.text().find(part).unwrap();
        &original[folded.original_range(start..start + part.len())]
    };
    assert_eq!(at("наш"), "Наш");
    assert_eq!(at("паспорт"), "п а с п о р т");
    assert_eq!(at("па"), "П\u{200b}а\u{336}");
    let middle = folded.text().find('ш').unwrap() + 1;
    assert_eq!(&original[folded.original_range(middle..middle + 1)], "ш", "half a letter is one");
    assert_eq!(folded.original_range(900..1000), original.len()..original.len());
}

/// Letters, disguises, marks and emoji, so that most texts meet several parts of the folding.
const HOSTILE: &str =
    "[а-гіїєxoaec0134@$'’\u{200b}\u{336}\u{301}\u{306} .\n🔥🇺🇦\u{fe0f}ⓔ𝗽ßșﬁ]{0,40}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_folds_and_leads_back(text in prop_oneof!["\\PC{0,60}", HOSTILE, ".{0,40}"]) {
        let folded = Folded::new(&text);
        let (mut from, mut start, mut sentence) = (0, 0, 0);
        for token in folded.tokens() {
            prop_assert!(token.from < token.to && token.to as usize <= text.len());
            prop_assert!(text.get(token.from as usize..token.to as usize).is_some());
            prop_assert!(token.from >= from && token.start >= start && token.sentence >= sentence);
            (from, start, sentence) = (token.from, token.end, token.sentence);
            prop_assert!(!folded.word(token).is_empty());
            let number = folded.word(token).bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(token.kind == TokenKind::Number, number);
            let range = folded.original_range(token.start as usize..token.end as usize);
            prop_assert_eq!((range.start as u32, range.end as u32), (token.from, token.to));
        }
        for start in 0..folded.text().len() {
            let range = folded.original_range(start..start + 1);
            prop_assert!(text.get(range.clone()).is_some_and(|quote| !quote.is_empty()), "{:?}", range);
            let longer = folded.original_range(start..folded.text().len());
            prop_assert!(longer.start == range.start && longer.end >= range.end);
        }
    }

    #[test]
    fn buffers_used_again_change_nothing(first in HOSTILE, second in HOSTILE) {
        let mut again = Folded::new(&first);
        again.refold(&second);
        let fresh = Folded::new(&second);
        prop_assert_eq!(again.text(), fresh.text());
        prop_assert_eq!(again.tokens(), fresh.tokens());
    }

    #[test]
    fn a_folded_word_folds_to_itself(
        word in prop_oneof![
            "([а-яА-ЯіїєґІЇЄҐёЁ]{1,3}['’]?){1,4}",
            "[a-zA-ZșțăâîşţłąęäöüßŁŻ]{1,12}",
            "[а-яіїa-z0134\u{200b}\u{336}ⓔ𝗽ßșﬁ]{1,10}",
        ]
    ) {
        let once = fold_word(&word);
        prop_assert_eq!(fold_word(&once), once);
    }

    #[test]
    fn clean_words_stay_as_they_are(word in "[а-ге-яіїє]{2,12}|[a-z]{2,12}") {
        let repeated = word.as_bytes().windows(6).any(|six| six[..2] == six[2..4] && six[..2] == six[4..])
            || word.as_bytes().windows(3).any(|three| three[0] == three[1] && three[0] == three[2]);
        prop_assume!(!repeated);
        let folded = Folded::new(&word);
        prop_assert_eq!(folded.text(), &word);
        prop_assert!(!folded.tokens()[0].disguised);
    }
}
