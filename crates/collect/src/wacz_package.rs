//! The manifest of a WACZ file and its list of pages.

use std::collections::BTreeMap;
use std::io::Read;

use domain::Sha256;
use serde::Deserialize;
use sha2::Digest as _;

/// What the manifest says of the parts: path and digest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) digests: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Written {
    resources: Vec<Resource>,
}

/// Version 1.1.1 has `hash`, 1.0 has it in `stats` with its sort beside it.
#[derive(Deserialize)]
struct Resource {
    path: String,
    hash: Option<String>,
    stats: Option<Stats>,
    hashing: Option<String>,
}

#[derive(Deserialize)]
struct Stats {
    hash: Option<String>,
}

impl Package {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let written: Written =
            serde_json::from_str(text).map_err(|error| format!("it cannot be read: {error}"))?;
        let digests = written.resources.into_iter().map(|resource| {
            let old = || {
                let sort = resource.hashing.as_deref().unwrap_or("sha256");
                Some(format!("{sort}:{}", resource.stats.as_ref()?.hash.as_ref()?))
            };
            let digest = resource.hash.clone().or_else(old).unwrap_or_default();
            (resource.path, digest)
        });
        Ok(Self { digests: digests.collect() })
    }
}

/// Whether what can be read has this digest, `sha256:` and hexadecimal.
pub(crate) fn file_digest(mut file: impl Read, stated: &str) -> Result<bool, String> {
    let Some((sort, digits)) = stated.split_once(':') else {
        return Err("the manifest states no digest of it".to_owned());
    };
    if sort != "sha256" {
        return Err(format!(
            "its digest is of the sort `{sort}`; sha256 is read",
            sort = short(sort)
        ));
    }
    let mut hasher = sha2::Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) => return Err(error.to_string()),
        }
    }
    let digest = Sha256::from_bytes(hasher.finalize().into());
    Ok(digest.to_hex().eq_ignore_ascii_case(digits.trim()))
}

fn short(words: &str) -> String {
    words.chars().take(20).collect()
}

#[derive(Deserialize)]
struct PageLine {
    url: Option<String>,
    format: Option<String>,
}

/// The addresses that a list of pages names, or the line that names none.
pub(crate) fn listed_pages(
    text: &str,
) -> impl Iterator<Item = Result<String, (usize, &'static str)>> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.filter_map(|(number, line)| match serde_json::from_str::<PageLine>(line) {
        Ok(PageLine { url: Some(url), .. }) => Some(Ok(url)),
        // The first line says what the list is.
        Ok(PageLine { format: Some(_), .. }) if number == 1 => None,
        Ok(_) => Some(Err((number, "the line names no page"))),
        Err(_) => Some(Err((number, "the line is no JSON object"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_of_both_versions_state_digests() {
        let package = Package::parse(
            r#"{"resources": [{"path": "a", "hash": "sha256:00"},
                {"path": "b", "stats": {"hash": "11"}, "hashing": "sha224"}, {"path": "c"}]}"#,
        );
        let digests = package.unwrap().digests;
        let expected = [("a", "sha256:00"), ("b", "sha224:11"), ("c", "")];
        assert!(digests.iter().map(|(path, hash)| (path.as_str(), hash.as_str())).eq(expected));
        assert!(Package::parse("[]").is_err());
    }

    #[test]
    fn a_list_of_pages_begins_with_what_it_is() {
        let list =
            "{\"format\": \"json-pages-1.0\"}\n\n{\"url\": \"https://b.example/1\"}\n{id: 1}\n{}\n";
        let lines: Vec<_> = listed_pages(list).collect();
        assert_eq!(lines[0], Ok("https://b.example/1".to_owned()));
        assert_eq!(
            lines[1..],
            [Err((4, "the line is no JSON object")), Err((5, "the line names no page"))]
        );
    }

    #[test]
    fn a_digest_is_held_against_what_is_read() {
        let empty = "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        assert_eq!(file_digest(&b""[..], empty), Ok(true));
        assert_eq!(file_digest(&b"x"[..], empty), Ok(false));
        assert!(file_digest(&b""[..], "sha224:00").is_err() && file_digest(&b""[..], "").is_err());
    }
}
