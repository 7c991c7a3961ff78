use analytics::{CandidateKind, Emerging, EmergingOptions, Week, emerging};

use super::year::{BEGIN, Planted, kept, year};

fn in_week_12(planted: Option<Planted>, seed: u64) -> Emerging {
    let kept = kept(year(seed, 13, 160, planted));
    let begin = Week::of(BEGIN.parse().unwrap());
    assert_eq!(begin.to_string(), "2026-W02");
    let options = EmergingOptions {
        week: Week::parse("2026-W13").unwrap(),
        past: 12,
        flagged: false,
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
    let options =
        EmergingOptions { week: Week::of(at), past: 12, flagged: false, least: 2, limit: 20 };
    let emerging = emerging(&kept.archive, &options).unwrap();
    assert!(emerging.candidates.is_empty(), "{:?}", emerging.candidates);
}
