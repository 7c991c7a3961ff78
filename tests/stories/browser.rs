//! The review app in a real browser: a day of each role, and a hostile page looked at.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::desk::{Desk, command, repository};

/// The app, until dropped.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where this package is and what drives a browser, when they and a browser are there.
pub(super) fn tools(package: &str) -> Option<PathBuf> {
    let given = std::env::var_os("FUSION_BROWSER_TOOLS").map(PathBuf::from);
    let beside = std::env::var_os("FUSION_TOOLS").map(|dir| PathBuf::from(dir).join("browser"));
    let dir = given.or(beside).unwrap_or_else(|| repository().join("target/tools/browser"));
    let browser =
        std::env::var_os("FUSION_CHROMIUM").map_or("/usr/bin/chromium".into(), PathBuf::from);
    if dir.join("node_modules").join(package).is_dir() && browser.is_file() {
        return Some(dir);
    }
    let missing = format!("no {package} at {}, or no {}", dir.display(), browser.display());
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    eprintln!("skipped: {missing}");
    None
}

#[test]
fn a_day_of_each_role_in_a_browser() {
    let Some(tools) = tools("playwright-core") else { return };
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let mut child = command()
        .args(["demo", "--dir", dir.to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let demo = Demo(child);
    let said: Vec<String> =
        lines.by_ref().map_while(Result::ok).take_while(|line| !line.contains("stay up")).collect();
    std::thread::spawn(move || lines.for_each(drop));
    let links: Vec<&str> = said
        .iter()
        .filter_map(|line| line.split_whitespace().find(|word| word.contains("/enter/")))
        .collect();
    assert_eq!(links.len(), 3, "{}", said.join("\n"));
    let origin = links[0].split("/enter/").next().unwrap();
    tell(&tools, "stories.mjs", &[&[origin], &links[..]].concat());
    drop(demo);
}

/// Has a script of `tests/browser` tell its stories.
fn tell(tools: &Path, script: &str, args: &[&str]) {
    let output = Command::new("node")
        .arg(repository().join("tests/browser").join(script))
        .args(args)
        .env("FUSION_BROWSER_TOOLS", tools)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_hostile_page_is_looked_at_in_a_browser_and_nobody_hears_of_it() {
    let Some(tools) = tools("playwright-core") else { return };
    let desk = Desk::new();
    let page = repository().join("fixtures/hostile-page/page.html");
    desk.fusion(&["import", page.to_str().unwrap()]).ended(0);
    let args =
        ["--format", "json", "user", "add", "olena", "--name", "Olena", "--role", "investigator"];
    let welcome = desk.fusion(&args).ended(0).json()["path"].as_str().unwrap().to_owned();
    let lead = desk.top_lead();
    let mut app = desk
        .command(&["serve", "--no-scan", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(app.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let app = Demo(app);
    let host = line.split("http://").nth(1).unwrap().split(' ').next().unwrap();
    let origin = format!("http://{host}");
    tell(&tools, "evidence.mjs", &[&origin, &welcome, page.to_str().unwrap(), &lead]);
    drop(app);
}
