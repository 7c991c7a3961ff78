//! The review app from the command line: accounts, start, end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use crate::desk::{Desk, SampleSites};

const OLENA: [&str; 7] =
    ["user", "add", "olena", "--name", "Olena Example", "--role", "investigator"];

#[test]
fn people_are_added_listed_shut_and_let_in_again() {
    let desk = Desk::new();
    let said = desk.fusion(&OLENA).ended(0);
    assert!(said.out.contains("/welcome/"), "{}", said.out);
    desk.fusion(&OLENA).refused(&["already", "fusion user recover olena"]);
    desk.fusion(&["user", "add", "x", "--name", "olena EXAMPLE", "--role", "admin"])
        .refused(&["tell people apart"]);
    let unknown = desk.fusion(&["user", "add", "x", "--name", "X", "--role", "king"]).ended(2);
    assert!(
        unknown.err.contains("partner, analyst, investigator, liaison, admin"),
        "{}",
        unknown.err
    );
    let list = desk.fusion(&["--format", "json", "user", "list"]).ended(0).json();
    assert_eq!(list[0]["login"], "olena");
    assert!(!list.to_string().contains("argon2"), "secrets are not listed");
    desk.fusion(&["user", "disable", "olena"]).ended(0);
    assert_eq!(
        desk.fusion(&["--format", "json", "user", "list"]).ended(0).json()[0]["disabled"],
        true
    );
    desk.fusion(&["user", "disable", "olena", "--undo"]).ended(0);
    let said = desk.fusion(&["user", "recover", "olena"]).ended(0);
    assert!(said.out.contains("/welcome/"), "{}", said.out);
    desk.fusion(&["user", "recover", "nobody"]).refused(&["no account `nobody`"]);
}

#[test]
fn a_desk_without_people_says_how_to_add_the_first() {
    let desk = Desk::new();
    desk.fusion(&["serve"]).refused(&["nobody may log in", "fusion user add"]);
    desk.fusion(&OLENA).ended(0);
    desk.fusion(&["serve", "--public-url", "desk.example.org/path"]).ended(2);
}

#[test]
fn the_app_answers_while_people_are_added_and_closes_the_desk_in_order() {
    let desk = Desk::new();
    desk.fusion(&OLENA).ended(0);
    let mut app =
        desk.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(app.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let host = line.split("http://").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(&host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(ask("/login").starts_with("HTTP/1.1 200"));
    assert!(ask("/queue").starts_with("HTTP/1.1 303"));
    // The app owns the desk; accounts can be added all the same.
    desk.fusion(&["queue", "list"]).refused(&["in use"]);
    let said = desk
        .fusion(&["--format", "json", "user", "add", "ion", "--name", "Ion", "--role", "partner"]);
    let path = said.ended(0).json()["path"].as_str().unwrap().to_owned();
    assert!(ask(&path).contains("Ion"));
    let _ = std::process::Command::new("kill").args(["-TERM", &app.id().to_string()]).status();
    assert!(app.wait().unwrap().success());
    let said = desk.fusion(&["queue", "list"]).ended(0);
    assert!(!said.err.contains("not closed in order"), "{}", said.err);
}

#[test]
fn sources_are_walked_as_they_come_due_while_the_app_is_served() {
    let sites = SampleSites::start();
    let desk = Desk::with_sources_of(&sites);
    desk.fusion(&OLENA).ended(0);
    let mut app =
        desk.command(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(app.stdout.take().unwrap()).lines();
    assert!(lines.nth(1).unwrap().unwrap().contains("come due"));
    let custody = desk.dir().join("custody");
    let log = || {
        let files = std::fs::read_dir(&custody).unwrap().map(|file| file.unwrap().path());
        files.filter_map(|file| std::fs::read_to_string(file).ok()).collect::<String>()
    };
    let begun = std::time::Instant::now();
    // Given up only where a test would otherwise never end.
    while log().matches("\"event\":\"walk\"").count() < 4 && begun.elapsed().as_secs() < 300 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let _ = std::process::Command::new("kill").args(["-TERM", &app.id().to_string()]).status();
    assert!(app.wait().unwrap().success());
    assert!(desk.queue().len() > 10, "what was found is on the queue");
    desk.fusion(&["evidence", "verify"]).ended(0);
}
