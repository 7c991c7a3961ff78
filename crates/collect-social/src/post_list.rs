//! What answers of an API that holds a list of posts have in common.

use collect::Reading;
use domain::{Capture, Outcome, Posting, Problem};
use url::Url;

const EMPTY: Outcome = Outcome::intended("timeline.empty");

/// Why a post became no posting.
pub(crate) type PassedOver = (Outcome, &'static str);

/// Every post becomes a posting or a problem at its place in the list; a list without posts is named.
pub(crate) fn reading<P>(
    capture: &Capture,
    posts: &[P],
    posting: impl Fn(&P) -> Result<Posting, PassedOver>,
) -> Reading {
    let mut reading = Reading::default();
    for (number, post) in posts.iter().enumerate() {
        match posting(post) {
            Ok(posting) => reading.postings.push(posting),
            Err((outcome, detail)) => {
                let place = format!("{}#post={}", capture.url, number + 1);
                reading.problems.push(Problem::new(outcome, place, detail));
            }
        }
    }
    if posts.is_empty() {
        let detail = "the answer holds no posts";
        reading.problems.push(Problem::new(EMPTY, &capture.url, detail));
    }
    reading
}

/// The value of a parameter; of a blank one none.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    let (_, value) = url.query_pairs().find(|(other, _)| other == name)?;
    (!value.trim().is_empty()).then(|| value.into_owned())
}

/// The same question with this parameter, in place of an earlier one of its name.
pub(crate) fn with_parameter(address: &str, name: &str, value: &str) -> Option<String> {
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
