//! A desk in a temporary folder and the command that works on it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) use crate::tools::repository;

/// What a command said and how it ended.
pub struct Said {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Its output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }

    /// Its output as JSON lines.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Panics unless it ended with this status.
    #[track_caller]
    pub fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Panics unless it could not be done and said why in one line that has these words.
    #[track_caller]
    pub fn refused(self, words: &[&str]) -> Self {
        let said = self.ended(2);
        assert_eq!(said.err.trim().lines().count(), 1, "more than one line: {}", said.err);
        for word in words {
            assert!(said.err.contains(word), "`{word}` is not in: {}", said.err);
        }
        assert!(!said.err.contains("panicked"), "{}", said.err);
        said
    }
}

/// The command `fusion`, free of the surroundings of whoever runs the tests.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fusion"));
    for name in ["FUSION_DESK", "FUSION_USER", "FUSION_EVIDENCE_KEY"] {
        command.env_remove(name);
    }
    let (variable, key) = crate::kinds::KEY;
    command.env("USER", "tester").env(variable, key).current_dir(std::env::temp_dir());
    command
}

/// Runs `fusion` with these arguments.
pub fn fusion(args: &[&str]) -> Said {
    said(command().args(args).stdin(Stdio::null()))
}

/// Runs `fusion` with this on its standard input.
pub fn fusion_fed(args: &[&str], input: &[u8]) -> Said {
    use std::io::Write as _;
    let mut child = command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        // A command that refuses its input hangs up early.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    spoken(output)
}

fn said(command: &mut Command) -> Said {
    spoken(command.output().unwrap())
}

fn spoken(output: std::process::Output) -> Said {
    Said {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A desk.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A new desk without sources.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("desk");
        fusion(&[
            "init",
            dir.to_str().unwrap(),
            "--contact",
            "desk@example.org",
            "--name",
            "Test desk",
        ])
        .ended(0);
        Self { folder }
    }

    /// A new desk with the sources of these sample sites.
    pub fn with_sources_of(sites: &SampleSites) -> Self {
        let desk = Self::new();
        std::fs::copy(sites.dir.join("sources.toml"), desk.dir().join("sources.toml")).unwrap();
        desk
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("desk")
    }

    /// A place for files beside the desk.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `fusion --desk DIR ...`
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = command();
        command.arg("--desk").arg(self.dir()).args(args).stdin(Stdio::null());
        command
    }

    /// Runs `fusion --desk DIR ...`.
    pub fn fusion(&self, args: &[&str]) -> Said {
        said(&mut self.command(args))
    }

    /// Writes a file beside the desk and imports it.
    pub fn import(&self, name: &str, content: &[u8], args: &[&str]) -> Said {
        let path = self.beside(name);
        std::fs::write(&path, content).unwrap();
        let mut all = vec!["import", path.to_str().unwrap()];
        all.extend(args);
        self.fusion(&all)
    }

    /// The queue with leads of any standing, as JSON.
    pub fn queue(&self) -> Vec<Value> {
        let args = ["--format", "ndjson", "queue", "list", "--status", "all", "--limit", "100000"];
        self.fusion(&args).ended(0).lines()
    }

    /// A lead with its postings and what holds it together, as JSON.
    pub fn lead(&self, id: &str) -> Value {
        self.fusion(&["--format", "json", "lead", "show", id]).ended(0).json()
    }

    /// The texts of all flagged postings.
    pub fn flagged_texts(&self) -> Vec<String> {
        let text = |posting: &Value| posting["posting"]["text"].as_str().unwrap().to_owned();
        let rows = self.queue();
        let texts = rows.iter().flat_map(|row| {
            if row["lead"]["postings"].as_array().unwrap().len() == 1 {
                return vec![text(&row["posting"])];
            }
            let lead = self.lead(row["lead"]["id"].as_str().unwrap());
            lead["postings"].as_array().unwrap().iter().map(text).collect()
        });
        texts.collect()
    }

    /// The id of the lead on top of the queue.
    pub fn top_lead(&self) -> String {
        self.queue()[0]["lead"]["id"].as_str().unwrap().to_owned()
    }

    /// All files of the desk's evidence, sorted.
    pub fn evidence_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for folder in ["captures", "custody", "snapshots"] {
            collect_files(&self.dir().join(folder), &mut files);
        }
        files.sort();
        files
    }
}

/// All files below a folder.
pub fn collect_files(dir: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The files below a folder whose names end so, sorted.
pub fn files_of(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect_files(dir, &mut files);
    files.retain(|file| file.to_str().unwrap().ends_with(ending));
    files.sort();
    files
}

/// The sample sites of `fusion demo`, served until dropped.
pub struct SampleSites {
    child: Child,
    pub dir: PathBuf,
    _folder: TempDir,
}

impl SampleSites {
    /// Runs the demo and waits until it has come to its end and serves on.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("demo");
        let mut child = command()
            .args(["demo", "--dir", dir.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let up = lines.by_ref().map_while(Result::ok).any(|line| line.contains("stay up"));
        assert!(up, "the demo ended early");
        // The rest is read, so that the demo never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, dir, _folder: folder }
    }
}

impl Drop for SampleSites {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder with real data that nobody here wrote; `None`, and said so, when it is not there.
pub fn reference_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let dir = std::env::var_os("FUSION_REFERENCE_DATA").map_or(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no reference data at {}", dir.display());
    eprintln!("skipped: no reference data at {}", dir.display());
    None
}

/// All labelled postings of the repository, tune and test.
pub fn labelled_postings() -> Vec<Value> {
    let mut files = Vec::new();
    collect_files(&repository().join("fixtures/labelled"), &mut files);
    files.sort();
    let lines = files.iter().flat_map(|file| {
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}
