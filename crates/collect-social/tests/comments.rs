//! The comment feed of a site.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect_social::Comments;
use domain::{Checkpoint, PostingKind};
use saved::PaperSite;

const FEED: &str = "https://news.example/comments/feed/";

#[test]
fn comments_are_posts_of_those_who_wrote_them() {
    let kind = Some("application/rss+xml; charset=UTF-8");
    let reading = saved::read(&Comments, FEED, kind, saved::page("comments.rss"));
    assert_eq!(reading.problems, []);
    assert!(reading.postings.iter().all(|comment| comment.kind == PostingKind::SocialPost));
    insta::assert_json_snapshot!(reading.postings);
}

#[test]
fn what_is_no_feed_is_named() {
    let reading = saved::read(&Comments, FEED, None, "<html><p>Comments</p></html>");
    assert_eq!(reading.problems[0].outcome.name, "feed.not-a-feed");
}

#[tokio::test]
async fn the_feed_is_asked_for_conditionally() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.validates = true;
    site.put(FEED, saved::page("comments.rss"));
    let source = saved::source("comments", FEED);
    for expected in ["fetch.new", "fetch.not-modified"] {
        site.walk(&Comments, &source, &mut checkpoint, "").await.unwrap();
        assert_eq!(site.tally.of(expected), 1, "{expected}");
    }
}
