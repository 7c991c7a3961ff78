//! Styles of a page, without anything that a browser would ask for.

use super::Pictures;
use super::held::Held;
use url::Url;

/// Functions that load by a string, or by more than one address. A name that is none makes what they
/// stand in void.
const LOADING: [&str; 7] =
    ["image-set(", "cross-fade(", "image(", "src(", "element(", "paint(", "expression("];

/// Cleans styles; gives how many addresses were left out.
pub(super) struct Styles<'h> {
    pub(super) held: &'h mut Held,
    pub(super) pictures: Pictures,
    pub(super) base: Option<&'h Url>,
}

impl Styles<'_> {
    /// The text of a `style` element. It has nothing in it that could end or begin an element.
    pub(super) fn sheet(&mut self, css: &str) -> String {
        self.clean(css).replace('<', "\\3c ")
    }

    /// The value of a `style` attribute. It cannot outdo what is written behind it.
    pub(super) fn attribute(&mut self, css: &str) -> String {
        self.clean(css).replace(['!', '{', '}'], "")
    }

    fn clean(&mut self, css: &str) -> String {
        let css = without_escaped_letters(&without_comments(css));
        let lower = css.to_ascii_lowercase();
        let mut out = String::with_capacity(css.len());
        let mut at = 0;
        while let Some(next) = css[at..].chars().next() {
            let here = &lower[at..];
            if here.starts_with("url(") {
                let (address, length) = argument(&css[at + 4..]);
                out.push_str(&self.address(&address));
                at += 4 + length;
            } else if here.starts_with("@import") || here.starts_with("@namespace") {
                at += here.find([';', '}']).map_or(here.len(), |end| end + 1);
            } else if let Some(name) = LOADING.iter().find(|name| here.starts_with(**name)) {
                out.push_str("none-such(");
                at += name.len();
            } else {
                out.push(next);
                at += next.len_utf8();
            }
        }
        out
    }

    /// `none` where the address is that of something else than a picture that is held.
    fn address(&mut self, address: &str) -> String {
        let font = self.held.font(address);
        let data = match (font, self.pictures) {
            (Some(font), _) => Some(font),
            // Behind words there is no way to blur it.
            (None, Pictures::Veiled) => None,
            (None, Pictures::Clear) => self.held.picture(address, self.base),
        };
        data.map_or_else(|| "none".to_owned(), |data| format!("url({data})"))
    }
}

/// What stands between `url(` and `)`, and how long it is with the end.
fn argument(css: &str) -> (String, usize) {
    let blank = css.len() - css.trim_start().len();
    let rest = &css[blank..];
    let quote = rest.chars().next().filter(|c| ['"', '\''].contains(c));
    let (inner, behind) = match quote {
        Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
        None => rest.split_at(rest.find(')').unwrap_or(rest.len())),
    };
    let end = behind.find(')').map_or("", |end| &behind[end + 1..]);
    (inner.trim().to_owned(), css.len() - end.len())
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        out.push(' ');
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    out + rest
}

/// Letters that are written as escapes, written as themselves: `\75 rl(` is `url(`. Other escapes stay.
fn without_escaped_letters(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = escape.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let letter = match digits {
            0 => escape.chars().next(),
            _ => u32::from_str_radix(&escape[..digits], 16).ok().and_then(char::from_u32),
        };
        match letter.filter(char::is_ascii_alphabetic) {
            Some(letter) => {
                out.push(letter);
                rest = &escape[digits.max(1)..];
                if digits > 0 {
                    rest = rest.strip_prefix(['\t', '\n', '\x0c', '\r', ' ']).unwrap_or(rest);
                }
            }
            // An escaped backslash begins no escape.
            None => {
                out.push('\\');
                let kept = escape.chars().next().map_or(0, char::len_utf8);
                out.push_str(&escape[..kept]);
                rest = &escape[kept..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(css: &str) -> String {
        Styles { held: &mut Held::default(), pictures: Pictures::Clear, base: None }.sheet(css)
    }

    #[test]
    fn nothing_is_left_that_would_be_asked_for() {
        for (css, clean) in [
            ("a{background:url(https://x.example/1) red}", "a{background:none red}"),
            ("a{background:URL( 'https://x.example/)' )}", "a{background:none}"),
            ("a{background:\\75 rl(//x.example)}", "a{background:none}"),
            ("a{background:u\\72l(//x.example)}", "a{background:none}"),
            ("a{background:u/**/rl(//x.example)}", "a{background:u rl(//x.example)}"),
            ("@import 'https://x.example/a.css';b{}", "b{}"),
            ("@im\\70ort url(//x.example);b{}", "b{}"),
            (
                "a{background:-webkit-image-set('//x.example' 1x)}",
                "a{background:-webkit-none-such('//x.example' 1x)}",
            ),
            ("a{b:url(//x.example", "a{b:none"),
            ("a{b:url('//x.example", "a{b:none"),
            ("a{content:'\\f101'}", "a{content:'\\f101'}"),
            (".md\\:flex{}", ".md\\:flex{}"),
            ("a{}</st\\79le><script>", "a{}\\3c /style>\\3c script>"),
            ("/* x", " "),
            ("\\", "\\"),
            ("їжак{content:'\\їжак'}", "їжак{content:'\\їжак'}"),
        ] {
            assert_eq!(sheet(css), clean, "{css}");
        }
    }

    #[test]
    fn what_a_page_carries_itself_is_shown_pictures_when_somebody_asks() {
        let css = "a{background:url(data:image/png;base64,AAAA)} @font-face{src:url('data:font/woff2;base64,BBBB')}";
        let mut held = Held::default();
        let mut clean = |pictures| Styles { held: &mut held, pictures, base: None }.sheet(css);
        assert_eq!(clean(Pictures::Clear), css.replace('\'', ""));
        let veiled = clean(Pictures::Veiled);
        assert!(veiled.contains("BBBB") && !veiled.contains("AAAA"), "{veiled}");
    }

    #[test]
    fn an_attribute_outdoes_nothing() {
        let mut held = Held::default();
        let mut styles = Styles { held: &mut held, pictures: Pictures::Veiled, base: None };
        assert_eq!(
            styles.attribute("filter:none!important;x:url(//a)"),
            "filter:noneimportant;x:none"
        );
    }
}
