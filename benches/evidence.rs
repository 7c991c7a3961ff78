//! Evidence and packets in quantity: `cargo bench -p packet --features pdf --bench evidence`.
//!
//! A desk of 10,000 snapshots (`-- --leads 500 --postings 20`) is filled once into
//! `target/bench-evidence-N-M` and used again on later runs. Printed are how long it takes to verify
//! all of it, and to look into all of it, beside `sha256sum` on the same files, all in turn; the same of
//! a copy of that desk that is encrypted at rest, and how long encrypting it took; and how long one
//! packet takes to build, without pictures of pages, for a hundred leads. `-- --packets 0` leaves the
//! packets out.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    missing_docs,
    reason = "a measurement"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use domain::{Lead, Sha256};
use evidence::{Depth, EvidenceKey, Vault};
use packet::{Handover, PacketRequest, ReportLanguage};
use store::StoredPosting;

#[path = "evidence/fill.rs"]
mod fill;

const ROUNDS: usize = 3;
/// Packets are built of so many leads.
const PACKETS: usize = 100;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Test runners ask benches for their list of tests; there are none.
    if args.iter().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let number = |name: &str, default: usize| {
        let at = args.iter().position(|arg| arg == name);
        at.map_or(default, |at| args[at + 1].parse().expect("a number"))
    };
    let (leads, postings) = (number("--leads", 500), number("--postings", 20));
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let desk = PathBuf::from(target).join(format!("bench-evidence-{leads}-{postings}"));
    if !desk.join("leads.json").is_file() {
        let started = Instant::now();
        fill::fill(&desk, leads, postings);
        println!("filled in {:.0} s", started.elapsed().as_secs_f64());
    }
    let plain = verify("plain", &Vault::open(&desk, None).unwrap());
    let sealed = verify("encrypted", &encrypted(&desk));
    println!(
        "verify encrypted / plain = {:.2}, with contents {:.2}",
        sealed.0 / plain.0,
        sealed.1 / plain.1
    );
    packets(&desk, number("--packets", PACKETS));
}

/// A copy of a desk, encrypted at rest; made once and used again.
fn encrypted(desk: &Path) -> Vault {
    let beside = |ending: &str| {
        desk.with_file_name(format!("{}{ending}", desk.file_name().unwrap().display()))
    };
    let (copy, key) = (beside("-encrypted"), beside(".key"));
    if !copy.join("done").is_file() {
        let _ = (std::fs::remove_dir_all(&copy), std::fs::remove_file(&key));
        std::fs::create_dir_all(&copy).unwrap();
        for folder in ["captures", "snapshots", "custody"] {
            let copied = Command::new("cp").arg("-r").arg(desk.join(folder)).arg(&copy).status();
            assert!(copied.unwrap().success());
        }
        let names = EvidenceKey::make(&key, &copy).unwrap().names();
        let vault = Vault::open(&copy, None).unwrap().sealing_for(names).unwrap();
        let started = Instant::now();
        let report = vault.reseal(&mut |_, _| ()).unwrap();
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "encrypted {} files, {} MB in {seconds:.1} s",
            report.files,
            report.bytes / 1_000_000
        );
        std::fs::write(copy.join("done"), "").unwrap();
    }
    Vault::open(&copy, Some(&key)).unwrap()
}

/// Seconds that it takes to verify a desk, and to look into all of it.
fn verify(what: &str, vault: &Vault) -> (f64, f64) {
    let desk = vault.desk();
    let (mut ours, mut deep, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (depth, times) in [(Depth::Digests, &mut ours), (Depth::Contents, &mut deep)] {
            let started = Instant::now();
            let report = evidence::verify_from(vault, depth, None, fill::at(0), &mut |_, _, _| ());
            times.push(started.elapsed().as_secs_f64());
            let report = report.unwrap();
            assert_eq!(report.faults, [], "the desk is whole");
            print!(
                "{what}, {} snapshots, {} captures, {} MB: {depth:?} {:.2} s; ",
                report.snapshots,
                report.captures,
                report.bytes / 1_000_000,
                times[times.len() - 1],
            );
        }
        let started = Instant::now();
        sha256sum(desk);
        theirs.push(started.elapsed().as_secs_f64());
        println!("sha256sum {:.2} s", theirs[theirs.len() - 1]);
    }
    let [ours, deep, theirs] = [&mut ours, &mut deep, &mut theirs].map(|times| median(times));
    println!(
        "{what}: verify / sha256sum = {:.2}, with contents {:.2} (medians of {ROUNDS})",
        ours / theirs,
        deep / theirs
    );
    (ours, deep)
}

/// The same files, read by the tool that everybody has.
fn sha256sum(desk: &Path) {
    let mut find = Command::new("find")
        .args(["captures", "snapshots", "custody", "-type", "f", "-print0"])
        .current_dir(desk)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let summed = Command::new("xargs")
        .args(["-0", "sha256sum"])
        .current_dir(desk)
        .stdin(find.stdout.take().unwrap())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(summed.success() && find.wait().unwrap().success());
}

fn packets(desk: &Path, count: usize) {
    let bytes = std::fs::read(desk.join("leads.json")).unwrap();
    let leads: Vec<(Lead, Vec<StoredPosting>)> = serde_json::from_slice(&bytes).unwrap();
    let place = tempfile::tempdir().unwrap();
    let vault = Vault::open(desk, None).unwrap();
    let reports = [("HTML alone", false), ("HTML and PDF/A", true)];
    // Without the feature there is no PDF to wait for.
    for (what, pdf) in reports.into_iter().filter(|(_, pdf)| !pdf || cfg!(feature = "pdf")) {
        let mut times = Vec::new();
        let mut size = 0;
        for (number, (lead, postings)) in leads.iter().take(count).enumerate() {
            let request = PacketRequest {
                desk: "Bench",
                lead,
                postings,
                links: &[],
                indicators: &BTreeMap::new(),
                rule_set: Sha256::of(b"invented rules"),
                prepared_by: "Olena Example",
                approved_by: "Ion Example",
                built_at: fill::at(number),
            };
            let handover = Handover { language: ReportLanguage::Uk, pdf, ..Handover::default() };
            let file = place.path().join(format!("{number}.zip"));
            let started = Instant::now();
            let built = packet::build_for(&request, &handover, &vault, &file).unwrap();
            times.push(started.elapsed().as_secs_f64());
            size += std::fs::metadata(built.hand_out().unwrap()).unwrap().len();
            std::fs::remove_file(&file).unwrap();
        }
        if times.is_empty() {
            return;
        }
        let most = times.iter().copied().fold(0.0, f64::max);
        println!(
            "{} packets of {} postings, {what}: {:.2} s each, {most:.2} s at most, {} kB each",
            times.len(),
            leads[0].1.len(),
            median(&mut times),
            size / times.len() as u64 / 1000,
        );
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
