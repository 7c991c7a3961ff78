//! Hunts and counts over a large invented archive: `cargo bench -p analytics --bench archive`.
//!
//! `FUSION_BENCH_ROWS` postings (one million if not set) are written once into
//! `target/bench-archive-N` and read again on later runs; `benches/peers/archive.py` asks DuckDB the
//! same of the same files.

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

fn main() {
    let rows: usize =
        std::env::var("FUSION_BENCH_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let dir = PathBuf::from(target).join(format!("bench-archive-{rows}"));
    let mut archive = Archive::open(&dir).unwrap();
    if archive.extent().unwrap().rows < rows {
        archive.discard().unwrap();
        timed("write", || written(&mut archive, rows));
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
        timed("trends, every dimension", || {
            trends(&archive, &options(&[], true)).unwrap();
        });
    }
    let quarry = Hunt::new(None, Quarry::Phrase("паспорт* ..3 сейф*", None)).unwrap();
    timed("hunt a phrase", || {
        let counts = hunt(&archive, &quarry, None, THREADS, &mut |_| Ok::<_, AnalyticsError>(()));
        println!("  {:?}", counts.unwrap());
    });
    timed("emerging, one week against twelve", || {
        let week = Week::parse("2026-W30").unwrap();
        let options = EmergingOptions { week, past: 12, flagged: false, least: 5, limit: 20 };
        println!("  {} candidates", emerging(&archive, &options).unwrap().candidates.len());
    });
    println!("peak memory: {}", peak_memory());
}

fn timed(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    println!("{what}: {:.2} s", begun.elapsed().as_secs_f64());
}

/// A year, day by day, so that files are by day as in life.
fn written(archive: &mut Archive, rows: usize) {
    let models = year::year(1, 1, 2_000, None);
    let begin: Timestamp = year::BEGIN.parse().unwrap();
    let seconds = 357 * 86_400 / rows.max(1) as i64;
    let mut number = 0;
    while number < rows {
        let end = (number + AT_A_TIME).min(rows);
        let arrivals = (number..end).map(|number| {
            let model = &models[number % models.len()];
            let mut posting = model.posting.clone();
            posting.key = number.to_string();
            posting.id = domain::PostingId::derive(&posting.source, &posting.key);
            posting.captured_at =
                begin + SignedDuration::from_secs(seconds.max(1) * number as i64 % (357 * 86_400));
            posting.published_at = Some(posting.captured_at);
            Arrival { entry: number as u64 + 1, posting, assessment: model.assessment.clone() }
        });
        archive.take_in(arrivals.collect(), end as u64).unwrap();
        number = end;
    }
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown");
    line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
}
