use std::collections::BTreeMap;

use domain::{Outcome, Problem, Source};
use url::Url;

use crate::file_opening::FileName;
use crate::plain_text::{plain_cell, plain_text};
use crate::row::Row;
use crate::{anchors, parse_html};

const NO_COLUMN: Outcome = Outcome::fault("file.no-column");

/// The posting fields that a column can fill.
const FIELDS: [&str; 10] =
    ["id", "text", "title", "url", "author", "employer", "published_at", "lang", "region", "kind"];

/// Where each field stands: numbers of columns. A field of several columns is joined with empty
/// lines.
#[derive(Debug)]
pub(crate) struct Columns(BTreeMap<&'static str, Vec<usize>>);

/// Why the columns cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The file lacks a column that the source maps.
    Column(String),
    /// The source maps something that a posting does not have.
    Field(String),
}

impl Columns {
    /// Finds the mapped columns, and unmapped fields by columns of their own name.
    pub(crate) fn find(source: &Source, headers: &[String]) -> Result<Self, Missing> {
        if let Some(field) = source.columns.keys().find(|field| !FIELDS.contains(&field.as_str())) {
            return Err(Missing::Field(field.clone()));
        }
        let column = |name: &str| {
            let wanted = name.trim().to_lowercase();
            headers.iter().position(|header| header.trim().to_lowercase() == wanted)
        };
        let mut found = BTreeMap::new();
        for field in FIELDS {
            let columns = match source.columns.get(field) {
                None => column(field).map(|at| vec![at]),
                // A header may itself hold a plus.
                Some(mapped) => Some(match column(mapped) {
                    Some(at) => vec![at],
                    None => mapped
                        .split('+')
                        .map(|name| column(name).ok_or_else(|| Missing::Column(name.trim().into())))
                        .collect::<Result<_, _>>()?,
                }),
            };
            found.extend(columns.map(|columns| (field, columns)));
        }
        if found.contains_key("text") || found.contains_key("title") {
            Ok(Self(found))
        } else {
            Err(Missing::Column("text".to_owned()))
        }
    }

    /// The fields of a row, mark-up off.
    pub(crate) fn row(&self, cells: &[String]) -> Row {
        let words = |field: &str, read: fn(&str) -> String| {
            let columns = self.0.get(field)?;
            let words = columns.iter().filter_map(|at| cells.get(*at)).map(|cell| read(cell));
            let words: Vec<_> = words.filter(|words| !words.is_empty()).collect();
            (!words.is_empty()).then(|| words.join("\n\n"))
        };
        let bare = |field| words(field, |cell| cell.trim().to_owned());
        let url = bare("url");
        let text_cells = self.0.get("text").into_iter().flatten().filter_map(|at| cells.get(*at));
        let hidden_links = text_cells.flat_map(|cell| links(cell, url.as_deref())).collect();
        Row {
            id: bare("id"),
            text: words("text", plain_cell),
            title: words("title", plain_text),
            author: words("author", plain_text),
            employer: words("employer", plain_text),
            published_at: bare("published_at"),
            lang: bare("lang"),
            region: bare("region"),
            kind: bare("kind"),
            url,
            hidden_links,
        }
    }
}

fn links(cell: &str, base: Option<&str>) -> Vec<String> {
    if !cell.to_ascii_lowercase().contains("href") {
        return Vec::new();
    }
    let base = base.and_then(|base| Url::parse(base).ok());
    parse_html(cell).map_or_else(|_| Vec::new(), |html| anchors(html.root_element(), base.as_ref()))
}

/// One sentence that tells what to mend.
pub(crate) fn no_column(file: &FileName, missing: &Missing, headers: &[String]) -> Problem {
    let detail = match missing {
        Missing::Column(name) => {
            let has: Vec<_> = headers.iter().take(30).map(|header| cut(header.trim())).collect();
            format!("{file} has no column `{name}`; it has: {}", has.join(", "))
        }
        Missing::Field(field) => {
            format!(
                "a posting has no field `{field}` that {file} could fill; it has: {}",
                FIELDS.join(", ")
            )
        }
    };
    Problem::new(NO_COLUMN, file.address(), detail)
}

/// A file without header has a row's words there; they are not repeated at length.
fn cut(header: &str) -> String {
    header.chars().take(40).collect()
}
