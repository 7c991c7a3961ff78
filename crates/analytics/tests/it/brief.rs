use std::collections::BTreeMap;

use analytics::{Arrival, BRIEF_LANGUAGES, BriefOptions, Week, brief, brief_html};
use domain::Language;

use super::year::{Dice, Kept, arrival, kept, year};

const K: u64 = 5;

fn pages(kept: &Kept) -> Vec<(Language, String)> {
    let options = BriefOptions {
        week: Week::parse("2026-W13").unwrap(),
        past: 11,
        shown_from: K,
        threads: 2,
    };
    let brief = brief(&kept.archive, &options).unwrap();
    BRIEF_LANGUAGES.iter().map(|language| (*language, brief_html(&brief, *language))).collect()
}

/// A year in which people are named: in texts, as authors, by phones, links and places.
fn with_people() -> Vec<Arrival> {
    let mut arrivals = year(11, 12, 150, None);
    let mut dice = Dice(99);
    let at = "2026-03-25T10:00:00Z".parse().unwrap();
    for number in 0..60_u64 {
        let phone = format!("+38067{:07}", dice.below(10_000_000));
        let words = if number < 12 {
            "Паспорт зберігаємо у нас"
        } else {
            "Виїзд завтра"
        };
        let text = format!(
            "{words}. Тільки дівчата, Оксанка{number} чекає. Питати Марійку{number}. \
             Тел {phone}, пошта rabota{number}@pisma.example, https://t.me/joinhere{number} \
             вулиця Вигадана{number}"
        );
        let mut one = arrival(70_000 + number, at, &text, &format!("Recruiter_{number}"));
        one.posting.employer = Some(format!("ТОВ Вигадка{number}"));
        one.posting.places = vec![format!("Селище{number}")];
        arrivals.push(one);
    }
    // One hand that writes the same name a dozen times: often enough, and still one person.
    for number in 0..12_u64 {
        let text = format!("Виїзд завтра. Тільки дівчата, питати Соломійка, місць лише {number}");
        arrivals.push(arrival(80_000 + number, at, &text, "Solomiika Shukach"));
    }
    arrivals
}

#[test]
fn nothing_that_occurs_fewer_than_k_times_is_in_the_page() {
    let arrivals = with_people();
    let mut values: BTreeMap<String, u64> = BTreeMap::new();
    for Arrival { posting, .. } in &arrivals {
        let mut of_posting = vec![posting.id.to_string(), posting.key.clone()];
        of_posting.extend(posting.url.clone());
        of_posting.extend(posting.author.clone());
        of_posting.extend(posting.employer.clone());
        of_posting.extend(posting.places.clone());
        let contacts = posting.contacts.iter();
        of_posting.extend(contacts.flat_map(|c| [c.value.clone(), c.span.quote.clone()]));
        of_posting.extend(posting.text.split_whitespace().map(ToOwned::to_owned));
        of_posting.sort();
        of_posting.dedup();
        for value in of_posting {
            *values.entry(value.to_lowercase()).or_default() += 1;
        }
    }
    let rare: Vec<&String> = values
        .iter()
        .filter(|(value, count)| {
            // Short numbers are no value of anybody's: the page itself counts and dates.
            **count < K && value.chars().count() > 4
        })
        .map(|(value, _)| value)
        .collect();
    assert!(rare.len() > 500, "{}", rare.len());
    for (language, page) in pages(&kept(arrivals)) {
        let page = page.to_lowercase();
        let found: Vec<_> = rare.iter().filter(|value| page.contains(value.as_str())).collect();
        assert!(found.is_empty(), "{language}: {found:?}");
    }
}

#[test]
fn no_contact_name_handle_or_link_is_in_the_page_however_often_it_occurs() {
    for (language, page) in pages(&kept(with_people())) {
        let page = page.to_lowercase();
        for never in
            ["worker_", "соломійк", "solomiika", "автор 1", "@work", "t.me", "+38", "channel-"]
        {
            // The style sheet has at-rules of its own.
            let body = page.split("<body>").nth(1).unwrap();
            assert!(!body.contains(never), "{language}: {never}");
        }
        let links = page.matches("http").count();
        assert_eq!(links, page.matches("http://www.w3.org/2000/svg").count() + 1, "{language}");
        assert!(!page.contains("<script") && !page.contains("src="));
    }
}

#[test]
fn the_page_tells_what_many_say_in_four_languages() {
    let kept = kept(with_people());
    for (language, page) in pages(&kept) {
        assert!(page.starts_with("<!doctype html>\n<html lang=\""), "{language}");
        assert!(page.contains("тільки дівчата ·"), "{language}");
        assert!(page.matches("<svg").count() >= 5, "{language}");
        assert!(
            !page.contains('{') || page.split("<body>").nth(1).is_some_and(|b| !b.contains('{'))
        );
    }
}

#[test]
fn an_empty_week_says_that_there_is_too_little() {
    for (language, page) in pages(&kept(year(1, 1, 3, None))) {
        assert!(!page.contains("<svg"), "{language}");
        assert!(page.contains("&lt;5"), "{language}");
    }
}

#[test]
fn words_from_outside_are_escaped() {
    let at = "2026-03-25T10:00:00Z".parse().unwrap();
    let arrivals = (0..20_u64).map(|number| {
        let mut one = arrival(number, at, "Тільки дівчата", &format!("h{number}"));
        one.posting.text = format!("Тільки дівчата <script>alert({number})</script>");
        one
    });
    for (_, page) in pages(&kept(arrivals.collect())) {
        assert!(!page.contains("<script"));
    }
}
