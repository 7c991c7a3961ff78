//! Captured pages, shown from the other origin: to whom, for how long, and what of them.

use domain::LeadId;
use evidence::{Event, EvidenceKey, Vault};

use super::house::{Answer, EVIDENCE_KEY, EVIDENCE_ORIGIN, House, ORIGIN};
use crate::accounts::Role;

/// Does all that pages do to run, to ask somebody, or to lead away; `fixtures/README.md`.
const HOSTILE: &[u8] = include_bytes!("../../../../fixtures/hostile-page/page.html");

async fn hostile() -> (House, LeadId) {
    let house = House::of_file("page.html", HOSTILE, |_, _| ()).await;
    let lead = house.leads()[0].clone();
    (house, lead)
}

/// Encrypts a desk for a key that lies beside it.
fn encrypt(desk: &std::path::Path) {
    let key = desk.with_file_name(EVIDENCE_KEY);
    let names = EvidenceKey::make(&key, desk).unwrap().names();
    let vault = Vault::open(desk, None).unwrap().sealing_for(names).unwrap();
    vault.reseal(&mut |_, _| ()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_of_an_encrypted_desk_is_shown_and_read_again_as_of_any_other() {
    let house = House::of_file("page.html", HOSTILE, |desk, _| encrypt(desk)).await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get(&format!("/leads/{lead}/evidence/0")).await.is(200);
    let address = frame(&page).expect("a frame");
    house.framed(&address, &[]).await.is(200).says("Паспорт залишається у координатора");
    let verify = format!("/leads/{lead}/verify");
    let read = olena.post(&verify, &[]).await.is(200);
    assert!(!read.text.contains("CHANGED"), "{}", read.text);
    let snapshot = std::fs::read_dir(house.dir().join("snapshots")).unwrap().next().unwrap();
    let path = snapshot.unwrap().path();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    olena.post(&verify, &[]).await.is(200).says("CHANGED").says("1 thing is not");
}

fn frame(page: &Answer) -> Option<String> {
    let tag = page.text.split("<iframe src=\"").nth(1)?;
    Some(tag.split('"').next().unwrap().to_owned())
}

fn policy(answer: &Answer) -> &str {
    answer.headers["content-security-policy"].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_captured_page_is_shown_in_a_frame_of_the_other_origin_with_nothing_of_it_alive() {
    let (house, lead) = hostile().await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get(&format!("/leads/{lead}/evidence/0")).await.is(200);
    assert!(
        policy(&page).ends_with(&format!("; frame-src {EVIDENCE_ORIGIN}")),
        "{}",
        policy(&page)
    );
    let page = page.says("Time confirmed from outside").says("waits for a time-stamping authority");
    let address = frame(&page).expect("a frame");
    assert!(address.starts_with(&format!("{EVIDENCE_ORIGIN}/")), "{address}");
    let shown =
        house.framed(&address, &[]).await.is(200).says("Паспорт залишається у координатора");
    // What stands in styles is nobody's element.
    let (_, body) = shown.text.split_once("</head>").unwrap();
    for alive in [
        "<script",
        "<iframe",
        "<link",
        "<form",
        "<svg",
        "<base",
        "http-equiv",
        "src=\"http",
        " href=",
    ] {
        assert!(!body.contains(alive), "{alive}");
    }
    assert_eq!(
        policy(&shown),
        format!(
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; \
             base-uri 'none'; form-action 'none'; frame-ancestors {ORIGIN}"
        )
    );
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-dns-prefetch-control", "off"),
    ] {
        assert_eq!(shown.headers[name], value);
    }
    assert!(!shown.headers.contains_key("set-cookie"));
    // The app's other pages frame nothing, and nobody frames the app.
    for path in ["/queue", &format!("/leads/{lead}")] {
        let page = olena.get(path).await.is(200);
        assert!(!policy(&page).contains("frame-src"), "{path}");
        assert!(policy(&page).contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_view_of_evidence_is_in_the_log_before_there_is_a_link() {
    let (house, lead) = hostile().await;
    let mut olena = house.somebody("olena", &[Role::Analyst]);
    for times in 1..=3 {
        olena.get(&format!("/leads/{lead}/evidence/0")).await.is(200);
        let view = ("olena Example".to_owned(), "view".to_owned());
        assert_eq!(house.acts(&lead), vec![view; times]);
    }
    olena.get(&format!("/leads/{lead}/evidence/7")).await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_ends_soon_and_with_the_session_and_with_the_rights_of_who_has_it() {
    let (house, lead) = hostile().await;
    let path = format!("/leads/{lead}/evidence/0");
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let address = frame(&olena.get(&path).await).unwrap();
    house.framed(&address, &[]).await.is(200);
    house.clock.move_on(1);
    house.framed(&address, &[]).await.is(200);
    house.clock.move_on(1);
    house.framed(&address, &[]).await.is(404);

    let address = frame(&olena.get(&path).await).unwrap();
    olena.post("/logout", &[]).await.is(303);
    house.framed(&address, &[]).await.is(404);

    let mut ion = house.somebody("ion", &[Role::Liaison]);
    let address = frame(&ion.get(&path).await).unwrap();
    let change = |change: fn(&mut crate::Account)| {
        let changed = house.app.accounts.change(|book| {
            change(book.find_mut("ion")?);
            Ok(())
        });
        changed.unwrap();
    };
    change(|ion| ion.roles = vec![Role::Admin]);
    house.framed(&address, &[]).await.is(404);
    change(|ion| ion.roles = vec![Role::Liaison]);
    house.framed(&address, &[]).await.is(200);
    change(|ion| ion.disabled = true);
    house.framed(&address, &[]).await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_origin_answers_nothing_but_frames_of_its_own_links() {
    let (house, lead) = hostile().await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get(&format!("/leads/{lead}/evidence/0")).await;
    let address = frame(&page).unwrap();
    for headers in [
        [("sec-fetch-dest", "document")],
        [("sec-fetch-dest", "image")],
        [("host", "evil.example")],
        [("host", "evidence.test.evil.example")],
        [("host", "desk.test")],
    ] {
        let answer = house.framed(&address, &headers).await;
        assert_eq!(answer.status, 404, "{headers:?}");
        assert!(!answer.text.contains("Паспорт"));
    }
    let cookie = olena.cookies[0].1.clone();
    let cookie = format!("fusion_session={cookie}");
    for path in [
        "/",
        "/queue",
        "/login",
        &format!("/leads/{lead}"),
        &format!("/{}", "0".repeat(64)),
        "/..%2f",
        "/%00",
    ] {
        let answer = house.framed(path, &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(policy(&answer).starts_with("sandbox; default-src 'none'"), "{path}");
    }
    let secret = address.rsplit('/').next().unwrap();
    olena.get(&format!("/{secret}")).await.is(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_are_blurred_until_somebody_asks() {
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let page = String::from_utf8_lossy(HOSTILE)
        .replace("http://phone-home.invalid/img-src", &format!("data:image/png;base64,{png}"));
    let house = House::of_file("page.html", page.as_bytes(), |_, _| ()).await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get(&format!("/leads/{lead}/evidence/0")).await.is(200).says("Show pictures");
    let shown = house.framed(&frame(&page).unwrap(), &[]).await.is(200);
    assert!(shown.text.contains(png) && shown.text.contains("filter:blur("), "{}", shown.text);
    let page = olena.get(&format!("/leads/{lead}/evidence/0?pictures=clear")).await.is(200);
    let page = page.says("Blur pictures");
    let shown = house.framed(&frame(&page).unwrap(), &[]).await.is(200);
    assert!(shown.text.contains(png) && !shown.text.contains("filter:blur("), "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_a_tip_are_seen_by_who_gave_a_reason() {
    let png = b"\x89PNG\r\n\x1a\n invented".to_vec();
    let house = House::new().await;
    let lead = house.work(|desk| {
        let mut tip = pipeline::Tip { screenshots: vec![png], ..pipeline::Tip::default() };
        tip.form.text = "Кличуть на роботу, паспорт забирає координатор".to_owned();
        desk.tip(&tip, "Ana").unwrap().lead.unwrap()
    });
    let path = format!("/leads/{lead}/evidence/0");
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    assert_eq!(frame(&olena.get(&path).await.is(403)), None);
    assert!(house.acts(&lead).is_empty(), "what is not shown is no view");
    olena.post(&format!("/leads/{lead}/reveal"), &[("reason", "call back")]).await.is(303);
    let page = olena.get(&path).await.is(200);
    let shown = house.framed(&frame(&page).unwrap(), &[]).await.is(200);
    assert!(shown.text.contains("<img style=\";filter:blur(20px) grayscale(1)!important\" src=\"data:image/png;base64,iVBORw0KGgog"), "{}", shown.text);
    let views = house.app.board.acts_on(&house.lead(&lead));
    assert!(views.iter().any(|act| matches!(act.event, Event::View { .. })));
}
