//! Wrong input: one clear sentence and exit 2, or a counted outcome.

use serde_json::json;

use crate::desk::{Desk, fusion, fusion_fed};

#[test]
fn commands_without_a_desk_say_how_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    fusion(&["--desk", dir, "scan"]).refused(&["no desk", "fusion init"]);
    fusion(&["--desk", dir, "evidence", "verify"]).refused(&["no desk"]);
    fusion(&["--desk", dir, "store", "rebuild"]).refused(&["no desk"]);
    fusion(&["queue", "list"]).refused(&["no desk here or above"]);
}

#[test]
fn settings_with_mistakes_are_refused_with_file_and_line() {
    for (file, content, words) in [
        ("fusion.toml", "format = 1\n[desk\n", vec!["fusion.toml:2"]),
        (
            "fusion.toml",
            "format = 99\n[desk]\nname='x'\ncontact='a@b'\n",
            vec!["format = 99", "newer"],
        ),
        (
            "fusion.toml",
            "format = 1\n[desk]\nname='x'\ncontact='a@b'\ncolour='red'\n",
            vec!["fusion.toml:5", "colour"],
        ),
        (
            "sources.toml",
            "[[source]]\nid = \"a\"\nkind = \"gopher\"\nurl = \"x\"\nbasis = \"y\"\n",
            vec!["`a`", "unknown kind `gopher`", "known:", "feed"],
        ),
        (
            "sources.toml",
            "[[source]]\nid = \"../a\"\nkind = \"feed\"\nurl = \"x\"\nbasis = \"y\"\n",
            vec!["sources.toml:", "../a"],
        ),
        (
            "sources.toml",
            "[[source]]\nid = \"a\"\nkind = \"feed\"\nurl = \"x\"\n",
            vec!["sources.toml:1", "basis", "why you may collect there"],
        ),
    ] {
        let desk = Desk::new();
        std::fs::write(desk.dir().join(file), content).unwrap();
        desk.fusion(&["scan"]).refused(&words);
    }
}

#[test]
fn nothing_is_fetched_without_a_contact_address() {
    let desk = Desk::new();
    let sources =
        "[[source]]\nid = \"a\"\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/\"\nbasis = \"y\"\n";
    std::fs::write(desk.dir().join("sources.toml"), sources).unwrap();
    std::fs::write(
        desk.dir().join("fusion.toml"),
        "format = 1\n[desk]\nname = 'x'\ncontact = ''\n",
    )
    .unwrap();
    desk.fusion(&["scan"]).refused(&["desk.contact"]);
}

#[test]
fn a_rule_file_with_five_faults_lists_all_five() {
    let folder = tempfile::tempdir().unwrap();
    copy_pack(folder.path());
    let file = folder.path().join("en").join("broken.yaml");
    std::fs::write(
        &file,
        r#"topic: broken
language: en
rules:
  - id: en.elsewhere.one
    name: Words of one
    indicator: no-such-indicator
    status: stable
    version: 1
    colour: red
    match:
      any: ["passport (stays"]
    why: because
    known_gaps: none known
    triage: ["Ask"]
    examples:
      - text: "passport stays"
"#,
    )
    .unwrap();
    let dir = folder.path().to_str().unwrap();
    let problems = fusion(&["--format", "json", "rules", "check", "--rules", dir]).ended(1).json();
    let problems = problems.as_array().unwrap();
    let codes: Vec<&str> =
        problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect();
    for code in ["R002", "R003", "R005", "R007", "R009"] {
        assert!(codes.contains(&code), "{code} is not in {problems:#?}");
    }
    for problem in problems {
        assert_eq!(problem["file"], "en/broken.yaml", "{problem}");
        assert!(problem["line"].as_u64().unwrap() > 1, "{problem}");
    }

    let desk = Desk::new();
    std::fs::copy(&file, desk.dir().join("rules/en/broken.yaml")).unwrap();
    desk.fusion(&["queue", "list"]).refused(&["en/broken.yaml:", "rules check"]);
}

fn copy_pack(to: &std::path::Path) {
    let dir = to.join("desk");
    fusion(&["init", dir.to_str().unwrap()]).ended(0);
    for entry in std::fs::read_dir(dir.join("rules")).unwrap() {
        let entry = entry.unwrap();
        std::fs::rename(entry.path(), to.join(entry.file_name())).unwrap();
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_csv_without_the_column_is_refused_and_says_what_it_has() {
    let desk = Desk::new();
    desk.import("jobs.csv", b"Name,Opis\na,b\n", &["--column", "text=Description"]).refused(&[
        "jobs.csv",
        "Description",
        "Name",
        "Opis",
    ]);
}

#[test]
fn a_binary_file_is_refused_and_rows_that_are_wrong_are_counted() {
    let desk = Desk::new();
    desk.import("photo.ndjson", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", &[])
        .refused(&["photo.ndjson"]);
    desk.import("what.xyz", b"{}", &[]).refused(&["--kind"]);
    let rows = b"{\"id\":\"1\",\"text\":\"work\"}\nno json\n{\"id\":\"2\"}\n";
    let said = desk.import("rows.ndjson", rows, &[]).ended(0);
    for words in ["row.not-json", "row.no-text", "1 postings read"] {
        assert!(said.out.contains(words), "`{words}` is not in {}", said.out);
    }
    desk.fusion(&["import", "/no/such/file.csv"]).refused(&["no file"]);
}

#[test]
fn a_dead_host_is_a_counted_outcome_and_does_not_stop_the_scan() {
    let desk = Desk::new();
    let file = desk.beside("ads.ndjson");
    std::fs::write(&file, format!("{}\n", json!({"id": "1", "text": "work"}))).unwrap();
    let sources = format!(
        "[[source]]\nid = \"dead\"\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/feed\"\nbasis = \"y\"\nallow_private = true\n\
         [[source]]\nid = \"private\"\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/feed\"\nbasis = \"y\"\n\
         [[source]]\nid = \"file\"\nkind = \"ndjson\"\nurl = {:?}\nbasis = \"y\"\n",
        file.to_str().unwrap()
    );
    std::fs::write(desk.dir().join("sources.toml"), sources).unwrap();
    let said = desk.fusion(&["scan"]).ended(0);
    for words in ["fetch.private-address", "dead: ", "1 postings read"] {
        assert!(said.out.contains(words), "`{words}` is not in {}", said.out);
    }
    desk.fusion(&["scan", "--source", "nobody"]).refused(&["`nobody`", "dead"]);
}

#[test]
fn a_full_disk_stops_the_scan_with_one_sentence_and_loses_nothing() {
    // /dev/full exists on Linux alone; a folder that cannot be written does the same elsewhere.
    let desk = Desk::new();
    let rows: String = (0..3000)
        .map(|n| format!("{}\n", json!({"id": n.to_string(), "text": format!("робота {n}")})))
        .collect();
    let path = desk.beside("rows.ndjson");
    std::fs::write(&path, rows).unwrap();
    // A limit on the size of files: the write that goes beyond it fails as on a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -f 24; exec {} --desk {} import {}",
        env!("CARGO_BIN_EXE_fusion"),
        desk.dir().display(),
        path.display()
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(!err.contains("panicked"), "{err}");

    let said = desk.fusion(&["import", path.to_str().unwrap()]).ended(0);
    assert!(said.out.contains("postings read"), "{}", said.out);
    desk.fusion(&["evidence", "verify"]).ended(0);
    let counts = desk.fusion(&["--format", "json", "store", "rebuild"]).ended(0).json();
    assert_eq!(counts["postings_seen"], 3000, "{counts}");
}

#[test]
fn words_on_the_command_line_that_mean_nothing_are_refused() {
    let desk = Desk::new();
    for args in [
        &["queue", "show", "nobody"][..],
        &["queue", "list", "--status", "lost"],
        &["queue", "list", "--band", "huge"],
        &["source", "add", "--id", "A B", "--kind", "feed", "--url", "x", "--basis", "y"],
        &["frobnicate"],
    ] {
        let said = desk.fusion(args).ended(2);
        assert!(!said.err.is_empty() && !said.err.contains("panicked"), "{}", said.err);
    }
    desk.fusion(&["queue", "show", "l-000"]).refused(&["there is no lead l-000"]);
    fusion(&["packet", "verify", "/no/such.zip"]).refused(&["/no/such.zip"]);
    fusion(&["assess", "/no/such.ndjson"]).refused(&["/no/such.ndjson"]);
    fusion_fed(&["assess", "--rules", "/no/rules"], b"").refused(&["/no/rules"]);
}

#[test]
fn a_reader_that_hangs_up_early_is_no_fault() {
    for command in ["completions bash", "man", "rules list"] {
        let script = format!(
            "set -o pipefail; {} {command} | head -c 10 >/dev/null",
            env!("CARGO_BIN_EXE_fusion")
        );
        let output = std::process::Command::new("bash")
            .args(["-c", &script])
            .current_dir(std::env::temp_dir())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && err.is_empty(), "{command}: {err}");
    }
}
