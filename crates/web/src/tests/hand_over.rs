//! Handing over: similar leads beside, the terms of a packet, and the second person.

use serde_json::json;

use super::house::{House, some_postings};
use crate::accounts::Role;

const ESCALATE: [(&str, &str); 2] = [("verdict", "escalate"), ("code", "strong-signs")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_about_leads_that_share_a_contact_stands_beside() {
    let mut postings = some_postings();
    let again = "Збираємо дівчат у Стамбул, паспорт віддаєте старшій на зберігання. 067 123 45 67";
    postings.push(json!({"id": "4", "title": "Стамбул", "region": "UA", "text": again}));
    let house = House::with(&postings).await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let tied = house.leads().into_iter().find(|lead| house.lead(lead).postings.len() == 2).unwrap();
    let out = house.lead(&tied).postings[1].to_string();
    let split = [("posting", &*out), ("reason", "two agencies")];
    olena.post(&format!("/leads/{tied}/split"), &split).await.is(303);
    let other = domain::LeadId::founded_by(&out.parse().unwrap());
    let page = olena.get(&format!("/leads/{tied}")).await.is(200);
    assert!(!page.text.contains("id=\"similar\""), "nothing is decided yet");
    let form = [("verdict", "dismiss"), ("code", "ordinary"), ("reason", "a known <i>agency</i>")];
    olena.post(&format!("/leads/{other}/decide"), &form).await.is(303);
    let page = olena.get(&format!("/leads/{tied}")).await.is(200);
    let similar = page.text.split("id=\"similar\"").nth(1).expect("similar leads are shown");
    let similar = similar.split("</section>").next().unwrap();
    for part in [&*other.to_string(), "olena Example", "a known &lt;i&gt;agency", "+380671234567"] {
        assert!(similar.contains(part), "{part} is not in {similar}");
    }
    let own = olena.get(&format!("/leads/{other}")).await.is(200);
    assert!(!own.text.contains("id=\"similar\""), "the other one is not decided");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packet_is_made_on_the_terms_that_its_maker_chose() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let mut mihai = house.somebody("mihai", &[Role::Liaison]);
    olena.post(&format!("/leads/{lead}/decide"), &ESCALATE).await.is(303);
    let page = mihai.get(&format!("/leads/{lead}")).await.is(200);
    page.says("name=\"which\"").says("AMBER+STRICT").says("name=\"handling\"").says("not graded");
    let posting = house.lead(&lead).postings[0].to_string();
    let (translation, nobodys) = (format!("translation-{posting}"), "translation-p-x".to_owned());
    let page = mihai.get(&format!("/leads/{lead}")).await.is(200);
    page.says(&format!("name=\"{translation}\"")).says("name=\"summary\"").says("name=\"mask\"");
    let packet = format!("/leads/{lead}/packet");
    mihai.post(&packet, &[("which", "everything")]).await.is(400);
    mihai.post(&packet, &[("tlp", "PURPLE")]).await.is(400);
    let terms = [
        ("which", "redacted"),
        ("language", "ro"),
        ("source", "B"),
        ("information", "3"),
        ("handling", "H1"),
        ("tlp", "RED"),
        ("summary", " Fetele sunt trimise în Turcia. \r\nUrgent."),
        ("alternatives", "poate o agenție"),
        ("mask", "Oksana\r\n\r\n Ira "),
        ("translator", "Ana P."),
        ("method", "human"),
        (&translation, "Pașaportul rămâne la coordonator"),
        (&nobodys, "   "),
    ];
    mihai.post(&packet, &terms).await.is(303);
    let built = mihai.get(&packet).await.is(200);
    for part in [
        "redacted: true",
        "Some(\"ro\")",
        "Some(\"B\")",
        "Some(\"3\")",
        "Some(\"H1\")",
        "Some(Red)",
        "summary: \"Fetele sunt trimise în Turcia. \\nUrgent.\"",
        "mask: [\"Oksana\", \"Ira\"]",
        "text: \"Pașaportul rămâne la coordonator\", translator: \"Ana P.\", method: \"human\"",
        "language: \"ro\"",
    ] {
        assert!(built.text.contains(part), "{part} is not in {}", built.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_decided_may_build_when_somebody_else_has_approved() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let (page, packet) = (format!("/leads/{lead}"), format!("/leads/{lead}/packet"));
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let mut mihai = house.somebody("mihai", &[Role::Liaison]);
    mihai.post(&format!("{page}/approve"), &[]).await.is(409);
    olena.post(&format!("{page}/decide"), &ESCALATE).await.is(303);
    let shown = olena.get(&page).await.is(200);
    assert!(!shown.text.contains("name=\"which\""), "one person alone builds nothing");
    olena.post(&packet, &[]).await.is(409);
    mihai.post(&format!("{page}/approve"), &[]).await.is(303);
    olena.get(&page).await.is(200).says("Approved by mihai Example").says("name=\"which\"");
    olena.post(&packet, &[]).await.is(303);
    let verbs: Vec<String> = house.acts(&lead).into_iter().map(|(_, verb)| verb).collect();
    assert!(verbs.contains(&"approval".to_owned()) && verbs.contains(&"export".to_owned()));
}
