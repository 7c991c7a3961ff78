//! Turns, pauses, budgets, and hosts that have had enough.

use super::*;
use crate::loopback::{Loopback, Reply, answer};

#[tokio::test]
async fn a_host_is_asked_one_thing_at_a_time() {
    let server = pages(|| answer(200, "", "x")).await;
    let client = Arc::new(client(|_| ()));
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (client, url) = (client.clone(), server.url(&format!("/{number}")));
        asking.spawn(async move { get(&client, &url).await.is_ok() });
    }
    assert!(asking.join_all().await.into_iter().all(|ok| ok));
    assert_eq!((server.asked().len(), server.most_at_once()), (21, 1));
}

#[tokio::test]
async fn the_longest_of_the_pauses_that_are_asked_for_is_made() {
    for (asked, own) in [(0.4, 0), (0.1, 400)] {
        let server = Loopback::serving(move |path, _| match path {
            "/robots.txt" => answer(200, "", format!("User-agent: *\nCrawl-delay: {asked}\n")),
            _ => answer(200, "", "x"),
        })
        .await;
        let client = client(|settings| settings.min_delay = Duration::from_millis(own));
        for path in ["/a", "/b", "/c"] {
            get(&client, &server.url(path)).await.unwrap();
        }
        assert_eq!(server.asked().len(), 4);
        // Counted from the end of an answer, so that the next request comes later yet.
        assert!(server.shortest_pause() >= Duration::from_millis(400), "{asked} {own}");
    }
}

#[tokio::test]
async fn the_budget_counts_every_request() {
    let server = pages(|| answer(200, "", "x")).await;
    let client = client(|settings| settings.max_requests_per_host = 3);
    for expected in [None, None, Some("fetch.budget")] {
        assert_eq!(get(&client, &server.url("/x")).await.err().as_deref(), expected);
    }
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_server_that_stumbles_is_asked_once_more() {
    let times = std::sync::atomic::AtomicUsize::new(0);
    let server = pages(move || match times.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => answer(503, "retry-after: 0\r\n", ""),
        _ => answer(200, "", "x"),
    })
    .await;
    assert!(get(&client(|_| ()), &server.url("/x")).await.is_ok());
    assert_eq!(server.asked(), ["/robots.txt", "/x", "/x"]);
}

#[tokio::test]
async fn a_host_that_has_had_enough_is_left_alone() {
    for (status, expected) in [(429, "fetch.too-many"), (503, "fetch.server-error")] {
        for retry_after in ["3600", "Sun, 01 Mar 2026 13:00:00 GMT"] {
            let server =
                pages(move || answer(status, &format!("retry-after: {retry_after}\r\n"), "")).await;
            let client = client(|_| ());
            assert_eq!(get(&client, &server.url("/x")).await.err().as_deref(), Some(expected));
            assert_eq!(
                get(&client, &server.url("/y")).await.err().as_deref(),
                Some("fetch.retry-later")
            );
            assert_eq!(server.asked(), ["/robots.txt", "/x"]);
        }
    }
}

#[tokio::test]
async fn a_host_that_says_its_budget_is_spent_is_left_alone_until_it_says_so() {
    for (remaining, reset, expected) in [
        ("x-ratelimit-remaining: 0", "x-ratelimit-reset: 2026-03-01T13:00:00.000Z", true),
        ("ratelimit-remaining: 0", "ratelimit-reset: 1772370000", true),
        ("x-ratelimit-remaining: 0.0", "x-ratelimit-reset: 3600", true),
        ("x-ratelimit-remaining: 1", "x-ratelimit-reset: 3600", false),
        ("x-ratelimit-remaining: 0", "x-ratelimit-reset: 2026-03-01T11:00:00.000Z", false),
        ("x-ratelimit-remaining: 0", "x-ratelimit-reset: soon", false),
    ] {
        let server = pages(move || answer(200, &format!("{remaining}\r\n{reset}\r\n"), "x")).await;
        let client = client(|_| ());
        assert!(get(&client, &server.url("/x")).await.is_ok());
        let next = get(&client, &server.url("/y")).await.err();
        let wanted = expected.then_some("fetch.retry-later");
        assert_eq!(next.as_deref(), wanted, "{remaining} {reset}");
    }
}

#[tokio::test]
async fn a_storm_of_errors_ends_with_the_host_left_to_rest() {
    for reply in [
        (|| answer(503, "", "")) as fn() -> Reply,
        || answer(429, "retry-after: 0\r\n", ""),
        || Reply::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx".to_vec()),
    ] {
        let server = pages(reply).await;
        let client = client(|_| ());
        let mut outcomes = Vec::new();
        for page in 0..20 {
            outcomes.extend(get(&client, &server.url(&format!("/{page}"))).await.err());
        }
        assert_eq!(outcomes.len(), 20);
        assert_eq!(outcomes.last().unwrap(), "fetch.host-resting", "{outcomes:?}");
        assert_eq!(server.asked().len(), 1 + 5, "robots.txt and five failures: {outcomes:?}");
    }
}
