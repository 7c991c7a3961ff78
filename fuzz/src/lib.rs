//! Every reader of foreign bytes, as a function of bytes alone: a [`Target`] must come to its end
//! without a panic, in bounded memory and time, whatever it is given.
//!
//! `scripts/fuzz TARGET` runs one under a coverage-guided fuzzer; the tests of this crate read every
//! seed in `seeds/<target>/`. What once broke a reader becomes a seed. Kinds of sources are read as
//! a scan reads them: the collector walks a web that answers every address with these bytes, and
//! then reads what it kept.
//!
//! ```
//! let target = fuzz::target("feed").expect("it is in the table");
//! target.read(b"<rss><channel><item>");
//! ```

mod files;
mod walk;

/// The bytes that a target gets at most: longer ones find nothing more, slowly.
pub const LONGEST: usize = 64 * 1024;

/// A reader.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    read: fn(&[u8]),
}

impl Target {
    /// Loads what is loaded once.
    pub fn warm_up(&self) {
        self.read(b"");
        text::contacts(domain::Field::Text, "+380 44 000 00 00, a@example.org", None);
    }

    /// Reads these bytes.
    pub fn read(&self, bytes: &[u8]) {
        (self.read)(&bytes[..bytes.len().min(LONGEST)]);
    }
}

/// All readers.
pub const TARGETS: &[Target] = &[
    Target { name: "feed", read: |bytes| walk::page("feed", "https://a.example/feed", bytes) },
    Target {
        name: "job-page",
        read: |bytes| walk::page("job-page", "https://a.example/jobs", bytes),
    },
    Target {
        name: "sitemap",
        read: |bytes| walk::page("sitemap", "https://a.example/sitemap.xml", bytes),
    },
    Target {
        name: "telegram",
        read: |bytes| walk::page("telegram", "https://t.me/s/zrazok", bytes),
    },
    Target {
        name: "mastodon",
        read: |bytes| walk::page("mastodon", "https://a.example/tags/robota", bytes),
    },
    Target {
        name: "bluesky",
        read: |bytes| walk::page("bluesky", "https://bsky.app/search?q=robota", bytes),
    },
    Target {
        name: "reddit",
        read: |bytes| walk::page("reddit", "https://a.example/r/robota", bytes),
    },
    Target {
        name: "lemmy",
        read: |bytes| walk::page("lemmy", "https://a.example/c/robota", bytes),
    },
    Target { name: "page", read: |bytes| walk::page("page", "https://a.example/jobs", bytes) },
    Target {
        name: "greenhouse",
        read: |bytes| walk::page("greenhouse", "https://boards.greenhouse.io/agency", bytes),
    },
    Target {
        name: "lever",
        read: |bytes| walk::page("lever", "https://jobs.lever.co/agency", bytes),
    },
    Target {
        name: "smartrecruiters",
        read: |bytes| {
            walk::page("smartrecruiters", "https://careers.smartrecruiters.com/Agency", bytes)
        },
    },
    Target {
        name: "ashby",
        read: |bytes| walk::page("ashby", "https://jobs.ashbyhq.com/agency", bytes),
    },
    Target {
        name: "adzuna",
        read: |bytes| {
            walk::page("adzuna", "https://api.adzuna.com/v1/api/jobs/pl/search/1?what=praca", bytes)
        },
    },
    Target {
        name: "comments",
        read: |bytes| walk::page("comments", "https://a.example/comments/feed", bytes),
    },
    Target { name: "vk", read: |bytes| walk::page("vk", "https://vk.com/zrazok", bytes) },
    Target { name: "html", read: |bytes| walk::file("html", "page.html", bytes) },
    Target { name: "mhtml", read: |bytes| walk::file("mhtml", "page.mhtml", bytes) },
    Target {
        name: "telegram-export",
        read: |bytes| walk::file("telegram-export", "result.json", bytes),
    },
    Target { name: "telegram-tip", read: |bytes| walk::file("telegram-tip", "result.json", bytes) },
    Target { name: "wacz", read: |bytes| walk::file("wacz", "archive.wacz", bytes) },
    Target { name: "tip", read: walk::tip },
    Target { name: "folder", read: walk::folder },
    Target { name: "ndjson", read: |bytes| walk::file("ndjson", "drop.ndjson", bytes) },
    Target { name: "csv", read: |bytes| walk::file("csv", "drop.csv", bytes) },
    Target { name: "robots", read: walk::robots },
    Target {
        name: "warc",
        read: |bytes| {
            files::warc(bytes);
            walk::file("warc", "archive.warc", bytes);
        },
    },
    Target { name: "custody", read: files::custody },
    Target { name: "rules", read: files::rules },
    Target { name: "assess", read: files::assess },
];

/// The reader of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
