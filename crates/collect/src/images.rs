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
            if image.value().name() == "img" && !is_small(image) {
                let address =
                    written_late(image).or_else(|| plain(image)).or_else(|| widest(image));
                address.into_iter().for_each(|address| self.add(address, base));
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

/// Where pages put the address that they load late.
fn written_late(image: ElementRef<'_>) -> Option<&str> {
    ["data-src", "data-original", "data-lazy-src"].iter().find_map(|name| image.attr(name))
}

/// The address as it is meant to be written; none if the picture there only holds the place.
fn plain(image: ElementRef<'_>) -> Option<&str> {
    image.attr("src").filter(|address| !address.trim_start().starts_with("data:"))
}

/// The widest of the sizes that the picture is offered in, by itself or by the `picture` around it.
fn widest(image: ElementRef<'_>) -> Option<&str> {
    let around = image.parent().and_then(ElementRef::wrap);
    let around = around.filter(|parent| parent.value().name() == "picture");
    let sources = around.into_iter().flat_map(|picture| picture.child_elements());
    let sources = sources.filter(|child| child.value().name() == "source");
    let offered = [image].into_iter().chain(sources);
    let sets = offered.filter_map(|one| one.attr("srcset").or_else(|| one.attr("data-srcset")));
    let candidates = sets.flat_map(candidates);
    let web = candidates.filter(|(address, _)| !address.starts_with("data:"));
    // Of as wide ones the first.
    web.reduce(|widest, next| if next.1 > widest.1 { next } else { widest }).map(|(url, _)| url)
}

/// The addresses of a `srcset` with how wide or dense each is (HTML, 4.8.4.2.1). Commas part them,
/// and may stand inside an address, but not at its end.
fn candidates(set: &str) -> Vec<(&str, f64)> {
    let mut found = Vec::new();
    let mut left = set;
    loop {
        left = left.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        let (written, rest) =
            left.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((left, ""));
        if written.is_empty() {
            return found;
        }
        let address = written.trim_end_matches(',');
        let (descriptor, rest) = match written.len() > address.len() {
            true => ("", rest),
            false => rest.split_once(',').unwrap_or((rest, "")),
        };
        let size = descriptor.trim().trim_end_matches(['w', 'x']).parse::<f64>();
        found.push((address, size.ok().filter(|size| size.is_finite()).unwrap_or(1.0)));
        left = rest;
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
    fn of_the_sizes_that_a_picture_is_offered_in_the_widest_is_taken() {
        let base = Url::parse("https://board.example/").unwrap();
        for (html, expected) in [
            ("<img srcset='/s.jpg 480w, /l.jpg 960w,/m.jpg 640w'>", "/l.jpg"),
            ("<img src='data:,' data-srcset='/a,b.jpg 1x, /a,b2.jpg 2x'>", "/a,b2.jpg"),
            ("<picture><source srcset='/p.webp'><img></picture>", "/p.webp"),
            ("<img src=/plain.jpg srcset='/l.jpg 2x'>", "/plain.jpg"),
            ("<img srcset='/one.jpg, /two.jpg'>", "/one.jpg"),
            ("<img srcset='data:image/png;base64,AA 3x, /b.jpg NaNx ,,'>", "/b.jpg"),
        ] {
            let mut images = Images::default();
            images.add_of_html(html, Some(&base));
            assert_eq!(images.into_vec(), [format!("https://board.example{expected}")], "{html}");
        }
        let mut none = Images::default();
        none.add_of_html("<img srcset=' , ,'><img srcset>", Some(&base));
        assert!(none.is_empty());
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
