use domain::{CaptureId, PostingKind, Sha256, SourceId};
use jiff::{SignedDuration, Timestamp};

use super::*;

/// A post of an invented source.
pub(crate) fn sample(source: &str, key: &str, text: &str, at: Timestamp) -> Posting {
    let source = SourceId::new(source).unwrap();
    Posting {
        id: PostingId::derive(&source, key),
        capture: CaptureId::derive(&source, key, at, &Sha256::of(text.as_bytes())),
        source,
        row: None,
        key: key.to_owned(),
        kind: PostingKind::SocialPost,
        url: None,
        title: None,
        text: text.to_owned(),
        author: None,
        published_at: Some(at),
        captured_at: at,
        saved_at: None,
        language: None,
        region: None,
        places: Vec::new(),
        pay: None,
        employer: None,
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        contacts: Vec::new(),
        marks: domain::PostMarks::default(),
    }
}

/// A flagged posting: by whom, where, from which source, on which day, in which wording.
type Ad<'a> = (&'a str, &'a str, &'a str, i64, u32);

fn lead(ads: &[Ad<'_>]) -> Lead {
    let founded = ads.iter().zip(0..).map(|((name, place, source, day, wording), number)| {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day);
        let text = format!("Дівчата на роботу в {place}");
        let mut posting = sample(source, &number.to_string(), &text, at);
        posting.author = Some((*name).to_owned());
        let score = Score::from_probability(0.5);
        let assessment = Assessment {
            language: None,
            score,
            band: Band::of(score),
            findings: Vec::new(),
            mitigations: Vec::new(),
            rule_set: Sha256::of(b"rules"),
        };
        found(&posting, &assessment, *wording)
    });
    founded.reduce(join).unwrap()
}

/// What postings show together, in words, and the score that comes of it where each has 50.
#[test]
fn each_way_in_which_a_lead_is_spread_is_a_reason_and_raises_its_score() {
    const ALONE: &[Ad<'_>] = &[("Ana", "Берлін", "a", 0, 1)];
    let mut before = 0;
    for (ads, expected) in [
        (ALONE.to_vec(), vec![]),
        (vec![("Ana", "Берлін", "a", 0, 1), ("Ana", "Берлін", "a", 13, 2)], vec![]),
        (vec![("Ana", "Берлін", "a", 0, 1), ("Ana", "Берлін", "a", 14, 2)], vec!["14 days"]),
        (
            vec![("Ana", "Берлін", "a", 0, 1), ("Eva", "Варшаву", "a", 14, 2)],
            vec!["2 names", "2 places", "14 days"],
        ),
        (
            vec![("Ana", "Берлін", "a", 0, 1), ("Eva", "Варшаву", "b", 14, 2)],
            vec!["2 names", "2 places", "2 sources", "14 days"],
        ),
        (
            vec![("Ana", "Берлін", "a", 0, 1), ("Eva", "Варшаву", "b", 14, 1)],
            vec!["1 near-copy", "2 names", "2 places", "2 sources", "14 days"],
        ),
        (
            ["Берлін", "Варшаву", "Мілан", "Прагу", "Стамбул", "Анталію"]
                .map(|place| (place, place, "b", 14, 1))
                .to_vec(),
            vec!["5 near-copies", "6 names", "6 places"],
        ),
    ] {
        let lead = lead(&ads);
        let reasons: Vec<&str> = lead.reasons.iter().map(|reason| reason.words.as_str()).collect();
        assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
        for words in expected {
            assert!(reasons.iter().any(|reason| reason.starts_with(words)), "{words}: {reasons:?}");
        }
        let score = lead.score.value();
        assert!(score >= before && score >= 50, "{score} after {before}: {reasons:?}");
        before = score;
    }
}

#[test]
fn a_list_of_towns_is_one_place() {
    let list = "Берлін, Варшаву, Мілан";
    let lead = lead(&[("Ana", list, "a", 0, 1), ("Ana", list, "a", 1, 2)]);
    assert_eq!(lead.spread.places, BTreeSet::from(["Berlin".to_owned()]));
    assert!(lead.reasons.is_empty(), "{:?}", lead.reasons);
}
