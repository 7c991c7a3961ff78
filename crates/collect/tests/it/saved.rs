use std::path::Path;

use collect::{Fetched, Request, SavedWeb, Web};

use crate::desk::source;

#[tokio::test]
async fn a_saved_web_answers_from_its_pages_alone() {
    let at = "2026-03-01T12:00:00Z".parse().unwrap();
    let web = SavedWeb::at(at)
        .with("https://example.org/", "text/html", "x")
        .with_answer("https://example.org/gone", 410, Vec::new(), "")
        .with_answer("https://example.org/same", 304, Vec::new(), "");
    let source = source("feed", Path::new(""), &[]);
    for (url, expected) in [
        ("https://example.org/", "200"),
        ("https://example.org/gone", "fetch.not-found"),
        ("https://example.org/same", "same"),
        ("https://example.org/other", "fetch.not-saved"),
    ] {
        let request = Request { url: url.to_owned(), ..Request::default() };
        let got = match web.get(&source, &request, &mut Vec::new()).await {
            Ok(Fetched::Answer(capture) | Fetched::LargeAnswer(capture, _)) => {
                assert_eq!(capture.fetched_at, at);
                capture.status.to_string()
            }
            Ok(Fetched::NotModified) => "same".to_owned(),
            Err(refusal) => refusal.problem.outcome.name.to_owned(),
        };
        assert_eq!(got, expected, "{url}");
    }
}
