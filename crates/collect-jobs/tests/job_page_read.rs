//! What is read out of job pages.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::{Collector as _, Reading};
use collect_jobs::JobPage;
use domain::Posting;
use proptest::prelude::*;

fn read(body: impl Into<Vec<u8>>) -> Reading {
    let kind = Some("text/html; charset=utf-8");
    saved::read(&JobPage, "https://board.example/job/1", kind, body)
}

fn problems(reading: &Reading) -> Vec<&'static str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[test]
fn json_ld_is_read_mended_and_taken_before_the_same_ad_in_microdata() {
    let reading = read(saved::page("job-json-ld.html"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(reading.problems, []);
}

#[test]
fn microdata_is_read_with_itemref_full_names_and_two_ads_on_a_page() {
    let reading = read(saved::page("job-microdata.html"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(reading.problems, []);
}

#[test]
fn rdfa_is_read_and_taken_only_where_the_ad_is_in_no_other_form() {
    let reading = read(saved::page("job-rdfa.html"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(reading.problems, []);
    let stated = r#"<script type="application/ld+json">{"@type": "JobPosting",
        "title": "Îngrijitoare la domiciliu", "description": "Scris o dată"}</script>"#;
    let both = read(format!("{stated}{}", saved::page("job-rdfa.html")));
    assert_eq!(both.postings.len(), 1);
    assert_eq!(both.postings[0].text, "Scris o dată");
}

#[test]
fn a_page_without_a_job_is_named_unless_it_is_a_list() {
    let list = "<a href='/job/7'>Driver</a>";
    assert_eq!(problems(&read(list)), ["page.no-job-posting"]);
    let source = domain::Source {
        follow: Some("^/job/".to_owned()),
        ..saved::source("job-page", "https://board.example/jobs")
    };
    let read = |url: &str, body: &str| {
        let capture = saved::capture(url, Some("text/html"), body);
        JobPage.read(&source, &capture)
    };
    assert_eq!(problems(&read("https://board.example/jobs?page=2", list)), [""; 0]);
    assert_eq!(problems(&read("https://board.example/job/1", list)), ["page.no-job-posting"]);
    assert_eq!(problems(&read("https://board.example/jobs", "no links")), ["page.no-job-posting"]);
}

#[test]
fn json_that_cannot_be_mended_is_named_when_it_speaks_of_a_job() {
    let script = |json: &str| format!("<script type='application/ld+json'>{json}</script>");
    assert_eq!(problems(&read(script("{\"@type\": \"JobPosting\", "))), ["json-ld.broken"]);
    assert_eq!(problems(&read(script("{\"@type\": \"Person\", "))), ["page.no-job-posting"]);
    assert_eq!(problems(&read(script("{\"@type\": \"JobPosting\"}"))), ["posting.empty"]);
}

#[test]
fn hostile_mark_up_costs_little_and_is_named() {
    for hostile in ["<div>", "<b><i>", "<div itemscope>", "<table><tr><td>"] {
        assert_eq!(problems(&read(hostile.repeat(100_000))), ["page.too-complex"], "{hostile}");
    }
    let deep_json = format!("<script type='application/ld+json'>{}</script>", "[".repeat(300_000));
    assert_eq!(problems(&read(deep_json)), ["page.no-job-posting"]);
}

#[test]
fn microdata_that_refers_to_itself_ends() {
    let names: Vec<String> = (0..60).map(|n| format!("i{n}")).collect();
    let refs = names.join(" ");
    let item =
        |name: &String| format!("<p id={name} itemprop='a b c d' itemscope itemref='{refs}'>x</p>");
    let items: String = names.iter().map(item).collect();
    let body = format!(
        "<div itemscope itemtype='http://schema.org/JobPosting' itemref='{refs}'>{items}</div>"
    );
    assert_eq!(problems(&read(body)), ["posting.empty"]);
}

/// The example of schema.org, which gives one job in several forms.
fn example(data: &std::path::Path, from: &str, to: &str) -> Posting {
    let text =
        std::fs::read_to_string(data.join("structured_html/schemaorg_jobposting_examples.txt"))
            .unwrap();
    let start = text.find(from).unwrap() + from.len();
    let length = text[start..].find(to).unwrap();
    let reading = read(&text[start..start + length]);
    assert_eq!(reading.problems, []);
    reading.postings.into_iter().next().unwrap()
}

#[test]
fn the_example_of_schema_org_says_the_same_in_all_forms() {
    let Some(data) = saved::reference_data() else { return };
    for (from, to) in [("MICRODATA:", "RDFA:"), ("RDFA:", "JSON:")] {
        agrees_with_json(&example(&data, from, to), &data);
    }
}

#[track_caller]
fn agrees_with_json(marked: &Posting, data: &std::path::Path) {
    let stated = example(data, "JSON:", "TYPES:");
    let fields = |posting: &Posting| {
        let Posting { title, employer, places, pay, published_at, .. } = posting.clone();
        (title, places, pay, published_at, employer)
    };
    let (mut marked_fields, stated_fields) = (fields(marked), fields(&stated));
    // The JSON of the example names no employer; the mark-up does, within the description.
    assert_eq!(marked_fields.4.take().as_deref(), Some("ABC Company Inc."));
    assert_eq!(marked_fields, stated_fields);
    assert_eq!(stated_fields.1, ["Kirkland, WA"]);
    assert_eq!(stated_fields.2.unwrap().min, Some(100_000.0));
    let words =
        |posting: &Posting| posting.text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(marked), words(&stated));
}

#[test]
fn no_page_of_the_reference_crashes_and_each_is_named() {
    let Some(data) = saved::reference_data() else { return };
    let mut count = std::collections::BTreeMap::new();
    for folder in ["structured_html", "charsets"] {
        for path in saved::files_under(&data.join(folder)) {
            if path.extension().is_none_or(|kind| kind != "html") {
                continue;
            }
            let reading = read(std::fs::read(&path).unwrap());
            let name = problems(&reading).first().copied().unwrap_or("read");
            *count.entry((folder, name)).or_insert(0) += 1;
            assert!(!reading.postings.is_empty() || !reading.problems.is_empty(), "{path:?}");
        }
    }
    println!("{count:#?}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(body);
    }

    #[test]
    fn a_damaged_page_is_read_without_a_panic(
        name in proptest::sample::select(&["job-json-ld.html", "job-microdata.html", "job-rdfa.html"]),
        cuts in proptest::collection::vec((0usize..2600, 0usize..60, "[<>\"'/=&;:{},a-z0-9\\[ ]{0,6}"), 1..6)
    ) {
        let mut body = saved::page(name).into_bytes();
        for (at, length, put) in cuts {
            let at = at.min(body.len());
            let end = (at + length).min(body.len());
            body.splice(at..end, put.bytes());
        }
        for posting in read(body).postings {
            prop_assert!(posting.title.is_some() || !posting.text.is_empty());
        }
    }
}
