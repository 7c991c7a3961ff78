//! Every route with every role, from the one table.

use axum::http::Method;

use super::house::{Browser, House};
use crate::accounts::Role;
use crate::rights::{Access, Right, all};

fn may(right: &Right, role: Role) -> bool {
    match right.access {
        Access::Everyone | Access::SignedIn => true,
        Access::Roles(roles) => roles.contains(&role),
    }
}

/// A path that exists, made from a pattern.
fn path(house: &House, pattern: &str) -> String {
    let lead = house.leads()[0].to_string();
    pattern
        .replace("{id}", &lead)
        .replace("{posting}", "no-such-posting")
        .replace("{number}", "0")
        .replace("{sign}", "document-retention")
        .replace("{login}", "nobody-of-that-name")
        .replace("{secret}", "no-such-secret")
        .replace("{name}", "icon.svg")
}

async fn ask(browser: &mut Browser<'_>, right: &Right, path: &str) -> super::house::Answer {
    match right.method {
        Method::GET => browser.get(path).await,
        _ => browser.post(path, &[]).await,
    }
}

#[test]
fn the_table_of_rights_is_what_it_was() {
    let mut table = String::new();
    for right in all() {
        let roles = Role::ALL.map(|role| if may(right, role) { role.name() } else { "-" });
        let who = match right.access {
            Access::Everyone => "everyone".to_owned(),
            _ => roles.join(" "),
        };
        let scope = right.scope.map_or("", |scope| scope.name());
        let line = format!("{:<4} {:<34} {who}  {scope}", right.method.as_str(), right.path);
        table.push_str(line.trim_end());
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_lets_in_who_may_and_nobody_else() {
    let house = House::new().await;
    for role in Role::ALL {
        for right in all() {
            let mut browser = house.somebody(role.name(), &[role]);
            let answer = ask(&mut browser, right, &path(&house, right.path)).await;
            let refused = answer.status == 403 || answer.status == 401;
            assert_eq!(
                !refused,
                may(right, role),
                "{} {} as {role}: {} {}",
                right.method,
                right.path,
                answer.status,
                answer.text
            );
            assert_ne!(answer.status, 500, "{} {} as {role}", right.method, right.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_logged_in_gets_the_log_in_page_and_nothing_else() {
    let house = House::new().await;
    for right in all() {
        let mut browser = house.nobody();
        browser.get("/login").await;
        let answer = ask(&mut browser, right, &path(&house, right.path)).await;
        if right.access == Access::Everyone {
            assert_ne!(answer.goes_to(), "/login", "{}", right.path);
            continue;
        }
        let turned_away = answer.status == 401 || answer.goes_to() == "/login";
        assert!(turned_away, "{} {}: {}", right.method, right.path, answer.status);
        assert!(!answer.text.contains("Туреччин"), "{}", right.path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routes_and_methods_that_are_not_in_the_table_are_refused() {
    let house = House::new().await;
    let mut everything = house.somebody("all", &Role::ALL);
    for path in
        ["/nothing", "/queue/", "/leads", "/api/v1/nothing", "/accounts.json", "/.git/config"]
    {
        everything.get(path).await.is(404);
    }
    everything.post("/queue", &[]).await.is(404);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let request = everything.request(method, "/queue").body(axum::body::Body::empty()).unwrap();
        everything.send(request).await.is(404);
    }
}
