//! The API against its own description, asked by schemathesis.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use domain::Sha256;

use super::house::House;
use crate::Listening;
use crate::accounts::{ApiToken, Role, Scope};
use crate::listen::Patience;

#[path = "../../../../tests/tools.rs"]
mod tools;

const KEY: &str = "fus_0123456789abcdef";

/// What is looked at: no fault of ours, and no answer that the description does not have.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,ignored_auth";

/// Gives somebody with every role a key for everything.
fn give_key(house: &House) {
    house.somebody("program", &Role::ALL);
    let token = ApiToken {
        label: "schemathesis".to_owned(),
        digest: Sha256::of(KEY.as_bytes()),
        scopes: Scope::ALL.to_vec(),
        created_at: "2026-11-28T10:00:00Z".parse().unwrap(),
    };
    let given = house.app.accounts.change(|book| {
        book.find_mut("program")?.tokens.push(token);
        Ok(())
    });
    given.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_answers_nothing_that_its_description_does_not_say() {
    let Some(schemathesis) = tools::tool("schemathesis") else { return };
    let house = Arc::new(House::new().await);
    give_key(&house);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let evidence = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = Listening::of((listener, evidence), house.app.clone(), Patience::default()).unwrap();
    tokio::spawn(app.run(std::future::pending()));
    let lead = house.leads()[0].to_string();
    let asking = tokio::task::spawn_blocking(move || {
        let told = asked(&schemathesis, address, "", &["--exclude-path", "/api/v1/events"]);
        assert!(told.contains("Tested: 9"), "an operation was not asked: {told}");
        // Of ids made up by chance none is a lead's.
        let known = format!("[parameters]\n\"path.id\" = \"{lead}\"\n");
        asked(&schemathesis, address, &known, &["--include-path", "/api/v1/leads/{id}"]);
    });
    asking.await.unwrap();
    assert!(!house.acts(&house.leads()[0]).is_empty(), "the lead was never looked at");
}

/// What schemathesis says when nothing is amiss. The stream of news does not end: it is left out.
fn asked(schemathesis: &Path, address: SocketAddr, config: &str, which: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("schemathesis.toml"), config).unwrap();
    let output = Command::new(schemathesis)
        .current_dir(folder.path())
        .arg("run")
        .arg(format!("http://{address}/api/v1/openapi.json"))
        .args(["--url", &format!("http://{address}")])
        .args(["--header", "Host: desk.test"])
        .args(["--header", &format!("Authorization: Bearer {KEY}")])
        .args(["--checks", CHECKS])
        .args(["--phases", "coverage,fuzzing", "--max-examples", "25"])
        .args(["--generation-deterministic", "--no-color", "--warnings", "off"])
        .args(which)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}\n{said}");
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_read_is_refused_as_json_with_a_sentence() {
    let house = House::new().await;
    give_key(&house);
    let mut program = house.nobody();
    for path in [
        "/api/v1/leads?q=a&q=b",
        "/api/v1/leads/%ff",
        "/api/v1/leads/no-such-lead",
        "/api/v1/leads/l-000000000000000000000000",
    ] {
        let request = program.request("GET", path).header("authorization", format!("Bearer {KEY}"));
        let answer = program.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert!([400, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.status);
        let error: serde_json::Value = serde_json::from_str(&answer.text).expect(path);
        assert!(error["error"].as_str().is_some_and(|error| error.len() > 10), "{path}: {error}");
    }
}
