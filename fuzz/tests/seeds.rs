//! Every seed is read without a panic, and every target has some.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

fn seeds_of(target: &str) -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let files = std::fs::read_dir(folder).into_iter().flatten();
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn every_seed_is_read() {
    for target in fuzz::TARGETS {
        let seeds = seeds_of(target.name);
        assert!(!seeds.is_empty(), "{} has no seed", target.name);
        for seed in seeds {
            let bytes = std::fs::read(&seed).unwrap();
            // Also what is cut off, and what has a byte changed.
            target.read(&bytes);
            target.read(&bytes[..bytes.len() / 2]);
            let mut changed = bytes.clone();
            if let Some(byte) = changed.get_mut(bytes.len() / 3) {
                *byte ^= 0x5b;
            }
            target.read(&changed);
        }
    }
}

#[test]
fn every_kind_of_source_that_can_be_scanned_has_a_target() {
    let clock = domain::FixedClock(jiff::Timestamp::UNIX_EPOCH);
    for kind in pipeline::Collectors::new(std::sync::Arc::new(clock)).kinds() {
        assert!(fuzz::target(kind).is_some(), "`{kind}` is read and never fuzzed");
    }
}
