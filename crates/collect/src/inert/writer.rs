//! Writes a page anew.

use scraper::{ElementRef, Html, Node};
use url::Url;

use super::held::Held;
use super::lists::{ATTRIBUTES, Becomes, VOID, becomes};
use super::style::Styles;
use super::{InertPage, Pictures};
use crate::{base_of, link_target};

/// Stands where something is not shown.
const SIGN: &str = "\u{25a2}";
/// Ours, before the page's own.
const STYLE: &str =
    ".fusion-left-out{display:inline-block;border:1px dashed;padding:0 .4em;opacity:.7}";
/// In the attribute, where nothing that the page says of its pictures outdoes it.
const VEIL: &str = "filter:blur(20px) grayscale(1)!important";

pub(super) struct Writer {
    held: Held,
    pictures: Pictures,
    base: Option<Url>,
    out: String,
    shown: usize,
    left_out: usize,
}

impl Writer {
    /// For a page that stood at this address.
    pub(super) fn new(held: Held, pictures: Pictures, base: Option<Url>) -> Self {
        Self { held, pictures, base, out: String::new(), shown: 0, left_out: 0 }
    }

    /// The whole page.
    pub(super) fn document(mut self, html: &Html) -> InertPage {
        let root = html.root_element();
        let elements = || root.descendants().filter_map(ElementRef::wrap);
        self.base = base_of(html, self.base);
        self.out.push_str("<!doctype html><html");
        self.attributes(root);
        self.out.push_str("><head><meta charset=\"utf-8\"><style>");
        self.out.push_str(STYLE);
        self.out.push_str("</style>");
        for sheet in elements().filter(|element| element.value().name() == "style") {
            let css: String = sheet.text().collect();
            let css = self.styles().sheet(&css);
            self.out.push_str("<style>");
            self.out.push_str(&css);
            self.out.push_str("</style>");
        }
        self.out.push_str("</head><body");
        let body = root.child_elements().find(|child| child.value().name() == "body");
        if let Some(body) = body {
            self.attributes(body);
        }
        self.out.push('>');
        self.children(body.unwrap_or(root));
        self.out.push_str("</body></html>\n");
        InertPage { html: self.out, pictures: self.shown, left_out: self.left_out }
    }

    /// A page of pictures alone.
    pub(super) fn pictures(mut self, pictures: &[Vec<u8>]) -> InertPage {
        self.out.push_str("<!doctype html><html><head><meta charset=\"utf-8\"><style>");
        self.out.push_str(STYLE);
        self.out
            .push_str("img{display:block;max-width:100%;margin:0 auto 1em}</style></head><body>");
        for bytes in pictures {
            match self.held.bytes(bytes) {
                Some(data) => {
                    self.out.push_str("<img");
                    self.end_picture("", &data);
                }
                None => {
                    self.left_out += 1;
                    self.out.push_str("<span class=\"fusion-left-out\">\u{25a2}</span>");
                }
            }
        }
        self.out.push_str("</body></html>\n");
        InertPage { html: self.out, pictures: self.shown, left_out: self.left_out }
    }

    fn styles(&mut self) -> Styles<'_> {
        Styles { held: &mut self.held, pictures: self.pictures, base: self.base.as_ref() }
    }

    fn children(&mut self, element: ElementRef<'_>) {
        for child in element.children() {
            match child.value() {
                Node::Text(text) => escape(text, &mut self.out),
                Node::Element(_) => {
                    ElementRef::wrap(child).into_iter().for_each(|child| self.element(child))
                }
                _ => {}
            }
        }
    }

    /// The tree is no deeper than the parser allows.
    fn element(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        let is_html = &*element.value().name.ns == "http://www.w3.org/1999/xhtml";
        // Drawings and formulas have names of their own for things that run and load.
        let becomes = if is_html { becomes(name) } else { Becomes::Sign };
        match becomes {
            Becomes::Same if VOID.contains(&name) => self.begin(name, element),
            Becomes::Same => self.whole(name, element),
            Becomes::Another(name) => self.whole(name, element),
            Becomes::Sign => self.sign(element, ""),
            Becomes::Picture => self.picture(element),
            Becomes::Field => self.field(element),
            Becomes::Nothing => {}
        }
    }

    fn whole(&mut self, name: &str, element: ElementRef<'_>) {
        self.begin(name, element);
        self.children(element);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    fn begin(&mut self, name: &str, element: ElementRef<'_>) {
        self.out.push('<');
        self.out.push_str(name);
        self.attributes(element);
        // Where a link led is told, and it leads there no more.
        if let Some(target) =
            element.attr("href").and_then(|href| link_target(href, self.base.as_ref()))
        {
            self.attribute("title", &format!("\u{2192} {target}"));
        }
        self.out.push('>');
    }

    fn attributes(&mut self, element: ElementRef<'_>) {
        let has_target = element.attr("href").is_some();
        for (name, value) in element.value().attrs() {
            if name == "style" {
                let css = self.styles().attribute(value);
                self.attribute(name, &css);
            } else if ATTRIBUTES.contains(&name) && !(name == "title" && has_target) {
                self.attribute(name, value);
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }

    fn picture(&mut self, element: ElementRef<'_>) {
        let base = self.base.clone();
        let source = element.attr("src").and_then(|src| self.held.picture(src, base.as_ref()));
        let Some(source) = source else {
            return self.sign(element, element.attr("alt").unwrap_or_default());
        };
        self.out.push_str("<img");
        for (name, value) in element.value().attrs() {
            if ATTRIBUTES.contains(&name) {
                self.attribute(name, value);
            }
        }
        let style = self.styles().attribute(element.attr("style").unwrap_or_default());
        self.end_picture(&style, &source);
    }

    /// How a picture looks, and where its bytes are.
    fn end_picture(&mut self, style: &str, data: &str) {
        self.shown += 1;
        let veil = if self.pictures == Pictures::Veiled { VEIL } else { "" };
        self.attribute("style", &format!("{style};{veil}"));
        self.attribute("src", data);
        self.out.push('>');
    }

    fn sign(&mut self, element: ElementRef<'_>, words: &str) {
        self.left_out += 1;
        self.out.push_str("<span class=\"fusion-left-out\"");
        let address = element.attr("src").or(element.attr("data"));
        if let Some(address) = address.and_then(|src| link_target(src, self.base.as_ref())) {
            self.attribute("title", &address);
        }
        self.out.push('>');
        escape(&format!("{SIGN} {words}"), &mut self.out);
        self.out.push_str("</span>");
    }

    /// The words that stand in a field or on a button; what is hidden stays hidden.
    fn field(&mut self, element: ElementRef<'_>) {
        let kind = element.attr("type").unwrap_or_default().to_ascii_lowercase();
        let words = match kind.as_str() {
            "hidden" | "password" | "file" => return,
            "checkbox" | "radio" if element.attr("checked").is_some() => "\u{2611}",
            "checkbox" | "radio" => "\u{2610}",
            "image" => return self.sign(element, element.attr("alt").unwrap_or_default()),
            _ => element.attr("value").or(element.attr("placeholder")).unwrap_or_default(),
        };
        self.out.push_str("<span");
        self.attributes(element);
        self.out.push('>');
        escape(words, &mut self.out);
        self.out.push_str("</span>");
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            // What shows nothing and is no blank breaks parsers, and nothing else.
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
