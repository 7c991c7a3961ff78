//! RDFa (RDFa Lite 1.1, <https://www.w3.org/TR/rdfa-lite/>, and what pages use of HTML+RDFa beyond it)
//! as the values that JSON-LD would give, in the form that microdata has here too: a text property is
//! `{"@html": mark-up}`, a link `{"@href": address, "@html": mark-up}`, a resource described elsewhere
//! `{"@id": address}`, anything out of an attribute a plain string.

use std::collections::BTreeMap;
use std::rc::Rc;

use scraper::{ElementRef, Html};
use serde_json::{Map, Value, json};
use url::Url;

use crate::microdata::{MAX_BYTES, MAX_NAMES, add, holds_items, size};

/// The things that a page describes and that are no property of another, in order.
pub(crate) fn rdfa(page: &Html, base: Option<&Url>) -> Vec<Value> {
    let root = page.root_element();
    let mut elements = root.descendants().filter_map(ElementRef::wrap);
    if !elements.any(|element| element.attr("typeof").is_some()) {
        return Vec::new();
    }
    let mut reader = Reader { base, top: Vec::new(), bytes: 0 };
    reader.element(root, &Context::default(), None);
    merged(reader.top)
}

/// What an element takes over from those around it.
#[derive(Clone, Default)]
struct Context {
    vocabulary: Option<Rc<str>>,
    prefixes: Rc<BTreeMap<String, String>>,
}

impl Context {
    /// With what this element says.
    fn within(&self, element: ElementRef<'_>) -> Self {
        let mut context = self.clone();
        if let Some(vocabulary) = element.attr("vocab") {
            let vocabulary = vocabulary.trim();
            context.vocabulary = (!vocabulary.is_empty()).then(|| vocabulary.into());
        }
        if let Some(stated) = element.attr("prefix") {
            let mut prefixes = (*self.prefixes).clone();
            let words: Vec<&str> = stated.split_whitespace().collect();
            for pair in words.chunks_exact(2) {
                if let Some(prefix) = pair[0].strip_suffix(':') {
                    prefixes.insert(prefix.to_ascii_lowercase(), pair[1].to_owned());
                }
            }
            context.prefixes = Rc::new(prefixes);
        }
        context
    }

    /// Names as addresses. A bare name outside of a vocabulary stays as it is: pages forget to say
    /// which one they mean.
    fn names(&self, stated: Option<&str>) -> Vec<String> {
        let words = stated.unwrap_or_default().split_whitespace();
        words.take(MAX_NAMES).map(|word| self.name(word)).collect()
    }

    fn name(&self, word: &str) -> String {
        match word.split_once(':') {
            Some((prefix, local)) if !local.starts_with("//") => {
                match self.prefixes.get(&prefix.to_ascii_lowercase()) {
                    Some(address) => format!("{address}{local}"),
                    // `schema:` needs no declaration (https://www.w3.org/2011/rdfa-context/rdfa-1.1).
                    None => word.to_owned(),
                }
            }
            Some(_) => word.to_owned(),
            None => match &self.vocabulary {
                Some(vocabulary) => format!("{vocabulary}{word}"),
                None => word.to_owned(),
            },
        }
    }
}

struct Reader<'p> {
    base: Option<&'p Url>,
    top: Vec<Value>,
    bytes: usize,
}

impl Reader<'_> {
    /// Reads an element and all below it; `subject` is the thing that properties here belong to. No
    /// page is deeper than [`collect::MAX_DEPTH`].
    fn element(
        &mut self,
        element: ElementRef<'_>,
        outer: &Context,
        subject: Option<&mut Map<String, Value>>,
    ) {
        let context = outer.within(element);
        let names = context.names(element.attr("property").or_else(|| relation(element)));
        let types = context.names(element.attr("typeof"));
        let described = element.attr("about").or_else(|| element.attr("resource"));
        let is_thing = !types.is_empty() || (names.is_empty() && described.is_some());
        if is_thing {
            return self.thing(element, &context, &names, &types, subject);
        }
        let Some(subject) = subject else { return self.children(element, &context, None) };
        if !names.is_empty() {
            let value = self.value(element);
            self.put(subject, &names, value);
        }
        self.children(element, &context, Some(subject));
    }

    fn thing(
        &mut self,
        element: ElementRef<'_>,
        context: &Context,
        names: &[String],
        types: &[String],
        subject: Option<&mut Map<String, Value>>,
    ) {
        let mut item = Map::new();
        match types {
            [] => {}
            [one] => _ = item.insert("@type".to_owned(), json!(one)),
            several => _ = item.insert("@type".to_owned(), json!(several)),
        }
        let id = ["about", "resource", "href", "src"].iter().find_map(|name| element.attr(name));
        if let Some(id) = id {
            item.insert("@id".to_owned(), json!(self.absolute(id)));
        }
        self.children(element, context, Some(&mut item));
        match subject {
            Some(subject) if !names.is_empty() => self.put(subject, names, Value::Object(item)),
            _ => self.top.push(Value::Object(item)),
        }
    }

    fn children(
        &mut self,
        element: ElementRef<'_>,
        context: &Context,
        mut subject: Option<&mut Map<String, Value>>,
    ) {
        for child in element.children().filter_map(ElementRef::wrap) {
            self.element(child, context, subject.as_deref_mut());
        }
    }

    fn put(&mut self, subject: &mut Map<String, Value>, names: &[String], value: Value) {
        // Things within things under many names would double at each level.
        let most = if holds_items(&value) { 1 } else { names.len() };
        for name in &names[..most.min(names.len())] {
            self.bytes += name.len() + size(&value);
            if self.bytes <= MAX_BYTES {
                add(subject, name, value.clone());
            }
        }
    }

    fn value(&self, element: ElementRef<'_>) -> Value {
        if let Some(content) = element.attr("content") {
            return json!(content);
        }
        if let Some(resource) = element.attr("resource") {
            return json!({"@id": self.absolute(resource)});
        }
        if let Some(href) = element.attr("href") {
            return json!({"@href": self.absolute(href), "@html": element.inner_html()});
        }
        if let Some(src) = element.attr("src") {
            return json!(self.absolute(src));
        }
        match element.attr("datetime") {
            Some(time) => json!(time),
            None => json!({"@html": element.inner_html()}),
        }
    }

    fn absolute(&self, address: &str) -> String {
        let joined = self.base.and_then(|base| base.join(address.trim()).ok());
        joined.map_or_else(|| address.trim().to_owned(), String::from)
    }
}

/// `rel` names a property only when it is written with a prefix: `nofollow` is none.
fn relation<'p>(element: ElementRef<'p>) -> Option<&'p str> {
    element.attr("rel").filter(|rel| rel.contains(':'))
}

/// One thing may be described in several places of a page, under one address.
fn merged(things: Vec<Value>) -> Vec<Value> {
    let mut merged: Vec<Value> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for thing in things {
        let id = thing.get("@id").and_then(Value::as_str).map(str::to_owned);
        let known = id.as_ref().and_then(|id| places.get(id)).copied();
        let (Some(place), Value::Object(fields)) = (known, &thing) else {
            if let Some(id) = id {
                places.insert(id, merged.len());
            }
            merged.push(thing);
            continue;
        };
        if let Some(earlier) = merged[place].as_object_mut() {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "@id") {
                add(earlier, name, value.clone());
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: Value) {
        let page = collect::parse_html(html).unwrap();
        let base = Url::parse("https://board.example/job/1").unwrap();
        assert_eq!(Value::from(rdfa(&page, Some(&base))), expected, "{html}");
    }

    #[test]
    fn names_are_told_by_vocabulary_prefix_or_as_they_stand() {
        let html = |text: &str| json!({ "@html": text });
        check(
            "<p vocab='https://schema.org/' typeof=JobPosting><b property=title>A</b></p>",
            json!([{"@type": "https://schema.org/JobPosting", "https://schema.org/title": html("A")}]),
        );
        check(
            "<p prefix='s: http://schema.org/' typeof='s:JobPosting'><b property='s:title'>A</b></p>",
            json!([{"@type": "http://schema.org/JobPosting", "http://schema.org/title": html("A")}]),
        );
        check(
            "<p typeof='schema:JobPosting'><b property='schema:title'>A</b></p>",
            json!([{"@type": "schema:JobPosting", "schema:title": html("A")}]),
        );
    }

    #[test]
    fn values_are_words_attributes_links_and_things() {
        check(
            "<div typeof=J resource='#j'><meta property=a content=1><a property=b href=/x>2</a>\
             <time property=c datetime=2026-03-01>3</time><i property='d e'>4</i>\
             <p property=f typeof=O><b property=n>5</b></p><i property=g resource='#o'></i></div>\
             <p about='#j' typeof=K><b property=n>6</b></p>",
            json!([{
                "@type": ["J", "K"],
                "@id": "https://board.example/job/1#j",
                "a": "1",
                "b": {"@href": "https://board.example/x", "@html": "2"},
                "c": "2026-03-01",
                "d": {"@html": "4"},
                "e": {"@html": "4"},
                "f": {"@type": "O", "n": {"@html": "5"}},
                "g": {"@id": "https://board.example/job/1#o"},
                "n": {"@html": "6"},
            }]),
        );
    }

    #[test]
    fn marks_for_link_cards_belong_to_nothing() {
        check("<meta property='og:title' content=A><p typeof=J></p>", json!([{"@type": "J"}]));
        check("<meta property='og:title' content=A>", json!([]));
    }
}
