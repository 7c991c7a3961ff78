use analytics::{Arrival, Change, Dimension, TrendOptions, Trends, Week, trends};

use super::year::{Kept, arrival, kept, year};

fn of(kept: &Kept, suppress_below: Option<u64>) -> Trends {
    let options = TrendOptions {
        week: Week::parse("2026-W13").unwrap(),
        past: 10,
        flagged: true,
        by: Vec::new(),
        suppress_below,
        threads: 2,
    };
    trends(&kept.archive, &options).unwrap()
}

#[test]
fn a_sign_that_doubles_is_told_and_the_others_are_not() {
    let mut arrivals = year(3, 12, 200, None);
    let at = "2026-03-26T10:00:00Z".parse().unwrap();
    for more in 0..60 {
        let text = format!("Тільки дівчата, оплата висока, звертайтеся вже {more}");
        arrivals.push(arrival(90_000 + more, at, &text, &format!("Інша {more}")));
    }
    let trends = of(&kept(arrivals), None);
    let sign = |id: &str| {
        let mut of = trends.trends.iter().filter(|t| t.dimension == Dimension::Indicator);
        of.find(|trend| trend.value == id).unwrap().clone()
    };
    let rising = sign("women-only-young");
    assert_eq!(rising.change, Change::Rising);
    let ratio = rising.ratio.unwrap();
    assert!(ratio.low > 1.0 && ratio.low < ratio.value && ratio.value < ratio.high, "{ratio:?}");
    assert_ne!(sign("document-retention").change, Change::Rising);
    assert_eq!(trends.read, 260);
    assert_eq!(trends.read_past, [200; 10]);
}

/// A file whose rows have one rule set says so at its end; where they have two, they are asked.
#[test]
fn assessments_under_two_rule_sets_are_told() {
    for (other, rule_sets) in [("rules", 1), ("rulez", 2)] {
        let mut arrivals = year(3, 12, 40, None);
        for arrival in arrivals.iter_mut().step_by(3) {
            arrival.assessment.rule_set = domain::Sha256::of(other.as_bytes());
        }
        assert_eq!(of(&kept(arrivals), None).rule_sets, rule_sets);
    }
}

#[test]
fn a_posting_that_was_edited_counts_once() {
    let at = "2026-03-26T10:00:00Z".parse().unwrap();
    let first = arrival(1, at, "Паспорт зберігаємо в офісі", "Хтось");
    let mut second = arrival(1, at, "Паспорт зберігаємо в офісі, дзвоніть", "Хтось");
    second.entry = 9;
    let trends = of(&kept(vec![first, second]), None);
    assert_eq!(trends.read, 1);
}

#[test]
fn a_posting_with_two_phones_counts_once_and_as_many_threads_count_the_same() {
    let mut arrivals = year(3, 12, 60, None);
    let at = "2026-03-26T10:00:00Z".parse().unwrap();
    let two = "Паспорт зберігаємо, +380671112233 або +380509998877, пошта a@pisma.example";
    arrivals.push(arrival(99_998, at, two, "Одна"));
    let kept = kept(arrivals);
    let counted = of(&kept, None);
    let platform = |value: &str| {
        let mut of = counted.trends.iter().filter(|t| t.dimension == Dimension::Platform);
        of.find(|trend| trend.value == value).and_then(|trend| trend.count)
    };
    assert_eq!((platform("phone"), platform("email")), (Some(1), Some(1)));
    for threads in [1, 3, 64] {
        let options = TrendOptions {
            week: Week::parse("2026-W13").unwrap(),
            past: 10,
            flagged: true,
            by: Vec::new(),
            suppress_below: None,
            threads,
        };
        assert_eq!(trends(&kept.archive, &options).unwrap(), counted, "{threads} threads");
    }
}

#[test]
fn outside_the_desk_no_small_count_and_no_source_is_named() {
    let at = "2026-03-26T10:00:00Z".parse().unwrap();
    let mut arrivals = year(3, 12, 200, None);
    arrivals.push(arrival(99_999, at, "Паспорт зберігаємо. Робота в Японії", "Одна"));
    let kept = kept(arrivals);
    let inside = of(&kept, None);
    assert!(inside.trends.iter().any(|trend| trend.value == "JP" && trend.count == Some(1)));
    assert!(inside.trends.iter().any(|trend| trend.dimension == Dimension::Source));
    let outside = of(&kept, Some(5));
    assert!(outside.trends.iter().all(|trend| trend.value != "JP"));
    assert!(outside.trends.iter().all(|trend| trend.dimension != Dimension::Source));
    let small = |count: &Option<u64>| count.is_some_and(|count| (1..5).contains(&count));
    for trend in &outside.trends {
        assert!(!small(&trend.count) && !trend.past.iter().any(small), "{trend:?}");
    }
}

/// So many flagged postings of that week with these words behind.
fn of_week(week: i64, count: u64, words: &str) -> Vec<Arrival> {
    let begin: jiff::Timestamp = "2026-01-06T10:00:00Z".parse().unwrap();
    let at = begin + jiff::SignedDuration::from_hours(week * 168);
    let number = |nth: u64| 50_000 + week as u64 * 1_000 + nth + words.len() as u64 * 100_000;
    let one = |nth| {
        let text = format!("Паспорт зберігаємо. {words}. Варіант {nth} тижня {week}");
        arrival(number(nth), at, &text, &format!("Водій {nth}"))
    };
    (0..count).map(one).collect()
}

#[test]
fn a_route_that_opens_is_told_and_one_that_few_take_is_not_named_outside() {
    let mut arrivals = year(3, 12, 200, None);
    for week in 0..12 {
        arrivals.extend(of_week(week, 6, "Plecare din Chișinău în Italia"));
        let many = if week == 11 { 40 } else { 2 };
        arrivals.extend(of_week(week, many, "Виїзд з Одеси через Кишинів до Анталії"));
    }
    arrivals.extend(of_week(11, 4, "Выезд из Риги, работа в Дублине"));
    arrivals.extend(of_week(8, 2, "Leave from Tallinn to Athens"));
    arrivals.extend(of_week(11, 30, "Leave from Tallinn to Athens"));
    let kept = kept(arrivals);
    let options = |suppress_below| TrendOptions {
        week: Week::parse("2026-W13").unwrap(),
        past: 10,
        flagged: true,
        by: vec![Dimension::Route],
        suppress_below,
        threads: 2,
    };
    let inside = trends(&kept.archive, &options(None)).unwrap();
    let route = |value: &str| inside.trends.iter().find(|t| t.value == value);
    let opened = route("UA -> TR").unwrap();
    assert_eq!((opened.count, opened.change), (Some(40), Change::Rising));
    assert_eq!(opened.past, [Some(2); 10]);
    assert_eq!(route("MD -> IT").unwrap().change, Change::Steady);
    assert_eq!(route("LV -> IE").unwrap().count, Some(4));
    assert!(route("? -> DE").is_some(), "where to, and nothing of where from");
    assert_eq!(route("MD -> TR"), None, "what is passed through is no origin");
    assert!(inside.compared > 5 && inside.compared <= inside.trends.len());
    let outside = trends(&kept.archive, &options(Some(5))).unwrap();
    assert!(outside.trends.iter().all(|trend| trend.value != "LV -> IE"));
    let hidden = outside.trends.iter().find(|t| t.value == "UA -> TR").unwrap();
    assert_eq!((hidden.count, &hidden.past[..]), (Some(40), &[None; 10][..]));
    assert!(hidden.ratio.is_some(), "of twenty before");
    let new = outside.trends.iter().find(|t| t.value == "EE -> GR").unwrap();
    assert_eq!((new.count, new.change), (Some(30), Change::Rising));
    assert_eq!(new.ratio, None, "the ratio would say that there were two before");
}

#[test]
fn a_short_past_says_nothing() {
    let trends = of(&kept(year(3, 12, 50, None).split_off(450)), None);
    assert_eq!(trends.read_past.len(), 2);
    assert!(trends.trends.iter().all(|trend| trend.change == Change::ShortPast));
}
