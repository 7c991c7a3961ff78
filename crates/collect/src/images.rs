//! The addresses of the pictures that a posting shows.

use scraper::{ElementRef, Html};
use url::Url;

use crate::link_target;

/// More pictures than this are no posting's own.
const MOST: usize = 50;
/// Longer addresses are asked of nobody.
const LONGEST: usize = 8 * 1024;
/// What states to be smaller on a side is a smiley, a bullet or a dot that counts visitors.
const LEAST_STATED: u32 = 48;

/// The pictures of one posting, in order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images(Vec<String>);

impl Images {
    /// Adds an address as it is written: absolute, or relative to `base`. What is no http or https
    /// address, such as a picture that is written out in the page itself, is left out.
    pub fn add(&mut self, address: &str, base: Option<&Url>) {
        let Some(target) = link_target(address, base) else { return };
        let is_web = target.starts_with("https://") || target.starts_with("http://");
        if is_web && target.len() <= LONGEST && self.0.len() < MOST && !self.0.contains(&target) {
            self.0.push(target);
        }
    }

    /// Adds the pictures of an element, itself among them. Pages that load them late write the address
    /// into another attribute.
    pub fn add_shown(&mut self, element: ElementRef<'_>, base: Option<&Url>) {
        for image in element.descendants().filter_map(ElementRef::wrap) {
            if image.value().name() != "img" || is_small(image) {
                continue;
            }
            let late = ["data-src", "data-original", "data-lazy-src"];
            let late = late.iter().find_map(|name| image.attr(name));
            if let Some(address) = late.or_else(|| image.attr("src")) {
                self.add(address, base);
            }
        }
    }

    /// Adds the pictures of a piece of HTML.
    pub fn add_of_html(&mut self, html: &str, base: Option<&Url>) {
        if let Some(tree) = html.contains("<img").then(|| crate::parse_html(html).ok()).flatten() {
            self.add_of_page(&tree, base);
        }
    }

    fn add_of_page(&mut self, page: &Html, base: Option<&Url>) {
        self.add_shown(page.root_element(), base);
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The addresses.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }
}

fn is_small(image: ElementRef<'_>) -> bool {
    let stated = |name: &str| image.attr(name)?.trim().trim_end_matches("px").parse::<u32>().ok();
    let is_emoji = image.value().classes().any(|class| ["emoji", "wp-smiley"].contains(&class));
    is_emoji
        || ["width", "height"].iter().any(|name| stated(name).is_some_and(|px| px < LEAST_STATED))
}

/// Whether an address ends like that of a picture.
pub fn is_image_address(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let Some((_, ending)) = url.path().rsplit_once('.') else { return false };
    let known = ["jpg", "jpeg", "png", "webp", "gif"];
    known.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_posting_shows_its_pictures_and_no_smileys_dots_or_written_out_ones() {
        let html = "<p><img src='/a.jpg'><img class=emoji src='/e.png'><img src=/dot.gif width=1>\
                    <img src='data:image/png;base64,AA' data-src='b.webp'><img src='/a.jpg'>\
                    <img src='javascript:x'><img src='ftp://h.example/c.png'><img>";
        let base = Url::parse("https://board.example/jobs/7").unwrap();
        let mut images = Images::default();
        images.add_of_html(html, Some(&base));
        assert_eq!(
            images.into_vec(),
            ["https://board.example/a.jpg", "https://board.example/jobs/b.webp"]
        );
    }

    #[test]
    fn addresses_of_pictures_end_like_ones() {
        for (address, expected) in [
            ("https://i.example/a.JPG?x=1.html", true),
            ("https://i.example/a.webp", true),
            ("https://i.example/a.mp4", false),
            ("https://i.example/jpg", false),
            ("a.jpg", false),
        ] {
            assert_eq!(is_image_address(address), expected, "{address}");
        }
    }
}
