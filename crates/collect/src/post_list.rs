//! What answers of an API that hold a list of posts or jobs have in common.

use domain::{Capture, Outcome, Posting, Problem};
use url::Url;

use crate::Reading;

/// What a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListOf {
    /// Posts of a timeline.
    Posts,
    /// Ads of a job board.
    Jobs,
}

const NO_POSTS: Outcome = Outcome::intended("timeline.empty");
const NO_JOBS: Outcome = Outcome::intended("board.empty");

/// Why an item of a list became no posting.
pub type PassedOver = (Outcome, &'static str);

/// Every item becomes a posting or a problem at its place in the list; an empty list is named.
pub fn read_list<P>(
    capture: &Capture,
    list_of: ListOf,
    items: &[P],
    posting: impl Fn(&P) -> Result<Posting, PassedOver>,
) -> Reading {
    let mut reading = Reading::default();
    let (noun, empty) = match list_of {
        ListOf::Posts => ("post", NO_POSTS),
        ListOf::Jobs => ("job", NO_JOBS),
    };
    for (number, item) in items.iter().enumerate() {
        match posting(item) {
            Ok(posting) => reading.postings.push(posting),
            Err((outcome, detail)) => {
                let place = format!("{}#{noun}={}", capture.url, number + 1);
                reading.problems.push(Problem::new(outcome, place, detail));
            }
        }
    }
    if items.is_empty() {
        let detail = format!("the answer holds no {noun}s");
        reading.problems.push(Problem::new(empty, &capture.url, detail));
    }
    reading
}

/// Reads a field that an answer may leave out or leave `null`, which says the same: one field without
/// a value must not cost the whole post.
///
/// ```ignore
/// #[serde(default, deserialize_with = "collect::null_as_default")]
/// ```
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}

/// The value of a parameter; of a blank one none.
pub fn parameter(url: &Url, name: &str) -> Option<String> {
    let (_, value) = url.query_pairs().find(|(other, _)| other == name)?;
    (!value.trim().is_empty()).then(|| value.into_owned())
}

/// The same question with this parameter, in place of an earlier one of its name.
pub fn with_parameter(address: &str, name: &str, value: &str) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(other, _)| other != name)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair(name, value);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_takes_the_place_of_the_one_before() {
        let next = with_parameter("https://a.example/x?q=%23a&cursor=1", "cursor", "2&3");
        assert_eq!(next.as_deref(), Some("https://a.example/x?q=%23a&cursor=2%263"));
        assert_eq!(with_parameter("x", "cursor", "2"), None);
    }
}
