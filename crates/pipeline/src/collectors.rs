use std::sync::Arc;

use collect::{Collector, PageReader, Reading};
use domain::{Capture, Clock, Source, SourceKind};
use url::Url;

use crate::PipelineError;

use crate::pages::PageReaders;

/// All kinds of sources that this program can read.
pub struct Collectors {
    all: Vec<Box<dyn Collector>>,
}

impl Collectors {
    /// Job sources, social sources, files. The clock dates what is read from files; the pages in
    /// files are read by the collectors that know their form.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mut all = collect_jobs::collectors();
        all.extend(collect_social::collectors());
        let readers = PageReaders::new();
        let pages: PageReader = Arc::new(move |source, page| readers.read(source, page));
        all.extend(collect::file_collectors(clock, &pages));
        Self { all }
    }

    /// The collector of this kind.
    pub fn of(&self, kind: &SourceKind) -> Option<&dyn Collector> {
        self.all.iter().find(|collector| collector.kind() == kind.0).map(AsRef::as_ref)
    }

    /// The public place that a link leads into: the kind that reads it, and the address that a source of
    /// it has.
    pub(crate) fn place(&self, link: &Url) -> Option<(&'static str, String)> {
        self.all.iter().find_map(|collector| Some((collector.kind(), collector.place(link)?)))
    }

    /// What a capture shows, as the kind of its source reads it; `None` for a kind that nobody reads.
    /// An answer that came in the place of a page shows no posting.
    pub(crate) fn read(&self, source: &Source, capture: &Capture) -> Option<Reading> {
        let collector = self.of(&source.kind)?;
        Some(match capture.is_page() {
            true => collector.read(source, capture),
            false => Reading::default(),
        })
    }

    /// Refuses settings that the source's kind cannot use, in one sentence.
    pub fn check(&self, source: &Source) -> Result<(), PipelineError> {
        let refuse =
            |what: String| Err(PipelineError::Config(format!("source `{}`: {what}", source.id)));
        let Some(collector) = self.of(&source.kind) else {
            return refuse(format!(
                "unknown kind `{}`; known: {}",
                source.kind.0,
                self.kinds().join(", ")
            ));
        };
        if let Some(what) = keys_refused(source, collector.keys()) {
            return refuse(what);
        }
        if !source.selectors.is_empty() && source.kind.0 != "page" {
            return refuse("`selectors` are for kind `page` alone".to_owned());
        }
        if !source.wanted.is_empty() && source.kind.0 != "jetstream" {
            return refuse("`wanted` is for kind `jetstream` alone".to_owned());
        }
        collector.refusal(source).map_or(Ok(()), refuse)
    }

    /// The names of all kinds, as written in `sources.toml`.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.all.iter().map(|collector| collector.kind()).collect()
    }
}

/// What is wrong with the API keys that a source names. No value is repeated: whoever made the mistake
/// to write a key there should not find it in a terminal's history as well.
fn keys_refused(source: &Source, needed: &[&str]) -> Option<String> {
    let kind = &source.kind.0;
    for (name, variable) in &source.keys {
        if !needed.contains(&name.as_str()) {
            return Some(format!("kind `{kind}` sends no API key `{name}`"));
        }
        if !is_variable(variable) {
            return Some(format!(
                "`keys.{name}` is to be the NAME of an environment variable that holds the key, as in DESK_KEY"
            ));
        }
    }
    let missing = needed.iter().find(|name| !source.keys.contains_key(**name));
    if let Some(name) = missing {
        return Some(format!(
            "kind `{kind}` needs an API key `{name}`; name the environment variable that holds it, as in keys.{name} = \"DESK_KEY\""
        ));
    }
    let url = Url::parse(&source.url).ok()?;
    let (name, _) = url.query_pairs().find(|(name, _)| needed.contains(&name.as_ref()))?;
    Some(format!(
        "take the API key `{name}` out of the address, and let an environment variable hold it"
    ))
}

fn is_variable(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_uppercase() || first == b'_')
        && letters.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
