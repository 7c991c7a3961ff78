//! The file of accounts.

use std::fs;

use crate::accounts::{ACCOUNTS_FILE, Accounts, Role};
use crate::tests::Counting;
use crate::{Language, WebError, invite};

fn now() -> jiff::Timestamp {
    "2026-11-28T10:00:00Z".parse().unwrap()
}

fn add(accounts: &Accounts, login: &str, name: &str) -> Result<String, WebError> {
    let random = Counting::default();
    invite::add_account(accounts, login, name, &[Role::Investigator], Language::Uk, &random, now())
}

#[test]
fn it_is_its_owners_alone_and_holds_no_secret_that_lets_anybody_in() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = Accounts::of(folder.path());
    let path = add(&accounts, "olena", "Olena Example").unwrap();
    let file = folder.path().join(ACCOUNTS_FILE);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(path.trim_start_matches("/welcome/")), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_the_command_line_changes_the_app_sees() {
    let folder = tempfile::tempdir().unwrap();
    let (app, command) = (Accounts::of(folder.path()), Accounts::of(folder.path()));
    assert!(app.all().unwrap().is_empty());
    add(&command, "olena", "Olena Example").unwrap();
    assert_eq!(app.all().unwrap().len(), 1);
    invite::set_disabled(&command, "olena", true).unwrap();
    assert!(app.all().unwrap()[0].disabled);
}

#[test]
fn two_people_are_two_in_the_log_too() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = Accounts::of(folder.path());
    add(&accounts, "olena", "Olena Example").unwrap();
    for (login, name, words) in [
        ("olena", "Another Name", "already"),
        ("olena2", "olena EXAMPLE", "tell people apart"),
        ("Olena", "Third Name", "is no login"),
        ("..", "Third Name", "is no login"),
        ("a/b", "Third Name", "is no login"),
        ("x", "fusion", "name has"),
        ("x", " ", "name has"),
    ] {
        let error = add(&accounts, login, name).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(accounts.all().unwrap().len(), 1, "nothing is written of what is refused");
}

#[test]
fn accounts_of_the_first_version_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let frozen = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frozen/accounts-v1.json");
    fs::copy(frozen, folder.path().join(ACCOUNTS_FILE)).unwrap();
    let all = Accounts::of(folder.path()).all().unwrap();
    let brief: Vec<_> =
        all.iter().map(|one| (one.login.as_str(), one.roles.len(), one.locked)).collect();
    assert_eq!(brief, [("mihai", 1, true), ("olena", 2, false)]);
}

#[test]
fn accounts_of_a_later_program_or_damaged_ones_are_left_alone_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(ACCOUNTS_FILE);
    for (text, words) in [("{\"format\":9}", "format 9"), ("{\"format\":1,\"acc", "cannot be used")]
    {
        fs::write(&file, text).unwrap();
        let accounts = Accounts::of(folder.path());
        let error = accounts.all().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(add(&accounts, "x", "X Example").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}
