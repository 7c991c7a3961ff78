//! A day's work: look, claim, decide, think again, hand over.

use serde_json::json;

use super::house::{House, some_postings};
use crate::accounts::Role;

const INVESTIGATOR: &[Role] = &[Role::Investigator];

fn verbs(acts: &[(String, String)]) -> Vec<&str> {
    acts.iter().map(|(_, verb)| verb.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_shows_what_waits_and_why() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let page = olena.get("/queue").await.is(200);
    let page = page.says("Робота в Туреччині").says("Identity documents kept").says("Ukrainian");
    assert!(!page.text.contains("Пекарня"), "an ordinary offer is no lead");
    olena.get("/queue?q=паспорта").await.is(200).says("Робота в Туреччині");
    olena.get("/queue?q=067+123-45-67").await.is(200).says("class=\"count\">1<");
    olena
        .get("/queue?indicator=document-retention&language=uk&band=high")
        .await
        .is(200)
        .says("Туреччині");
    for nothing in ["q=кіт", "source=no-such-source", "language=ro", "status=decided", "mine=yes"]
    {
        olena.get(&format!("/queue?{nothing}")).await.is(200).says("No lead matches");
    }
    let uk = olena.get("/queue?lang=uk").await.is(200);
    uk.says("<html lang=\"uk\">").says("Документи забирають");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_of_a_lead_is_in_the_log_before_it_is_shown() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let page = olena.get(&format!("/leads/{lead}")).await.is(200);
    page.says("<mark").says("+380671234567").says("Verify now");
    assert_eq!(house.acts(&lead), [("olena Example".to_owned(), "view".to_owned())]);
    olena.get(&format!("/leads/{lead}/evidence/0")).await.is(200).says("Паспорт залишається");
    assert_eq!(verbs(&house.acts(&lead)), ["view", "view"]);
    olena
        .post(&format!("/leads/{lead}/verify"), &[])
        .await
        .is(200)
        .says("Every byte is as it was taken");
    olena.get("/audit").await.is(200).says("looked at it");
    olena.get("/queue").await.says("1 lead seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ties_a_lead_is_shown_and_a_person_parts_and_joins_it() {
    let mut postings = some_postings();
    let again = "Збираємо дівчат у Стамбул, паспорт віддаєте старшій на зберігання. 067 123 45 67";
    postings.push(json!({"id": "4", "title": "Стамбул", "region": "UA", "text": again}));
    let house = House::with(&postings).await;
    let leads = house.leads();
    assert_eq!(leads.len(), 2, "one number, one hand");
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let mut tied = None;
    for lead in &leads {
        let page = olena.get(&format!("/leads/{lead}")).await.is(200);
        if page.text.contains("Who wrote these") {
            page.says("+380671234567").says("Posting 2");
            tied = Some(lead.clone());
        }
    }
    let tied = tied.expect("a lead of two postings");
    let out = house.lead(&tied).postings[1].to_string();
    let reason = ("reason", "two agencies");
    let split = format!("/leads/{tied}/split");
    olena.post(&split, &[("posting", &out), reason]).await.is(303);
    assert_eq!(house.leads().len(), 3);
    let other = domain::LeadId::founded_by(&out.parse().unwrap()).to_string();
    let page = olena.get(&format!("/leads/{tied}")).await.is(200);
    page.says("The same person wrote:").says(&other);
    let merge = format!("/leads/{tied}/merge");
    olena.post(&merge, &[("other", &other), reason]).await.is(303);
    assert_eq!(house.leads().len(), 2);
    olena.get(&format!("/leads/{other}")).await.is(200).says("Who wrote these");
    let by_olena = house.acts(&tied).into_iter().map(|(_, act)| act).collect::<Vec<_>>();
    assert!(by_olena.contains(&"split".to_owned()) && by_olena.contains(&"merge".to_owned()));
    // Who sees no leads is not told why either.
    let mut admin = house.somebody("admin", &[Role::Admin]);
    let log = admin.get("/audit").await.is(200).says("made one lead of several");
    assert!(!log.text.contains("two agencies"), "{}", log.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_that_was_changed_is_named() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let snapshots = house.dir().join("snapshots");
    let file = std::fs::read_dir(&snapshots).unwrap().map(|file| file.unwrap().path());
    for path in file {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    let mut olena = house.somebody("olena", INVESTIGATOR);
    olena
        .post(&format!("/leads/{lead}/verify"), &[])
        .await
        .is(200)
        .says("CHANGED")
        .says("1 thing is not");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_evidence_of_a_row_shows_nothing_of_the_other_rows() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", INVESTIGATOR);
    for lead in house.leads() {
        let page = olena.get(&format!("/leads/{lead}/evidence/0")).await.is(200);
        assert!(!page.text.contains("Пекарня"), "{}", page.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_never_hold_one_lead() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let path = format!("/leads/{lead}/claim");
    let people: Vec<_> =
        (0..8).map(|n| house.somebody(&format!("person{n}"), INVESTIGATOR)).collect();
    let claims = people.into_iter().map(|mut person| {
        let path = path.clone();
        async move { person.post(&path, &[]).await.status.as_u16() }
    });
    let mut ends = futures_util::future::join_all(claims).await;
    ends.sort_unstable();
    assert_eq!(ends, [303, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(verbs(&house.acts(&lead)), ["claim"]);
    let mut other = house.somebody("late", INVESTIGATOR);
    let form = [("verdict", "dismiss"), ("code", "ordinary")];
    other.post(&format!("/leads/{lead}/decide"), &form).await.is(409).says("has taken this lead");
    other.post(&format!("/leads/{lead}/release"), &[]).await.is(409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_has_its_reason_and_can_be_taken_back_for_a_while() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let (page, decide) = (format!("/leads/{lead}"), format!("/leads/{lead}/decide"));
    let mut olena = house.somebody("olena", INVESTIGATOR);
    olena.post(&decide, &[("verdict", "escalate")]).await.is(409).says("needs its reason");
    olena.post(&decide, &[("verdict", "escalate"), ("code", "ordinary")]).await.is(409);
    olena.post(&decide, &[("verdict", "accuse"), ("reason", "x")]).await.is(400);
    let form = [("verdict", "escalate"), ("code", "strong-signs"), ("reason", "Паспорт забирають")];
    olena.post(&decide, &form).await.is(303);
    let words = "Several strong signs in one offer. Паспорт забирають";
    olena.get(&page).await.is(200).says(words).says("Take the decision back");
    let mut mihai = house.somebody("mihai", INVESTIGATOR);
    mihai.post(&format!("/leads/{lead}/withdraw"), &[]).await.is(409);
    olena.post(&format!("/leads/{lead}/withdraw"), &[]).await.is(303);
    olena.get(&page).await.is(200).says("yours");
    olena.post(&decide, &form).await.is(303);
    house.clock.move_on(16);
    olena.post(&format!("/leads/{lead}/withdraw"), &[]).await.is(409).says("too long ago");
    let acts = house.acts(&lead);
    let changes: Vec<_> = verbs(&acts).into_iter().filter(|verb| *verb != "view").collect();
    assert_eq!(changes, ["decision", "withdrawal", "decision"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_takes_a_second_person_to_hand_a_lead_over() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let packet = format!("/leads/{lead}/packet");
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let mut mihai = house.somebody("mihai", &[Role::Liaison]);
    mihai.post(&packet, &[]).await.is(409).says("not decided");
    let form = [("verdict", "escalate"), ("reason", "strong signs")];
    olena.post(&format!("/leads/{lead}/decide"), &form).await.is(303);
    olena.post(&packet, &[]).await.is(409).says("two persons");
    mihai.get(&packet).await.is(404);
    mihai.get(&format!("/leads/{lead}")).await.is(200).says("You are the second person");
    mihai.post(&packet, &[]).await.is(303);
    let answer = mihai.get(&packet).await.is(200);
    assert!(answer.text.starts_with("invented: PacketTerms"), "{}", answer.text);
    assert!(answer.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    olena.post(&format!("/leads/{lead}/withdraw"), &[]).await.is(409).says("has left the desk");
    let file = house.dir().join(format!("data/packets/{lead}.zip"));
    std::fs::write(file, "something else").unwrap();
    mihai.get(&packet).await.is(409).says("not as it was logged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_tip_says_of_people_is_masked_until_somebody_says_why_they_need_it() {
    let tip = json!({"id": "t", "kind": "tip", "author": "Oksana Invented", "region": "UA",
        "text": "Телефон 0671234567. Мене привезли на роботу, паспорт забрав координатор, телефон забирають, додому не пускають, вимагають відпрацювати борг за дорогу. Мій номер 0671234567"});
    let other = json!({"id": "u", "kind": "tip", "region": "UA",
        "text": "Подругу привезли на роботу, паспорт забрав координатор, телефон забирають, відпрацьовує борг за дорогу, за ворота не випускають. Її номер 067 123 45 67"});
    let house = House::with(&[tip, other]).await;
    let lead = house.leads()[0].clone();
    assert_eq!(house.lead(&lead).postings.len(), 2, "one number ties them");
    let page = format!("/leads/{lead}");
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let shown = olena.get(&page).await.is(200).says("Details are masked");
    for hidden in ["Oksana", "0671234567", "067 123 45 67", "+380671234567"] {
        assert!(!shown.text.contains(hidden), "{hidden} is shown: {}", shown.text);
    }
    let list = olena.get("/queue").await.is(200);
    assert!(!list.text.contains("0671234567"), "{}", list.text);
    olena.get(&format!("{page}/evidence/0")).await.is(403).says("masked");
    olena.post(&format!("{page}/reveal"), &[("reason", " ")]).await.is(409);
    olena.post(&format!("{page}/reveal"), &[("reason", "call back tonight")]).await.is(303);
    olena
        .get(&page)
        .await
        .is(200)
        .says("0671234567")
        .says("Oksana Invented")
        .says("call back tonight");
    olena.get(&format!("{page}/evidence/0")).await.is(200).says("0671234567");
    let mut mihai = house.somebody("mihai", INVESTIGATOR);
    mihai.get(&page).await.is(200).says("Details are masked");
    let mut admin = house.somebody("admin", &[Role::Admin]);
    let log = admin.get("/audit").await.is(200).says("masked details");
    assert!(!log.text.contains("call back tonight"));
    house.clock.move_on(9 * 60);
    let mut olena = house.somebody("olena", INVESTIGATOR);
    olena.get(&page).await.is(200).says("Details are masked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_leads_are_dismissed_for_one_reason_and_nobodys_work_is_lost() {
    let house = House::new().await;
    let leads = house.leads();
    let mut mihai = house.somebody("mihai", INVESTIGATOR);
    mihai.post(&format!("/leads/{}/claim", leads[1]), &[]).await.is(303);
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let ids: Vec<String> = leads.iter().map(ToString::to_string).collect();
    let all: Vec<(&str, &str)> = ids.iter().map(|id| ("lead", id.as_str())).collect();
    let go = |code: &'static str| [vec![("code", code)], all.clone()].concat();
    assert_eq!(
        olena.post("/queue/dismiss", &go("nonsense")).await.goes_to(),
        "/queue?said=nothing-picked"
    );
    assert_eq!(
        olena.post("/queue/dismiss", &go("ordinary")).await.goes_to(),
        "/queue?said=dismissed-some"
    );
    mihai.get("/queue?mine=yes").await.is(200).says(&ids[1]);
    olena.get("/queue?status=decided").await.is(200).says("dismissed").says(&ids[0]);
    assert_eq!(olena.get("/queue/next").await.goes_to(), "/queue?said=none-left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_dismissed_in_one_go_is_taken_back_in_one_go() {
    let house = House::new().await;
    let ids: Vec<String> = house.leads().iter().map(ToString::to_string).collect();
    assert!(ids.len() > 1);
    let all: Vec<(&str, &str)> = ids.iter().map(|id| ("lead", id.as_str())).collect();
    let dismissal = [vec![("code", "ordinary")], all.clone()].concat();
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let mut mihai = house.somebody("mihai", INVESTIGATOR);
    assert_eq!(olena.post("/queue/dismiss", &dismissal).await.goes_to(), "/queue?said=dismissed");
    // Looking at one of them first makes no difference; it is nobody else's to take back.
    olena.get(&format!("/leads/{}", ids[0])).await.is(200);
    let offered = |page: super::house::Answer| page.text.contains("Take them back");
    assert!(offered(olena.get("/queue").await.is(200)));
    assert!(!offered(mihai.get("/queue").await.is(200)));
    assert_eq!(mihai.post("/queue/withdraw", &all).await.goes_to(), "/queue?said=taken-back-some");
    let decided = olena.get("/queue?status=decided").await.is(200);
    assert!(ids.iter().all(|id| decided.text.contains(&format!("id=\"{id}\""))));

    assert_eq!(olena.post("/queue/withdraw", &all).await.goes_to(), "/queue?said=taken-back");
    let open = olena.get("/queue?status=open").await.is(200);
    assert!(ids.iter().all(|id| open.text.contains(&format!("id=\"{id}\""))), "free again");
    assert!(!offered(olena.get("/queue").await.is(200)));

    olena.post("/queue/dismiss", &dismissal).await.goes_to();
    house.clock.move_on(16);
    assert!(!offered(olena.get("/queue").await.is(200)), "too long ago");
    assert_eq!(olena.post("/queue/withdraw", &all).await.goes_to(), "/queue?said=taken-back-some");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_tried_without_a_trace() {
    let house = House::new().await;
    let mut ana = house.somebody("ana", &[Role::Analyst]);
    let text = "Паспорт здаєте хазяїну на зберігання, телефон забираємо";
    ana.post("/rules/try", &[("text", text)])
        .await
        .is(200)
        .says("<mark")
        .says("Identity documents kept");
    ana.get("/rules/document-retention").await.is(200).says("Fires on");
    ana.get("/rules").await.is(200).says("Identity documents kept");
    assert_eq!(house.leads().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_analyst_adds_a_source_and_private_addresses_are_refused() {
    let house = House::new().await;
    let mut ana = house.somebody("ana", &[Role::Analyst]);
    let form = |id: &'static str, url: &'static str| {
        [
            ("id", id),
            ("url", url),
            ("kind", "feed"),
            ("basis", "public feed, terms read"),
            ("language", "uk"),
        ]
    };
    ana.post("/sources", &form("jobs", "https://jobs.example/rss"))
        .await
        .is(200)
        .says("The source is added");
    ana.post("/sources", &form("jobs", "https://jobs.example/rss")).await.is(409).says("already");
    ana.post("/sources", &form("../x", "https://jobs.example/rss")).await.is(422);
    ana.post("/sources", &form("file", "file:///etc/passwd")).await.is(422).says("begins with");
    for inside in [
        "http://127.0.0.1:8400/accounts.json",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://0x7f000001/",
        "http://[::ffff:127.0.0.1]/",
    ] {
        let answer = ana.post("/sources/test", &form("x", inside)).await.is(200);
        assert!(answer.text.contains("private"), "{inside}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_sends_a_tip_and_sees_their_own_alone() {
    let house = House::new().await;
    let mut ana = house.somebody("ana", &[Role::Partner]);
    ana.get("/tips").await.is(200).says("name=\"text\"");
    ana.post("/tips", &[("text", "  ")]).await.is(409);
    let text = "Мене кличуть на роботу, паспорт здати координатору, дорогу відпрацювати, телефон забирають";
    let form = [("text", text), ("contact", "067 123 45 67"), ("consent", "yes")];
    assert_eq!(ana.post("/tips", &form).await.goes_to(), "/tips?said=tip-known");
    let other = [
        ("text", "Ще одне оголошення, паспорт залишається у координатора, телефон забирають"),
        ("link", "https://invented.example/9"),
    ];
    assert_eq!(ana.post("/tips", &other).await.goes_to(), "/tips?said=tip-sent");
    ana.get("/tips").await.is(200).says("Мене кличуть").says("received");
    let mut ion = house.somebody("ion", &[Role::Partner]);
    let page = ion.get("/tips").await.is(200);
    assert!(!page.text.contains("Мене кличуть"), "a partner sees another's tip");
    let tip = house.leads().into_iter().find(|lead| {
        house
            .app
            .board
            .find(
                &crate::board::Wanted {
                    text: "координатору кличуть".into(), ..Default::default()
                },
                0,
                9,
            )
            .ids()
            .contains(lead)
    });
    let tip = tip.expect("the tip is a lead");
    let mut olena = house.somebody("olena", INVESTIGATOR);
    olena.post(&format!("/leads/{tip}/claim"), &[]).await.is(303);
    ana.get("/tips").await.is(200).says("being looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_does_what_its_scopes_and_its_person_may_and_no_more() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", INVESTIGATOR);
    let made =
        olena.post("/settings/tokens", &[("label", "statistics"), ("scope", "read")]).await.is(200);
    let key = made.text.split("fus_").nth(1).unwrap()[..64].to_owned();
    let ask = |method: &'static str, path: String, body: &'static str| {
        let mut nobody = house.nobody();
        let request = nobody
            .request(method, &path)
            .header("authorization", format!("Bearer fus_{key}"))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(body))
            .unwrap();
        async move { nobody.send(request).await }
    };
    let lead = house.leads()[0].clone();
    let list = ask("GET", "/api/v1/leads".into(), "").await.is(200);
    let list: serde_json::Value = serde_json::from_str(&list.text).unwrap();
    assert_eq!(list["leads"][0]["id"], lead.to_string());
    ask("GET", format!("/api/v1/leads/{lead}"), "").await.is(200).says("document-retention");
    assert_eq!(verbs(&house.acts(&lead)), ["view"], "a program's view is a view");
    ask("POST", "/api/v1/assess".into(), "{\"text\": \"паспорт забираємо\"}").await.is(200);
    ask("POST", "/api/v1/assess".into(), "{\"text\": 7}").await.is(422).says("error");
    let decision = "{\"verdict\": \"dismiss\", \"reason\": \"x\"}";
    ask("POST", format!("/api/v1/leads/{lead}/decide"), decision).await.is(403);
    ask("GET", "/queue".into(), "").await.is(303);
    ask("POST", format!("/leads/{lead}/claim"), "").await.is(401);
    let mut nobody = house.nobody();
    nobody.get("/api/v1/leads").await.is(401).says("error");
    nobody.get("/api/v1/openapi.json").await.is(200).says("3.1.0");
    let digest = domain::Sha256::of(format!("fus_{key}").as_bytes()).to_string();
    olena.post("/settings/tokens/revoke", &[("digest", &digest)]).await.is(303);
    ask("GET", "/api/v1/leads".into(), "").await.is(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_keeps_sources_sees_that_nobody_could_be_told_of_a_critical_lead() {
    let house = House::new().await;
    let mut ana = house.somebody("ana", &[Role::Analyst]);
    let page = ana.get("/sources").await.is(200);
    assert!(!page.text.contains("Notices of critical leads"), "nobody is to be told");
    let outbox = serde_json::json!({"format": 1, "seen": 3, "told": [], "mail": {"waiting": [], "tries": 0,
        "next_at": null, "last_at": null, "failure": null}, "webhook": {"waiting": [house.leads()[0]],
        "tries": 3, "next_at": null, "last_at": null, "failure": "it answered with <b>500</b>"}});
    std::fs::write(house.dir().join("notify.json"), outbox.to_string()).unwrap();
    let page = ana.get("/sources").await.is(200);
    let page = page.says("needs a look").says("Failures in a row: 3");
    page.says("it answered with &lt;b&gt;500");
    std::fs::write(house.dir().join("notify.json"), "{").unwrap();
    ana.get("/sources").await.is(200).says("notify.json does not read back").says("Add a source");
}
