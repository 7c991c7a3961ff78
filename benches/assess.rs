//! How many postings a second `assess` does, on one thread and on all, and how much memory an
//! import of a million postings takes.
//!
//! `cargo bench -p cli --bench assess` measures; `-- --postings N` changes the size of the import.
//! The corpus is made from the demo's postings, varied by a counter, so that no two are the same.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

const ROUNDS: usize = 5;
const ASSESSED: usize = 100_000;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    // Test runners ask benches for their list of tests; there are none.
    if args.iter().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let asked = args.iter().position(|arg| arg == "--postings").and_then(|at| args.get(at + 1));
    let postings: usize =
        asked.map_or(1_000_000, |number| number.parse().expect("--postings takes a number"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    assess(folder.path());
    for count in [postings / 4, postings] {
        import(folder.path(), count);
    }
}

fn assess(folder: &Path) {
    let corpus = folder.join("assess.ndjson");
    let bytes = write_corpus(&corpus, ASSESSED);
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let mut medians = Vec::new();
    for threads in [1, all] {
        let mut seconds: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                let status = fusion()
                    .args(["assess", "--threads", &threads.to_string()])
                    .arg(&corpus)
                    .stdout(Stdio::null())
                    .status()
                    .expect("fusion runs");
                assert!(status.success());
                started.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let median = seconds[ROUNDS / 2];
        report(&format!(
            "assess, {threads} thread(s): {:>8.0} postings/s  {:>6.1} MB/s  (median of {ROUNDS}: {median:.2} s, {:.2} to {:.2})",
            ASSESSED as f64 / median,
            bytes as f64 / 1e6 / median,
            seconds[0],
            seconds[ROUNDS - 1],
        ));
        medians.push(median);
    }
    report(&format!("{all} threads are {:.2} times as fast as one", medians[0] / medians[1]));
}

fn import(folder: &Path, count: usize) {
    let file = folder.join(format!("import-{count}.ndjson"));
    let bytes = write_corpus(&file, count);
    let desk = folder.join(format!("desk-{count}"));
    assert!(
        fusion()
            .arg("init")
            .arg(&desk)
            .stdout(Stdio::null())
            .status()
            .expect("fusion runs")
            .success()
    );
    let started = Instant::now();
    let mut child = fusion()
        .arg("--desk")
        .arg(&desk)
        .arg("import")
        .arg(&file)
        .stdout(Stdio::null())
        .spawn()
        .expect("fusion runs");
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kilobytes(child.id()));
        match child.try_wait().expect("fusion is ours") {
            Some(status) => break status,
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    assert!(status.success());
    let seconds = started.elapsed().as_secs_f64();
    report(&format!(
        "import of {count} postings ({:.0} MB): {seconds:.1} s, {:.0} postings/s, peak memory {:.0} MB",
        bytes as f64 / 1e6,
        count as f64 / seconds,
        peak as f64 / 1e3,
    ));
    std::fs::remove_dir_all(&desk).expect("the desk is ours");
    std::fs::remove_file(&file).expect("the file is ours");
}

/// The most memory that the process has held, as the kernel counts it (Linux); 0 elsewhere.
fn peak_kilobytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn write_corpus(path: &Path, count: usize) -> u64 {
    let samples: Vec<Value> = include_str!("../fixtures/demo/postings.ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).expect("the fixture is NDJSON"))
        .collect();
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a writable folder"));
    let mut bytes = 0;
    let mut text = String::new();
    for number in 0..count {
        // One in forty is suspicious, as on a public channel at most.
        let sample = match number % 40 {
            0 => samples.iter().filter(|sample| sample["lead"] == true).nth(number / 40 % 29),
            _ => samples.iter().filter(|sample| sample["lead"] != true).nth(number % 101),
        };
        let sample = sample.unwrap_or(&samples[0]);
        text.clear();
        let filler = samples[(number * 7) % samples.len()]["lead"] == true;
        let more = if filler {
            ""
        } else {
            samples[(number * 7) % samples.len()]["text"].as_str().unwrap_or("")
        };
        let _ = write!(text, "{} №{number}\n{more}", sample["text"].as_str().unwrap_or(""));
        let line = json!({"id": number.to_string(), "title": sample["title"], "text": text})
            .to_string()
            + "\n";
        bytes += line.len() as u64;
        file.write_all(line.as_bytes()).expect("a writable folder");
    }
    file.flush().expect("a writable folder");
    bytes
}

fn fusion() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fusion"));
    command.env_remove("FUSION_DESK").arg("-q");
    command
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn report(line: &str) {
    println!("{line}");
}
