//! Filters of the queue, and those that people keep.

use domain::LeadId;
use serde_json::{Value, json};

use super::house::{House, some_postings};
use crate::accounts::Role;
use crate::board::Wanted;

fn postings() -> Vec<Value> {
    let mut postings = some_postings();
    postings[0]["published_at"] = json!("2026-11-20T08:00:00Z");
    postings.push(json!({"id": "4", "title": "Виїзд", "region": "UA", "published_at": "2026-11-02T08:00:00Z",
        "text": "Беремо дівчат з Одеси до Німеччини, паспорт здаєте старшій на зберігання, борг відпрацюєте. Пишіть @invented_boss"}));
    postings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leads_are_found_by_route_contact_and_time_as_the_command_line_finds_them() {
    let house = House::with(&postings()).await;
    let mut olena = house.somebody("olena", &[Role::Analyst]);
    for (filter, count) in [
        ("to=TR", 1),
        ("to=de&from=UA", 1),
        ("from=RO", 0),
        ("contact=067+123-45-67", 1),
        ("contact=%40invented_boss", 1),
        ("contact=invented", 0),
        ("since=2026-11-10&to=TR", 1),
        ("since=2026-11-10&to=DE", 0),
        ("since=nonsense", 3),
        ("from=Ukraine", 3),
    ] {
        let page = olena.get(&format!("/queue?{filter}")).await.is(200);
        let page = page.says(&format!("class=\"count\">{count}<"));
        assert!(page.text.contains("name=\"since\""), "{filter}");
        let asked: crate::pages::queue::Asked = serde_urlencoded(filter);
        let wanted = asked.wanted("olena Example");
        let by_index = house.queue(&wanted.filter);
        assert_eq!(by_index.len(), count, "{filter} on the command line");
        assert_eq!(found(&house, wanted), by_index, "{filter}");
    }
    olena.get("/queue?to=DE").await.is(200).says("Ukraine → Germany").says("Germany</option>");
    olena.get("/queue?to=DE&lang=uk").await.is(200).says("Україна → Німеччина");
}

fn found(house: &House, wanted: Wanted) -> Vec<LeadId> {
    house.app.board.find(&wanted, 0, 100).ids()
}

fn serde_urlencoded(query: &str) -> crate::pages::queue::Asked {
    let uri = format!("/queue?{query}").parse().unwrap();
    axum::extract::Query::try_from_uri(&uri).unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_keeps_filters_under_a_name_and_nobody_else_sees_them() {
    let house = House::with(&postings()).await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let mut mihai = house.somebody("mihai", &[Role::Investigator]);
    olena.get("/queue?to=TR&language=uk").await.is(200).says("action=\"/queue/views\"");
    let form = [("name", "To <b>Türkiye</b>"), ("to", "TR"), ("language", "uk"), ("page", "3")];
    let saved = olena.post("/queue/views", &form).await.is(303);
    assert_eq!(saved.goes_to(), "/queue?language=uk&to=TR&said=view-saved");
    let page = olena.get("/queue").await.is(200);
    let page = page.says("/queue?language=uk&amp;to=TR").says("To &lt;b&gt;Türkiye&lt;/b&gt;");
    assert!(!page.text.contains("/queue/views/delete"), "only the present view is taken off");
    let present = olena.get("/queue?to=TR&language=uk").await.is(200);
    present.says("aria-current=\"page\"><bdi>To").says("/queue/views/delete");
    assert!(!mihai.get("/queue").await.is(200).text.contains("To &lt;b&gt;"));

    olena.post("/queue/views", &[("name", " "), ("to", "TR")]).await.is(400);
    olena.post("/queue/views", &[("name", "nothing")]).await.is(400);
    for number in 1..30 {
        let name = format!("view {number}");
        olena.post("/queue/views", &[("name", &name), ("q", &name)]).await.is(303);
    }
    olena.post("/queue/views", &[("name", "one more"), ("to", "TR")]).await.is(409);
    olena.post("/queue/views", &[("name", "view 7"), ("to", "TR")]).await.is(303);
    mihai.post("/queue/views/delete", &[("name", "view 7")]).await.is(303);
    olena.get("/queue").await.says("view 7");
    olena.post("/queue/views/delete", &[("name", "view 7")]).await.is(303);
    assert!(!olena.get("/queue").await.text.contains("view 7"));
}

#[test]
fn every_country_that_texts_are_known_to_name_has_a_name_in_every_language() {
    let gazetteer = include_str!("../../../text/src/places/gazetteer.txt");
    for line in gazetteer.lines().filter(|line| !line.starts_with('#')) {
        let is_code = |word: &&str| word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase());
        let Some(code) = line.split(' ').find(is_code) else { continue };
        for lang in crate::Language::ALL {
            assert_ne!(crate::terms::country_name(lang, code), code, "{code} in {lang:?}");
        }
    }
}
