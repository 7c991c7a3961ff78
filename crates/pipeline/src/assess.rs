//! `fusion assess`: postings in, assessments out, one JSON object a line, in order. Stateless.

use std::borrow::Cow;
use std::io::{BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use domain::{Contact, Finding, Language, Region, Span};
use rules::RuleSet;
use serde::{Deserialize, Serialize};

use crate::{Examination, Examiner, Words};

/// Longest line read; a posting is a few kilobytes.
const LONGEST_LINE: usize = 8 * 1024 * 1024;
/// Lines that a thread takes at a time, or fewer when they are long.
const LINES_AT_A_TIME: usize = 64;
const BYTES_AT_A_TIME: usize = 64 * 1024;

/// What came of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AssessCounts {
    /// Lines assessed.
    pub assessed: u64,
    /// Lines of band medium and up.
    pub flagged: u64,
    /// Lines that could not be read; each has an `error` in its place.
    pub failed: u64,
}

/// Assesses every line of `input`, on `threads` threads, and writes the results in input order.
/// Memory stays bounded whatever the length of the input.
pub fn assess_lines(
    input: &mut (dyn BufRead + Send),
    output: &mut dyn Write,
    rule_set: &RuleSet,
    threads: usize,
) -> std::io::Result<AssessCounts> {
    let mut counts = AssessCounts::default();
    std::thread::scope(|scope| {
        // Work goes round the threads in turn and comes back in the same turn: order without
        // sorting, and at most two chunks wait for each thread.
        let mut to_workers: Vec<SyncSender<Lines>> = Vec::new();
        let mut from_workers: Vec<Receiver<Answer>> = Vec::new();
        for _ in 0..threads.max(1) {
            let (send_lines, take_lines) = sync_channel::<Lines>(2);
            let (send_answer, take_answer) = sync_channel::<Answer>(2);
            to_workers.push(send_lines);
            from_workers.push(take_answer);
            scope.spawn(move || work(&take_lines, &send_answer, rule_set));
        }
        let reader = scope.spawn(move || hand_out(input, &to_workers));
        for worker in from_workers.iter().cycle() {
            let Ok(answer) = worker.recv() else { break };
            output.write_all(&answer.text)?;
            counts.assessed += answer.counts.assessed;
            counts.flagged += answer.counts.flagged;
            counts.failed += answer.counts.failed;
        }
        // On a failed write the workers end by themselves once this side hangs up.
        drop(from_workers);
        reader.join().unwrap_or(Ok(()))
    })?;
    output.flush()?;
    Ok(counts)
}

/// Some lines of the input and the number of the first.
struct Lines {
    first: u64,
    bytes: Vec<u8>,
    /// End of each line in `bytes`.
    ends: Vec<usize>,
}

struct Answer {
    text: Vec<u8>,
    counts: AssessCounts,
}

fn hand_out(input: &mut dyn BufRead, workers: &[SyncSender<Lines>]) -> std::io::Result<()> {
    let mut number = 1;
    for worker in workers.iter().cycle() {
        let bytes = Vec::with_capacity(BYTES_AT_A_TIME);
        let mut lines = Lines { first: number, bytes, ends: Vec::with_capacity(LINES_AT_A_TIME) };
        while lines.ends.len() < LINES_AT_A_TIME && lines.bytes.len() < BYTES_AT_A_TIME {
            if read_line(input, &mut lines.bytes)? == 0 {
                break;
            }
            lines.ends.push(lines.bytes.len());
            number += 1;
        }
        if lines.ends.is_empty() || worker.send(lines).is_err() {
            break;
        }
    }
    Ok(())
}

/// Appends one line, at most [`LONGEST_LINE`] bytes of it; the rest of a longer one is passed over.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<usize> {
    let start = line.len();
    let mut read = Read::take(&mut *input, LONGEST_LINE as u64 + 1).read_until(b'\n', line)?;
    if line.len() - start > LONGEST_LINE && !line.ends_with(b"\n") {
        read += pass_over_line(input)?;
    }
    Ok(read)
}

fn pass_over_line(input: &mut dyn BufRead) -> std::io::Result<usize> {
    let mut passed = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(passed);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let take = end.map_or(buffer.len(), |at| at + 1);
        input.consume(take);
        passed += take;
        if end.is_some() {
            return Ok(passed);
        }
    }
}

fn work(lines: &Receiver<Lines>, answers: &SyncSender<Answer>, rule_set: &RuleSet) {
    let mut examiner = Examiner::new(rule_set);
    let rule_set = rule_set.hash().to_string();
    while let Ok(chunk) = lines.recv() {
        let text = Vec::with_capacity(chunk.bytes.len());
        let mut answer = Answer { text, counts: AssessCounts::default() };
        let mut start = 0;
        for (number, end) in (chunk.first..).zip(&chunk.ends) {
            let line = &chunk.bytes[start..*end];
            start = *end;
            assess_line(line, number, &mut examiner, &rule_set, &mut answer);
        }
        if answers.send(answer).is_err() {
            return;
        }
    }
}

fn assess_line(
    line: &[u8],
    number: u64,
    examiner: &mut Examiner<'_>,
    rule_set: &str,
    answer: &mut Answer,
) {
    let line = line.trim_ascii();
    if line.is_empty() {
        return;
    }
    match Input::parse(line) {
        Ok(input) => {
            let examination = examiner.examine(input.words());
            answer.counts.assessed += 1;
            answer.counts.flagged += u64::from(examination.assessment.band.is_flagged());
            put(&mut answer.text, &Output::new(&input.id, &examination, rule_set));
        }
        Err(error) => {
            answer.counts.failed += 1;
            put(&mut answer.text, &BadLine { id: id_of(line), line: number, error });
        }
    }
}

fn put(text: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(&mut *text, value)
        .expect("plain structs of strings and numbers serialise");
    text.push(b'\n');
}

/// A posting as it is handed in; unknown keys are ignored.
#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    lang: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    region: Option<Cow<'a, str>>,
}

impl<'a> Input<'a> {
    fn parse(line: &'a [u8]) -> Result<Self, String> {
        if line.len() > LONGEST_LINE {
            return Err(format!("the line is longer than {LONGEST_LINE} bytes"));
        }
        let line = std::str::from_utf8(line).map_err(|error| {
            format!("the line is not UTF-8 from byte {} on", error.valid_up_to())
        })?;
        serde_json::from_str(line).map_err(|error| error.to_string())
    }

    fn words(&self) -> Words<'_> {
        Words {
            title: self.title.as_deref(),
            text: &self.text,
            language: self.lang.as_deref().and_then(Language::from_code),
            region: self.region.as_deref().and_then(Region::new),
        }
    }
}

/// The id of a line that is JSON, but no posting.
fn id_of(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct JustId {
        id: String,
    }
    serde_json::from_slice::<JustId>(line).ok().map(|input| input.id)
}

#[derive(Serialize)]
struct BadLine {
    id: Option<String>,
    line: u64,
    error: String,
}

#[derive(Serialize)]
struct Output<'a> {
    id: &'a str,
    lang: &'static str,
    score: u8,
    band: &'static str,
    findings: Vec<OutputFinding<'a>>,
    mitigations: Vec<OutputFinding<'a>>,
    contacts: Vec<OutputContact<'a>>,
    rule_set: &'a str,
}

impl<'a> Output<'a> {
    fn new(id: &'a str, examination: &'a Examination, rule_set: &'a str) -> Self {
        let assessment = &examination.assessment;
        Self {
            id,
            // ISO 639-2: undetermined.
            lang: assessment.language.map_or("und", Language::code),
            score: assessment.score.value(),
            band: assessment.band.name(),
            findings: assessment.findings.iter().map(OutputFinding::new).collect(),
            mitigations: assessment.mitigations.iter().map(OutputFinding::new).collect(),
            contacts: examination.contacts.iter().map(OutputContact::new).collect(),
            rule_set,
        }
    }
}

#[derive(Serialize)]
struct OutputFinding<'a> {
    indicator: &'a str,
    rule: &'a str,
    version: u32,
    points: f64,
    spans: &'a [Span],
}

impl<'a> OutputFinding<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            indicator: finding.indicator.as_str(),
            rule: finding.rule.as_str(),
            version: finding.version,
            points: finding.points,
            spans: finding.spans(),
        }
    }
}

#[derive(Serialize)]
struct OutputContact<'a> {
    kind: domain::ContactKind,
    value: &'a str,
    raw: &'a str,
    field: domain::Field,
    start: usize,
    end: usize,
}

impl<'a> OutputContact<'a> {
    fn new(contact: &'a Contact) -> Self {
        Self {
            kind: contact.kind,
            value: &contact.value,
            raw: &contact.span.quote,
            field: contact.span.field,
            start: contact.span.start,
            end: contact.span.end,
        }
    }
}
