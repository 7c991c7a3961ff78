//! What holds for any text and any rule file.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::sync::LazyLock;

use domain::{Assessment, Field, Finding};
use proptest::prelude::*;
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

static BUILT_IN: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::builtin().unwrap());

fn assess(assessor: &mut Assessor<'_>, title: Option<&str>, text: &str) -> Assessment {
    let (folded_title, folded) = (title.map(Folded::new), Folded::new(text));
    let subject =
        Subject { title: title.zip(folded_title.as_ref()), text: (text, &folded), contacts: &[] };
    assessor.assess(&subject, None)
}

fn all(assessment: &Assessment) -> impl Iterator<Item = &Finding> {
    assessment.findings.iter().chain(&assessment.mitigations)
}

/// Texts of the pack's own examples, which make many rules fire.
static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let examples = BUILT_IN.rules().iter().flat_map(|rule| &rule.examples);
    examples.map(|example| example.text.clone()).collect()
});

/// Pieces of examples with anything between them.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<prop::sample::Index>().prop_map(|index| index.get(&EXAMPLES).clone()),
        1 => "\\PC{0,20}",
        1 => "[ .,!?\\n\u{200b}\u{301}😀😈оoаa0-9]{0,12}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_span_quotes_its_field_exactly_and_points_have_the_right_sign(
        title in prop::option::of(texts()),
        text in texts(),
    ) {
        let assessment = assess(&mut Assessor::new(&BUILT_IN), title.as_deref(), &text);
        for finding in all(&assessment) {
            prop_assert!((1..=5).contains(&finding.spans().len()));
            for span in finding.spans() {
                let field = match span.field {
                    Field::Title => title.as_deref().unwrap(),
                    Field::Text => &text,
                };
                prop_assert_eq!(field.get(span.start..span.end), Some(span.quote.as_str()));
                prop_assert!(!span.quote.is_empty());
            }
        }
        prop_assert!(assessment.findings.iter().all(|finding| finding.points > 0.0));
        prop_assert!(assessment.mitigations.iter().all(|finding| finding.points < 0.0));
        // How the words lie comes after what a rule can point at.
        let is_tenor = |finding: &Finding| finding.indicator.as_str() == "recruiters-tenor";
        let order = |finding: &Finding| (is_tenor(finding), -finding.points);
        prop_assert!(assessment.findings.is_sorted_by(|a, b| order(a) <= order(b)));
    }

    #[test]
    fn the_same_text_gives_the_same_assessment_whatever_came_before(
        first in texts(),
        second in texts(),
    ) {
        // What others have used is with these, so the next one begins with nothing.
        let _others: Vec<Assessor<'_>> = (0..8).map(|_| Assessor::new(&BUILT_IN)).collect();
        let fresh = assess(&mut Assessor::new(&BUILT_IN), None, &second);
        let mut used = Assessor::new(&BUILT_IN);
        assess(&mut used, Some(&second), &first);
        prop_assert_eq!(assess(&mut used, None, &second), fresh);
    }

}

proptest! {
    // A check of a pack runs all that a pack goes through, which takes its time.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_as_a_rule_file_are_told_and_nothing_breaks(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "[a-z:\\-\\[\\]{}&*!|>'\"%@`#,? \\n\\t]{0,200}".prop_map(String::into_bytes),
        ],
    ) {
        let folder = built_in_without_rules();
        fs::write(folder.path().join("uk/fuzzed.yaml"), &bytes).unwrap();
        let problems = rules::check(folder.path()).unwrap();
        prop_assert!(problems.iter().any(|problem| problem.file == "uk/fuzzed.yaml"));
    }

    #[test]
    fn a_rule_file_with_bytes_changed_breaks_nothing(
        file in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..6),
    ) {
        let files: Vec<_> =
            RuleSet::builtin_files().filter(|(path, _)| path.ends_with(".yaml")).collect();
        let (path, original) = *file.get(&files);
        let mut bytes = original[..original.len().min(6_000)].to_vec();
        for (place, byte, edit) in edits {
            let at = place.index(bytes.len().max(1));
            match edit {
                0 if at < bytes.len() => { bytes.remove(at); }
                1 => bytes.insert(at.min(bytes.len()), byte % 128),
                _ if at < bytes.len() => bytes[at] = b"\n :-[]{}'\"*&|()?.#@"[usize::from(byte) % 19],
                _ => {}
            }
        }
        let folder = built_in_without_rules();
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::write(folder.path().join(path), &bytes).unwrap();
        let problems = rules::check(folder.path()).unwrap();
        prop_assert!(problems.iter().all(|problem| problem.line > 0));
        prop_assert!(problems.is_sorted_by(|a, b| (&a.file, a.line) <= (&b.file, b.line)));
    }
}

/// A folder with the built-in indicators, weights and word lists.
fn built_in_without_rules() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in RuleSet::builtin_files() {
        if !path.contains('/') || path.ends_with("words.yaml") {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    folder
}

/// Each of these took time that grows with the square of its length in some engine or other. They are
/// long enough that it would be noticed here as well.
#[test]
fn hostile_texts_are_read_in_time_that_grows_with_their_length() {
    let mut assessor = Assessor::new(&BUILT_IN);
    let many = |piece: &str| piece.repeat(100_000 / piece.len());
    for text in [
        many("а"),
        many("паспорт "),
        many("не "),
        many("паспорт не у нас, робота "),
        many("паспорт. "),
        many("девушки 18-25 "),
        many("1 "),
        many("робота дівчата паспорт документи борг "),
        many("п а с п о р т  "),
        many("\u{301}"),
    ] {
        let assessment =
            assess(&mut assessor, Some(&text[..text.floor_char_boundary(1000)]), &text);
        assert!(all(&assessment).all(|finding| finding.spans().len() <= 5));
    }
}

#[test]
fn the_built_in_pack_is_what_lies_in_the_folder() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
    let loaded = RuleSet::load(folder.as_ref()).unwrap();
    assert_eq!(loaded.rule_set.unwrap().hash(), BUILT_IN.hash());
}

#[test]
fn the_built_in_pack_has_no_problem() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
    let problems = rules::check(folder.as_ref()).unwrap();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
