//! The columns of a file of the archive, and rows turned into them.

use domain::{Contact, ContactKind, Finding, Language, PostingKind};
use polars_core::prelude::{
    BooleanChunked, Column as Packed, DataFrame, DataType, Float64Type, Int32Chunked, Int64Chunked,
    IntoColumn as _, ListBuilderTrait as _, ListPrimitiveChunkedBuilder, ListStringChunkedBuilder,
    NewChunkedArray as _, PlSmallStr, PolarsResult, StringChunked, UInt32Chunked, UInt64Chunked,
};

use super::Row;
use crate::lexicon::Lexicon;
use crate::week;

macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// A column; the name in the file is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Column { $($(#[$doc])* $variant),+ }

        impl Column {
            /// All of them, in the order of the file.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

columns! {
    /// Eight bytes of a digest of the posting's id.
    PostingMark = "posting_mark",
    /// Likewise, of id and words.
    WordingMark = "wording_mark",
    /// The posting's id.
    Posting = "posting",
    /// The custody log's entry of the capture.
    Entry = "entry",
    Capture = "capture",
    Source = "source",
    /// `job_ad`, `social_post`, `tip`.
    Kind = "kind",
    /// As the text was told to be, else as the source states it; `und` if neither.
    Language = "language",
    Region = "region",
    /// Seconds since 1970, UTC.
    CapturedAt = "captured_at",
    PublishedAt = "published_at",
    /// The Monday of its week, in days since 1970: of publication, if the source states a time that
    /// can be, else of capture.
    Week = "week",
    Title = "title",
    Text = "text",
    Author = "author",
    Employer = "employer",
    Url = "url",
    /// `kind:value`, as in `phone:+380671234567`.
    Contacts = "contacts",
    Places = "places",
    /// Kinds of work that the words name; see the lexicon.
    Sectors = "sectors",
    /// Countries that the words name, ISO 3166-1 alpha-2.
    Countries = "countries",
    /// From which country to which the words take people: `UA -> DE`; `?` for an end that they do
    /// not tell. Since format 2.
    Routes = "routes",
    Score = "score",
    Band = "band",
    Flagged = "flagged",
    /// The findings: the rule of each, its indicator, points and quoted words.
    Rules = "rules",
    Indicators = "indicators",
    Points = "points",
    Quotes = "quotes",
    /// What spoke against: the mitigation of each.
    Mitigations = "mitigations",
    RuleSet = "rule_set",
    /// Another wording of the same posting came before.
    Edited = "edited",
}

/// Rows as columns.
pub(super) fn frame_of(rows: &[Row]) -> PolarsResult<DataFrame> {
    let mut lexicon = Lexicon::new();
    let topics: Vec<_> = rows
        .iter()
        .map(|row| {
            let posting = &row.arrival.posting;
            lexicon.topics(posting.title.as_deref(), &posting.text)
        })
        .collect();
    let columns = Column::ALL.iter().map(|column| {
        let name = PlSmallStr::from_static(column.name());
        match column {
            Column::Sectors => {
                texts(name, topics.iter().map(|t| t.sectors.iter().map(|w| (*w).into())))
            }
            Column::Countries => {
                texts(name, topics.iter().map(|t| t.countries.iter().map(|w| (*w).into())))
            }
            Column::Routes => {
                texts(name, topics.iter().map(|topics| topics.routes.iter().cloned()))
            }
            other => column_of(*other, name, rows),
        }
    });
    DataFrame::new(rows.len(), columns.collect())
}

fn column_of(column: Column, name: PlSmallStr, rows: &[Row]) -> Packed {
    use Column as C;
    let text = |of: fn(&Row) -> Option<&str>| {
        StringChunked::from_iter_options(name.clone(), rows.iter().map(of)).into_column()
    };
    let number = |of: fn(&Row) -> u64| {
        UInt64Chunked::from_iter_values(name.clone(), rows.iter().map(of)).into_column()
    };
    let seconds = |of: fn(&Row) -> Option<i64>| {
        Int64Chunked::from_iter_options(name.clone(), rows.iter().map(of)).into_column()
    };
    let truth = |of: fn(&Row) -> bool| {
        BooleanChunked::from_iter_values(name.clone(), rows.iter().map(of)).into_column()
    };
    match column {
        C::PostingMark => number(|row| row.marks.posting),
        C::WordingMark => number(|row| row.marks.wording),
        C::Posting => text(|row| Some(row.arrival.posting.id.as_str())),
        C::Entry => number(|row| row.arrival.entry),
        C::Capture => text(|row| Some(row.arrival.posting.capture.as_str())),
        C::Source => text(|row| Some(row.arrival.posting.source.as_str())),
        C::Kind => text(|row| Some(kind_name(row.arrival.posting.kind))),
        C::Language => text(|row| Some(language(row))),
        C::Region => text(|row| row.arrival.posting.region.as_ref().map(|region| region.as_str())),
        C::CapturedAt => seconds(|row| Some(row.arrival.posting.captured_at.as_second())),
        C::PublishedAt => seconds(|row| row.arrival.posting.published_at.map(|at| at.as_second())),
        C::Week => Int32Chunked::from_iter_values(name, rows.iter().map(week_of)).into_column(),
        C::Title => text(|row| row.arrival.posting.title.as_deref()),
        C::Text => text(|row| Some(&row.arrival.posting.text)),
        C::Author => text(|row| row.arrival.posting.author.as_deref()),
        C::Employer => text(|row| row.arrival.posting.employer.as_deref()),
        C::Url => text(|row| row.arrival.posting.url.as_deref()),
        C::Contacts => {
            texts(name, rows.iter().map(|row| row.arrival.posting.contacts.iter().map(contact)))
        }
        C::Places => texts(name, rows.iter().map(|row| row.arrival.posting.places.iter().cloned())),
        C::Score => UInt32Chunked::from_iter_values(
            name,
            rows.iter().map(|row| u32::from(row.arrival.assessment.score.value())),
        )
        .into_column(),
        C::Band => text(|row| Some(row.arrival.assessment.band.name())),
        C::Flagged => truth(|row| row.arrival.assessment.band.is_flagged()),
        C::Rules => texts(name, rows.iter().map(|row| voices(row).map(|f| f.rule.to_string()))),
        C::Indicators => {
            texts(name, rows.iter().map(|row| voices(row).map(|f| f.indicator.to_string())))
        }
        C::Points => {
            let lists = rows.iter().map(|row| voices(row).map(|finding| finding.points));
            numbers(name, lists)
        }
        C::Quotes => texts(name, rows.iter().map(|row| voices(row).map(quote))),
        C::Mitigations => {
            let against = |row: &'_ Row| {
                let found = row.arrival.assessment.mitigations.iter();
                found.map(|finding| finding.indicator.to_string()).collect::<Vec<_>>().into_iter()
            };
            texts(name, rows.iter().map(against))
        }
        C::RuleSet => {
            let hashes = rows.iter().map(|row| row.arrival.assessment.rule_set.to_string());
            StringChunked::from_iter_values(name, hashes).into_column()
        }
        C::Edited => truth(|row| row.edited),
        // Filled in by the lexicon.
        C::Sectors | C::Countries | C::Routes => {
            texts(name, rows.iter().map(|_| std::iter::empty()))
        }
    }
}

/// A column of lists of words.
pub(super) fn lists<I: Iterator<Item = String>>(
    column: Column,
    lists: impl ExactSizeIterator<Item = I>,
) -> Packed {
    texts(PlSmallStr::from_static(column.name()), lists)
}

fn texts<I: Iterator<Item = String>>(
    name: PlSmallStr,
    lists: impl ExactSizeIterator<Item = I>,
) -> Packed {
    let mut builder = ListStringChunkedBuilder::new(name, lists.len(), lists.len() * 4);
    for list in lists {
        let list: Vec<String> = list.collect();
        builder.append_values_iter(list.iter().map(String::as_str));
    }
    builder.finish().into_column()
}

fn numbers<I: Iterator<Item = f64>>(
    name: PlSmallStr,
    lists: impl ExactSizeIterator<Item = I>,
) -> Packed {
    let mut builder = ListPrimitiveChunkedBuilder::<Float64Type>::new(
        name,
        lists.len(),
        lists.len() * 4,
        DataType::Float64,
    );
    for list in lists {
        builder.append_values_iter(list);
    }
    builder.finish().into_column()
}

fn voices(row: &Row) -> impl Iterator<Item = &Finding> {
    row.arrival.assessment.findings.iter()
}

/// Between the quotes of one finding that stand apart.
pub(crate) const APART: &str = " … ";

fn quote(finding: &Finding) -> String {
    let quotes: Vec<&str> = finding.spans().iter().map(|span| span.quote.as_str()).collect();
    quotes.join(APART)
}

fn contact(contact: &Contact) -> String {
    format!("{}:{}", contact_kind(contact.kind), contact.value)
}

/// The word for a kind of contact.
pub(crate) fn contact_kind(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Phone => "phone",
        ContactKind::Email => "email",
        ContactKind::Url => "url",
        ContactKind::Handle => "handle",
        ContactKind::Wallet => "wallet",
        ContactKind::Invite => "invite",
    }
}

fn kind_name(kind: PostingKind) -> &'static str {
    match kind {
        PostingKind::JobAd => "job_ad",
        PostingKind::SocialPost => "social_post",
        PostingKind::Tip => "tip",
    }
}

fn language(row: &Row) -> &'static str {
    let Row { arrival, .. } = row;
    arrival.assessment.language.or(arrival.posting.language).map_or("und", Language::code)
}

fn week_of(row: &Row) -> i32 {
    let posting = &row.arrival.posting;
    week::of_posting(posting.published_at, posting.captured_at).days()
}
