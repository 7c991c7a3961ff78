//! What rule authors do: change a pack, lock it, see what the change does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::desk::{Desk, collect_files, fusion, repository};

/// A desk whose rules are being worked on.
struct Pack {
    desk: Desk,
}

impl Pack {
    fn new() -> Self {
        Self { desk: Desk::new() }
    }

    fn rules(&self) -> PathBuf {
        self.desk.dir().join("rules")
    }

    /// Replaces words in a file of the pack, once.
    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.rules().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

const KEPT: &str = "topic: extra
language: en
rules:
  - id: en.extra.kept
    name: Papers sleep in the tower
    indicator: document-retention
    status: test
    version: 1
    match: {any: ['(papers|passports) ..2 sleep in the tower']}
    why: w
    known_gaps: g
    triage: [q]
    examples: [{text: Your papers sleep in the tower.}]
    counter_examples: [{text: Papers stay with you., because: with the worker}]
";

#[test]
fn a_rule_cannot_change_under_its_version_once_it_is_locked() {
    let pack = Pack::new();
    std::fs::write(pack.rules().join("en/extra.yaml"), KEPT).unwrap();
    pack.desk.fusion(&["rules", "check"]).ended(0);
    pack.desk.fusion(&["rules", "lock"]).ended(0);
    pack.desk.fusion(&["rules", "check"]).ended(0);

    pack.edit("en/extra.yaml", "(papers|passports)", "(papers|passports|phones)");
    let said = pack.desk.fusion(&["rules", "check"]).ended(1).out;
    assert!(said.contains("en/extra.yaml:8: R019 en.extra.kept"), "{said}");
    let lock = std::fs::read(pack.rules().join("lock.json")).unwrap();
    let said = pack.desk.fusion(&["rules", "lock"]).ended(1).out;
    assert!(said.contains("raise `version` to 2"), "{said}");
    assert_eq!(std::fs::read(pack.rules().join("lock.json")).unwrap(), lock, "nothing is hidden");

    let said = pack.desk.fusion(&["rules", "lock", "--bump"]).ended(0).out;
    assert!(said.contains("raised: en.extra.kept 2"), "{said}");
    let text = std::fs::read_to_string(pack.rules().join("en/extra.yaml")).unwrap();
    assert!(text.contains("    version: 2\n"), "{text}");
    pack.desk.fusion(&["rules", "check"]).ended(0);
}

#[test]
fn the_lock_of_the_built_in_pack_is_up_to_date() {
    let pack = Pack::new();
    let lock = pack.rules().join("lock.json");
    let Ok(committed) = std::fs::read_to_string(&lock) else {
        eprintln!("skipped: the pack has not been locked yet");
        return;
    };
    pack.desk.fusion(&["rules", "lock"]).ended(0);
    let fresh = std::fs::read_to_string(&lock).unwrap();
    assert!(fresh == committed, "run `fusion rules lock --rules rules` and commit rules/lock.json");
}

#[test]
fn a_change_of_rules_is_shown_with_the_postings_that_it_moves() {
    let (old, new) = (Pack::new(), Pack::new());
    std::fs::write(new.rules().join("en/extra.yaml"), KEPT).unwrap();
    new.edit("weights.yaml", "dimension_bonus: 0.", "dimension_bonus: 1.");
    let corpus = new.desk.beside("corpus.ndjson");
    let lines = "{\"id\":\"moved\",\"text\":\"Passports will sleep in the tower.\"}\n\
        {\"id\":\"same\",\"text\":\"Flat to let.\"}\nno json\n";
    std::fs::write(&corpus, lines).unwrap();
    let (old, new_rules) = (old.rules(), new.rules());
    let folders = [old.to_str().unwrap(), new_rules.to_str().unwrap()];
    let args = ["rules", "diff", folders[0], folders[1], corpus.to_str().unwrap()];
    let said = fusion(&args).ended(0);
    for words in
        ["en.extra.kept", "added", "+dimension_bonus: 1.", "moved in", "-> medium", "2 postings"]
    {
        assert!(said.out.contains(words), "`{words}` is not in: {}", said.out);
    }
    assert!(!said.out.contains("same in"), "{}", said.out);
    let report = fusion(&[&["--format", "json"], &args[..]].concat()).ended(0).json();
    assert_eq!(report["changes"][0]["gained"][0]["rule"], "en.extra.kept");
    assert_eq!(report["changes"][0]["gained"][0]["quotes"][0], "Passports will sleep in the tower");
    // Without a corpus: on the examples. With the same pack: nothing.
    let said = fusion(&["rules", "diff", folders[0], folders[0]]).ended(0).out;
    assert!(said.contains("0 rules differ") && said.contains(" 0 change band"), "{said}");
    fusion(&["rules", "diff", folders[0], "/no/such/folder"]).refused(&["/no/such/folder"]);
}

#[test]
fn the_handbook_in_the_docs_is_what_the_rules_say_today() {
    let fresh = tempfile::tempdir().unwrap();
    let folder = fresh.path().join("handbook");
    let rules = repository().join("rules");
    let args = ["rules", "docs", "--rules", rules.to_str().unwrap(), "--output"];
    let said = fusion(&[&args[..], &[folder.to_str().unwrap()]].concat()).ended(0).out;
    assert!(said.contains("pages in"), "{said}");
    let pages = |folder: &Path| {
        let mut files = Vec::new();
        collect_files(folder, &mut files);
        let read = |file: PathBuf| {
            let name = file.file_name().unwrap().to_owned();
            (name, std::fs::read_to_string(file).unwrap())
        };
        files.into_iter().map(read).collect::<BTreeMap<_, _>>()
    };
    let (fresh, committed) = (pages(&folder), pages(&repository().join("docs/handbook")));
    let stale: Vec<_> = fresh
        .iter()
        .filter(|(name, page)| committed.get(*name) != Some(page))
        .map(|(name, _)| name)
        .chain(committed.keys().filter(|name| !fresh.contains_key(*name)))
        .collect();
    let remedy = "run `fusion rules docs --rules rules --output docs/handbook`";
    assert!(stale.is_empty(), "{stale:?} are not what the rules say; {remedy}");
}
