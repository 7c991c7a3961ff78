//! A disk that is full, and one that cannot be written: each a file system of its own (`tmpfs` in a
//! mount name space of its own, by `unshare`).

#![cfg(target_os = "linux")]

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::desk::{Desk, collect_files, labelled_postings};

/// Runs a script where `$ROOM` is such a disk of so many KiB, with a copy of the desk in `$ROOM/desk`, and
/// `fusion` works on that. Gives what it printed; `None`, and said so, where it may not be mounted.
fn on_a_disk_of(kilobytes: u64, desk: &Desk, script: &str) -> Option<String> {
    let room = tempfile::tempdir().unwrap();
    let whole = format!(
        "set -u; mount -t tmpfs -o size={kilobytes}k none \"$ROOM\" || exit 77\n\
         cp -a \"$DESK\" \"$ROOM/desk\"; mkdir -p \"$OUT\"\n\
         fusion() {{ \"$FUSION\" --desk \"$ROOM/desk\" \"$@\"; }}\n{script}"
    );
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "bash", "-c", &whole])
        .env("ROOM", room.path())
        .env("DESK", desk.dir())
        .env("OUT", desk.beside("out"))
        .env("FUSION", env!("CARGO_BIN_EXE_fusion"))
        .env("USER", "tester")
        .output();
    let refused = match &output {
        Ok(output) if output.status.code() != Some(77) && !refuses(&output.stderr) => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = refused {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no disk can be mounted: {why}");
        eprintln!("skipped: no disk can be mounted: {why}");
        return None;
    }
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

fn refuses(stderr: &[u8]) -> bool {
    String::from_utf8_lossy(stderr).starts_with("unshare:")
}

/// The statuses that a script printed, as `NAME=STATUS`.
fn status(said: &str, name: &str) -> i32 {
    let line = said.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap();
    line.parse().unwrap()
}

fn leads(rows: &str) -> Vec<String> {
    let id = |line: &str| -> String {
        let row: Value = serde_json::from_str(line).unwrap();
        format!("{} {} {}", row["lead"]["id"], row["lead"]["score"], row["lead"]["postings"])
    };
    rows.lines().map(id).collect()
}

/// What its files take on a disk.
fn kilobytes(dir: &Path) -> u64 {
    let mut files = Vec::new();
    collect_files(dir, &mut files);
    files.iter().map(|file| std::fs::metadata(file).unwrap().blocks() / 2).sum()
}

#[test]
fn wherever_a_disk_runs_full_the_evidence_is_whole_and_the_work_is_gone_on_with() {
    let postings = labelled_postings().into_iter().filter(|row| row["label"] == "lead").step_by(37);
    let rows: String = postings
        .take(40)
        .map(|row| {
            format!("{}\n", json!({"id": row["id"], "text": row["text"], "lang": row["lang"]}))
        })
        .collect();
    let desk = Desk::new();
    let file = desk.beside("ads.ndjson");
    std::fs::write(&file, &rows).unwrap();
    let calm = Desk::new();
    calm.import("ads.ndjson", rows.as_bytes(), &[]).ended(0);
    let list = ["--format", "ndjson", "queue", "list", "--status", "all", "--limit", "1000"];
    let expected = leads(&calm.fusion(&list).ended(0).out);
    assert!(expected.len() > 15, "{} leads", expected.len());

    let script = format!(
        "fusion import {0} >$OUT/1.out 2>$OUT/1.err; echo import=$?\n\
         cat $OUT/1.err >&2\n\
         fusion evidence verify >$OUT/2.out 2>$OUT/2.err; echo verify=$?\n\
         mount -o remount,size=300m $ROOM\n\
         fusion import {0} >$OUT/3.out 2>$OUT/3.err; echo again=$?\n\
         fusion evidence verify >$OUT/4.out 2>&1; echo whole=$?\n\
         fusion {1} >$OUT/5.out; echo list=$?",
        file.display(),
        list.join(" ")
    );
    let read = |name: &str| std::fs::read_to_string(desk.beside("out").join(name)).unwrap();
    let (empty, full) = (kilobytes(&desk.dir()), kilobytes(&calm.dir()));
    let (mut failed, mut midst) = (0, 0);
    for step in 0..=12 {
        let size = empty + 8 + (full + 200 - empty) * step / 12;
        let Some(said) = on_a_disk_of(size, &desk, &script) else { return };
        let at = format!("{size} KiB of {full}: {said}{}{}", read("1.err"), read("2.out"));
        assert!(!read("1.err").contains("panicked") && !read("3.err").contains("panicked"), "{at}");
        match status(&said, "import") {
            0 => assert_eq!(status(&said, "verify"), 0, "{at}"),
            // One clear sentence, and nothing that the log lists is amiss.
            2 => {
                failed += 1;
                assert_eq!(read("1.err").trim().lines().count(), 1, "{at}");
                for fault in read("2.out").lines().filter(|line| line.starts_with("FAULT ")) {
                    assert!(fault.contains("if a crash left it"), "{at}");
                }
                midst += usize::from(read("2.out").contains("snapshots/"));
            }
            other => panic!("it ended with {other}: {at}"),
        }
        assert_eq!(status(&said, "again"), 0, "{at}{}", read("3.err"));
        assert_eq!(status(&said, "whole"), 0, "{at}{}", read("4.out"));
        assert_eq!(leads(&read("5.out")), expected, "{at}");
    }
    println!("{failed} of 13 disks were full too early, {midst} of them in the midst of snapshots");
    assert!((3..13).contains(&failed), "{failed} disks were too small");
}

#[test]
fn a_desk_on_a_disk_that_cannot_be_written_is_verified_and_told_of() {
    let desk = Desk::new();
    let row =
        json!({"id": "1", "text": "Your passport stays with the boss, girls 18-25, no documents"});
    desk.import("ads.ndjson", format!("{row}\n").as_bytes(), &[]).ended(0);
    let lead = desk.top_lead();
    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "x", "--by", "A"];
    desk.fusion(&decide).ended(0);
    let packet = desk.beside("p.zip");
    desk.fusion(&["packet", "build", &lead, "--by", "B", "-o", packet.to_str().unwrap()]).ended(0);
    let commands = [
        ("verify", "evidence verify".to_owned(), 0),
        ("packet", format!("packet verify {}", packet.display()), 0),
        ("import", format!("import {}", desk.beside("ads.ndjson").display()), 2),
        ("note", format!("lead note {lead} x --by A"), 2),
        ("queue", "queue list".to_owned(), 2),
        ("rebuild", "store rebuild".to_owned(), 2),
        ("scan", "scan".to_owned(), 2),
    ];
    let lines = commands.iter().map(|(name, command, _)| {
        format!("fusion {command} >$OUT/{name}.out 2>$OUT/{name}.err; echo {name}=$?\n")
    });
    let script = format!("mount -o remount,ro $ROOM\n{}", lines.collect::<String>());
    let Some(said) = on_a_disk_of(64_000, &desk, &script) else { return };
    for (name, _, expected) in commands {
        let err = std::fs::read_to_string(desk.beside("out").join(format!("{name}.err"))).unwrap();
        assert_eq!(status(&said, name), expected, "{name}: {err}");
        if expected == 2 {
            assert_eq!(err.trim().lines().count(), 1, "{name}: {err}");
            assert!(err.contains("ead-only") && !err.contains("panicked"), "{name}: {err}");
        }
    }
}
