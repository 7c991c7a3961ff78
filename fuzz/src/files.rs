//! What lies on the disk: evidence, rule files, lines to assess.

use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use domain::Sha256;
use evidence::{CaptureArchive, EvidenceKey, Vault, WarcReader};
use rules::{Assessor, RuleSet, Subject};
use tempfile::TempDir;
use text::Folded;

/// Largest block of a WARC record that is held.
const BLOCK: u64 = 1 << 20;
/// Records and entries that are read at most: a packed file holds as many as it likes.
const MOST: usize = 1000;

/// What a rule file stands beside. The whole pack would take minutes to load when it is watched by a
/// fuzzer.
const LISTS: [&str; 4] = ["indicators.yaml", "weights.yaml", "wages.yaml", "en/words.yaml"];

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let folder = TempDir::new().expect("a temporary folder");
    lay_out(folder.path());
    let rules = include_bytes!("../seeds/rules/plain.yaml");
    std::fs::write(folder.path().join("en/fuzz.yaml"), rules).expect("a writable folder");
    let loaded = RuleSet::load(folder.path()).expect("the folder is there");
    loaded.rule_set.expect("the seed is sound")
});

fn lay_out(pack: &Path) {
    for (path, content) in RuleSet::builtin_files().filter(|(path, _)| LISTS.contains(path)) {
        let path = pack.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(pack)).expect("a writable folder");
        std::fs::write(path, content).expect("a writable folder");
    }
}

/// In memory where the system has such a place: a fuzzer writes some thousand files a second.
pub(crate) fn in_folder(work: impl FnOnce(&Path)) {
    static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
        let shared = Path::new("/dev/shm");
        let folder = if shared.is_dir() { TempDir::new_in(shared) } else { TempDir::new() };
        folder.expect("a temporary folder")
    });
    work(FOLDER.path());
}

pub(crate) fn warc(bytes: &[u8]) {
    let Ok(reader) = WarcReader::new(Cursor::new(bytes), BLOCK) else { return };
    for record in reader.take(MOST) {
        let Ok(record) = record else { continue };
        let _ = (record.kind(), record.field("WARC-Target-URI"));
    }
}

/// The bytes as the line of an entry, with the hash that belongs to it: a wrong one would be all that
/// is ever found. Without, where they bring their own.
pub(crate) fn custody(bytes: &[u8]) {
    let mut line = bytes.to_vec();
    line.retain(|byte| *byte != b'\n');
    let mut hashed = line.clone();
    hashed.extend_from_slice(format!(",\"hash\":\"{}\"}}", Sha256::of(&line)).as_bytes());
    in_folder(|folder| {
        let log = folder.join("custody");
        std::fs::create_dir_all(&log).expect("a writable folder");
        let lines = [&hashed[..], bytes].join(&b'\n');
        std::fs::write(log.join("log-000001.ndjson"), lines).expect("a writable folder");
        let _ = evidence::last_captures(&log, 2);
        if let Ok(entries) = evidence::entries(&log, 0) {
            entries.take(MOST).for_each(drop);
        }
    });
}

/// The bytes as a rule file beside the lists of the built-in pack; what can be used is run.
pub(crate) fn rules(bytes: &[u8]) {
    in_folder(|folder| {
        let pack = folder.join("rules");
        if !pack.is_dir() {
            lay_out(&pack);
        }
        std::fs::write(pack.join("en/fuzz.yaml"), bytes).expect("a writable folder");
        let Ok(loaded) = RuleSet::load(&pack) else { return };
        let Some(rule_set) = loaded.rule_set else { return };
        let words = "We keep your passport. Work abroad, no papers needed, write to me today.";
        let folded = Folded::new(words);
        let subject = Subject { title: None, text: (words, &folded), contacts: &[] };
        Assessor::new(&rule_set).assess(&subject, None);
    });
}

/// The bytes as lines of postings, under the built-in pack.
pub(crate) fn assess(bytes: &[u8]) {
    let mut answers = Vec::new();
    let assessed = pipeline::assess_lines(&mut Cursor::new(bytes), &mut answers, &RULES, 1);
    assessed.expect("memory does not fail");
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let answered = answers.bytes().filter(|byte| byte.as_ref().is_ok_and(|byte| *byte == b'\n'));
    assert!(answered.count() <= lines.count() + 1, "more answers than lines");
}

/// A snapshot's picture, as a report takes it out.
pub(crate) fn snapshot(bytes: &[u8]) {
    drop(evidence::page_picture(bytes));
}

/// A picture that a posting shows.
pub(crate) fn image(bytes: &[u8]) {
    if let link::Look::Detailed(hash) = link::look_at(bytes) {
        assert_eq!(hash.to_string().parse().ok(), Some(hash));
    }
}

/// A key that opens nothing but seeds, and a keyring for it.
const KEY: &[u8] = include_bytes!("../at-rest/fuzz.key");
const KEYRING: &[u8] = include_bytes!("../at-rest/at-rest.json");

/// A desk whose keyring this is, and the file of its key.
fn desk_with(
    folder: &Path,
    name: &str,
    keyring: &[u8],
) -> (std::path::PathBuf, std::path::PathBuf) {
    let (desk, key) = (folder.join(name), folder.join("fuzz.key"));
    for below in ["keys", "captures"] {
        std::fs::create_dir_all(desk.join(below)).expect("a writable folder");
    }
    std::fs::write(&key, KEY).expect("a writable folder");
    std::fs::write(desk.join("keys/at-rest.json"), keyring).expect("a writable folder");
    (desk, key)
}

/// The bytes as a file of the archive of an encrypted desk.
pub(crate) fn sealed(bytes: &[u8]) {
    static VAULT: LazyLock<Vault> = LazyLock::new(|| {
        let mut vault = None;
        in_folder(|folder| {
            let (desk, key) = desk_with(folder, "sealed", KEYRING);
            vault = Some(Vault::open(&desk, Some(&key)).expect("the key opens its keyring"));
        });
        vault.expect("there is a folder")
    });
    let file = "20261129-000001.warc.gz";
    let path = VAULT.desk().join("captures").join(file);
    std::fs::write(path, bytes).expect("a writable folder");
    for (offset, length) in [(0, 1 << 20), (0, 700), (3, 5)] {
        drop(CaptureArchive::read(&VAULT, file, offset, length));
    }
    drop(evidence::verify_from(
        &VAULT,
        evidence::Depth::Contents,
        None,
        jiff::Timestamp::UNIX_EPOCH,
        &mut |_, _, _| (),
    ));
}

/// The bytes as the keyring of a desk, and as a key.
pub(crate) fn keyring(bytes: &[u8]) {
    in_folder(|folder| {
        let (desk, key) = desk_with(folder, "keyring", bytes);
        drop(Vault::open(&desk, Some(&key)));
        drop(evidence::AtRest::of(&desk));
        std::fs::write(&key, bytes).expect("a writable folder");
        drop(EvidenceKey::read(&key, &desk));
    });
}
