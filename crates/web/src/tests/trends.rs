//! Trends of the archive, and what became of rules' hits.

use serde_json::{Value, json};

use super::house::House;
use crate::accounts::Role;

/// Offers of many hands, week by week, the last of which is over.
fn weeks() -> Vec<Value> {
    let mut postings = Vec::new();
    for week in 0..6_u32 {
        let day = jiff::civil::date(2026, 10, 12).saturating_add(jiff::Span::new().weeks(week));
        // What is read beside, as much every week: a rate is of what was read.
        postings.extend((50..70).map(|nth| json!({
            "id": (week * 100 + nth).to_string(), "published_at": format!("{day}T08:00:00Z"),
            "text": format!("Пекарня шукає помічника, офіційне оформлення, графік 5/2. Пропозиція {week}-{nth}"),
        })));
        let count = if week == 5 { 24 } else { 6 };
        for nth in 0..count {
            let number = week * 100 + nth;
            let rare = if nth == 0 { " Лист на rare@invented.example" } else { "" };
            postings.push(json!({
                "id": number.to_string(), "region": "UA", "author": format!("@invented_{number}"),
                "published_at": format!("{day}T08:00:00Z"),
                "text": format!("Дівчата на роботу в Туреччину, паспорт здаєте хазяїну на зберігання, борг відпрацюєте. Варіант {number} +38067{:07}{rare}", 1_000_000 + number * 37),
            }));
        }
    }
    postings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trends_show_what_rises_and_no_count_that_could_point_at_a_person() {
    let house = House::with(&weeks()).await;
    let mut olena = house.somebody("olena", &[Role::Analyst]);
    let page = olena.get("/trends").await.is(200);
    page.says("Nothing was counted").says("Count them in");
    let done = olena.post("/trends", &[]).await.is(303);
    assert_eq!(done.goes_to(), "/trends?said=counted");
    let page = olena.get("/trends").await.is(200).says("Türkiye").says("role=\"img\"");
    let page = page.says(">24 <").says("rising");
    assert!(!page.text.contains("Count them in"), "nothing is behind");
    for hidden in ["invented_500", "rare@invented", "+38067", "source-"] {
        assert!(!page.text.contains(hidden), "{hidden} is shown");
    }
    olena.get("/trends?lang=uk").await.is(200).says("Туреччина").says("зростає");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_rule_is_shown_with_what_became_of_its_hits() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let form = [("verdict", "dismiss"), ("code", "ordinary")];
    olena.post(&format!("/leads/{}/decide", house.leads()[0]), &form).await.is(303);
    let page = olena.get("/rules").await.is(200).says("What became of each rule");
    let hits = page.text.split("id=\"hits\"").nth(1).unwrap().to_owned();
    assert!(hits.contains("0 % (0–"), "{hits}");
    olena.get("/rules/document-retention").await.is(200).says("waiting,").says("share kept:");
    // They are counted anew when the desk has changed and a minute is over.
    let lead = house.leads()[1].clone();
    let kept = [("verdict", "escalate"), ("code", "strong-signs")];
    olena.post(&format!("/leads/{lead}/decide"), &kept).await.is(303);
    house.clock.move_on(2);
    let page = olena.get("/rules").await.is(200);
    assert!(page.text.contains("100 % ("), "a kept lead's rules have a share");
}
