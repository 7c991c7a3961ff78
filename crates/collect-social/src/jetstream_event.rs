use domain::{Language, PostingId, Source};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::at_name::{AtUri, Did, at_datetime};
use crate::bluesky::POST;
use crate::bluesky_post::Record;

/// One message of a Jetstream, as far as it is read. `account` and `identity` events have no commit.
#[derive(Deserialize)]
pub(crate) struct Event {
    did: String,
    pub(crate) time_us: u64,
    pub(crate) commit: Option<Commit>,
}

/// What was done to a record.
#[derive(Deserialize)]
pub(crate) struct Commit {
    pub(crate) operation: Operation,
    pub(crate) collection: String,
    rkey: String,
    record: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
}

impl Event {
    /// `None` if it is no such message.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// The address of the record; `None` if its parts are none of the protocol's names.
    pub(crate) fn uri(&self) -> Option<String> {
        let commit = self.commit.as_ref()?;
        let uri = format!("at://{}/{}/{}", self.did, commit.collection, commit.rkey);
        let parsed = AtUri::parse(&uri)?;
        (Did::parse(&self.did).is_some() && parsed.record_key.is_some()).then_some(uri)
    }

    /// Whose it is.
    pub(crate) fn did(&self) -> &str {
        &self.did
    }

    /// The posting that the record is.
    pub(crate) fn posting_id(&self, source: &Source) -> Option<PostingId> {
        self.uri().map(|uri| PostingId::derive(&source.id, &uri))
    }

    /// When the server had it.
    pub(crate) fn time(&self) -> Option<Timestamp> {
        Timestamp::from_microsecond(i64::try_from(self.time_us).ok()?).ok()
    }

    /// What the record says; `None` if there is none, or none that is understood.
    pub(crate) fn words(&self) -> Option<RecordWords> {
        let commit = self.commit.as_ref()?;
        let record = commit.record.as_ref()?;
        if commit.collection == POST {
            Record::deserialize(record).ok().map(RecordWords::of_post)
        } else {
            RecordWords::of_other(record)
        }
    }
}

/// What a record says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordWords {
    pub(crate) title: Option<String>,
    pub(crate) text: String,
    pub(crate) links: Vec<String>,
    pub(crate) languages: Vec<String>,
    pub(crate) created_at: Option<Timestamp>,
    /// Its author asks that it be not shown to people without an account.
    pub(crate) is_for_members: bool,
}

impl RecordWords {
    fn of_post(record: Record) -> Self {
        Self {
            title: None,
            text: record.text(),
            links: record.links(),
            created_at: record.created_at(),
            is_for_members: record.is_for_members(),
            languages: record.langs,
        }
    }

    /// Other kinds of records name their fields as they like; these are the names that most use.
    fn of_other(record: &Value) -> Option<Self> {
        let fields = record.as_object()?;
        let first = |names: &[&str]| {
            let mut texts = names.iter().filter_map(|name| fields.get(*name)?.as_str());
            texts.find(|text| !text.trim().is_empty()).map(|text| text.trim().to_owned())
        };
        let languages = fields.get("langs").and_then(Value::as_array).into_iter().flatten();
        Some(Self {
            title: first(&["title", "name"]),
            text: first(&["text", "content", "body", "description"]).unwrap_or_default(),
            links: first(&["url", "uri", "link"]).into_iter().collect(),
            languages: languages.filter_map(|code| code.as_str().map(str::to_owned)).collect(),
            created_at: first(&["createdAt", "publishedAt"]).and_then(|time| at_datetime(&time)),
            is_for_members: false,
        })
    }

    /// Nothing that a person could read.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.title.is_none()
    }

    /// The first language that we tell apart.
    pub(crate) fn language(&self) -> Option<Language> {
        self.languages.iter().find_map(|code| Language::from_code(code))
    }

    /// Whether the source wants it, by its words and language.
    pub(crate) fn is_wanted(&self, source: &Source) -> bool {
        let wanted = &source.wanted;
        let in_language = wanted.languages.is_empty()
            || self.languages.is_empty()
            || self
                .languages
                .iter()
                .filter_map(|code| Language::from_code(code))
                .any(|language| wanted.languages.contains(&language));
        if !in_language || wanted.words.is_empty() {
            return in_language;
        }
        let said = [self.title.as_deref().unwrap_or_default(), &self.text, &self.links.join(" ")];
        let said = said.join("\n").to_lowercase();
        wanted.words.iter().any(|word| said.contains(&word.to_lowercase()))
    }
}
