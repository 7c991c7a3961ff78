use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Language, Region, SourceId};

/// The name of a collector: `feed`, `job-page`, `telegram`, `ndjson`, `csv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceKind(pub String);

/// A configured public place to collect from: one `[[source]]` table of `sources.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name, unique within the desk, used in file names and reports.
    pub id: SourceId,
    /// Which collector reads it.
    pub kind: SourceKind,
    /// Its public address; for a file drop, a path.
    pub url: String,
    /// The language most postings are in. A hint for short texts, no filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whose national phone formats to expect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Why we may collect here: public page, terms read, data protection note. Required, so that
    /// nobody adds a place without having asked the question.
    pub basis: String,
    /// Lets the client fetch from private and loopback addresses. For tests and for sites in the
    /// desk's own network; off for anything found on the web.
    #[serde(default)]
    pub allow_private: bool,
    /// Least pause between two requests to the host, in milliseconds; the desk's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_delay_ms: Option<u64>,
    /// Most pages fetched in one scan; the collector's default if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_pages: Option<usize>,
    /// For page sources: links whose path matches this regular expression are fetched too, same host
    /// only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow: Option<String>,
    /// Column map of a CSV source: posting field to column header.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// When to walk it, as five fields of cron: `0 */6 * * *`; the desk's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// The time zone of the schedule, by its IANA name: `Europe/Kyiv`; the desk's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Off without being forgotten.
    #[serde(default)]
    pub paused: bool,
    /// Where a page without mark-up for machines says what.
    #[serde(default, skip_serializing_if = "Selectors::is_empty")]
    pub selectors: Box<Selectors>,
    /// API keys: what the API calls it, to the NAME of the environment variable that holds it. The key
    /// itself is written nowhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// What is kept of a stream that carries everybody's posts.
    #[serde(default, skip_serializing_if = "Wanted::is_empty")]
    pub wanted: Box<Wanted>,
}

/// What is kept of a stream that carries everybody's posts. All else is counted and forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Posts that hold one of these, whatever the case; a part of a word counts. All, if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Posts of these accounts, by the network's lasting names for them. All, if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// Posts that their authors say to be in these languages, and those of which none is said. All, if
    /// empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// The kinds of records that are posts; the collector's own if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
    /// How long a walk listens, in seconds; the collector's default if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// After how many messages a walk ends; the collector's default if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
}

impl Wanted {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a page says what, as CSS selectors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Selectors {
    /// In a list: the links to pages of ads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// In a list: the link to its next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// What holds one ad, on a page that shows several; all else is looked for inside of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// Headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The words of the ad; several places are joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
    /// Pay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay: Option<String>,
    /// Places; each is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The pictures of the ad, or what holds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

impl Selectors {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is said, by its name in `sources.toml`.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("link", &self.link),
            ("next", &self.next),
            ("item", &self.item),
            ("title", &self.title),
            ("text", &self.text),
            ("employer", &self.employer),
            ("pay", &self.pay),
            ("place", &self.place),
            ("date", &self.date),
            ("image", &self.image),
        ];
        all.into_iter().filter_map(|(name, css)| Some((name, css.as_deref()?)))
    }
}

impl Source {
    /// A source of which nothing but the required is said.
    pub fn new(id: SourceId, kind: &str, url: impl Into<String>, basis: impl Into<String>) -> Self {
        Self {
            id,
            kind: SourceKind(kind.to_owned()),
            url: url.into(),
            language: None,
            region: None,
            basis: basis.into(),
            allow_private: false,
            min_delay_ms: None,
            max_pages: None,
            follow: None,
            columns: BTreeMap::new(),
            schedule: None,
            time_zone: None,
            paused: false,
            selectors: Box::default(),
            keys: BTreeMap::new(),
            wanted: Box::default(),
        }
    }
}
