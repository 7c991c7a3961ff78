//! The pictures that a page can be shown with: those that it carries itself, and those that were
//! captured along with it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use url::Url;

use crate::picture_kind;

/// All pictures of a page together, in bytes: one that is shown a thousand times is that much longer.
const MOST_BYTES: usize = 24 * 1024 * 1024;

/// Pictures by their addresses, and how much of them may still be shown.
pub(super) struct Held {
    by_address: BTreeMap<String, Vec<u8>>,
    left: usize,
}

impl Default for Held {
    fn default() -> Self {
        Self::new(BTreeMap::new())
    }
}

impl Held {
    pub(super) fn new(by_address: BTreeMap<String, Vec<u8>>) -> Self {
        Self { by_address, left: MOST_BYTES }
    }

    /// The picture of this address as one that a browser need not ask for.
    pub(super) fn picture(&mut self, address: &str, base: Option<&Url>) -> Option<String> {
        let address = address.trim();
        let data = own_data(address, &PICTURES)
            .or_else(|| self.captured(address, base).map(|(kind, bytes)| data_of(kind, bytes)))?;
        self.afford(data)
    }

    /// A picture whose bytes are at hand.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Option<String> {
        picture_kind(bytes).and_then(|kind| self.afford(data_of(kind, bytes)))
    }

    /// A font that the page carries itself.
    pub(super) fn font(&mut self, address: &str) -> Option<String> {
        own_data(address.trim(), &FONTS).and_then(|data| self.afford(data))
    }

    fn afford(&mut self, data: String) -> Option<String> {
        self.left = self.left.checked_sub(data.len())?;
        Some(data)
    }

    /// Its kind is what its bytes say, whatever was said of them.
    fn captured(&self, address: &str, base: Option<&Url>) -> Option<(&'static str, &[u8])> {
        let absolute = base.and_then(|base| base.join(address).ok()).map(String::from);
        let names = absolute.iter().map(String::as_str).chain([address]);
        let bytes = names.filter_map(|name| self.by_address.get(name)).next()?;
        Some((picture_kind(bytes)?, bytes))
    }
}

const PICTURES: [&str; 7] =
    ["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/avif", "image/bmp"];
const FONTS: [&str; 8] = [
    "font/woff",
    "font/woff2",
    "font/ttf",
    "font/otf",
    "application/font-woff",
    "application/font-woff2",
    "application/x-font-woff",
    "application/x-font-ttf",
];

/// What a `data:` address holds, if it is one of these kinds, in base 64, and nothing but that.
fn own_data(address: &str, kinds: &[&str]) -> Option<String> {
    let scheme = address.get(..5)?;
    let (head, body) =
        address[5..].split_once(',').filter(|_| scheme.eq_ignore_ascii_case("data:"))?;
    let head = head.to_ascii_lowercase();
    let mut words = head.split(';').map(str::trim);
    let kind = words.next().and_then(|kind| kinds.iter().find(|known| **known == kind))?;
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let is_base_64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let is_plain = words.any(|word| word == "base64") && body.bytes().all(is_base_64);
    is_plain.then(|| format!("data:{kind};base64,{body}"))
}

/// Bytes as a `data:` address.
pub(super) fn data_of(kind: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut data = String::with_capacity(bytes.len() / 3 * 4 + 64);
    // Writing to memory does not fail.
    let _ = write!(data, "data:{kind};base64,");
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            data.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_in_base_64() {
        for (bytes, written) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(
                data_of("image/png", bytes.as_bytes()),
                format!("data:image/png;base64,{written}")
            );
        }
    }

    #[test]
    fn a_page_carries_pictures_and_nothing_else() {
        let data = |address: &str| own_data(address, &PICTURES);
        assert_eq!(
            data("DATA:Image/PNG;base64,iVBO\nRw0=").as_deref(),
            Some("data:image/png;base64,iVBORw0=")
        );
        for other in [
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:text/html;base64,PHN2Zz4=",
            "data:image/png,<svg onload=x>",
            "data:image/png;base64,x\" onerror=\"y",
            "https://a.example/x.png",
            "data:",
            "дані:",
            "",
        ] {
            assert_eq!(data(other), None, "{other}");
        }
    }

    #[test]
    fn pictures_are_shown_up_to_a_limit() {
        let png = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; MOST_BYTES / 4]].concat();
        let mut held = Held::new(BTreeMap::from([("cid:1".to_owned(), png)]));
        let shown = (0..10).filter(|_| held.picture("cid:1", None).is_some()).count();
        assert_eq!(shown, 2);
    }
}
