//! A search with an API key.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::Collector as _;
use collect_jobs::Adzuna;
use domain::Checkpoint;
use saved::PaperSite;
use serde_json::{Value, json};

const SEARCH: &str = "https://api.adzuna.com/v1/api/jobs/pl/search?app_id=1a2b3c4d&what=praca";
const PAGES: &str = "https://api.adzuna.com/v1/api/jobs/pl/search/";
const REST: &str = "?app_id=1a2b3c4d&what=praca&results_per_page=50&sort_by=date";

fn job(number: usize) -> Value {
    json!({
        "id": number.to_string(),
        "title": "Praca <strong>od zaraz</strong>",
        "description": "Zakwaterowanie &amp; dojazd …",
        "created": format!("2026-02-{:02}T10:00:00Z", 1 + number / 10),
        "redirect_url": format!("https://www.adzuna.pl/land/ad/{number}"),
        "company": {"display_name": "Invented Work"},
        "location": {"display_name": "Invented Town", "area": ["Polska", "Invented Town"]},
        "salary_min": 5000, "salary_max": 6000.5, "salary_is_predicted": "0",
    })
}

fn results(newest: usize, count: usize) -> String {
    let jobs: Vec<Value> = (0..count).map(|back| job(newest - back)).collect();
    json!({"count": newest, "results": jobs}).to_string()
}

#[tokio::test]
async fn a_search_is_walked_newest_first_back_to_what_is_known() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let source = saved::source("adzuna", SEARCH);
    let page = |number: usize| format!("{PAGES}{number}{REST}");
    site.put(&page(1), results(120, 50));
    site.put(&page(2), results(70, 50));
    site.put(&page(3), results(20, 20));
    let asked = site.walk(&Adzuna, &source, &mut checkpoint, PAGES).await.unwrap();
    assert_eq!(asked, [1, 2, 3].map(|number| format!("{number}{REST}")));
    site.put(&page(1), results(149, 50));
    let asked = site.walk(&Adzuna, &source, &mut checkpoint, PAGES).await.unwrap();
    assert_eq!(asked, [format!("1{REST}")]);
}

#[test]
fn ads_are_read_and_pay_that_was_guessed_is_not() {
    let mut guessed = job(2);
    guessed["salary_is_predicted"] = "1".into();
    let body = json!({"results": [job(1), guessed, {"title": "No id"}]}).to_string();
    let reading = saved::read(&Adzuna, &format!("{PAGES}1{REST}"), Some("application/json"), body);
    let [first, second] = reading.postings.as_slice() else { panic!("{reading:?}") };
    assert_eq!(first.title.as_deref(), Some("Praca od zaraz"));
    assert_eq!(first.text, "Zakwaterowanie & dojazd …");
    assert_eq!(first.employer.as_deref(), Some("Invented Work"));
    assert_eq!(first.places, ["Invented Town"]);
    assert_eq!(first.pay.as_ref().and_then(|pay| pay.max), Some(6000.5));
    assert_eq!(second.pay, None);
    assert_eq!(reading.problems[0].outcome.name, "job.broken");
    for body in ["", r#"{"exception": "AUTH_FAIL"}"#] {
        let reading = saved::read(&Adzuna, SEARCH, Some("application/json"), body);
        assert_eq!(reading.problems[0].outcome.name, "board.not-json");
    }
}

#[test]
fn an_address_that_is_no_search_is_refused_in_a_sentence() {
    let refusal = |url: &str| Adzuna.refusal(&saved::source("adzuna", url));
    assert_eq!(refusal(SEARCH), None);
    let refused = refusal("https://www.adzuna.pl/praca").unwrap();
    assert!(refused.starts_with("give the address of a search of the API, as in https://"));
    assert_eq!(Adzuna.keys(), ["app_key"]);
}
