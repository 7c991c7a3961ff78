//! Getting in, and being kept out.

use domain::Clock as _;

use super::house::{Answer, Browser, House};
use crate::accounts::{Role, second_factor};
use crate::{Language, invite};

const PASSWORD: &str = "plain words for a test";

/// An invited person who has chosen a password and a second factor; gives its secret.
async fn accepted(house: &House, login: &str) -> String {
    let accounts = &house.app.accounts;
    let now = house.clock.now();
    let name = format!("{login} Example");
    let path = invite::add_account(
        accounts,
        login,
        &name,
        &[Role::Investigator],
        Language::En,
        &*house.app.random,
        now,
    )
    .unwrap();
    let secret =
        accounts.book().unwrap().find(login).unwrap().invitation.clone().unwrap().second_factor;
    let mut browser = house.nobody();
    browser.get(&path).await.is(200).says("authenticator app").says("<svg");
    let code = second_factor::code(&secret, now).unwrap();
    let form = [("password", PASSWORD), ("again", PASSWORD), ("code", code.as_str())];
    browser.post(&path, &form).await.is(303);
    browser.get("/queue").await.is(200);
    browser.get(&path).await.is(404).says("used up");
    secret
}

async fn try_in(browser: &mut Browser<'_>, login: &str, password: &str, code: &str) -> Answer {
    browser.get("/login").await;
    browser.post("/login", &[("login", login), ("password", password), ("code", code)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_person_chooses_a_password_and_logs_in_with_a_code_that_counts_once() {
    let house = House::new().await;
    let secret = accepted(&house, "olena").await;
    house.clock.move_on(1);
    let code = second_factor::code(&secret, house.clock.now()).unwrap();
    let mut browser = house.nobody();
    try_in(&mut browser, "olena", PASSWORD, "").await.is(401);
    try_in(&mut browser, "olena", PASSWORD, "000000").await.is(401);
    assert_eq!(try_in(&mut browser, "Olena ", PASSWORD, &code).await.is(303).goes_to(), "/");
    browser.get("/queue").await.is(200).says("olena Example");
    let mut another = house.nobody();
    try_in(&mut another, "olena", PASSWORD, &code).await.is(401);
    browser.post("/logout", &[]).await.is(303);
    assert_eq!(browser.get("/queue").await.is(303).goes_to(), "/login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weak_passwords_are_refused_with_a_reason() {
    let house = House::new().await;
    let now = house.clock.now();
    let path = invite::add_account(
        &house.app.accounts,
        "ion",
        "Ion Example",
        &[Role::Partner],
        Language::Ro,
        &*house.app.random,
        now,
    )
    .unwrap();
    let mut browser = house.nobody();
    browser.get(&path).await.is(200);
    for (password, again, words) in [
        ("short", "short", "at least 12"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "easy to guess"),
        ("ion is my own name", "ion is my own name", "easy to guess"),
        (PASSWORD, "something else altogether", "differ"),
    ] {
        browser.post(&path, &[("password", password), ("again", again)]).await.is(422).says(words);
    }
    // A partner may leave the second factor out.
    browser.post(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await.is(303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_tell_which_accounts_there_are() {
    let house = House::new().await;
    accepted(&house, "olena").await;
    let hidden = |answer: Answer, login: &str| {
        // The form repeats what was typed and carries a secret of its own.
        let text = answer
            .text
            .split("value=\"")
            .map(|part| part.split_once('"').map_or(part, |(_, rest)| rest))
            .collect::<String>();
        (answer.status, text.replace(login, "LOGIN"))
    };
    let mut browser = house.nobody();
    for _ in 0..6 {
        let known = try_in(&mut browser, "olena", "a wrong password", "123456").await;
        let unknown = try_in(&mut browser, "nemaje", "a wrong password", "123456").await;
        assert_eq!(hidden(known, "olena"), hidden(unknown, "nemaje"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trying_passwords_is_slow_and_ends_in_a_lock_that_the_machine_opens() {
    let house = House::new().await;
    let secret = accepted(&house, "olena").await;
    let mut browser = house.nobody();
    for _ in 0..5 {
        try_in(&mut browser, "olena", "a wrong password", "").await.is(401);
    }
    let right = second_factor::code(&secret, house.clock.now()).unwrap();
    try_in(&mut browser, "olena", PASSWORD, &right).await.is(429).says("Wait");
    for _ in 0..5 {
        house.clock.move_on(20);
        try_in(&mut browser, "olena", "a wrong password", "").await.is(401);
    }
    house.clock.move_on(20);
    let right = second_factor::code(&secret, house.clock.now()).unwrap();
    try_in(&mut browser, "olena", PASSWORD, &right).await.is(401);
    assert!(house.app.accounts.book().unwrap().find("olena").unwrap().locked);

    let now = house.clock.now();
    let path =
        invite::recover_account(&house.app.accounts, "olena", &*house.app.random, now).unwrap();
    let account = house.app.accounts.book().unwrap().find("olena").unwrap().clone();
    let secret = account.invitation.unwrap().second_factor;
    let code = second_factor::code(&secret, now).unwrap();
    let mut browser = house.nobody();
    browser.get(&path).await.is(200);
    browser
        .post(&path, &[("password", PASSWORD), ("again", PASSWORD), ("code", &code)])
        .await
        .is(303);
    browser.get("/queue").await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planted_session_is_not_taken_up() {
    let house = House::new().await;
    let secret = accepted(&house, "olena").await;
    house.clock.move_on(1);
    let mut browser = house.nobody();
    browser.get("/login").await;
    browser.cookies.push(("fusion_session".into(), "ab".repeat(32)));
    let code = second_factor::code(&secret, house.clock.now()).unwrap();
    try_in(&mut browser, "olena", PASSWORD, &code).await.is(303);
    let sessions: Vec<_> =
        browser.cookies.iter().filter(|(name, _)| name == "fusion_session").collect();
    assert_eq!(sessions.len(), 1);
    assert_ne!(sessions[0].1, "ab".repeat(32));
    // Two cookies of the name, one of them planted: neither counts.
    let mut doubled = browser.clone();
    doubled.cookies.push(("fusion_session".into(), "cd".repeat(32)));
    assert_eq!(doubled.get("/queue").await.goes_to(), "/login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shut_account_is_out_at_once() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let mut admin = house.somebody("admin", &[Role::Admin]);
    olena.get("/queue").await.is(200);
    admin.get("/users").await.is(200).says("olena Example");
    admin.post("/users/olena/disable", &[]).await.is(303);
    assert_eq!(olena.get("/queue").await.goes_to(), "/login");
    admin.post("/users/admin/disable", &[]).await.is(403);
    let form =
        [("login", "new.one"), ("name", "New One"), ("role", "liaison"), ("role", "analyst")];
    admin.post("/users", &form).await.is(200).says("/welcome/");
    admin.post("/users", &form).await.is(422).says("already");
    let roles = house.app.accounts.book().unwrap().find("new.one").unwrap().roles.clone();
    assert_eq!(roles, [Role::Analyst, Role::Liaison]);
}
