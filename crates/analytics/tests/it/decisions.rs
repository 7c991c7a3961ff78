use analytics::{DecidedLead, calibration, case_sheets, cases};
use domain::{Decision, Language, Lead, Verdict};
use store::StoredPosting;

use super::year::arrival;

fn lead(number: u64, text: &str, decisions: &[(&str, Verdict)]) -> DecidedLead {
    let at = "2026-03-01T10:00:00Z".parse().unwrap();
    let arrival = arrival(number, at, text, "Галина Вигадана");
    let later: jiff::Timestamp = "2026-03-02T10:20:00Z".parse().unwrap();
    let posting = arrival.posting.id.clone();
    let alone = Lead::new(posting.clone(), arrival.assessment.score, arrival.posting.captured_at);
    let decisions = decisions.iter().map(|(by, verdict)| Decision {
        by: (*by).to_owned(),
        at: later,
        verdict: *verdict,
        reason: "так".to_owned(),
        lead: alone.id.clone(),
        postings: vec![posting.clone()],
    });
    let decisions = decisions.collect();
    DecidedLead {
        lead: Lead { decisions, ..alone },
        posting: StoredPosting { posting: arrival.posting, assessment: arrival.assessment },
    }
}

#[test]
fn decisions_say_how_often_a_rule_is_right_and_what_it_costs() {
    let kept = [("Олена", Verdict::Escalate)];
    let dismissed = [("Олена", Verdict::Dismiss)];
    let mut leads: Vec<DecidedLead> =
        (0..8).map(|n| lead(n, "Паспорт зберігаємо в офісі", &kept)).collect();
    leads.extend((8..16).map(|n| lead(n, "Виїзд завтра, тільки дівчата", &dismissed)));
    leads.push(lead(
        20,
        "Паспорт зберігаємо",
        &[("Олена", Verdict::Dismiss), ("Ірина", Verdict::Refer)],
    ));
    let folder = tempfile::tempdir().unwrap();
    let calibration = calibration(&leads, folder.path()).unwrap();
    assert_eq!((calibration.decided, calibration.kept), (17, 9));
    let rule = |id: &str| calibration.rules.iter().find(|rule| rule.kept.of == id).unwrap();
    let good = rule("uk.documents.kept");
    assert_eq!((good.kept.decided, good.kept.kept, good.dismissed_leading), (9, 9, 0));
    assert!(good.kept.precision.low > 0.6 && good.kept.precision.low < 1.0);
    // Of two rules of equal points the first by name led.
    assert_eq!(calibration.rules[0].kept.of, "uk.offer.urgent");
    assert_eq!(calibration.rules[0].dismissed_leading, 8);
    let agreement = calibration.agreement.unwrap();
    assert_eq!((agreement.leads, agreement.agreed), (1, 0));
    assert_eq!(calibration.to_decision.unwrap().median, 24.0);
    let counted: u64 = calibration.reliability.iter().map(|bin| bin.leads).sum();
    assert_eq!(counted, 17);
    assert!(calibration.page().contains("<circle"));
}

#[test]
fn a_case_shows_signs_and_nobody() {
    let text = "Тільки дівчата! Паспорт зберігаємо у Степана Вигаданого, тел. 067 123-45-67 або \
                +48 600 100 200, пишіть @stepan_v чи stepan@pisma.example, https://t.me/stepan_v. \
                Питати галину, місто Вигаданськ, оплата 1200 євро";
    let kept = lead(1, text, &[("Олена", Verdict::Escalate)]);
    let other = lead(2, "Виїзд завтра, тільки сьогодні", &[("Олена", Verdict::Dismiss)]);
    let cases = cases(&[other, kept], 10);
    assert_eq!(cases.iter().map(|case| case.kept).collect::<Vec<_>>(), [true, false]);
    let shown = format!("{cases:?}").to_lowercase();
    for never in ["степан", "stepan", "вигадан", "067", "123", "600", "галин", "example", "t.me"]
    {
        assert!(!shown.contains(never), "{never}: {}", cases[0].text);
    }
    assert!(cases[0].text.contains("Тільки дівчата") && cases[0].text.contains("1200 євро"));
    let words: Vec<&String> = cases[0].signs.iter().flat_map(|sign| &sign.words).collect();
    assert!(words.iter().any(|words| words.as_str() == "Паспорт зберігаємо"), "{words:?}");
    let (sheet, answers) = case_sheets(&cases, Language::Uk);
    assert!(!sheet.contains("document-retention") && !sheet.contains("Варте уваги"));
    assert!(
        answers.contains("Варте уваги") && answers.contains("документи забирають на зберігання")
    );
}

#[test]
fn cases_are_the_same_every_time() {
    let leads: Vec<DecidedLead> = (0..20)
        .map(|n| lead(n, &format!("Виїзд завтра {n}"), &[("Олена", Verdict::Escalate)]))
        .collect();
    let mut turned = leads.clone();
    turned.reverse();
    assert_eq!(cases(&leads, 5), cases(&turned, 5));
}
