//! Pages without mark-up for machines, read by selectors.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::{Collector as _, Reading};
use collect_jobs::Page;
use domain::{Checkpoint, Selectors, Source};
use proptest::prelude::*;
use saved::PaperSite;

const LIST: &str = "https://board.example/jobs";

fn selectors(stated: &[(&str, &str)]) -> Box<Selectors> {
    let stated: serde_json::Map<_, _> =
        stated.iter().map(|(name, css)| ((*name).to_owned(), (*css).into())).collect();
    serde_json::from_value(stated.into()).unwrap()
}

fn source(stated: &[(&str, &str)]) -> Source {
    Source { selectors: selectors(stated), ..saved::source("page", LIST) }
}

fn board() -> Source {
    source(&[
        ("link", "a.job"),
        ("next", "a.more"),
        ("title", "h1"),
        ("text", ".words"),
        ("employer", ".firm"),
        ("pay", ".pay"),
        ("place", ".town"),
        ("date", "time"),
    ])
}

fn read(source: &Source, url: &str, body: &str) -> Reading {
    Page.read(source, &saved::capture(url, Some("text/html; charset=utf-8"), body))
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[tokio::test]
async fn a_list_leads_to_its_ads_and_to_its_next_page() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.put(LIST, saved::page("page-list.html"));
    site.put(
        &format!("{LIST}?page=2"),
        "<a class=job href=/v/4>x</a><a class=more href=/jobs>1</a>",
    );
    for ad in ["1", "2?from=list", "4"] {
        site.put(&format!("https://board.example/v/{ad}"), saved::page("page-job.html"));
    }
    let prefix = "https://board.example";
    let asked = site.walk(&Page, &board(), &mut checkpoint, prefix).await.unwrap();
    assert_eq!(asked, ["/jobs", "/jobs?page=2", "/v/1", "/v/2?from=list", "/v/4"]);
    let followed = Source { follow: Some("^/v/1$".to_owned()), ..board() };
    let asked = site.walk(&Page, &followed, &mut Checkpoint::default(), prefix).await.unwrap();
    assert_eq!(asked, ["/jobs", "/jobs?page=2", "/v/1"]);
}

#[test]
fn an_ad_is_read_from_where_the_selectors_point() {
    let reading = read(&board(), "https://board.example/v/1", &saved::page("page-job.html"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(problems(&reading), [""; 0]);
}

#[test]
fn a_list_is_no_ad_though_it_has_a_headline() {
    let list = saved::page("page-list.html");
    assert_eq!(problems(&read(&board(), LIST, &list)), ["page.list"]);
    assert_eq!(problems(&read(&board(), &format!("{LIST}?page=2"), &list)), ["page.list"]);
}

#[test]
fn a_site_that_changed_is_told_apart_from_one_without_ads() {
    let nothing = ["page.selectors-find-nothing"];
    assert_eq!(problems(&read(&board(), LIST, "<h1>New look</h1>")), nothing);
    assert_eq!(problems(&read(&board(), "https://board.example/v/1", "<h1>New</h1>")), nothing);
    let blank = "<div class=words> </div>";
    let reading = read(&board(), "https://board.example/v/1", blank);
    assert_eq!(problems(&reading), ["posting.no-text"]);
    let undated = "<div class=words>Робота</div><time>торік</time>";
    let reading = read(&board(), "https://board.example/v/1", undated);
    assert_eq!((reading.postings.len(), problems(&reading)), (1, vec!["field.date-not-read"]));
}

#[test]
fn ads_that_stand_on_the_list_are_read_there() {
    let source = source(&[("item", ".card"), ("text", ".words"), ("title", "b"), ("link", "a")]);
    let list = "<div class=card><b>1</b><p class=words>Перша</p><a href=/v/1>…</a></div>\
        <div class=card><b>2</b><p class=words>Друга</p></div><div class=card></div>";
    let reading = read(&source, LIST, list);
    let seen: Vec<_> = reading.postings.iter().map(|p| (p.text.as_str(), p.key.as_str())).collect();
    assert_eq!(seen[0], ("Перша", "https://board.example/v/1"));
    assert_eq!(seen[1].0, "Друга");
    assert!(seen[1].1.starts_with("https://board.example/jobs "), "{}", seen[1].1);
    assert_eq!(problems(&reading), ["posting.no-text"]);
    assert_eq!(problems(&read(&source, LIST, "")), ["page.selectors-find-nothing"]);
}

#[test]
fn bad_selectors_are_refused_in_one_sentence() {
    for (stated, expected) in [
        (
            &[("title", "h1")][..],
            "kind `page` needs to be told where the words of an ad are, as in selectors.text = \".description\"",
        ),
        (&[("text", "div[")], "selectors.text `div[` is no CSS selector: "),
        (&[("text", "p"), ("link", "")], "selectors.link `` is no CSS selector: "),
        (&[("text", "p::before")], "selectors.text `p::before` is no CSS selector: "),
    ] {
        let refused = Page.refusal(&source(stated)).unwrap();
        assert!(refused.starts_with(expected) && !refused.contains('\n'), "{refused}");
    }
    assert_eq!(Page.refusal(&board()), None);
}

proptest! {
    #[test]
    fn any_page_and_any_selector_are_read_without_a_panic(
        css in "[a-z.#*>+~\\[\\]=:() ,-]{0,12}", body in any::<String>()
    ) {
        let source = source(&[("text", &css), ("item", "div"), ("date", "p")]);
        read(&source, LIST, &body);
        read(&board(), LIST, &format!("<h1>{body}</h1><div class=words>{body}</div><time>{body}"));
    }
}
