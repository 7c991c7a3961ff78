//! What we hand over is read by programs that know nothing of us.

use std::path::PathBuf;

use crate::desk::{Desk, SampleSites, files_of};
use crate::tools::{outside, runs, tool};

#[test]
fn warcio_and_wacz_accept_captures_and_snapshots() {
    let sites = SampleSites::start();
    let mut files = files_of(&sites.dir.join("captures"), ".warc.gz");
    files.extend(files_of(&sites.dir.join("snapshots"), ".wacz"));
    assert!(files.len() > 20, "{}", files.len());
    read_by_their_tools(&files);
}

/// Captures and snapshots by `warcio check` and `wacz validate`.
pub(super) fn read_by_their_tools(files: &[PathBuf]) {
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let Some(said) = outside("snapshots.py", &files) else { return };
    assert!(said.contains(&format!("{} good", files.len())), "{said}");
}

#[test]
fn snapshots_of_imported_rows_are_valid_too() {
    let desk = Desk::new();
    let row = serde_json::json!({"id": "1", "text": "Your passport stays with the boss, girls 18-25, no documents needed, leave tonight"});
    desk.import("ads.ndjson", format!("{row}\n").as_bytes(), &[]).ended(0);
    let snapshots = files_of(&desk.dir().join("snapshots"), ".wacz");
    assert_eq!(snapshots.len(), 1);
    read_by_their_tools(&snapshots);
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
    let line = how.lines().find(|line| line.contains("custody.ndjson | sed ")).unwrap().trim();
    let digest = runs(&bash, &["-c", line], &bag);
    let first = std::fs::read_to_string(bag.join("data/custody.ndjson")).unwrap();
    let first: serde_json::Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!(format!("sha256:{}", &digest[..64]), first["hash"].as_str().unwrap());
    outside("bags.py", &[bag.to_str().unwrap()]);
}
