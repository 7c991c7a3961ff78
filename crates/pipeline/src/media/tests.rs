use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use collect::PoliteClient;
use domain::{CaptureRole, Lead, LinkKind, PostingId, Verdict};
use evidence::{Event, has_media};
use image::{DynamicImage, ImageFormat, RgbImage};
use store::QueueFilter;

use crate::revisit::site::Site;
use crate::revisit::site_desk::{SetClock, desk_on};
use crate::{Desk, ScanReport, Sight, rebuild, scan};

#[path = "../../../link/tests/photos/mod.rs"]
mod photos;
use photos::{encoded, jpeg};

/// A desk with one feed, whose ads show pictures.
pub(super) struct Story {
    folder: tempfile::TempDir,
    pub(super) clock: Arc<SetClock>,
    pub(super) site: Site,
}

/// What an ad says, and the addresses of its pictures.
type Ad = (String, Vec<String>);

impl Story {
    fn new() -> Self {
        Self::on("feed", "/feed")
    }

    /// A desk with this page of the site.
    pub(super) fn on(kind: &str, path: &str) -> Self {
        let site = Site::start();
        site.put("/robots.txt", "text/plain", "User-agent: *\nDisallow: /private/\n");
        let folder = desk_on(&site, kind, path);
        let clock = SetClock::at("2026-03-01T12:00:00Z");
        Self { folder, clock, site }
    }

    pub(super) fn hours_later(&self, hours: i64) {
        self.clock.hours_later(hours);
    }

    pub(super) fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("desk")
    }

    pub(super) fn open(&self) -> Desk {
        Desk::open(&self.dir(), self.clock.clone()).unwrap()
    }

    fn client(&self, desk: &Desk) -> Arc<PoliteClient> {
        Arc::new(desk.settings().polite_client(self.clock.clone()).unwrap())
    }

    /// A scan of the feed with these ads.
    async fn scan(&self, ads: &[Ad]) -> ScanReport {
        self.site.put("/feed", "application/rss+xml", feed(&self.site.base, ads));
        self.scan_site().await
    }

    /// A scan of the site as it stands.
    pub(super) async fn scan_site(&self) -> ScanReport {
        let desk = self.open();
        let (web, sources) = (self.client(&desk), desk.settings().sources.clone());
        let desk = Arc::new(Mutex::new(desk));
        let report = scan(desk.clone(), sources, web, &|_| ()).await.unwrap();
        Arc::into_inner(desk).unwrap().into_inner().unwrap().close().unwrap();
        report
    }

    pub(super) fn leads(&self) -> Vec<Lead> {
        let desk = self.open();
        let leads = leads(&desk);
        desk.close().unwrap();
        leads
    }

    /// How many postings each lead has, the most first.
    fn sizes(&self) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.leads().iter().map(|lead| lead.postings.len()).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes
    }
}

fn leads(desk: &Desk) -> Vec<Lead> {
    let all = QueueFilter { all_statuses: true, ..QueueFilter::default() };
    desk.store().queue(&all, 999).unwrap()
}

fn feed(base: &str, ads: &[Ad]) -> String {
    let mut items = String::new();
    for (number, (text, images)) in ads.iter().enumerate() {
        let _ = write!(items, "<item><guid isPermaLink=\"false\">{number}</guid>");
        let _ = write!(items, "<description>{text}</description>");
        for image in images {
            let at = if image.starts_with('/') { format!("{base}{image}") } else { image.clone() };
            let _ = write!(items, "<enclosure url=\"{at}\" type=\"image/jpeg\"/>");
        }
        items.push_str("</item>");
    }
    format!("<rss version=\"2.0\"><channel>{items}</channel></rss>")
}

/// Two flagged ads in such different words that nothing but pictures ties them.
pub(super) const ADS: [&str; 2] = [
    "Робота в Туреччині. Паспорт забирає координатор, дорогу відпрацюєте. Дзвоніть +380671234567",
    "Дівчата на виїзд сьогодні ввечері, без документів, телефон здаєте хазяїну. +380509876543",
];

fn ad(number: usize, images: &[&str]) -> Ad {
    (ADS[number].to_owned(), images.iter().map(|image| (*image).to_owned()).collect())
}

fn photo(seed: u64) -> DynamicImage {
    photos::photo(seed, 360, 270)
}

fn png(image: &DynamicImage) -> Vec<u8> {
    encoded(image, ImageFormat::Png)
}

fn smaller(image: &DynamicImage, width: u32) -> DynamicImage {
    image.resize(width, width, image::imageops::FilterType::Triangle)
}

#[tokio::test]
async fn two_ads_with_one_photo_under_two_phones_are_one_lead_that_says_why() {
    let story = Story::new();
    let same = jpeg(&photo(1), 85);
    story.site.put("/a.jpg", "image/jpeg", same.clone());
    story.site.put("/b.jpg", "image/jpeg", same.clone());
    let report = story.scan(&[ad(0, &["/a.jpg"]), ad(1, &["/b.jpg"])]).await.total();
    assert_eq!((report.of("posting.flagged"), report.of("image.kept")), (2, 2));
    assert_eq!(story.sizes(), [2]);

    let desk = story.open();
    let lead = leads(&desk).remove(0);
    let view = crate::lead_view(desk.store(), &lead.id).unwrap();
    let tie = view.ties.iter().find(|tie| tie.kind == LinkKind::Image).unwrap();
    assert_eq!(tie.value, domain::Sha256::of(&same).to_hex());
    let words = link::in_words(tie);
    assert_eq!(words, "shows the same picture as");
    // Frozen beside the first, with the picture inside, and to be looked at.
    let with_media: Vec<usize> = (0..lead.snapshots.len())
        .filter(|number| has_media(&lead.snapshots[*number].file))
        .collect();
    assert_eq!((lead.snapshots.len(), with_media.len()), (4, 2));
    let number = with_media[0];
    let evidence = crate::evidence_view(desk.store(), desk.vault(), &lead, number).unwrap();
    assert!(evidence.unwrap().sights().contains(&Sight::Pictures));
    desk.close().unwrap();

    // The index made anew says the same.
    let before = story.leads();
    rebuild(&story.dir(), story.clock.clone()).unwrap().close().unwrap();
    assert_eq!(story.leads(), before);
}

#[tokio::test]
async fn copies_in_another_size_and_quality_are_found_and_other_photos_are_not() {
    for (name, copy, expected) in [
        ("recompressed", jpeg(&photo(1), 40), vec![2]),
        ("half as large", jpeg(&smaller(&photo(1), 180), 70), vec![2]),
        ("another format", png(&photo(1)), vec![2]),
        ("another photo", jpeg(&photo(2), 85), vec![1, 1]),
    ] {
        let story = Story::new();
        story.site.put("/a.jpg", "image/jpeg", jpeg(&photo(1), 85));
        story.site.put("/b.jpg", "image/jpeg", copy);
        story.scan(&[ad(0, &["/a.jpg"]), ad(1, &["/b.jpg"])]).await;
        assert_eq!(story.sizes(), expected, "{name}");
        if expected == [2] {
            let desk = story.open();
            let lead = leads(&desk).remove(0);
            let view = crate::lead_view(desk.store(), &lead.id).unwrap();
            assert_eq!(view.ties[0].kind, LinkKind::Likeness, "{name}");
            desk.close().unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_plain_ties_nothing() {
    let story = Story::new();
    let grey = DynamicImage::ImageRgb8(RgbImage::from_pixel(300, 200, image::Rgb([200; 3])));
    let dot = DynamicImage::ImageRgb8(RgbImage::from_pixel(1, 1, image::Rgb([0; 3])));
    story.site.put("/grey.png", "image/png", png(&grey));
    story.site.put("/dot.png", "image/png", png(&dot));
    let images = ["/grey.png", "/dot.png"];
    let total = story.scan(&[ad(0, &images), ad(1, &images)]).await.total();
    // Each was fetched once.
    assert_eq!((total.of("image.kept"), total.of("image.known")), (2, 2));
    assert_eq!(story.sizes(), [1, 1]);
}

#[tokio::test]
async fn a_placeholder_that_fifty_postings_share_ties_none_of_them() {
    let story = Story::new();
    story.site.put("/logo.png", "image/png", png(&photo(3)));
    // Words that have nothing to do with each other, so that nothing but the picture could tie.
    let words = "берлін склад швачка море поле ніч вечір авто потяг житло кухня меблі сад ринок ліс \
                 готель цех теплиця ферма порт зима літо осінь весна група дошка вікно двері хліб сіль";
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut state = 7_usize;
    let mut dice = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let ads: Vec<Ad> = (0..50)
        .map(|_| {
            let own: Vec<&str> = (0..12).map(|_| words[dice() % words.len()]).collect();
            let words =
                format!("Паспорт забирає координатор, дорогу відпрацюєте. {}", own.join(" "));
            (words, vec!["/logo.png".to_owned()])
        })
        .collect();
    story.scan(&ads).await;
    let by_picture = |lead: &Lead| {
        let desk = story.open();
        let view = crate::lead_view(desk.store(), &lead.id).unwrap();
        desk.close().unwrap();
        let of_picture = |kind| matches!(kind, LinkKind::Image | LinkKind::Likeness);
        view.ties.iter().any(|tie| of_picture(tie.kind))
    };
    let leads = story.leads();
    assert_eq!(leads.iter().map(|lead| lead.postings.len()).sum::<usize>(), 50);
    assert!(!leads.iter().any(by_picture), "the placeholder ties");
    assert_eq!(story.site.asked().iter().filter(|line| line.contains("logo")).count(), 1);
}

#[tokio::test]
async fn pictures_that_are_none_or_lie_where_nobody_may_look_are_named_and_hold_up_nothing() {
    let elsewhere = Site::start();
    elsewhere.put("/secret.jpg", "image/jpeg", jpeg(&photo(5), 85));
    let inside = format!("{}/secret.jpg", elsewhere.base);
    let mut bomb = png(&photo(6));
    // Claims to be 65,535 pixels wide and high.
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let cut = jpeg(&photo(7), 85)[..600].to_vec();
    let rows: [(&str, &str, u16, Vec<u8>, Option<&str>); 9] = [
        ("gone", "/gone.jpg", 404, b"".to_vec(), Some("fetch.not-found")),
        ("a page", "/page.jpg", 200, b"<html>log in</html>".to_vec(), Some("fetch.no-image")),
        ("a drawing", "/x.svg", 200, b"<svg onload='x()'/>".to_vec(), Some("fetch.no-image")),
        ("nothing", "/empty.jpg", 200, Vec::new(), Some("fetch.no-image")),
        ("larger than any", "/large.jpg", 200, vec![0xff; 8_400_000], Some("fetch.too-large")),
        ("forbidden", "/private/a.jpg", 200, png(&photo(8)), Some("fetch.robots-disallow")),
        ("to the inside", "/to.jpg", 302, inside.clone().into(), Some("fetch.private-address")),
        ("a bomb", "/bomb.png", 200, bomb, None),
        ("cut off", "/cut.jpg", 200, cut, None),
    ];
    for (name, path, status, body, expected) in rows {
        let story = Story::new();
        if status == 200 {
            story.site.put(path, "image/jpeg", body);
        } else {
            story.site.answer_with_bytes(path, status, body);
        }
        let total = story.scan(&[ad(0, &[path])]).await.total();
        assert_eq!(total.of("posting.flagged"), 1, "{name}");
        let lead = story.leads().remove(0);
        let why = lead.images.iter().map(|image| image.why.as_deref()).collect::<Vec<_>>();
        assert_eq!(why, [expected], "{name}");
        // The snapshot of the page stands whatever its pictures do.
        assert_eq!(lead.snapshots.len(), if expected.is_none() { 2 } else { 1 }, "{name}");
    }
    // Named outright by a posting, though its source may be on a private network.
    let story = Story::new();
    story.scan(&[ad(0, &[&inside, "ftp://h.example/a.jpg", "data:image/png;base64,AA"])]).await;
    let lead = story.leads().remove(0);
    let why: Vec<_> = lead.images.iter().filter_map(|image| image.why.clone()).collect();
    assert_eq!(why, ["fetch.private-address"]);
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn no_more_than_eight_are_fetched_and_none_where_the_desk_says_so() {
    let story = Story::new();
    let paths: Vec<String> = (0..12).map(|number| format!("/{number}.png")).collect();
    for (number, path) in (0..).zip(&paths) {
        story.site.put(path, "image/png", png(&smaller(&photo(number), 80)));
    }
    let ads = [(ADS[0].to_owned(), paths)];
    let settings = story.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(text.contains("media = true"));
    std::fs::write(&settings, text.replace("media = true", "media = false")).unwrap();
    assert_eq!(story.scan(&ads).await.total().of("image.kept"), 0);
    std::fs::write(&settings, text).unwrap();
    assert_eq!(story.scan(&ads).await.total().of("image.kept"), 8);
    assert_eq!(story.leads()[0].images.len(), 8);
}

#[tokio::test]
async fn what_was_not_to_be_had_is_asked_for_again_a_day_later_and_not_for_ever() {
    let story = Story::new();
    story.site.answer_with("/a.jpg", 503);
    let ads = [ad(0, &["/a.jpg", "/gone.jpg"])];
    let asked = |story: &Story| {
        let asked = story.site.asked().into_iter();
        asked.filter(|line| !line.starts_with("/feed")).collect::<BTreeSet<_>>()
    };
    story.scan(&ads).await;
    assert_eq!(asked(&story), ["/a.jpg 503".to_owned(), "/gone.jpg 404".to_owned()].into());
    story.hours_later(2);
    story.scan(&ads).await;
    assert_eq!(asked(&story), BTreeSet::new());
    story.hours_later(23);
    story.site.put("/a.jpg", "image/jpeg", jpeg(&photo(1), 85));
    story.scan(&ads).await;
    assert_eq!(asked(&story), ["/a.jpg 200".to_owned()].into());
    let lead = story.leads().remove(0);
    assert!(lead.images[0].capture.is_some());
    assert_eq!(lead.images[1].why.as_deref(), Some("fetch.not-found"));
    story.hours_later(30);
    story.scan(&ads).await;
    assert_eq!(asked(&story), BTreeSet::new());

    let late = Story::new();
    late.site.answer_with("/a.jpg", 503);
    late.scan(&ads).await;
    for _ in 0..10 {
        late.hours_later(25);
        late.scan(&ads).await;
    }
    let tries = late.site.asked().iter().filter(|line| *line == "/a.jpg 503").count();
    // The client tries a server that stumbles twice each time.
    assert!(tries <= 6, "{tries}");
}

#[tokio::test]
async fn the_order_in_which_pictures_come_does_not_matter_and_a_person_has_the_last_word() {
    let mut ends = Vec::new();
    for order in [[0, 1], [1, 0]] {
        let story = Story::new();
        story.site.put("/a.jpg", "image/jpeg", jpeg(&photo(1), 85));
        story.site.put("/b.jpg", "image/jpeg", jpeg(&smaller(&photo(1), 200), 60));
        let ads = [ad(0, &["/a.jpg"]), ad(1, &["/b.jpg"])];
        // The first of them is there before the other.
        let one: Vec<Ad> = (0..2)
            .map(|n| {
                if n == order[0] { ads[n].clone() } else { ("Садівник".to_owned(), vec![]) }
            })
            .collect();
        story.scan(&one).await;
        story.scan(&ads).await;
        assert_eq!(story.sizes(), [2], "{order:?}");
        let postings: Vec<PostingId> = story.leads().remove(0).postings;
        ends.push(postings.iter().cloned().collect::<BTreeSet<_>>());

        let mut desk = story.open();
        let lead = leads(&desk).remove(0);
        desk.split(&lead.id, &postings[..1], "Ana", "a photo from a stock").unwrap();
        desk.close().unwrap();
        assert_eq!(story.sizes(), [1, 1]);
        story.hours_later(1);
        story.scan(&ads).await;
        rebuild(&story.dir(), story.clock.clone()).unwrap().close().unwrap();
        assert_eq!(story.sizes(), [1, 1]);
    }
    assert_eq!(ends[0], ends[1]);
}

#[tokio::test]
async fn a_picture_that_a_crash_left_without_its_entry_is_not_fetched_twice() {
    let story = Story::new();
    story.site.put("/a.jpg", "image/jpeg", jpeg(&photo(1), 85));
    let ads = [ad(0, &["/a.jpg"])];
    let settings = story.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace("media = true", "media = false")).unwrap();
    story.scan(&ads).await;
    std::fs::write(&settings, text).unwrap();

    let mut desk = story.open();
    let source = desk.settings().sources[0].clone();
    let request = collect::Request {
        url: format!("{}/a.jpg", story.site.base),
        role: CaptureRole::Image,
        ..collect::Request::default()
    };
    let web = story.client(&desk);
    let got = collect::Web::get(&*web, &source, &request, &mut Vec::new()).await.unwrap();
    let (collect::Fetched::Answer(image) | collect::Fetched::LargeAnswer(image, _)) = got else {
        panic!("no answer")
    };
    desk.keep(&image).unwrap();
    // Half of what comes next was done, and no entry speaks of it.
    let lost = story.dir().join("snapshots").join("p-x-c-x-media.wacz");
    std::fs::write(&lost, "half").unwrap();
    drop(desk);
    std::fs::remove_dir_all(story.dir().join("store")).unwrap();

    story.site.asked();
    let total = story.scan(&ads).await.total();
    assert_eq!((total.of("image.known"), total.of("image.kept")), (1, 0));
    assert!(story.site.asked().iter().all(|line| !line.contains(".jpg")));
    assert!(!lost.exists());
    let lead = story.leads().remove(0);
    assert_eq!(lead.images[0].capture.as_ref(), Some(&image.id));
    assert_eq!(lead.snapshots.iter().filter(|taken| has_media(&taken.file)).count(), 1);
}

#[tokio::test]
async fn pictures_go_with_their_lead_and_the_log_forgets_what_they_look_like() {
    let story = Story::new();
    story.site.put("/a.jpg", "image/jpeg", jpeg(&photo(1), 85));
    story.site.put("/both.jpg", "image/jpeg", jpeg(&photo(2), 85));
    let ads = [ad(0, &["/a.jpg"]), ad(1, &["/b.jpg"])];
    story.scan(&ads).await;
    let mut desk = story.open();
    for lead in leads(&desk) {
        desk.decide(&lead.id, "Olena", Verdict::Dismiss, "as seen").unwrap();
    }
    desk.close().unwrap();
    story.hours_later(24 * 200);
    let mut desk = story.open();
    desk.retain("Olena").unwrap();
    let mut of_images = Vec::new();
    for entry in evidence::entries(&story.dir().join("custody"), 0).unwrap() {
        match entry.unwrap().event {
            Event::Image { .. } => of_images.push("image"),
            Event::DeletedWords { was, .. } if was == "image" => of_images.push("short"),
            _ => {}
        }
    }
    assert_eq!(of_images, ["short", "short"]);
    desk.close().unwrap();
    let mut left = Vec::new();
    for file in std::fs::read_dir(story.dir().join("captures")).unwrap().flatten() {
        left.extend(std::fs::read(file.path()).unwrap());
    }
    let needle = &jpeg(&photo(1), 85)[200..240];
    assert!(!left.windows(needle.len()).any(|window| window == needle));
    assert!(story.leads().is_empty());
}
