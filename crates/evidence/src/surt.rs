//! Sort-friendly form of an address, the key of a CDXJ index: `com,example)/path?a=1&b=2`.

use url::{Host, Url};

/// The key of an address that [`crate::warc_write::target_uri`] has made plain. Follows the
/// canonical form of the Internet Archive, which the common indexers use: lower case, no `www.`,
/// no slash at the end, query in order. Other schemes than http keep their address without its
/// fragment.
pub(crate) fn surt(address: &str) -> String {
    let parsed = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some((url, host)) = parsed.as_ref().and_then(|url| Some((url, url.host()?))) else {
        let plain = address.split('#').next().unwrap_or_default().to_ascii_lowercase();
        return plain.replacen(":///", ":/", 1);
    };
    let host = match host {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => format!("[{address}]"),
    };
    let mut labels: Vec<&str> = without_www(&host).split('.').collect();
    labels.reverse();
    let mut key = labels.join(",");
    if let Some(port) = url.port() {
        key.push_str(&format!(":{port}"));
    }
    key.push(')');
    let path = url.path();
    key.push_str(if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { "/" });
    if let Some(query) = url.query().filter(|query| !query.is_empty()) {
        let query = query.to_ascii_lowercase();
        let mut pairs: Vec<(&str, Option<&str>)> = query
            .split('&')
            .map(|pair| {
                pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)))
            })
            .collect();
        pairs.sort_unstable();
        let pairs: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| {
                value.map_or_else(|| name.to_owned(), |value| format!("{name}={value}"))
            })
            .collect();
        key.push_str(&format!("?{}", pairs.join("&")));
    }
    key.to_ascii_lowercase()
}

/// `www.example.com` and `www2.example.com` are `example.com`.
fn without_www(host: &str) -> &str {
    let rest =
        host.strip_prefix("www").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    rest.and_then(|rest| rest.strip_prefix('.')).unwrap_or(host)
}
