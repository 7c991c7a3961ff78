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
    /// Its name, and that of its folder of seeds; of a kind of source, the kind.
    pub name: &'static str,
    reader: Reader,
}

#[derive(Clone, Copy)]
enum Reader {
    /// A source at this address, of which every page holds the bytes.
    Page(&'static str),
    /// A source that is a file of this name.
    File(&'static str),
    /// Something that takes bytes.
    Bytes(fn(&[u8])),
}

impl Target {
    /// Loads what is loaded once.
    pub fn warm_up(&self) {
        self.read(b"");
        text::contacts(domain::Field::Text, "+380 44 000 00 00, a@example.org", None);
    }

    /// Reads these bytes.
    pub fn read(&self, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(LONGEST)];
        match self.reader {
            Reader::Page(url) => walk::page(self.name, url, bytes),
            Reader::File(name) => walk::file(self.name, name, bytes),
            Reader::Bytes(read) => read(bytes),
        }
    }
}

const fn page(name: &'static str, url: &'static str) -> Target {
    Target { name, reader: Reader::Page(url) }
}

const fn file(name: &'static str, file: &'static str) -> Target {
    Target { name, reader: Reader::File(file) }
}

const fn bytes(name: &'static str, read: fn(&[u8])) -> Target {
    Target { name, reader: Reader::Bytes(read) }
}

/// All readers.
pub const TARGETS: &[Target] = &[
    page("feed", "https://a.example/feed"),
    page("job-page", "https://a.example/jobs"),
    page("sitemap", "https://a.example/sitemap.xml"),
    page("page", "https://a.example/jobs"),
    page("greenhouse", "https://boards.greenhouse.io/agency"),
    page("lever", "https://jobs.lever.co/agency"),
    page("smartrecruiters", "https://careers.smartrecruiters.com/Agency"),
    page("ashby", "https://jobs.ashbyhq.com/agency"),
    page("adzuna", "https://api.adzuna.com/v1/api/jobs/pl/search/1?what=praca"),
    page("comments", "https://a.example/comments/feed"),
    page("telegram", "https://t.me/s/zrazok"),
    page("mastodon", "https://a.example/tags/robota"),
    page("bluesky", "https://bsky.app/search?q=robota"),
    page("jetstream", "wss://a.example/subscribe"),
    page("reddit", "https://a.example/r/robota"),
    page("lemmy", "https://a.example/c/robota"),
    page("vk", "https://vk.com/zrazok"),
    file("ndjson", "drop.ndjson"),
    file("csv", "drop.csv"),
    file("parquet", "drop.parquet"),
    file("html", "page.html"),
    file("mhtml", "page.mhtml"),
    file("warc", "archive.warc"),
    file("wacz", "archive.wacz"),
    file("telegram-export", "result.json"),
    file("telegram-tip", "result.json"),
    bytes("folder", walk::folder),
    bytes("tip", walk::tip),
    bytes("inert", walk::inert),
    bytes("image", files::image),
    bytes("robots", walk::robots),
    bytes("warc-records", files::warc),
    bytes("custody", files::custody),
    bytes("snapshot", files::snapshot),
    bytes("sealed", files::sealed),
    bytes("keyring", files::keyring),
    bytes("rules", files::rules),
    bytes("assess", files::assess),
];

/// The reader of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
