//! A million invented postings linked one after another, beside datasketch's MinHash LSH.
//!
//! `cargo bench -p link --bench linking` prints throughput, the cost of one more posting at 10,000,
//! 100,000 and 1,000,000, and the most memory that was used. With `FUSION_PYTHON` set to a Python
//! that has datasketch, the first postings go through that in the same run. `FUSION_POSTINGS` sets
//! another count, `FUSION_BESIDE` another one for datasketch. Times are those of the processor, so that a busy machine does not count.

#![allow(clippy::unwrap_used, reason = "a bench")]

use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use domain::{CaptureId, Field, Posting, PostingId, PostingKind, SourceId};
use link::{KeyDigest, MemoryNetwork};
use text::Folded;

/// How many postings the other library gets, if nothing else is said.
const BESIDE: usize = 10_000;
/// Over how many postings the cost of one more is averaged.
const BLOCK: usize = 5_000;

fn main() {
    // Test runners ask benches for their list of tests; there are none.
    if std::env::args().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let number = |name: &str, unset| std::env::var(name).map_or(unset, |n| n.parse().unwrap());
    let count = number("FUSION_POSTINGS", 1_000_000);
    let start = Instant::now();
    sketches(start);
    let ours = link_all(count, start);
    beside(ours, number("FUSION_BESIDE", BESIDE));
}

/// Texts of about 60 words out of a vocabulary in which, as in all languages, few words are used
/// most. Every third is one of a campaign of 30, with another place, pay, name and number.
struct Texts {
    words: Vec<String>,
}

impl Texts {
    fn new() -> Self {
        let syllables = ["ро", "бо", "та", "ви", "їз", "ка", "ла", "ми", "не", "по", "ску", "де"];
        let word = |n: usize| {
            let mut dice = Dice(n as u64 * 977 + 5);
            (0..2 + n % 3)
                .map(|_| syllables[dice.below(12)])
                .chain([["", "и", "у"][n % 3]])
                .collect()
        };
        Self { words: (0..20_000).map(word).collect() }
    }

    fn text(&self, number: usize) -> String {
        let in_campaign = number.is_multiple_of(3);
        let of = if in_campaign { number / 90 } else { number + 1_000_000_000 };
        let mut dice = Dice(of as u64);
        let mut slots = Dice(number as u64 + 77);
        let mut text = String::with_capacity(700);
        for place in 0..60 {
            let dice =
                if in_campaign && [9, 31, 50].contains(&place) { &mut slots } else { &mut dice };
            // The square puts half of all uses on a fourteenth of the words.
            let share = dice.below(1_000_000) as f64 / 1e6;
            let word = (share * share * share * 20_000.0) as usize;
            text.push_str(&self.words[word.min(19_999)]);
            text.push(' ');
        }
        let pay = 800 + slots.below(40) * 100;
        let owner = if in_campaign { of * 10 + slots.below(3) } else { 1_000_000 + number };
        text.push_str(&format!("{pay} євро, тел. +38067{owner:07}"));
        text
    }
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

fn posting(text: String, number: usize) -> Posting {
    let source = SourceId::new("invented").unwrap();
    Posting {
        id: PostingId::new(format!("p-{number:024x}")).unwrap(),
        capture: CaptureId::new("c-000000000000000000000000").unwrap(),
        source,
        row: None,
        key: String::new(),
        kind: PostingKind::SocialPost,
        url: None,
        title: None,
        contacts: text::contacts(Field::Text, &text, None),
        text,
        author: None,
        published_at: None,
        captured_at: jiff::Timestamp::UNIX_EPOCH,
        language: None,
        region: None,
        places: Vec::new(),
        pay: None,
        employer: None,
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        saved_at: None,
        marks: domain::PostMarks::default(),
    }
}

/// Seconds that this thread has been at work, whatever else the machine does meanwhile; the clock's
/// where the system does not say.
fn worked(started: Instant) -> f64 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = said.and_then(|said| said.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| started.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Sketches alone, of texts that are folded already.
fn sketches(start: Instant) {
    let texts = Texts::new();
    let folded: Vec<Folded> = (0..20_000).map(|n| Folded::new(&texts.text(n))).collect();
    let before = worked(start);
    let bands: u64 = folded
        .iter()
        .flat_map(|folded| text::sketch(folded).unwrap().bands())
        .fold(0, |sum, band| sum ^ band);
    let rate = folded.len() as f64 / (worked(start) - before);
    report(&format!("sketches of folded texts: {rate:.0} a second (sum {bands:x})"));
}

/// Links all, block by block; gives how many a second, from the raw text on.
fn link_all(count: usize, start: Instant) -> f64 {
    let texts = Texts::new();
    let mut network = MemoryNetwork::new();
    let (mut reading, mut linking) = (0.0, 0.0);
    let marks = [10_000, 100_000, 300_000, count];
    report("  postings   one more, µs   all so far, /s   memory, MiB");
    for first in (0..count).step_by(BLOCK) {
        let block: Vec<String> =
            (first..count.min(first + BLOCK)).map(|number| texts.text(number)).collect();
        let before = worked(start);
        let mut folded = Folded::new("");
        let read: Vec<_> = block
            .into_iter()
            .zip(first..)
            .map(|(text, number)| {
                let posting = posting(text, number);
                folded.refold(&posting.text);
                link::keys(&posting, &folded)
            })
            .collect();
        let between = worked(start);
        for (keys, number) in read.iter().zip(first as u32..) {
            let digests: Vec<KeyDigest> = keys.of_one_hand().map(KeyDigest::of).collect();
            network.put_words(number, keys.words());
            let Ok(()) = link::arrive(&mut network, &number, &digests, &keys.signs(false));
        }
        let spent = worked(start) - between;
        (reading, linking) = (reading + between - before, linking + spent);
        let done = first + read.len();
        if marks.contains(&done) {
            let rate = done as f64 / (reading + linking);
            let one_more = spent / read.len() as f64 * 1e6;
            report(&format!("{done:>10} {one_more:>14.1} {rate:>16.0} {:>13}", peak_mib()));
        }
    }
    let groups = network.groups();
    let in_groups = groups.iter().filter(|group| group.len() > 1).count();
    report(&format!(
        "reading {reading:.1} s, linking {linking:.1} s; {in_groups} groups of two and more, \
         the largest of {}",
        groups.iter().map(Vec::len).max().unwrap_or(0)
    ));
    count as f64 / (reading + linking)
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

const SCRIPT: &str = r#"
import re, sys, time
from datasketch import MinHash, MinHashLSH
texts = open(sys.argv[1], encoding="utf-8").read().split("\n")
lsh = MinHashLSH(threshold=0.6, num_perm=112)
started = time.process_time()
found = 0
for number, text in enumerate(texts):
    words = re.findall(r"\w+", text.lower())
    sketch = MinHash(num_perm=112)
    sketch.update_batch([(a + " " + b).encode() for a, b in zip(words, words[1:])])
    found += len(lsh.query(sketch)) > 0
    lsh.insert(number, sketch)
spent = time.process_time() - started
print(len(texts) / spent, found)
"#;

fn beside(ours: f64, count: usize) {
    let Some(python) = std::env::var_os("FUSION_PYTHON") else {
        report("datasketch: set FUSION_PYTHON to a Python that has it");
        return;
    };
    let texts = Texts::new();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let lines: Vec<String> = (0..count).map(|number| texts.text(number)).collect();
    file.write_all(lines.join("\n").as_bytes()).unwrap();
    let output =
        Command::new(python).args(["-c", SCRIPT]).arg(file.path()).output().expect("python runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let theirs: f64 = said.split(' ').next().and_then(|rate| rate.parse().ok()).unwrap_or(f64::NAN);
    report(&format!(
        "datasketch MinHashLSH on the first {count}: {theirs:.0} a second; ours, contacts and \
         leads included: {ours:.0}, {:.1} times",
        ours / theirs
    ));
}

#[expect(clippy::print_stdout, reason = "a bench prints its result")]
fn report(line: &str) {
    println!("{line}");
}
