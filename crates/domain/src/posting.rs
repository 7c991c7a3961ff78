use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Capture, CaptureId, Contact, Language, PagePart, PostingId, Region, Sha256, Source, SourceId,
};

/// What sort of text it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// From a job board or feed.
    JobAd,
    /// From a channel, group or account.
    #[default]
    SocialPost,
    /// Sent in by a protection officer or partner.
    Tip,
}

/// Pay as stated in the source's own structured data; amounts are not guessed from text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pay {
    /// Lower bound or single amount, in `currency`.
    pub min: Option<f64>,
    /// Upper bound.
    pub max: Option<f64>,
    /// ISO 4217 code, as the source gave it.
    pub currency: Option<String>,
    /// `hour`, `day`, `week`, `month`, `year`.
    pub period: Option<String>,
}

/// Where the row of a posting lies in a capture that holds many, such as a part of an imported file.
/// Evidence is cut to it: the other rows are other people's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    /// So many bytes at the beginning of the content name the columns and belong to every row.
    pub header: usize,
    /// Its first byte in the capture's content.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// The line of the file in which it begins, from 1.
    pub line: u64,
}

/// What a network says about a post beside its words. An edited number of views is no edit of the
/// post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostMarks {
    /// How often it was seen when it was captured, as the network rounds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub views: Option<u64>,
    /// The kinds of media that go with it, each once: `photo`, `video`, `audio`, `voice`, `document`,
    /// `sticker`, `poll`, `location`, `contact`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<String>,
    /// The network says that it was changed after it was published.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    /// Whose post it passes on, as shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
}

impl PostMarks {
    /// Nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One public job ad or social post (or a tip) read out of a capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posting {
    /// Derived from source and `key`.
    pub id: PostingId,
    /// Where it was collected.
    pub source: SourceId,
    /// The capture that it was read out of.
    pub capture: CaptureId,
    /// Its row there, when the capture holds rows; a page is taken whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<RowPlace>,
    /// What names it for good at the source: guid, address, post number, row id.
    pub key: String,
    /// What sort it is.
    pub kind: PostingKind,
    /// Its own public address, if it has one.
    pub url: Option<String>,
    /// Headline; spans with `field: title` point here.
    pub title: Option<String>,
    /// Clean text, mark-up off; spans with `field: text` point here.
    pub text: String,
    /// Public handle or name of the poster, as shown.
    pub author: Option<String>,
    /// As the source states it.
    pub published_at: Option<Timestamp>,
    /// When the capture was fetched.
    pub captured_at: Timestamp,
    /// When the page was saved, as a file that somebody else made says; absent for what we fetched
    /// ourselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_at: Option<Timestamp>,
    /// As the source states it; what the text itself says is worked out later.
    pub language: Option<Language>,
    /// Whose phone formats to expect.
    pub region: Option<Region>,
    /// Places as the source's structured data names them.
    pub places: Vec<String>,
    /// Pay as the source's structured data states it.
    pub pay: Option<Pay>,
    /// Employer as the source's structured data names it.
    pub employer: Option<String>,
    /// Links that stand behind words of the text (an anchor's address), in order.
    pub hidden_links: Vec<String>,
    /// Absolute http or https addresses of the pictures that it shows, in order, each once; no
    /// portrait of an account and no furniture of the site. An address that changes, as those do that
    /// a server signs, is no edit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Absolute http or https addresses of the stylesheets that its page is shown with, in order, each
    /// once; filled in when it is flagged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stylesheets: Vec<String>,
    /// What a network says about it beside its words.
    #[serde(default, skip_serializing_if = "PostMarks::is_empty")]
    pub marks: PostMarks,
    /// Contacts found in title and text; filled in after reading.
    pub contacts: Vec<Contact>,
}

impl Posting {
    /// A posting with this text, read out of a capture of a source and named for good by `key`; all
    /// else is blank, to be filled in by who reads more.
    pub fn read(
        source: &Source,
        capture: &Capture,
        kind: PostingKind,
        key: impl Into<String>,
        text: String,
    ) -> Self {
        let key = key.into();
        Self {
            id: PostingId::derive(&source.id, &key),
            source: source.id.clone(),
            capture: capture.id.clone(),
            row: None,
            key,
            kind,
            url: None,
            title: None,
            text,
            author: None,
            published_at: None,
            captured_at: capture.fetched_at,
            saved_at: None,
            language: None,
            region: source.region,
            places: Vec::new(),
            pay: None,
            employer: None,
            hidden_links: Vec::new(),
            images: Vec::new(),
            stylesheets: Vec::new(),
            marks: PostMarks::default(),
            contacts: Vec::new(),
        }
    }

    /// The addresses of the parts of this kind.
    pub fn parts(&self, kind: PagePart) -> &[String] {
        match kind {
            PagePart::Image => &self.images,
            PagePart::Stylesheet => &self.stylesheets,
        }
    }

    /// A digest of what a reader would see changed: title, text, author, links; views, addresses of
    /// pictures and the like are not among it. Two captures of an
    /// unedited posting agree in it.
    pub fn content_digest(&self) -> Sha256 {
        let links = self.hidden_links.iter().map(|link| link.as_bytes());
        let fixed = [
            self.title.as_deref().unwrap_or("").as_bytes(),
            self.text.as_bytes(),
            self.author.as_deref().unwrap_or("").as_bytes(),
            self.employer.as_deref().unwrap_or("").as_bytes(),
        ];
        Sha256::of_parts(fixed.into_iter().chain(links))
    }
}
