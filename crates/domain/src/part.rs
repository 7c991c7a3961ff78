use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CaptureId, PostingId};

/// What is fetched for a flagged posting beside its page, so that the page can be seen as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PagePart {
    /// A picture that the posting shows.
    Image,
    /// A stylesheet that the page names.
    Stylesheet,
}

impl PagePart {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Image, Self::Stylesheet];
}

/// What came of fetching a part of a posting's page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartFetch {
    /// The posting.
    pub posting: PostingId,
    /// The capture of the page that names the part's address.
    pub page: CaptureId,
    /// Its place among the parts of its kind that the posting has there, from 1.
    pub number: u32,
    /// The capture of the part; `None` when nothing was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureId>,
    /// The name of the outcome, when nothing was kept: `fetch.not-found`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// UTC.
    pub at: Timestamp,
}

impl PartFetch {
    /// Notes one more, in the place of the earlier try for the same part.
    pub fn note(all: &mut Vec<Self>, next: Self) {
        let place = |one: &Self| (one.posting.clone(), one.page.clone(), one.number);
        match all.binary_search_by_key(&place(&next), place) {
            Ok(at) => all[at] = next,
            Err(at) => all.insert(at, next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_try_for_a_part_is_the_one_that_is_noted() {
        let mut all = Vec::new();
        for (number, why, second) in [(2, Some("a"), 1), (1, Some("b"), 2), (2, None, 3)] {
            let fetch = PartFetch {
                posting: "p-aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
                page: "c-aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
                number,
                capture: None,
                why: why.map(str::to_owned),
                at: Timestamp::from_second(second).unwrap(),
            };
            PartFetch::note(&mut all, fetch);
        }
        let noted: Vec<_> = all.iter().map(|one| (one.number, one.why.as_deref())).collect();
        assert_eq!(noted, [(1, Some("b")), (2, None)]);
    }
}
