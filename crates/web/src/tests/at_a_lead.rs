//! What people add to a lead: what is to be done, and files.

use axum::body::Body;
use axum::http::header;
use domain::LeadId;

use super::house::{Answer, Browser, House, ORIGIN};
use crate::accounts::Role;

const BOUNDARY: &str = "----invented";

/// A part of a form: its name, the file's name if it is one, and what it holds.
type Part<'p> = (&'p str, Option<&'p str>, &'p [u8]);

/// A form with files, as a browser sends it.
async fn send(browser: &mut Browser<'_>, path: &str, parts: &[Part<'_>]) -> Answer {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let request = browser
        .request("POST", path)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin");
    browser.send(request.body(Body::from(body)).unwrap()).await
}

async fn add(browser: &mut Browser<'_>, lead: &LeadId, name: &str, bytes: &[u8]) -> Answer {
    let csrf = browser.csrf.clone();
    let parts = [("csrf", None, csrf.as_bytes()), ("file", Some(name), bytes)];
    send(browser, &format!("/leads/{lead}/files"), &parts).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_lead_of_many_postings_some_are_shown_and_all_when_asked() {
    let again = |n: usize| {
        serde_json::json!({"id": format!("{n}"), "region": "UA", "text": format!(
        "Дівчата на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Оголошення {n}. 067 123 45 67")})
    };
    let house = House::with(&(0..30).map(again).collect::<Vec<_>>()).await;
    let leads = house.leads();
    assert_eq!((leads.len(), house.lead(&leads[0]).postings.len()), (1, 30));
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let shown = |page: &Answer| page.text.matches("class=\"card posting\"").count();
    let page = olena.get(&format!("/leads/{}", leads[0])).await.is(200).says("25 of 30 postings");
    assert_eq!(shown(&page), 25);
    let page = olena.get(&format!("/leads/{}?postings=all", leads[0])).await.is(200);
    assert_eq!(shown(&page), 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lead_shows_where_its_postings_say_the_same_and_which_places_they_name() {
    let ad = |id: &str, city: &str, pay: &str| {
        serde_json::json!({"id": id, "region": "UA", "text": format!(
        "Дівчата з Одеси на роботу в {city}, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Платимо {pay} євро. Дзвоніть 067 123 45 67")})
    };
    let house = House::with(&[ad("1", "Стамбул", "2000"), ad("2", "Анталію", "2500")]).await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get(&format!("/leads/{lead}")).await.is(200);
    let page = page.says("<q><bdi>067 123 45 67</bdi></q>").says("2 postings are made from it");
    let page = page.says("[number: 2500 | 2000]").says("from <strong>Odesa</strong> (UA)");
    page.says("<strong>Istanbul</strong> (TR)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_done_stands_on_the_lead_until_somebody_did_it() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let (page, task) = (format!("/leads/{lead}"), format!("/leads/{lead}/task"));
    let mut ana = house.somebody("ana", &[Role::Analyst]);
    ana.post(&task, &[("text", " ")]).await.is(409).says("Write what is to be done");
    let text = ("text", "call the inspectorate <b>");
    assert_eq!(ana.post(&task, &[text]).await.goes_to(), format!("{page}?said=task-set"));
    ana.get(&page).await.is(200).says("call the inspectorate &lt;b&gt;").says("means to: call");
    ana.get("/queue").await.is(200).says("1 task open");
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let done = format!("/leads/{lead}/task/done");
    olena.post(&done, &[text]).await.is(303);
    olena.post(&done, &[text]).await.is(303);
    olena.post(&done, &[("text", "what nobody meant to do")]).await.is(303);
    olena.get(&page).await.is(200).says("1 task done").says("has done: call the inspectorate");
    assert!(!olena.get("/queue").await.text.contains("task open"));
    let notes: Vec<String> = house.lead(&lead).notes.into_iter().map(|note| note.text).collect();
    assert_eq!(notes, ["[ ] call the inspectorate <b>", "[x] call the inspectorate <b>"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_kept_with_the_lead_as_it_was_and_handed_out_as_nothing_but_bytes() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let letter = b"<script>zzz()</script>\x00\xff a letter".to_vec();
    add(&mut olena, &lead, "../a \u{202e}letter.html", &letter).await.is(303);
    add(&mut olena, &lead, "second.pdf", b"%PDF invented").await.is(303);
    let page = olena.get(&format!("/leads/{lead}")).await.is(200);
    let page = page.says("letter.html").says("second.pdf").says("added the file");
    assert!(!page.text.contains("../a") && !page.text.contains('\u{202e}'));
    let posting = house.lead(&lead).postings[0].clone();
    let path = format!("/leads/{lead}/files/{posting}/1");
    let answer = olena.get(&path).await.is(200);
    assert_eq!(answer.text, String::from_utf8_lossy(&letter));
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    let name = "filename=\"a letter.html\"; filename*=UTF-8''a%20%EF%BF%BDletter.html";
    assert_eq!(disposition, format!("attachment; {name}"));
    assert!(house.acts(&lead).iter().filter(|(_, act)| act == "view").count() >= 2);
    olena.get(&format!("/leads/{lead}/files/{posting}/3")).await.is(404);
    let other = house.leads()[1].clone();
    olena.get(&format!("/leads/{other}/files/{posting}/1")).await.is(404);
    // Verified with everything else, and no posting of its own.
    assert_eq!(house.leads().len(), 2);
    let report = evidence::verify(&house.dir(), &mut |_, _| ()).unwrap();
    assert_eq!(report.faults.len(), 0, "{:?}", report.faults);
    let house = house.started_again(|_| ()).await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    olena.get(&path).await.is(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_when_its_posting_goes() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    add(&mut olena, &lead, "secret-name.txt", b"words of a letter that must go").await.is(303);
    let by = "Olena K.";
    house.work(|desk| desk.decide(&lead, by, domain::Verdict::Dismiss, "ordinary")).unwrap();
    house.clock.move_on(400 * 24 * 60);
    house.work(|desk| desk.retain(by)).unwrap();
    let (dir, mut left) = (house.dir(), Vec::new());
    for folder in ["captures", "custody"] {
        for file in std::fs::read_dir(dir.join(folder)).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            left.extend(
                String::from_utf8_lossy(&bytes).match_indices("secret-name").map(|(at, _)| at),
            );
        }
    }
    assert!(left.is_empty(), "the file's name is left");
    let entries = evidence::entries(&dir.join("custody"), 0).unwrap().map(Result::unwrap);
    let deleted =
        entries.filter(|entry| matches!(entry.event, evidence::Event::DeletedCapture { .. }));
    assert!(deleted.count() >= 1, "the file is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_with_files_is_taken_from_our_pages_alone_and_up_to_a_limit() {
    let house = House::new().await;
    let lead = house.leads()[0].clone();
    let path = format!("/leads/{lead}/files");
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let csrf = olena.csrf.clone();
    let file = ("file", Some("a.txt"), &b"words"[..]);
    for parts in [
        &[file][..],
        &[file, ("csrf", None, csrf.as_bytes())],
        &[("csrf", None, b""), file],
        &[("csrf", None, b"0000"), file],
        &[],
    ] {
        assert_eq!(send(&mut olena, &path, parts).await.status, 403, "{parts:?}");
    }
    let ours = ("csrf", None, csrf.as_bytes());
    send(&mut olena, &path, &[ours]).await.is(409).says("Choose a file first");
    send(&mut olena, &path, &[ours, ("file", Some(""), b"")]).await.is(409);
    send(&mut olena, &path, &[ours, ("file", Some("a"), b"")]).await.is(409).says("empty");
    let large = vec![b'x'; pipeline::LARGEST_ATTACHMENT + 1];
    send(&mut olena, &path, &[ours, ("file", Some("a"), &large)]).await.is(409).says("20 MiB");
    let larger = vec![b'x'; pipeline::LARGEST_ATTACHMENT + 1024 * 1024];
    send(&mut olena, &path, &[ours, ("file", Some("a"), &larger)]).await.is(413);
    let many: Vec<Part<'_>> = std::iter::once(ours).chain([file; 11]).collect();
    send(&mut olena, &path, &many).await.is(413);
    assert_eq!(house.lead(&lead).attachments(), []);
    // Elsewhere a form with files is none.
    send(&mut olena, &format!("/leads/{lead}/note"), &[ours, ("text", None, b"x")]).await.is(415);
    let request = olena.request("POST", &path).header(header::ORIGIN, "https://evil.example");
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    olena.send(request.body(Body::from("--x--")).unwrap()).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partner_hands_in_screenshots_and_the_desk_sees_them() {
    let house = House::new().await;
    let mut ana = house.somebody("ana", &[Role::Partner]);
    ana.get("/tips").await.is(200).says("type=\"file\"");
    let csrf = ana.csrf.clone();
    let ours = ("csrf", None, csrf.as_bytes());
    let png = &b"\x89PNG\r\n\x1a\n invented"[..];
    let parts = [ours, ("text", None, &b""[..]), ("screenshot", Some("1.png"), png)];
    let sent = send(&mut ana, "/tips", &parts).await;
    assert_eq!(sent.goes_to(), "/tips?said=tip-sent");
    ana.get("/tips").await.is(200).says("[1 picture]");
    let no_picture = ("screenshot", Some("1.png"), &b"<svg onload=zzz()>"[..]);
    send(&mut ana, "/tips", &[ours, no_picture]).await.is(409).says("no picture");
    let shown = std::fs::read_dir(house.dir().join("captures")).unwrap().count();
    assert!(shown >= 1);
    assert_eq!(house.leads().len(), 3, "the tip stands on the queue");
}
