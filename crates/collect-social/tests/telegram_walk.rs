//! How a channel is walked: back to what is known, no post lost, none asked for without need.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect_social::Telegram;
use domain::{Checkpoint, Source};
use saved::{BUDGET, PaperSite, TIMEOUT};

const CHANNEL: &str = "https://t.me/s/vyhadana_robota";
const PER_PAGE: u64 = 4;

fn page(numbers: &[u64], older: bool) -> String {
    let message = |number: &u64| {
        format!(
            "<div class='tgme_widget_message' data-post='vyhadana_robota/{number}'>\
             <div class='tgme_widget_message_text'>Оголошення {number}</div></div>"
        )
    };
    let more = if older { "<a href='?before=1'></a>" } else { "" };
    let messages: String = numbers.iter().map(message).collect();
    format!("<section class='tgme_channel_history'>{more}{messages}</section>")
}

/// A channel with posts 1 to `newest`, paged as Telegram does it.
fn channel(site: &mut PaperSite, newest: u64) {
    let posts = |last: u64| (last.saturating_sub(PER_PAGE) + 1..=last).collect::<Vec<_>>();
    site.put(CHANNEL, page(&posts(newest), newest > PER_PAGE));
    for before in 2..=newest {
        let shown = posts(before - 1);
        site.put(&format!("{CHANNEL}?before={before}"), page(&shown, before > PER_PAGE + 1));
    }
}

fn source(max_pages: usize) -> Source {
    Source { max_pages: Some(max_pages), ..saved::source("telegram", CHANNEL) }
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint, max_pages: usize) -> Vec<String> {
    site.walk(&Telegram, &source(max_pages), checkpoint, CHANNEL).await.unwrap()
}

fn positions(checkpoint: &Checkpoint) -> String {
    let positions = checkpoint.positions.iter().filter(|(name, _)| !name.contains(' '));
    positions
        .map(|(name, value)| format!("{name}={}", value.trim_start_matches(CHANNEL)))
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn a_new_channel_is_walked_to_its_first_post_and_then_only_what_is_new() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 10);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, ["", "?before=7", "?before=3"]);
    assert_eq!(positions(&checkpoint), "newest_post=10");
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, [""]);
    channel(&mut site, 16);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, ["", "?before=13"]);
    assert_eq!(positions(&checkpoint), "newest_post=16");
}

#[tokio::test]
async fn posts_beyond_the_page_limit_are_fetched_by_the_next_scans() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 20);
    assert_eq!(walk(&mut site, &mut checkpoint, 2).await, ["", "?before=17"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    assert_eq!(positions(&checkpoint), "gap_at=?before=13 gap_from=0 newest_post=20");
    channel(&mut site, 22);
    assert_eq!(walk(&mut site, &mut checkpoint, 3).await, ["", "?before=13", "?before=9"]);
    assert_eq!(positions(&checkpoint), "gap_at=?before=5 gap_from=0 newest_post=22");
    assert_eq!(walk(&mut site, &mut checkpoint, 3).await, ["", "?before=5"]);
    assert_eq!(positions(&checkpoint), "newest_post=22");
}

#[tokio::test]
async fn a_second_gap_takes_in_the_first() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 20);
    walk(&mut site, &mut checkpoint, 2).await;
    channel(&mut site, 40);
    assert_eq!(walk(&mut site, &mut checkpoint, 2).await, ["", "?before=37"]);
    assert_eq!(positions(&checkpoint), "gap_at=?before=33 gap_from=0 newest_post=40");
}

#[tokio::test]
async fn a_page_that_fails_midway_leaves_the_checkpoint_and_the_next_walk_gets_all() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 10);
    site.fail(&format!("{CHANNEL}?before=7"), TIMEOUT);
    let ended = site.walk(&Telegram, &source(20), &mut checkpoint, CHANNEL).await;
    assert!(ended.unwrap_err().to_string().contains("channel.walk-broken-off"));
    assert_eq!(checkpoint, Checkpoint::default());
    // The newest page brings the same bytes, which says nothing about the pages behind it.
    channel(&mut site, 10);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, ["", "?before=7", "?before=3"]);
    assert_eq!(positions(&checkpoint), "newest_post=10");
}

#[tokio::test]
async fn a_gap_that_cannot_be_closed_holds_up_no_new_posts() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 20);
    walk(&mut site, &mut checkpoint, 2).await;
    site.fail(&format!("{CHANNEL}?before=9"), TIMEOUT);
    assert_eq!(walk(&mut site, &mut checkpoint, 9).await, ["", "?before=13", "?before=9"]);
    assert_eq!(positions(&checkpoint), "gap_at=?before=9 gap_from=0 newest_post=20");
}

#[tokio::test]
async fn posts_that_the_budget_kept_from_us_come_another_day() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 12);
    site.fail(&format!("{CHANNEL}?before=9"), BUDGET);
    walk(&mut site, &mut checkpoint, 20).await;
    assert_eq!(positions(&checkpoint), "gap_at=?before=9 gap_from=0 newest_post=12");
    channel(&mut site, 12);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, ["", "?before=9", "?before=5"]);
    assert_eq!(positions(&checkpoint), "newest_post=12");
}

/// Posts 1 to 40, published this morning or a week ago.
fn dated_channel(site: &mut PaperSite, day: &str) {
    channel(site, 40);
    let addresses = (2..=40).map(|before| format!("{CHANNEL}?before={before}"));
    for url in addresses.chain([CHANNEL.to_owned()]) {
        let time = format!("<a class='tgme_widget_message_date'><time datetime='{day}T08:00:00Z'>");
        let page =
            site.page(&url).replace("</div></div>", &format!("</div>{time}</time></a></div>"));
        site.put(&url, page);
    }
}

#[tokio::test]
async fn posts_young_enough_to_be_edited_are_read_again_twice_a_day() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    dated_channel(&mut site, "2026-03-01");
    walk(&mut site, &mut checkpoint, 20).await;
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, [""], "all was read just now");
    checkpoint.set("looked_back_at", "2026-02-28T23:59:00Z");
    let back = ["", "?before=37", "?before=33", "?before=29"];
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, back);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, [""]);
    checkpoint.set("looked_back_at", "2026-02-28T23:59:00Z");
    // A page that fails there costs nothing: all of it is known.
    site.fail(&format!("{CHANNEL}?before=33"), TIMEOUT);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, &back[..3]);
    assert_eq!(site.tally.of("fetch.timeout"), 1);
    checkpoint.set("looked_back_at", "2026-02-28T23:59:00Z");
    assert_eq!(walk(&mut site, &mut checkpoint, 2).await, &back[..2], "the page limit holds");
    assert_eq!(site.tally.of("scan.page-limit"), 0);

    let (mut old, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    dated_channel(&mut old, "2026-02-20");
    walk(&mut old, &mut checkpoint, 20).await;
    assert_eq!(walk(&mut old, &mut checkpoint, 20).await, [""]);
}

#[tokio::test]
async fn numbers_that_are_missing_between_two_pages_are_counted() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 8);
    site.put(&format!("{CHANNEL}?before=5"), page(&[1, 2], false));
    walk(&mut site, &mut checkpoint, 20).await;
    assert_eq!(site.tally.of("post.missing"), 1);
}

#[tokio::test]
async fn a_server_that_ignores_paging_does_not_hold_us() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    channel(&mut site, 20);
    let newest = page(&[17, 18, 19, 20], true);
    site.put(&format!("{CHANNEL}?before=17"), newest);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, ["", "?before=17"]);
    assert_eq!(site.tally.of("channel.paging-stuck"), 1);
    assert_eq!(positions(&checkpoint), "gap_at=?before=17 gap_from=0 newest_post=20");
}

#[tokio::test]
async fn an_unreadable_newest_page_moves_nothing() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.put(CHANNEL, saved::page("no-preview.html"));
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, [""]);
    site.fail(CHANNEL, TIMEOUT);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, [""]);
    assert_eq!(positions(&checkpoint), "");
}

#[tokio::test]
async fn a_server_that_says_not_modified_is_asked_once() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.validates = true;
    channel(&mut site, 10);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await.len(), 3);
    assert_eq!(walk(&mut site, &mut checkpoint, 20).await, [""]);
    assert_eq!(site.tally.of("fetch.not-modified"), 1);
    let validators = checkpoint.positions.keys().filter(|name| name.starts_with("etag")).count();
    assert_eq!(validators, 1, "validators of older pages would pile up");
}
