//! Parameters of addresses that say where a reader came from and nothing about the page: the same
//! page shared twice differs in them, and must be one key.

/// Of any site, in lower case.
const ANYWHERE: [&str; 19] = [
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "yclid",
    "ysclid",
    "msclkid",
    "ttclid",
    "twclid",
    "igshid",
    "igsh",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "vero_id",
    "_openstat",
    "_ga",
    "_gl",
];

/// Sites that put a mark of whoever shares into `si`, which elsewhere may name what is shown.
const SHARED_BY_SI: [&str; 3] = ["youtube.com", "youtu.be", "spotify.com"];

/// The parameters of a query that say which page it is, in their order.
pub(super) fn without_tracking(host: &str, query: &str) -> Option<String> {
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_tracking(host, pair)).collect();
    let kept = kept.join("&");
    (!kept.is_empty()).then_some(kept)
}

fn is_tracking(host: &str, pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or("").to_ascii_lowercase();
    let is_of_share = || name == "si" && SHARED_BY_SI.iter().any(|site| is_of(host, site));
    name.starts_with("utm_") || ANYWHERE.contains(&name.as_str()) || is_of_share()
}

/// Whether the host is the site or a part of it.
fn is_of(host: &str, site: &str) -> bool {
    host.strip_suffix(site).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_the_reader_goes_and_what_tells_of_the_page_stays() {
        for name in ANYWHERE.into_iter().chain(["utm_source", "utm_", "UTM_Medium", "FBCLID"]) {
            let query = format!("id=1&{name}=x&v=2");
            let kept = without_tracking("board.example", &query);
            assert_eq!(kept.as_deref(), Some("id=1&v=2"), "{name}");
            assert_eq!(without_tracking("board.example", &format!("{name}=x")), None, "{name}");
        }
        for query in ["id=1", "p=2&v=3", "t=10", "si=a", "gl=ua", "ga=1", "clid=1", "utm=1", "a"] {
            assert_eq!(without_tracking("board.example", query).as_deref(), Some(query));
        }
    }

    #[test]
    fn a_mark_of_whoever_shares_is_known_by_its_site() {
        for (host, expected) in [
            ("youtu.be", "t=1"),
            ("www.youtube.com", "t=1"),
            ("open.spotify.com", "t=1"),
            ("notyoutube.com", "si=x&t=1"),
            ("youtube.com.example", "si=x&t=1"),
        ] {
            assert_eq!(without_tracking(host, "si=x&t=1").as_deref(), Some(expected), "{host}");
        }
    }
}
