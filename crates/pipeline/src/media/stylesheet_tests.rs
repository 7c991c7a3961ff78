use evidence::{CaptureArchive, Event, has_media};

use super::tests::{ADS, Story};
use crate::rebuild;
use crate::revisit::site::Site;

/// A page with these ads in its structured data, shown with these stylesheets.
fn board(ads: &[&str], sheets: &[&str]) -> String {
    let mut page = String::from("<html><head>");
    for sheet in sheets {
        page.push_str(&format!("<link rel=stylesheet href=\"{sheet}\">"));
    }
    for (number, ad) in ads.iter().enumerate() {
        let posting = serde_json::json!({
            "@context": "https://schema.org", "@type": "JobPosting", "title": "Робота",
            "identifier": number.to_string(), "description": ad,
        });
        page.push_str(&format!("<script type=\"application/ld+json\">{posting}</script>"));
    }
    page
}

const ORDINARY: &str = "Шукаємо садівника в парк. Офіційне оформлення, вихідні в суботу та неділю.";

#[tokio::test]
async fn the_stylesheets_of_a_flagged_page_are_fetched_once_and_frozen_with_it() {
    let story = Story::on("job-page", "/jobs");
    let elsewhere = Site::start();
    let inside = format!("{}/inside.css", elsewhere.base);
    let sheets = ["/a.css", "/gone.css", "/page.css", "/private/b.css", &inside];
    story.site.put("/jobs", "text/html", board(&[ADS[0], ADS[1], ORDINARY], &sheets));
    story.site.put("/a.css", "text/css; charset=utf-8", ".ad{color:#123456}");
    story.site.put("/page.css", "text/html", "<html>log in</html>");
    let total = story.scan_site().await.total();
    let of = |name| total.of(name);
    assert_eq!((of("posting.flagged"), of("stylesheet.kept")), (2, 1), "{total:?}");
    // Those of the second posting are those of the first.
    let others = ["stylesheet.known", "stylesheet.failed", "stylesheet.refused"].map(of);
    assert_eq!(others, [1, 6, 2], "{total:?}");
    let mut asked = story.site.asked();
    asked.retain(|line| line.contains(".css"));
    asked.sort();
    assert_eq!(asked, ["/a.css 200", "/gone.css 404", "/page.css 200"]);
    assert_eq!(elsewhere.asked(), Vec::<String>::new());

    let why = [
        None,
        Some("fetch.not-found"),
        Some("fetch.no-stylesheet"),
        Some("fetch.robots-disallow"),
        Some("fetch.private-address"),
    ];
    let leads = story.leads();
    for lead in &leads {
        let said: Vec<_> = lead.stylesheets.iter().map(|sheet| sheet.why.as_deref()).collect();
        assert_eq!(said, why);
        let frozen = lead.snapshots.iter().filter(|taken| has_media(&taken.file)).count();
        assert_eq!((lead.snapshots.len(), frozen), (2, 1));
    }
    assert_eq!(leads.len(), 2);

    // Nothing is asked for twice, and the index made anew says the same.
    story.hours_later(30);
    story.scan_site().await;
    assert!(story.site.asked().iter().all(|line| !line.contains(".css")));
    let before = story.leads();
    rebuild(&story.dir(), story.clock.clone()).unwrap().close().unwrap();
    assert_eq!(story.leads(), before);
}

#[tokio::test]
async fn ordinary_pages_and_answers_that_are_no_pages_have_none_fetched() {
    let story = Story::on("job-page", "/jobs");
    story.site.put("/jobs", "text/html", board(&[ORDINARY], &["/a.css"]));
    story.site.put("/a.css", "text/css", "a{}");
    assert_eq!(story.scan_site().await.total().of("posting.clear"), 1);
    let asked = story.site.asked();
    assert!(asked.iter().all(|line| !line.contains(".css")), "{asked:?}");
}

#[tokio::test]
async fn a_stylesheet_goes_with_the_last_lead_whose_page_has_it() {
    let story = Story::on("job-page", "/jobs");
    story.site.put("/jobs", "text/html", board(&[ADS[0]], &["/a.css"]));
    story.site.put("/a.css", "text/css", ".ad{color:#123456}");
    story.scan_site().await;
    let sheet = story.leads()[0].stylesheets[0].capture.clone().unwrap();
    let stands = |story: &Story| {
        let entries = evidence::entries(&story.dir().join("custody"), 0).unwrap();
        let mut captures = entries.filter_map(|entry| match entry.unwrap().event {
            Event::Capture { capture, file, offset, length, .. } if capture == sheet => {
                Some((file, offset, length))
            }
            _ => None,
        });
        let Some((file, offset, length)) = captures.next() else { return false };
        let desk = story.open();
        let read = CaptureArchive::read(desk.vault(), &file, offset, length);
        desk.close().unwrap();
        read.is_ok_and(|sheet| sheet.content() == b".ad{color:#123456}")
    };
    assert!(stands(&story));
    let mut desk = story.open();
    let lead = story_lead(&desk);
    desk.decide(&lead, "Olena", domain::Verdict::Dismiss, "as seen").unwrap();
    desk.close().unwrap();
    story.hours_later(24 * 200);
    let mut desk = story.open();
    desk.retain("Olena").unwrap();
    desk.close().unwrap();
    assert!(!stands(&story));
}

fn story_lead(desk: &crate::Desk) -> domain::LeadId {
    let all = store::QueueFilter { all_statuses: true, ..store::QueueFilter::default() };
    desk.store().queue(&all, 1).unwrap().remove(0).id
}
