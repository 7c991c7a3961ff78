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
    Target { name: "ndjson", read: |bytes| walk::file("ndjson", "drop.ndjson", bytes) },
    Target { name: "csv", read: |bytes| walk::file("csv", "drop.csv", bytes) },
    Target { name: "robots", read: walk::robots },
    Target { name: "warc", read: files::warc },
    Target { name: "custody", read: files::custody },
    Target { name: "rules", read: files::rules },
    Target { name: "assess", read: files::assess },
];

/// The reader of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
