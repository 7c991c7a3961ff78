//! What job boards that answer in JSON have in common.

use collect::{Page, Reading, Scan, ScanError};
use domain::{Capture, Outcome, Problem};
use serde::Deserialize;
use url::Url;

use crate::job_walk::PAGE_LIMIT;

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-board");
const NOT_JSON: Outcome = Outcome::fault("board.not-json");
/// It is not what the board's documentation says.
pub(crate) const BROKEN_JOB: Outcome = Outcome::fault("job.broken");

/// Where the walk over the pages of a board goes on that the page limit cut short.
const GOES_ON_AT: &str = "goes_on_at";

/// A board: where its API is, and its name there, as it stands in addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Board {
    /// `https://api.example.org`
    pub(crate) server: String,
    pub(crate) name: String,
}

impl Board {
    /// The board of an address: one that a browser shows, on one of these hosts, with the server of
    /// its API beside it; or one of the API itself, which has these parts in its path, and `*` for
    /// the board's name.
    pub(crate) fn at(address: &str, hosts: &[(&str, &str)], api: &[&str]) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
        let found = |server: String, name: &str| Some(Self { server, name: name.to_owned() });
        let is_api = parts.len() >= api.len()
            && api.iter().zip(&parts).all(|(wanted, part)| *wanted == "*" || wanted == part);
        if is_api {
            let at = api.iter().position(|part| *part == "*")?;
            return found(url.origin().ascii_serialization(), parts[at]);
        }
        let (_, server) = hosts.iter().find(|(host, _)| url.host_str() == Some(host))?;
        found((*server).to_owned(), parts.first()?)
    }
}

/// The board that a link to it or to one of its ads leads into, under the first of the hosts that show
/// it.
pub(crate) fn place(link: &Url, hosts: &[(&str, &str)]) -> Option<String> {
    let (_, server) = hosts.iter().find(|(host, _)| link.host_str() == Some(host))?;
    let (shown_at, _) = hosts.iter().find(|(_, other)| other == server)?;
    let name = link.path_segments()?.find(|part| !part.is_empty())?;
    // The frame that other sites show a board in.
    (name != "embed").then(|| format!("https://{shown_at}/{name}"))
}

/// The address leads to no board; `form` is what one looks like.
pub(crate) fn bad_address(scan: &Scan<'_>, form: &str) -> ScanError {
    let detail = format!("give the address of a board, as in {form}");
    ScanError::Incomplete(Problem::new(BAD_ADDRESS, &scan.source.url, detail))
}

/// The capture holds no list of jobs.
pub(crate) fn not_json(capture: &Capture) -> Problem {
    Problem::new(NOT_JSON, &capture.url, "the answer is no JSON list of jobs")
}

/// Fetches the pages of a list, whole: ads in the midst of it are edited and taken away too. A page
/// is asked for conditionally when it is all there is. Where the page limit cuts the walk short, the
/// next one goes on.
pub(crate) async fn walk_pages(
    scan: &mut Scan<'_>,
    first: String,
    most_pages: usize,
    next_page: fn(&Capture) -> Option<String>,
) -> Result<(), ScanError> {
    let mut left = scan.source.max_pages.unwrap_or(most_pages).max(1);
    let start = scan.checkpoint.get(GOES_ON_AT).map_or(first.clone(), str::to_owned);
    let mut next = Some(start.clone());
    while let Some(url) = next {
        if left == 0 {
            let detail = "the scan's most pages are fetched; the rest comes next time";
            scan.fail(Problem::new(PAGE_LIMIT, &url, detail));
            scan.checkpoint.set(GOES_ON_AT, url);
            return Ok(());
        }
        left -= 1;
        next = match scan.get(&url).await? {
            Page::New(capture) | Page::Unchanged(Some(capture)) => next_page(&capture),
            Page::Unchanged(None) => None,
            // Counted; the next walk tries again, from this page on. When that fails as well, the list
            // has become another one, and is begun anew.
            Page::Failed(_) if url != start => {
                scan.checkpoint.set(GOES_ON_AT, url);
                return Ok(());
            }
            Page::Failed(_) => None,
        };
        if next.is_some() || url != first {
            scan.checkpoint.positions.remove(&format!("etag {url}"));
            scan.checkpoint.positions.remove(&format!("last-modified {url}"));
        }
    }
    scan.checkpoint.positions.remove(GOES_ON_AT);
    Ok(())
}

/// Reads a value that its documentation describes; `None` if it is something else.
pub(crate) fn described<T: for<'d> Deserialize<'d>>(value: &serde_json::Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// A thing with a name.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Named {
    pub(crate) name: Option<String>,
}

/// These places, each once, blank ones left out.
pub(crate) fn places(stated: impl IntoIterator<Item = Option<String>>) -> Vec<String> {
    let mut places = Vec::new();
    for place in stated.into_iter().flatten() {
        let place = place.trim().to_owned();
        if !place.is_empty() && !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// The parts that hold anything, as paragraphs.
pub(crate) fn paragraphs(parts: impl IntoIterator<Item = String>) -> String {
    let parts = parts.into_iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// The reading of a capture that holds nothing readable, but this problem.
pub(crate) fn unreadable(capture: &Capture) -> Reading {
    Reading::failed(not_json(capture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_told_by_the_address_of_a_browser_or_of_its_api() {
        let hosts = [("boards.example", "https://api.example")];
        let at = |address: &str| {
            Board::at(address, &hosts, &["v1", "boards", "*", "jobs"])
                .map(|board| format!("{} {}", board.server, board.name))
        };
        for (address, expected) in [
            ("https://boards.example/agency/jobs/12", Some("https://api.example agency")),
            ("http://127.0.0.1:8/v1/boards/a%20b/jobs?x=1", Some("http://127.0.0.1:8 a%20b")),
            ("https://boards.example/", None),
            ("https://other.example/agency", None),
            ("agency", None),
        ] {
            assert_eq!(at(address).as_deref(), expected, "{address}");
        }
    }
}
