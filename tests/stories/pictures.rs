//! Pictures of pages, where a browser is installed and the desk says that it is to take them.

use std::path::PathBuf;

use serde_json::Value;

use crate::desk::{Desk, SampleSites};

pub(super) fn browser() -> Option<PathBuf> {
    let program =
        std::env::var_os("FUSION_CHROMIUM").map_or("/usr/bin/chromium".into(), PathBuf::from);
    if program.is_file() {
        return Some(program);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no browser at {}", program.display());
    eprintln!("skipped: no browser at {}", program.display());
    None
}

pub(super) fn use_browser(desk: &Desk, browser: &str) {
    let path = desk.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("browser = \"off\"", &format!("browser = \"{browser}\""));
    std::fs::write(path, text).unwrap();
}

fn outcome(said: &Value, name: &str) -> u64 {
    said["outcomes"][name].as_u64().unwrap_or(0)
}

fn views(desk: &Desk) -> usize {
    let files = std::fs::read_dir(desk.dir().join("snapshots")).unwrap();
    files
        .filter(|file| file.as_ref().unwrap().path().to_string_lossy().ends_with("-view.wacz"))
        .count()
}

#[test]
fn flagged_pages_are_pictured_and_a_browser_that_fails_leaves_the_snapshot() {
    let Some(browser) = browser() else { return };
    let sites = SampleSites::start();
    let desk = Desk::with_sources_of(&sites);
    use_browser(&desk, "/nowhere/chromium");
    let scan = ["--format", "json", "scan"];
    let said = desk.fusion(&scan).ended(0).json();
    let failed = outcome(&said, "screenshot.failed");
    assert!(failed > 0 && outcome(&said, "screenshot.taken") == 0, "{}", said["outcomes"]);
    assert!(outcome(&said, "posting.flagged") >= failed);
    assert_eq!(views(&desk), 0);
    desk.fusion(&["evidence", "verify"]).ended(0);

    // They are taken when the browser is there, and once.
    use_browser(&desk, "off");
    let path = desk.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("/nowhere/chromium", browser.to_str().unwrap())).unwrap();
    let said = desk.fusion(&scan).ended(0).json();
    assert_eq!(outcome(&said, "screenshot.taken"), failed, "{said}");
    assert_eq!(views(&desk) as u64, failed);
    let said = desk.fusion(&scan).ended(0).json();
    assert_eq!(outcome(&said, "screenshot.taken"), 0, "{}", said["outcomes"]);
    desk.fusion(&["evidence", "verify"]).ended(0);
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);

    // One that a crash kept out of the log is no evidence, and goes.
    let view = std::fs::read_dir(desk.dir().join("snapshots")).unwrap();
    let view = view.map(|file| file.unwrap().path());
    let view =
        view.into_iter().find(|file| file.to_string_lossy().ends_with("-view.wacz")).unwrap();
    let orphan = desk.dir().join("snapshots/p-000000000000000000000000-c-0-view.wacz");
    std::fs::copy(view, &orphan).unwrap();
    desk.fusion(&["evidence", "verify"]).ended(1);
    std::fs::remove_file(desk.dir().join("store/store.json")).unwrap();
    desk.fusion(&["queue", "list"]).ended(0);
    assert!(!orphan.exists());
    desk.fusion(&["evidence", "verify"]).ended(0);
}
