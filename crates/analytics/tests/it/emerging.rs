use analytics::{Arrival, CandidateKind, Emerging, EmergingOptions, Week, emerging};

use super::year::{BEGIN, Dice, Planted, arrival, kept, year};

fn in_week_12(planted: Option<Planted>, seed: u64) -> Emerging {
    in_week_12_of(year(seed, 13, 160, planted))
}

fn in_week_12_of(arrivals: Vec<Arrival>) -> Emerging {
    let kept = kept(arrivals);
    let begin = Week::of(BEGIN.parse().unwrap());
    assert_eq!(begin.to_string(), "2026-W02");
    let options = EmergingOptions {
        week: Week::parse("2026-W13").unwrap(),
        past: 12,
        flagged: false,
        templates: true,
        least: 5,
        limit: 20,
    };
    emerging(&kept.archive, &options).unwrap()
}

#[test]
fn new_slang_of_week_12_is_among_the_first_ten_in_nine_of_ten_seeds() {
    let planted = Planted { words: "зарплатку", week: 12, share: 0.06 };
    let found = (0..10).filter(|seed| {
        let emerging = in_week_12(Some(planted), *seed);
        let mut first = emerging.candidates.iter().take(10);
        first.any(|candidate| {
            candidate.kind == CandidateKind::Phrase
                && candidate.value.contains(planted.words)
                && candidate.quotes.iter().all(|quote| quote.words.contains(planted.words))
        })
    });
    let found = found.count();
    assert!(found >= 9, "found in {found} of 10 seeds");
}

/// One ad in eight wordings of place, work and name, by eight authors.
fn campaign(seed: u64) -> Vec<Arrival> {
    const PLACES: [&str; 4] = ["Берлін", "Мілан", "Прагу", "Стамбул"];
    const NAMES: [&str; 4] = ["Олену", "Марину", "Вікторію", "Ірину"];
    let mut dice = Dice(seed);
    let copies = (0..8_u64).map(|copy| {
        let (place, name) = (PLACES[copy as usize % 4], NAMES[copy as usize / 2]);
        let text = format!(
            "Мрієш про красиве життя? Їдь до нас у {place}, зустріч на вокзалі, дорогу купимо, \
             одяг і зачіску подаруємо, питай {name} і нікому з рідних поки не кажи"
        );
        let at = format!("2026-03-2{}T1{}:00:00Z", 3 + dice.below(6), dice.below(9));
        arrival(70_000 + copy, at.parse().unwrap(), &text, &format!("Подруга {copy}"))
    });
    copies.collect()
}

#[test]
fn a_new_template_is_one_candidate_with_its_slots() {
    for seed in 0..3 {
        let mut arrivals = year(seed, 13, 160, None);
        arrivals.extend(campaign(seed));
        let emerging = in_week_12_of(arrivals);
        let first = &emerging.candidates[0];
        assert_eq!((first.kind, first.now, first.before), (CandidateKind::Template, 8, 0));
        assert!(first.value.starts_with("Мрієш про красиве життя? Їдь до нас у […] зустріч"));
        assert_eq!(first.hands, 8);
        let slots = serde_json::to_value(&first.template).unwrap();
        let mut places: Vec<&str> = slots["parts"][1]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_str().unwrap())
            .collect();
        places.sort_unstable();
        assert_eq!(places, ["Берлін", "Мілан", "Прагу", "Стамбул"]);
        // The words in it are said by it.
        let told = emerging.candidates.iter().filter(|other| other.value.contains("зачіску"));
        assert_eq!(told.count(), 1, "{:?}", emerging.candidates);
    }
}

#[test]
fn a_quiet_week_gives_no_alarm_in_nine_of_ten_seeds() {
    let mut alarms = Vec::new();
    for seed in 100..110 {
        let emerging = in_week_12(None, seed);
        assert!(emerging.looked_at > 300, "{} things looked at", emerging.looked_at);
        alarms.extend(emerging.candidates.first().map(|c| (seed, c.value.clone(), c.z)));
    }
    assert!(alarms.len() <= 1, "{alarms:?}");
}

#[test]
fn one_posting_copied_all_week_is_one_text() {
    let mut arrivals = year(7, 12, 100, None);
    let last = arrivals.last().unwrap().clone();
    let at = "2026-03-24T10:00:00Z".parse().unwrap();
    for copy in 0..40 {
        let number = 50_000 + copy;
        let text = format!("Шалена вакансія мрії чекає саме тебе, оплата {copy}00 євро");
        arrivals.push(super::year::arrival(number, at, &text, &format!("Копія {copy}")));
    }
    assert!(last.entry < 50_000);
    let kept = kept(arrivals);
    let options = EmergingOptions {
        week: Week::of(at),
        past: 12,
        flagged: false,
        templates: true,
        least: 2,
        limit: 20,
    };
    let emerging = emerging(&kept.archive, &options).unwrap();
    assert!(emerging.candidates.is_empty(), "{:?}", emerging.candidates);
}
