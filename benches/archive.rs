//! Hunts and counts over a large invented archive: `cargo bench -p analytics --bench archive`.
//!
//! `FUSION_BENCH_ROWS` postings (one million if not set) are written once into
//! `target/bench-archive-N` and read again on later runs; with `FUSION_BENCH_COPIES` of more than one
//! a share of them is written, and each file copied so often for later days. `benches/peers/archive.py` asks DuckDB
//! the same of the same files.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    missing_docs,
    reason = "a measurement"
)]

use std::path::PathBuf;
use std::time::Instant;

use analytics::{
    AnalyticsError, Archive, Arrival, Dimension, EmergingOptions, TrendOptions, Week, emerging,
    hunt, trends,
};
use jiff::{SignedDuration, Timestamp};
use rules::{Hunt, Quarry};

#[path = "../crates/analytics/tests/it/year.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod year;

const AT_A_TIME: usize = 60_000;
const THREADS: usize = 2;
/// The days of the invented year.
const DAYS: i64 = 357;

fn main() {
    // Test runners ask benches for their list of tests; there are none.
    if std::env::args().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<usize>().ok());
    let rows = number("FUSION_BENCH_ROWS").unwrap_or(1_000_000);
    let copies = number("FUSION_BENCH_COPIES").unwrap_or(1).max(1);
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let dir = PathBuf::from(target).join(format!("bench-archive-{rows}"));
    let mut archive = Archive::open(&dir).unwrap();
    if archive.extent().unwrap().rows < rows {
        archive.discard().unwrap();
        let days = DAYS / copies as i64;
        timed("write", || written(&mut archive, rows / copies, days));
        copied(&dir, copies as i64, days);
    }
    let extent = archive.extent().unwrap();
    println!("{} rows, {} files, {} MB", extent.rows, extent.files, extent.bytes / 1_000_000);
    let last = Week::parse("2026-12-28").unwrap();
    let options = |by: &[Dimension], flagged| TrendOptions {
        week: last,
        past: 60,
        flagged,
        by: by.to_vec(),
        suppress_below: None,
        threads: THREADS,
    };
    for _ in 0..3 {
        timed("count by week and language", || {
            trends(&archive, &options(&[Dimension::Language], false)).unwrap();
        });
        timed("count by week and source", || {
            trends(&archive, &options(&[Dimension::Source], false)).unwrap();
        });
        timed("count by week and indicator, flagged", || {
            trends(&archive, &options(&[Dimension::Indicator], true)).unwrap();
        });
        timed("count by week and route", || {
            trends(&archive, &options(&[Dimension::Route], false)).unwrap();
        });
        timed("trends, every dimension", || {
            trends(&archive, &options(&[], true)).unwrap();
        });
    }
    let quarry = Hunt::new(None, Quarry::Phrase("паспорт* ..3 офіс*", None)).unwrap();
    timed("hunt a phrase", || {
        let counts = hunt(&archive, &quarry, None, THREADS, &mut |_| Ok::<_, AnalyticsError>(()));
        println!("  {:?}", counts.unwrap());
    });
    timed("emerging, one week against twelve", || {
        let week = Week::parse("2026-W30").unwrap();
        let options = EmergingOptions {
            week,
            past: 12,
            flagged: false,
            templates: true,
            least: 5,
            limit: 20,
        };
        println!("  {} candidates", emerging(&archive, &options).unwrap().candidates.len());
    });
    println!("peak memory: {}", peak_memory());
}

/// Prints the time by the clock, and what the processors worked: the latter says more on a machine
/// that has other work.
fn timed(what: &str, work: impl FnOnce()) {
    let (begun, worked) = (Instant::now(), processor_seconds());
    work();
    let worked = processor_seconds() - worked;
    println!("{what}: {:.2} s, {worked:.2} s of processors", begun.elapsed().as_secs_f64());
}

/// Of this process so far, in hundredths.
fn processor_seconds() -> f64 {
    let said = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: f64 =
        said.split(' ').skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// So many days, one after another, so that files are by day as in life.
fn written(archive: &mut Archive, rows: usize, days: i64) {
    let models = year::year(1, 1, 2_000, None);
    let begin: Timestamp = year::BEGIN.parse().unwrap();
    let milliseconds = days * 86_400_000 / rows.max(1) as i64;
    let mut number = 0;
    while number < rows {
        let end = (number + AT_A_TIME).min(rows);
        let arrivals = (number..end).map(|number| {
            let model = &models[number % models.len()];
            let mut posting = model.posting.clone();
            posting.key = number.to_string();
            // Everywhere another text, as in life: what repeats is packed to nothing.
            posting.text.push_str(&format!(" Оголошення {number}"));
            posting.id = domain::PostingId::derive(&posting.source, &posting.key);
            posting.captured_at = begin + SignedDuration::from_millis(milliseconds * number as i64);
            posting.published_at = Some(posting.captured_at);
            Arrival { entry: number as u64 + 1, posting, assessment: model.assessment.clone() }
        });
        archive.take_in(arrivals.collect(), end as u64).unwrap();
        number = end;
    }
}

/// Each file so many times, as that of a later day; its rows stay in the weeks where they were.
fn copied(dir: &std::path::Path, copies: i64, days: i64) {
    let files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "parquet")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let (day, rest) = name.split_once('-').unwrap();
        let day = jiff::civil::Date::strptime("%Y%m%d", day).unwrap();
        for copy in 1..copies {
            let day = day.saturating_add(jiff::Span::new().days(copy * days));
            std::fs::copy(file, dir.join(format!("{}-{rest}", day.strftime("%Y%m%d")))).unwrap();
        }
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown");
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}
