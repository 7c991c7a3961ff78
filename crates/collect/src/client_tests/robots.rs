//! robots.txt: asked first, kept, obeyed.

use domain::CaptureRole;

use super::*;
use crate::loopback::{Loopback, Reply, answer, redirect};

#[tokio::test]
async fn robots_txt_is_asked_once_and_kept_for_each_source() {
    for status in [200, 404] {
        let server = Loopback::serving(move |path, _| match path {
            "/robots.txt" => answer(status, "", "User-agent: *\nDisallow: /private"),
            _ => answer(200, "", "x"),
        })
        .await;
        let client = client(|_| ());
        let mut robots = Vec::new();
        for id in ["a", "a", "b"] {
            get_for(&client, &source(id, true), &server.url("/x"), &mut robots).await.unwrap();
        }
        let kept: Vec<_> =
            robots.iter().map(|capture| (capture.source.as_str(), capture.status)).collect();
        assert_eq!(kept, [("a", status), ("b", status)]);
        assert!(robots.iter().all(|capture| capture.role == CaptureRole::Robots
            && capture.url == server.url("/robots.txt")));
        assert_ne!(robots[0].id, robots[1].id);
        assert_eq!(server.asked(), ["/robots.txt", "/x", "/x", "/x"]);
        // 4xx says that there are no rules, whatever stands in the body.
        let private = get(&client, &server.url("/private")).await.map(|capture| capture.status);
        let expected =
            if status == 200 { Err("fetch.robots-disallow".to_owned()) } else { Ok(200) };
        assert_eq!(private, expected);
    }
}

#[tokio::test]
async fn without_robots_txt_nothing_is_fetched_and_the_host_is_left_alone() {
    type Case = (fn() -> Reply, usize);
    // A server that stumbles is asked twice.
    let cases: [Case; 4] = [
        (|| answer(500, "", ""), 2),
        (|| answer(429, "", ""), 1),
        (|| Reply::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec()), 1),
        (|| Reply::Drip, 1),
    ];
    for (reply, requests) in cases {
        let server = Loopback::serving(move |_, _| reply()).await;
        let client = client(|settings| settings.timeout = Duration::from_secs(1));
        for path in ["/x", "/y"] {
            assert_eq!(
                get(&client, &server.url(path)).await.err().as_deref(),
                Some("fetch.robots-unreachable")
            );
        }
        assert_eq!(server.asked(), vec!["/robots.txt"; requests]);
    }
}

#[tokio::test]
async fn robots_txt_is_followed_to_where_it_leads_and_read_to_its_limit() {
    let server = Loopback::serving(|path, _| match path {
        "/robots.txt" => redirect("/elsewhere"),
        "/elsewhere" => {
            let rules = "User-agent: FusionCenter\nDisallow: /no\nCrawl-delay: 7\n";
            answer(200, "", format!("{rules}{}\nDisallow: /", "# padding\n".repeat(100_000)))
        }
        "/away" => redirect("/no"),
        _ => answer(200, "", "x"),
    })
    .await;
    let (client, source, mut robots) = (client(|_| ()), source("a", true), Vec::new());
    let page = Url::parse(&server.url("/yes")).unwrap();
    assert_eq!(client.ask_robots(&source, &page, &mut robots).await, Ok(Duration::from_secs(7)));
    assert_eq!(robots[0].body.len(), crate::robots::LARGEST);
    for path in ["/no", "/away"] {
        // The pause that the file asks for would make this test slow.
        let page = Url::parse(&server.url(path)).unwrap();
        let asked = client.ask_robots(&source, &page, &mut robots).await;
        let refused = asked.err().map(|problem| problem.outcome.name);
        assert_eq!(refused, (path == "/no").then_some("fetch.robots-disallow"));
    }
}
