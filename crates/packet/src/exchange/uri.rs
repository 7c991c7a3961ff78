//! Web addresses as other programs accept them.

use url::{Position, Url};

/// Besides letters and digits, what may stand in the path, query and fragment of a URI (RFC 3986).
const ALLOWED: &[u8] = b"-._~!$&'()*+,;=:@/?%#";

/// A web address as a URI of RFC 3986: in ASCII, and without what browsers let pass and the standard
/// does not. `None` when it is no web address.
pub(super) fn uri(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut uri = url[..Position::BeforePath].to_owned();
    let rest = url[Position::BeforePath..].as_bytes();
    let mut is_in_fragment = false;
    for (at, byte) in rest.iter().enumerate() {
        let is_allowed = match byte {
            // One that encodes nothing stands for itself.
            b'%' => {
                rest.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
            }
            b'#' => !std::mem::replace(&mut is_in_fragment, true),
            _ => byte.is_ascii_alphanumeric() || ALLOWED.contains(byte),
        };
        if is_allowed {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_uris_and_those_that_are_stay_as_they_are() {
        for (address, expected) in [
            (
                "https://jobs.example/ad/7?a=b&c=%D1%8F#x",
                "https://jobs.example/ad/7?a=b&c=%D1%8F#x",
            ),
            (
                "https://jobs.example/робота?я",
                "https://jobs.example/%D1%80%D0%BE%D0%B1%D0%BE%D1%82%D0%B0?%D1%8F",
            ),
            ("https://приклад.укр/a b", "https://xn--80aikifvh.xn--j1amh/a%20b"),
            ("http://a.example/?[x]|{y}^`%s\\", "http://a.example/?%5Bx%5D%7C%7By%7D%5E%60%25s%5C"),
            ("http://[2001:db8::1]:8080/a#b#c", "http://[2001:db8::1]:8080/a#b%23c"),
        ] {
            assert_eq!(uri(address).as_deref(), Some(expected));
        }
        for none in ["jobs.example/7", "javascript:alert(1)", "http://", "file:///etc/passwd"] {
            assert_eq!(uri(none), None, "{none}");
        }
    }
}
