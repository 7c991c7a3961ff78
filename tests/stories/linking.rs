//! From postings to leads: who belongs together, why, and that people have the last word.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::desk::Desk;

/// An ad that is flagged, in one of several wordings.
fn ad(wording: usize, place: &str, contact: &str) -> String {
    let words = [
        "Дівчата 18-25 на роботу в {place}, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні, питайте за номером {contact}",
        "Беремо без документів, {place}. Паспорт здаєте хазяїну на зберігання, телефон теж забираємо, нікому не кажіть. {contact}",
        "Your passport stays with the boss in {place}, girls 18-25, no documents needed, leave tonight, you pay the trip back by work. {contact}",
        "Pașaportul rămâne la manager în {place}, fete 18-25, fără acte, plecare azi, biletul se scade din salariu, telefonul se predă. {contact}",
    ];
    words[wording].replace("{place}", place).replace("{contact}", contact)
}

fn imported(desk: &Desk, file: &str, rows: &[Value]) {
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let said = desk.import(file, lines.as_bytes(), &["--source", "tips"]).ended(0);
    assert!(said.out.contains(&format!("{} flagged", rows.len())), "{}", said.out);
}

fn row(id: &str, text: &str) -> Value {
    json!({"id": id, "text": text, "region": "UA"})
}

/// The ids of the postings of each lead.
fn leads(desk: &Desk) -> BTreeSet<BTreeSet<String>> {
    let postings = |row: &Value| {
        let ids = row["lead"]["postings"].as_array().unwrap().iter();
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    desk.queue().iter().map(postings).collect()
}

/// How many postings each lead has, the most first.
fn sizes(desk: &Desk) -> Vec<usize> {
    let mut sizes: Vec<usize> = leads(desk).iter().map(BTreeSet::len).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes
}

/// The name that a posting gives a lead.
fn name(lead: &Value, place: usize) -> String {
    lead["lead"]["postings"][place].as_str().unwrap().replacen("p-", "l-", 1)
}

/// The lead that a posting with these words is in.
fn lead_of(desk: &Desk, words: &str) -> String {
    let rows = desk.queue();
    let has = |row: &&Value| {
        let lead = desk.lead(row["lead"]["id"].as_str().unwrap());
        let postings = lead["postings"].as_array().unwrap().clone();
        postings.iter().any(|p| p["posting"]["text"].as_str().unwrap().contains(words))
    };
    let found = rows.iter().find(has).unwrap_or_else(|| panic!("no lead with {words}"));
    found["lead"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn one_number_under_several_names_is_one_lead_that_says_so() {
    let desk = Desk::new();
    let mut rows: Vec<Value> = ["Берлін", "Варшаву", "Анталію"]
        .iter()
        .zip(["Olena Example", "Ihor Example", "Oksana Example"])
        .map(|(place, name)| {
            let mut row = row(place, &ad(0, place, "067 111 22 33"));
            row["author"] = json!(name);
            row
        })
        .collect();
    rows.push(row("other words", &ad(2, "Milan", "+38 (067) 1112233")));
    imported(&desk, "ads.ndjson", &rows);
    let queue = desk.queue();
    assert_eq!(sizes(&desk), [4]);

    let lead = &queue[0]["lead"];
    let reasons = lead["reasons"].as_array().unwrap();
    assert_eq!(reasons[0]["indicator"], "template-reuse");
    assert!(lead["score"].as_u64() >= lead["highest"].as_u64(), "{lead}");
    let reused = ["--format", "ndjson", "queue", "list", "--indicator", "template-reuse"];
    assert_eq!(desk.fusion(&reused).ended(0).lines().len(), 1);

    let view = desk.lead(lead["id"].as_str().unwrap());
    let ties = view["ties"].as_array().unwrap();
    assert_eq!(ties.len(), 3);
    for tie in ties {
        let quoted = |end: &str, posting: &Value| {
            let of = view["postings"].as_array().unwrap().iter();
            let stored = of.clone().find(|stored| stored["posting"]["id"] == *posting).unwrap();
            let text = stored["posting"]["text"].as_str().unwrap();
            let span = &tie[end];
            let place =
                span["start"].as_u64().unwrap() as usize..span["end"].as_u64().unwrap() as usize;
            assert_eq!(&text[place], span["quote"].as_str().unwrap());
        };
        quoted("here", &tie["from"]);
        quoted("there", &tie["to"]);
    }
    let said = desk.fusion(&["lead", "show", lead["id"].as_str().unwrap()]).ended(0).out;
    for words in [
        "4 postings, 3 names, 4 places",
        "template of 3 postings",
        "[words: ",
        "Анталію",
        "shares +380671112233",
    ] {
        assert!(said.contains(words), "`{words}` is not in:\n{said}");
    }
}

/// Who passes a post on adds few words of his own: what ties both is the address of the first.
#[test]
fn a_post_and_one_that_forwards_it_are_one_lead() {
    let desk = Desk::new();
    let with_url = |id: &str, url: &str, text: &str| {
        let mut row = row(id, text);
        row["url"] = json!(url);
        row
    };
    let forwards = ad(1, "Варшава", "далі тут: https://t.me/robota_example/512");
    let rows = [
        with_url("a", "https://t.me/Robota_Example/512", &ad(0, "Берлін", "в особисті")),
        with_url("b", "https://t.me/other_example/7", &forwards),
        with_url("c", "https://t.me/robota_example/513", &ad(3, "Praga", "în privat")),
    ];
    imported(&desk, "posts.ndjson", &rows);
    assert_eq!(sizes(&desk), [2, 1]);
    let said = desk.fusion(&["lead", "show", &lead_of(&desk, "Берлін")]).ended(0).out;
    assert!(said.contains("shares https://t.me/robota_example/512"), "{said}");
}

/// The same ad in two languages: nothing that ties, and a hint that is shown.
#[test]
fn a_translation_is_shown_beside_the_lead_and_ties_nothing() {
    let desk = Desk::new();
    let terms = "🔥 18-25 ✈️ 14.06 🏠 2 💶 1 500";
    let rows = [
        row("uk", &format!("{} {terms} євро", ad(1, "Польща", "в особисті"))),
        row("ro", &format!("{} {terms} euro", ad(3, "Polonia", "în privat").replace("18-25", ""))),
    ];
    imported(&desk, "ads.ndjson", &rows);
    assert_eq!(sizes(&desk), [1, 1]);
    let view = desk.lead(&lead_of(&desk, "Polonia"));
    let link = &view["links"][0];
    assert_eq!(link["kind"], "layout", "{view}");
    assert!(link["weak"].as_str().unwrap().contains("translation"), "{link}");
}

#[test]
fn a_number_that_many_employers_use_brings_nothing_together() {
    let desk = Desk::new();
    let rows: Vec<Value> = (0..8)
        .map(|n| {
            let text = format!("{} Відділ {n}", ad(n % 4, &format!("місто{n}"), "044 000 10 01"));
            let mut row = row(&n.to_string(), &text);
            row["employer"] = json!(format!("Invented Employer {n}"));
            row
        })
        .collect();
    imported(&desk, "five.ndjson", &rows[..2]);
    let before = sizes(&desk);
    imported(&desk, "more.ndjson", &rows[2..]);
    // Near-copies may still be found by their words, the board's number by itself ties nothing.
    for lead in desk.queue() {
        let view = desk.lead(lead["lead"]["id"].as_str().unwrap());
        for tie in view["ties"].as_array().unwrap() {
            assert_ne!(tie["kind"], "contact", "{before:?} {tie}");
        }
        let weak =
            view["links"].as_array().unwrap().iter().filter(|link| link["kind"] == "contact");
        for link in weak {
            assert!(link["weak"].as_str().unwrap().contains("employers"), "{link}");
        }
    }
    assert!(sizes(&desk).len() >= 4, "{:?}", sizes(&desk));
}

#[test]
fn leads_are_the_same_whatever_came_first() {
    let contacts = ["067 111 22 33", "050 444 55 66", "телеграм @koord_example"];
    let mut rows: Vec<Value> = (0..9)
        .map(|n| row(&n.to_string(), &ad(n % 4, &format!("місто{n}"), contacts[n % 3])))
        .collect();
    rows.push(row("bridge", &ad(1, "Рим", "067 111 22 33 або 050 444 55 66")));
    let mut found = Vec::new();
    for order in [[0, 1, 2, 3, 4], [4, 2, 0, 3, 1], [3, 4, 1, 2, 0]] {
        let desk = Desk::new();
        for part in order {
            imported(&desk, &format!("part{part}.ndjson"), &rows[part * 2..part * 2 + 2]);
        }
        let ids: BTreeSet<String> =
            desk.queue().iter().map(|row| row["lead"]["id"].as_str().unwrap().to_owned()).collect();
        found.push((leads(&desk), ids));
    }
    assert!(found[0].0.iter().any(|lead| lead.len() > 3), "{:?}", found[0]);
    assert!(found.iter().all(|other| *other == found[0]));
}

#[test]
fn people_have_the_last_word_on_who_belongs_together() {
    let desk = Desk::new();
    imported(
        &desk,
        "first.ndjson",
        &[
            row("a", &ad(0, "Берлін", "067 111 22 33")),
            row("b", &ad(1, "Прагу", "067 111 22 33")),
            row("c", &ad(2, "Milan", "050 444 55 66")),
        ],
    );
    assert_eq!(sizes(&desk), [2, 1]);
    let (pair, single) = (lead_of(&desk, "Берлін"), lead_of(&desk, "Milan"));
    let in_berlin = desk.lead(&pair)["postings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["posting"]["text"].as_str().unwrap().contains("Берлін"))
        .map(|p| p["posting"]["id"].as_str().unwrap().to_owned())
        .unwrap();

    desk.fusion(&["lead", "merge", &pair, &single, "--reason", " "]).refused(&["reason"]);
    desk.fusion(&["lead", "merge", &pair, &pair, "--reason", "x"]).refused(&["two leads"]);
    desk.fusion(&["lead", "split", &single, "--posting", &in_berlin, "--reason", "x"])
        .refused(&["is not in lead"]);
    desk.fusion(&["lead", "split", &single, "--from", &single, "--reason", "x"])
        .refused(&["one lead"]);
    desk.fusion(&["lead", "note", &single, "  "]).refused(&["words"]);

    // Two sisters with one phone: a person knows, the program does not.
    let split = ["lead", "split", &pair, "--posting", &in_berlin, "--reason", "two sisters"];
    desk.fusion(&[&split[..], &["--by", "Olena"]].concat()).ended(0);
    assert_eq!(sizes(&desk), [1, 1, 1]);
    imported(&desk, "second.ndjson", &[row("d", &ad(3, "Roma", "067 111 22 33"))]);
    assert_eq!(sizes(&desk), [1, 1, 1, 1], "a later posting undid the split");
    let links = desk.lead(&lead_of(&desk, "Roma"))["links"].clone();
    assert!(links.as_array().unwrap().iter().all(|link| link["weak"].is_string()), "{links}");
    assert_eq!(links.as_array().unwrap().len(), 2, "{links}");

    let merge = ["lead", "merge", &lead_of(&desk, "Roma"), &single, "--reason", "same voice"];
    desk.fusion(&[&merge[..], &["--by", "Mihai"]].concat()).ended(0);
    assert_eq!(sizes(&desk), [2, 1, 1]);
    let merged = desk.lead(&single);
    assert_eq!(merged["ties"][0]["kind"], "person");
    assert_eq!(merged["ties"][0]["value"], "Mihai");
    for place in 0..2 {
        let same = desk.lead(&name(&merged, place));
        assert_eq!(same["lead"]["id"], merged["lead"]["id"], "a name that led to it is lost");
    }

    let apart = ["lead", "split", &single, "--from", &lead_of(&desk, "Прагу"), "--reason", "no"];
    desk.fusion(&[&apart[..], &["--by", "Olena"]].concat()).ended(0);
    let bridge = row("e", &ad(1, "Прагу", "050 444 55 66 або 067 111 22 33"));
    imported(&desk, "third.ndjson", &[bridge]);
    assert_ne!(lead_of(&desk, "Milan"), lead_of(&desk, "Прагу"), "a bridge undid what people said");

    let before = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), before);
    desk.fusion(&["evidence", "verify"]).ended(0);
}

/// Eight employers with one number: from then on it ties nothing.
fn number_that_all_use(desk: &Desk, phone: &str) {
    let rows: Vec<Value> = (0..8)
        .map(|n| {
            let text = ad(2 + n % 2, &format!("Ort{n}"), &format!("{phone}, office {n}"));
            let mut row = row(&format!("office-{n}"), &text);
            row["employer"] = json!(format!("Invented Employer {n}"));
            row
        })
        .collect();
    imported(desk, "offices.ndjson", &rows);
}

#[test]
fn a_decision_that_is_taken_back_holds_nothing_together() {
    for taken_back in [false, true] {
        let desk = Desk::new();
        let (a, b) = (ad(0, "Берлін", "067 111 22 33"), ad(1, "Прагу", "067 111 22 33"));
        imported(&desk, "first.ndjson", &[row("a", &a), row("b", &b)]);
        let lead = desk.top_lead();
        desk.fusion(&["queue", "withdraw", &lead, "--by", "Olena"])
            .refused(&["nothing is decided"]);
        let decide = ["queue", "decide", &lead, "--verdict", "monitor", "--reason", "one hand"];
        desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
        assert_eq!(desk.lead(&lead)["rulings"].as_array().unwrap().len(), 1);
        if taken_back {
            desk.fusion(&["queue", "withdraw", &lead, "--by", "Mihai"])
                .refused(&["only the person who decided"]);
            desk.fusion(&["queue", "withdraw", &lead, "--by", "Olena"]).ended(0);
            let view = desk.lead(&lead);
            assert!(view["rulings"].as_array().unwrap().is_empty(), "{view}");
            assert_eq!(view["lead"]["claimed_by"], "Olena");
            assert_eq!(view["ties"][0]["kind"], "contact", "the number ties them still");
        }
        number_that_all_use(&desk, "067 111 22 33");
        let is_one = lead_of(&desk, "Берлін") == lead_of(&desk, "Прагу");
        assert_eq!(is_one, !taken_back, "taken back: {taken_back}");
        let before = desk.queue();
        desk.fusion(&["store", "rebuild"]).ended(0);
        assert_eq!(desk.queue(), before);
        desk.fusion(&["evidence", "verify"]).ended(0);
    }
}

#[test]
fn what_people_said_otherwise_stands_when_a_decision_is_taken_back() {
    let desk = Desk::new();
    let rows = [
        row("a", &ad(0, "Берлін", "067 111 22 33")),
        row("b", &ad(1, "Прагу", "050 444 55 66")),
        row("c", &ad(2, "Milan", "063 777 88 99")),
    ];
    imported(&desk, "first.ndjson", &rows);
    let name = |words: &str| lead_of(&desk, words);
    let merge = ["lead", "merge", &name("Берлін"), &name("Прагу"), "--reason", "same voice"];
    desk.fusion(&[&merge[..], &["--by", "Mihai"]].concat()).ended(0);
    let lead = name("Берлін");
    let decide = ["queue", "decide", &lead, "--verdict", "monitor", "--reason", "one hand"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    desk.fusion(&["queue", "withdraw", &lead, "--by", "Olena"]).ended(0);
    assert_eq!(name("Берлін"), name("Прагу"), "Mihai's merge stands");
    let said = desk.lead(&lead)["rulings"].clone();
    assert_eq!(said.as_array().unwrap().len(), 1, "{said}");
    assert_eq!(said[0]["by"], "Mihai");
    let before = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), before);
}

#[test]
fn what_comes_after_a_decision_gets_a_suggestion_and_no_decision() {
    let desk = Desk::new();
    imported(&desk, "first.ndjson", &[row("a", &ad(0, "Берлін", "067 111 22 33"))]);
    let lead = desk.top_lead();
    desk.fusion(&["lead", "note", &lead, "seen before", "--by", "Olena"]).ended(0);
    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "passport"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    let open = ["--format", "ndjson", "queue", "list"];
    assert!(desk.fusion(&open).ended(0).lines().is_empty());

    imported(&desk, "second.ndjson", &[row("b", &ad(2, "Milan", "067 111 22 33"))]);
    let queue = desk.fusion(&open).ended(0).lines();
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0]["lead"]["id"], json!(lead), "a lead that people acted on keeps its name");
    assert_eq!(queue[0]["lead"]["decisions"][0]["postings"].as_array().unwrap().len(), 1);
    let said = desk.fusion(&["queue", "list"]).ended(0).out;
    assert!(said.contains("open again, was escalate"), "{said}");
    assert!(said.contains("a suggestion"), "{said}");
    desk.fusion(&["packet", "build", &lead, "--by", "Mihai"]).refused(&["not decided"]);

    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    desk.fusion(&["packet", "build", &lead, "--by", "Mihai"]).ended(0);
    let before = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), before);
}
