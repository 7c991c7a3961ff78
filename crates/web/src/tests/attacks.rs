//! People who mean harm: what they post, what they send, what they make browsers send.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::{Value, json};

use super::house::{Browser, EVIDENCE_ORIGIN, House, ORIGIN, some_postings};
use crate::accounts::Role;
use crate::rights::all;

/// Each would be seen in a page if it came through: `zzz` stands where the harm would be.
const PAYLOADS: [&str; 14] = [
    "<script>zzz()</script>",
    "</title><script>zzz()</script>",
    "<img src=x onerror=zzz()>",
    "\"><svg onload=zzz()>",
    "' onmouseover='zzz()",
    "\" onfocus=\"zzz()\" autofocus=\"",
    "<a href=\"javascript:zzz()\">x</a>",
    "javascript:zzz()",
    "</textarea><script>zzz()</script>",
    "</blockquote></main><iframe srcdoc=\"<script>zzz()</script>\">",
    "<style>@import 'https://evil.example/zzz'</style>",
    "<meta http-equiv=refresh content=\"0;url=https://evil.example/zzz\">",
    "<!--><script>zzz()</script>-->",
    "&lt;script&gt;zzz()&lt;/script&gt;<sc\u{0}ript>zzz()</script>",
];

fn posting(number: usize, payload: &str) -> Value {
    json!({
        "id": format!("{number}{payload}"), "title": format!("Робота {payload}"), "author": payload,
        "employer": payload, "places": [payload], "url": format!("https://x.example/{payload}"), "region": "UA",
        "text": format!("Дівчата без документів. Паспорт {payload} залишається у координатора, паспорт здаєте хазяїну, телефон забираємо, борг відпрацюєте. {payload} @invented_hr{number} +3806712345{number:02}"),
    })
}

/// The elements that our pages are made of.
const OURS: &str = "!doctype html head meta title link script body a header nav div span form input button main p h1 \
    h2 h3 label select option optgroup ol ul li blockquote small code strong br dl dt dd dialog kbd section table \
    caption thead tbody tfoot tr th td svg rect circle line text mark sup details summary q bdi time fieldset legend \
    textarea pre path";

/// A frame as our evidence page has it, of the other origin and shut in.
fn is_our_frame(tag: &str) -> bool {
    let address = tag.strip_prefix(&format!("iframe src=\"{EVIDENCE_ORIGIN}/")).and_then(|rest| {
        rest.split_once("\" sandbox=\"\" referrerpolicy=\"no-referrer\" title=\"")
    });
    tag == "/iframe"
        || address.is_some_and(|(secret, title)| {
            secret.bytes().all(|b| b.is_ascii_hexdigit()) && title.matches('"').count() == 1
        })
}

/// Everything that a browser would make an element or an attribute of.
fn harm(page: &str) -> Option<String> {
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, behind) = after.split_once('>').unwrap_or((after, ""));
        let outside_values: String = tag.split('"').step_by(2).collect();
        let lower = outside_values.to_lowercase();
        let name = lower.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let is_foreign = !is_our_frame(tag) && !OURS.split(' ').any(|ours| ours == name)
            || lower.starts_with("meta http");
        let is_inline = lower.starts_with("script") && !lower.contains("src=");
        if lower.contains("zzz")
            || lower.contains(" on")
            || lower.contains(" style=")
            || is_foreign
            || is_inline
        {
            return Some(format!("<{tag}>"));
        }
        for address in [
            "href=\"javascript",
            "src=\"javascript",
            "action=\"javascript",
            "href=\"https://x.example",
            "src=\"http",
        ] {
            if tag.to_lowercase().contains(address) && !is_our_frame(tag) {
                return Some(format!("<{tag}>"));
            }
        }
        rest = behind;
    }
    None
}

#[test]
fn harm_is_seen_when_it_is_there() {
    for payload in PAYLOADS.iter().filter(|payload| payload.contains('<')) {
        assert!(harm(&format!("<p>{payload}</p>")).is_some(), "{payload}");
    }
    assert!(harm("<p title=\"' onmouseover='\">a &lt;script&gt; b</p>").is_none());
    assert!(harm("<p title=\"\" onfocus=\"zzz()\">").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_posting_says_becomes_part_of_a_page() {
    let postings: Vec<Value> =
        PAYLOADS.iter().enumerate().map(|(n, payload)| posting(n, payload)).collect();
    let house = House::with(&postings).await;
    let on_leads = house.leads().into_iter().map(|lead| house.lead(&lead).postings.len());
    assert_eq!(on_leads.sum::<usize>(), PAYLOADS.len(), "each is on a lead");
    let mut olena =
        house.somebody("olena", &[Role::Investigator, Role::Liaison, Role::Analyst, Role::Admin]);
    for lead in house.leads() {
        olena
            .post(&format!("/leads/{lead}/note"), &[("text", "<script>zzz()</script>")])
            .await
            .is(303);
        let form = [("verdict", "escalate"), ("reason", "\"><img src=x onerror=zzz()>")];
        olena.post(&format!("/leads/{lead}/decide"), &form).await.is(303);
    }
    olena.post("/trends", &[]).await.is(303);
    for payload in PAYLOADS {
        let view = [("name", payload), ("q", payload), ("contact", payload)];
        olena.post("/queue/views", &view).await.is(303);
    }
    let mut paths = vec![
        "/queue?status=all".to_owned(),
        "/audit".to_owned(),
        "/sources".to_owned(),
        "/rules".to_owned(),
        "/trends".to_owned(),
    ];
    for lead in house.leads() {
        paths.extend([format!("/leads/{lead}"), format!("/leads/{lead}/evidence/0")]);
    }
    for path in paths {
        let page = olena.get(&path).await.is(200);
        assert_eq!(harm(&page.text), None, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_asked_for_becomes_part_of_a_page() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", &Role::ALL);
    for payload in PAYLOADS {
        let escaped: String = payload.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for path in [
            "/queue?q=",
            "/queue?source=",
            "/queue?contact=",
            "/queue?from=",
            "/queue?since=",
            "/trends?said=",
            "/queue?said=",
            "/audit?by=",
            "/audit?lead=",
            "/leads/",
            "/rules/",
            "/assets/",
            "/login?lang=",
        ] {
            let page = olena.get(&format!("{path}{escaped}")).await;
            assert_eq!(harm(&page.text), None, "{path}{payload}");
            assert_ne!(page.status, 500);
        }
        let page = olena.post("/rules/try", &[("text", payload)]).await.is(200);
        assert_eq!(harm(&page.text), None, "{payload}");
        let mut nobody = house.nobody();
        nobody.get("/login").await;
        let page = nobody.post("/login", &[("login", payload), ("password", payload)]).await;
        assert_eq!(harm(&page.text), None, "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_forbids_what_pages_do_not_need() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", &Role::ALL);
    for path in
        ["/queue", "/login", "/nothing", "/assets/icon.svg", "/leads/l-nothing", "/settings"]
    {
        let answer = olena.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        let kept = answer.headers["cache-control"].to_str().unwrap();
        assert!(kept == "no-store" || path.starts_with("/assets/"), "{path}: {kept}");
    }
    let mut nobody = house.nobody();
    let answer = nobody.get("/login").await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
}

/// A form as somebody else's page would send it.
async fn forged(
    browser: &mut Browser<'_>,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> u16 {
    let mut request = browser.request("POST", path);
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request.body(Body::from(body.to_owned())).unwrap()).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_form_is_taken_that_is_not_ours() {
    let house = House::new().await;
    let lead = house.leads()[0].to_string();
    let mut olena = house.somebody("olena", &Role::ALL);
    let forms = all().iter().filter(|right| right.method == Method::POST && right.scope.is_none());
    for right in forms {
        let path =
            right.path.replace("{id}", &lead).replace("{login}", "olena").replace("{secret}", "x");
        let good = format!("csrf={}", olena.csrf);
        for (headers, body, why) in [
            (&[][..], "", "without the secret"),
            (&[], "csrf=", "with an empty one"),
            (&[], "csrf=0000", "with a wrong one"),
            (&[("origin", "https://evil.example")], good.as_str(), "from elsewhere"),
            (&[("origin", "null")], good.as_str(), "from nowhere"),
            (&[("sec-fetch-site", "cross-site")], good.as_str(), "from another site"),
            (&[("sec-fetch-site", "same-site")], good.as_str(), "from a sister site"),
        ] {
            assert_eq!(forged(&mut olena, &path, headers, body).await, 403, "{path} {why}");
        }
        let json = [("content-type", "application/json"), ("origin", ORIGIN)];
        assert_eq!(forged(&mut olena, &path, &json, "{}").await, 415, "{path}");
    }
    let mut mihai = house.somebody("mihai", &[Role::Investigator]);
    mihai.csrf = olena.csrf.clone();
    mihai.post(&format!("/leads/{lead}/claim"), &[]).await.is(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_made_to_point_here_gets_nothing() {
    let house = House::new().await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    for host in ["evil.example", "desk.test.evil.example", "desk.test:81", ""] {
        let mut request = olena.request("GET", "/queue");
        request.headers_mut().unwrap().insert(header::HOST, host.parse().unwrap());
        let answer = olena.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.text.contains("Туреччин"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_leads_out_of_the_app() {
    let house = House::new().await;
    std::fs::write(house.dir().join("secret.txt"), "a secret of the desk").unwrap();
    let mut olena = house.somebody("olena", &Role::ALL);
    let lead = house.leads()[0].to_string();
    for way in [
        "../../secret.txt",
        "..%2f..%2fsecret.txt",
        "..%5c..%5csecret.txt",
        "%2e%2e/%2e%2e/secret.txt",
        "....//secret.txt",
        "secret.txt%00.svg",
        "/secret.txt",
    ] {
        for start in [
            "/assets/",
            "/leads/",
            &format!("/leads/{lead}/evidence/"),
            &format!("/leads/{lead}/packet/"),
            "/rules/",
            "/welcome/",
            "/",
        ] {
            let answer = olena.get(&format!("{start}{way}")).await;
            assert!(!answer.text.contains("a secret of the desk"), "{start}{way}");
            assert!(answer.status.is_client_error(), "{start}{way}: {}", answer.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_bodies_are_refused_and_odd_ones_break_nothing() {
    let house = House::with(&some_postings()).await;
    let mut olena = house.somebody("olena", &Role::ALL);
    let lead = house.leads()[0].to_string();
    let big = "x".repeat(crate::guard::LONGEST_FORM + 1);
    olena.post(&format!("/leads/{lead}/note"), &[("text", &big)]).await.is(413);
    let csrf = olena.csrf.clone();
    for body in [
        "csrf={}&verdict",
        "csrf={}&verdict=%ff%fe",
        "csrf={}&&&===",
        "csrf={}&verdict=escalate&verdict=dismiss",
        "csrf={}&text=%00",
    ] {
        for path in [
            format!("/leads/{lead}/decide"),
            format!("/leads/{lead}/note"),
            "/settings".to_owned(),
            "/users".to_owned(),
            "/sources".to_owned(),
        ] {
            let status =
                forged(&mut olena, &path, &[("origin", ORIGIN)], &body.replace("{}", &csrf)).await;
            assert!(status < 500, "{path} {body}: {status}");
        }
    }
}
