//! A desk whose captures and snapshots are encrypted, with a key that lies elsewhere.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desk::{Desk, Said, collect_files};
use crate::tools::{runs, tool};

const AD: &str = "Дівчата 18-25 на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні. +380671234567";

/// A desk beside which its key lies.
struct Locked {
    desk: Desk,
    key: String,
}

impl Locked {
    /// Makes a key and encrypts a desk for it.
    fn of(desk: Desk) -> Self {
        let key = desk.beside("desk.key").to_str().unwrap().to_owned();
        let encrypt = ["desk", "encrypt", "--key", &key, "--make-key", "--by", "Olena"];
        desk.fusion(&encrypt).ended(0);
        Self { desk, key }
    }

    /// Runs `fusion` with the key's file in its surroundings.
    fn fusion(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().unwrap();
        Said {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.desk.command(args);
        command.env("FUSION_EVIDENCE_KEY", &self.key);
        command
    }

    fn import(&self, name: &str, rows: &[Value]) {
        let path = self.desk.beside(name);
        let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(&path, lines).unwrap();
        self.fusion(&["import", path.to_str().unwrap()]).ended(0);
    }

    fn queue(&self) -> Vec<Value> {
        let args = ["--format", "ndjson", "queue", "list", "--status", "all", "--limit", "100000"];
        self.fusion(&args).ended(0).lines()
    }

    fn public(&self) -> String {
        public(Path::new(&self.key))
    }
}

fn public(key: &Path) -> String {
    let text = std::fs::read_to_string(key).unwrap();
    let named = text.lines().find_map(|line| line.strip_prefix("# public key: "));
    named.unwrap().to_owned()
}

fn row(id: usize, text: &str) -> Value {
    json!({"id": id.to_string(), "text": text, "region": "UA"})
}

/// Leads of many postings: each with a page of its own in the archive, and a snapshot.
fn rows(count: usize) -> Vec<Value> {
    (0..count).map(|id| row(id, &format!("{AD} Зміна {id}, бригада {}", id * 7))).collect()
}

fn plain_desk(count: usize) -> Desk {
    let desk = Desk::new();
    let lines: String = rows(count).iter().map(|row| format!("{row}\n")).collect();
    desk.import("ads.ndjson", lines.as_bytes(), &[]).ended(0);
    desk
}

/// Files of captures and snapshots that hold one of these.
fn files_with(desk: &Desk, words: &[&[u8]]) -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["captures", "snapshots"] {
        collect_files(&desk.dir().join(folder), &mut files);
    }
    assert!(!files.is_empty());
    files.retain(|file| {
        let bytes = std::fs::read(file).unwrap();
        words.iter().any(|words| bytes.windows(words.len()).any(|window| window == *words))
    });
    files.iter().map(|file| file.display().to_string()).collect()
}

/// Words of the postings, and what packed pages and ZIP files begin with.
const TELLING: [&[u8]; 5] =
    ["Паспорт".as_bytes(), b"380671234567", b"ads.ndjson", b"\x1f\x8b\x08\x00", b"PK\x03\x04"];

#[test]
fn no_word_of_a_posting_is_on_the_disk_and_all_work_goes_on() {
    let plain = plain_desk(6);
    assert!(!files_with(&plain, &TELLING).is_empty());
    let log = plain.dir().join("custody/log-000001.ndjson");
    let before = std::fs::read_to_string(&log).unwrap();
    let desk = Locked::of(plain);
    assert_eq!(files_with(&desk.desk, &TELLING), Vec::<String>::new());
    let after = std::fs::read_to_string(&log).unwrap();
    assert!(after.starts_with(&before), "a line of the log changed");
    let change = after.lines().find(|line| line.contains("\"at_rest\"")).unwrap();
    assert!(change.contains("\"change\":\"encrypt\"") && change.contains("\"actor\":\"Olena\""));
    assert!(change.contains(&desk.public()), "{change}");

    // New postings, a decision, a rebuild, a backup and what retention deletes.
    desk.import("more.ndjson", &[row(900, &format!("{AD} Нова зміна"))]);
    assert_eq!(files_with(&desk.desk, &TELLING), Vec::<String>::new());
    let queue = desk.queue();
    let lead = queue[0]["lead"]["id"].as_str().unwrap();
    let decide = ["queue", "decide", lead, "--verdict", "escalate", "--reason", "passport"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
    for args in [&["evidence", "verify"][..], &["evidence", "verify", "--contents"]] {
        let said = desk.fusion(args).ended(0);
        assert!(said.out.contains("All evidence is as it was captured."), "{}", said.out);
    }
    let backup = desk.desk.beside("backup");
    desk.fusion(&["store", "backup", backup.to_str().unwrap()]).ended(0);
    let secret = std::fs::read_to_string(&desk.key).unwrap();
    let secret = secret.lines().last().unwrap();
    let mut files = Vec::new();
    collect_files(&backup, &mut files);
    collect_files(&desk.desk.dir(), &mut files);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds, "the key is in {}", file.display());
    }
    let copy = |args: &[&str]| {
        let mut command = crate::desk::command();
        command.arg("--desk").arg(&backup).args(args).stdin(Stdio::null());
        command.env("FUSION_EVIDENCE_KEY", &desk.key).output().unwrap().status.code()
    };
    assert_eq!(copy(&["store", "rebuild"]), Some(0));
    assert_eq!(copy(&["evidence", "verify"]), Some(0));
}

#[test]
fn without_the_right_key_a_command_says_which_it_is() {
    let desk = Locked::of(plain_desk(2));
    let public = desk.public();
    let other = desk.desk.beside("other.key");
    let other = other.to_str().unwrap();
    for args in
        [&["queue", "list"][..], &["evidence", "verify"], &["store", "rebuild"], &["scan", "--due"]]
    {
        desk.desk.fusion(args).refused(&[&public, "--evidence-key", "FUSION_EVIDENCE_KEY"]);
        let named = [&["--evidence-key", other][..], args].concat();
        desk.desk.fusion(&named).refused(&["cannot read the key", other]);
    }
    let elsewhere = Locked::of(Desk::new());
    let args = ["--evidence-key", &elsewhere.key, "queue", "list"];
    desk.desk.fusion(&args).refused(&[&public, &elsewhere.public(), &elsewhere.key]);
    // In the desk's folder it is refused, to be made and to be used.
    let inside = desk.desk.dir().join("data/desk.key");
    std::fs::copy(&desk.key, &inside).unwrap();
    let inside = inside.to_str().unwrap();
    desk.desk.fusion(&["--evidence-key", inside, "queue", "list"]).refused(&["lies in the desk's"]);
    let plain = plain_desk(1);
    let inside = plain.dir().join("desk.key");
    let args = ["desk", "encrypt", "--key", inside.to_str().unwrap(), "--make-key"];
    plain.fusion(&args).refused(&["lies in the desk's folder"]);
    assert!(!plain.dir().join("keys/at-rest.json").exists() && !inside.exists());
    plain.fusion(&["queue", "list"]).ended(0);
    for args in [&["desk", "decrypt"][..], &["desk", "rekey", "--renew"]] {
        plain.fusion(args).refused(&["are not encrypted", "fusion desk encrypt"]);
    }
    plain.fusion(&["desk", "encrypt"]).refused(&["--key FILE"]);
}

#[test]
fn doctor_says_how_far_a_desk_is_encrypted_and_whether_the_key_is_at_hand() {
    let told = |said: &Said, what: &str| {
        let findings = said.json();
        let found = findings.as_array().unwrap().iter().find(|found| found["what"] == what);
        found.map(|found| format!("{} {}", found["standing"].as_str().unwrap(), found["says"]))
    };
    let plain = plain_desk(2);
    let said = plain.fusion(&["--format", "json", "doctor"]);
    assert!(told(&said, "at rest").unwrap().starts_with("note "), "{}", said.out);
    let open = plain.dir().join("snapshots");
    let open = std::fs::read_dir(open).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&open).unwrap();
    let desk = Locked::of(plain);
    let said = desk.fusion(&["--format", "json", "doctor"]);
    let at_rest = told(&said, "at rest").unwrap();
    assert!(at_rest.starts_with("ok ") && at_rest.contains(&desk.public()), "{at_rest}");
    assert_eq!(told(&said, "evidence key").unwrap(), format!("ok \"{}\"", desk.key));
    let said = desk.desk.fusion(&["--format", "json", "doctor"]).ended(1);
    assert!(told(&said, "evidence key").unwrap().starts_with("missing "), "{}", said.out);
    // A file that still lies open.
    std::fs::write(&open, bytes).unwrap();
    let said = desk.fusion(&["--format", "json", "doctor"]).ended(1);
    let at_rest = told(&said, "at rest").unwrap();
    assert!(at_rest.starts_with("missing ") && at_rest.contains("1 not yet"), "{at_rest}");
    desk.fusion(&["desk", "encrypt", "--by", "Olena"]).ended(0);
    assert_eq!(files_with(&desk.desk, &TELLING), Vec::<String>::new());
}

#[test]
fn a_key_is_changed_without_touching_evidence_and_a_recovery_key_opens() {
    let desk = Locked::of(plain_desk(2));
    let bytes = |desk: &Desk| {
        let mut files = Vec::new();
        for of in ["captures", "snapshots"] {
            collect_files(&desk.dir().join(of), &mut files);
        }
        files.sort();
        files.iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    let before = bytes(&desk.desk);
    let recovery = Locked::of(Desk::new());
    let next = desk.desk.beside("next.key");
    let next = next.to_str().unwrap();
    let rekey = ["desk", "rekey", "--to", next, "--make-key", "--recovery", &recovery.public()];
    let said = desk.fusion(&rekey).ended(0);
    assert!(said.out.contains(&format!("No longer opened by {}", desk.public())), "{}", said.out);
    assert_eq!(bytes(&desk.desk), before);
    desk.fusion(&["queue", "list"]).refused(&[&public(Path::new(next)), &recovery.public()]);
    for key in [next, &recovery.key] {
        desk.desk.fusion(&["--evidence-key", key, "evidence", "verify"]).ended(0);
    }
    desk.desk.fusion(&["desk", "rekey", "--key", next, "--renew"]).ended(0);
    assert!(bytes(&desk.desk).iter().zip(&before).all(|(new, old)| new != old));
    desk.desk.fusion(&["desk", "decrypt", "--key", &recovery.key]).ended(0);
    assert!(!files_with(&desk.desk, &TELLING).is_empty());
    desk.desk.fusion(&["evidence", "verify"]).ended(0);
    assert!(!desk.desk.dir().join("keys/at-rest.json").exists());
}

/// Kills a change again and again until it comes to its end.
fn killed_until_done(desk: &Locked, args: &[&str]) -> usize {
    let mut kills = 0;
    // Opening a desk is most of it on a slow machine; what is of interest comes behind.
    let started = Instant::now();
    desk.fusion(&["queue", "list"]).ended(0);
    let opening = started.elapsed();
    let mut patience = opening.mul_f64(0.7);
    loop {
        let mut child =
            desk.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let until = Instant::now() + patience;
        let ended = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status),
                None if Instant::now() > until => break None,
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        if let Some(status) = ended {
            // Killed behind its last act, a decryption has nothing left to do and is refused.
            let keyring = desk.desk.dir().join("keys/at-rest.json");
            let was_done = kills > 0 && args.contains(&"decrypt") && !keyring.exists();
            assert!(status.success() || was_done, "{args:?}: {status} after {kills} kills");
            return kills;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        // In between, evidence is whole and can be read by whoever has the key.
        let said = desk.fusion(&["--format", "json", "evidence", "verify"]).ended(0).json();
        assert_eq!(said["faults"], json!([]));
        patience += (opening / 3).max(Duration::from_millis(5));
    }
}

#[test]
fn a_change_that_is_killed_anywhere_comes_to_its_end() {
    let plain = plain_desk(150);
    let key = plain.beside("desk.key");
    let encrypted = Locked::of(Desk::new());
    std::fs::copy(&encrypted.key, &key).unwrap();
    let desk = Locked { key: key.to_str().unwrap().to_owned(), desk: plain };
    let queue = desk.queue();
    let mut kills = 0;
    kills += killed_until_done(&desk, &["desk", "encrypt", "--by", "Olena"]);
    assert_eq!(files_with(&desk.desk, &TELLING), Vec::<String>::new());
    assert_eq!(desk.queue(), queue);
    kills += killed_until_done(&desk, &["desk", "rekey", "--renew", "--by", "Olena"]);
    assert_eq!(desk.queue(), queue);
    let vault = evidence::Vault::open(&desk.desk.dir(), Some(Path::new(&desk.key))).unwrap();
    assert!(vault.seals() && !vault.is_between_keys(), "the earlier data key is given up");
    assert!(kills > 2, "{kills} kills");
    kills += killed_until_done(&desk, &["desk", "decrypt", "--by", "Olena"]);
    eprintln!("{kills} kills");
    let said = desk.desk.fusion(&["evidence", "verify"]).ended(0);
    assert!(said.out.contains("All evidence is as it was captured."), "{}", said.out);
    assert_eq!(desk.queue(), queue);
}

#[test]
fn a_changed_byte_on_an_encrypted_desk_is_named() {
    let desk = Locked::of(plain_desk(2));
    let mut files = Vec::new();
    for of in ["captures", "snapshots"] {
        collect_files(&desk.desk.dir().join(of), &mut files);
    }
    for file in files {
        let whole = std::fs::read(&file).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        std::fs::write(&file, changed).unwrap();
        let said = desk.fusion(&["evidence", "verify"]).ended(1);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(said.out.contains("FAULT ") && said.out.contains(name), "{}", said.out);
        std::fs::write(&file, whole).unwrap();
    }
    desk.fusion(&["evidence", "verify"]).ended(0);
}

/// The packet is that of a plain desk: readers of other houses find nothing that they could not read.
#[test]
fn a_packet_of_an_encrypted_desk_is_read_by_others() {
    let desk = Locked::of(plain_desk(1));
    let lead = desk.queue()[0]["lead"]["id"].as_str().unwrap().to_owned();
    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "passport"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    let packet = desk.desk.beside("packet.zip");
    let packet = packet.to_str().unwrap();
    desk.fusion(&["packet", "build", &lead, "--by", "Mihai", "--output", packet]).ended(0);
    desk.desk.fusion(&["packet", "verify", packet]).ended(0);
    let folder = tempfile::tempdir().unwrap();
    let (Some(unzip), Some(sums)) = (tool("unzip"), tool("sha256sum")) else { return };
    runs(&unzip, &["-q", packet], folder.path());
    let bag = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        let said = runs(&sums, &["-c", manifest], &bag);
        assert!(said.lines().all(|line| line.ends_with(": OK")), "{said}");
    }
    let evidence = std::fs::read_dir(bag.join("data/evidence")).unwrap();
    let files: Vec<_> = evidence.map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty());
    let Some(wacz) = tool("wacz") else { return };
    for file in files {
        let said = runs(&wacz, &["validate", "-f", file.to_str().unwrap()], &bag);
        assert!(!said.to_lowercase().contains("invalid"), "{said}");
    }
}

/// Years later, or in another house: Python, age, and one page of code.
#[test]
fn an_encrypted_file_is_opened_without_this_program() {
    let plain = plain_desk(2);
    let mut files = Vec::new();
    for of in ["captures", "snapshots"] {
        collect_files(&plain.dir().join(of), &mut files);
    }
    let before: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let desk = Locked::of(plain);
    let (Some(python), Some(_)) = (tool("python3"), tool("age")) else { return };
    let script = crate::desk::repository().join("docs/open-sealed.py");
    for (file, before) in files.iter().zip(before) {
        assert_ne!(std::fs::read(file).unwrap(), before);
        let place = file.strip_prefix(desk.desk.dir()).unwrap();
        let mut open = std::process::Command::new(&python);
        open.arg(&script).arg(desk.desk.dir()).arg(&desk.key).arg(place);
        let output = open.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, before, "{}", place.display());
    }
}
