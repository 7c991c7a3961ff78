//! What we hand over is read by programs that know nothing of us.

use std::path::{Path, PathBuf};

use crate::desk::{Desk, SampleSites, collect_files};
use crate::tools::{runs, tool};

fn files_of(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect_files(dir, &mut files);
    files.retain(|file| file.to_str().unwrap().ends_with(ending));
    files.sort();
    files
}

#[test]
fn warcio_and_wacz_accept_captures_and_snapshots() {
    let sites = SampleSites::start();
    let captures = files_of(&sites.dir.join("captures"), ".warc.gz");
    let snapshots = files_of(&sites.dir.join("snapshots"), ".wacz");
    assert!(!captures.is_empty() && snapshots.len() > 10);
    if let Some(warcio) = tool("warcio") {
        for file in &captures {
            runs(&warcio, &["check", file.to_str().unwrap()], &sites.dir);
        }
    }
    if let Some(wacz) = tool("wacz") {
        for file in snapshots.iter().take(6) {
            let said = runs(&wacz, &["validate", "-f", file.to_str().unwrap()], &sites.dir);
            assert!(!said.to_lowercase().contains("invalid"), "{said}");
        }
    }
}

#[test]
fn snapshots_of_imported_rows_are_valid_too() {
    let desk = Desk::new();
    let row = serde_json::json!({"id": "1", "text": "Your passport stays with the boss, girls 18-25, no documents needed, leave tonight"});
    desk.import("ads.ndjson", format!("{row}\n").as_bytes(), &[]).ended(0);
    let snapshots = files_of(&desk.dir().join("snapshots"), ".wacz");
    assert_eq!(snapshots.len(), 1);
    if let Some(wacz) = tool("wacz") {
        runs(&wacz, &["validate", "-f", snapshots[0].to_str().unwrap()], &desk.dir());
    }
}

#[test]
fn a_packet_is_checked_with_unzip_and_sha256sum_alone() {
    let sites = SampleSites::start();
    let packet = files_of(&sites.dir.join("data/packets"), ".zip").remove(0);
    let folder = tempfile::tempdir().unwrap();
    let (Some(unzip), Some(sums), Some(bash)) = (tool("unzip"), tool("sha256sum"), tool("bash"))
    else {
        return;
    };
    runs(&unzip, &["-q", packet.to_str().unwrap()], folder.path());
    let bag = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        let said = runs(&sums, &["-c", manifest], &bag);
        assert!(said.lines().all(|line| line.ends_with(": OK")), "{said}");
    }
    // The two commands that how-to-check.txt gives for the seal and for a line of the custody log.
    let how = std::fs::read_to_string(bag.join("how-to-check.txt")).unwrap();
    assert!(
        how.contains("head -c -64 PACKET.zip | sha256sum") && how.contains("tail -c 64 PACKET.zip")
    );
    let script =
        format!("head -c -64 '{0}' | sha256sum | cut -c -64; tail -c 64 '{0}'", packet.display());
    let said = runs(&bash, &["-c", &script], &bag);
    let seals: Vec<&str> = said.split_whitespace().collect();
    assert_eq!(seals[0], seals[1]);
    let line = how.lines().find(|line| line.contains("sed ")).unwrap().trim();
    let digest = runs(&bash, &["-c", line], &bag);
    let first = std::fs::read_to_string(bag.join("data/custody.ndjson")).unwrap();
    let first: serde_json::Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!(format!("sha256:{}", &digest[..64]), first["hash"].as_str().unwrap());

    if let Some(python) = tool("python3") {
        let script = "import bagit, sys; bagit.Bag(sys.argv[1]).validate()";
        if std::env::var_os("FUSION_TOOLS").is_some() {
            runs(&python, &["-c", script, bag.to_str().unwrap()], &bag);
        }
    }
}
