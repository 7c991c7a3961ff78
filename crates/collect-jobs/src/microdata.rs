//! Microdata (HTML Living Standard, section 5) as the values that JSON-LD would give, so that both
//! are read by the same code. A text property is `{"@html": mark-up}`, a link
//! `{"@href": address, "@html": mark-up}`, anything out of an attribute a plain string.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{ElementRef, Html};
use serde_json::{Map, Value, json};
use url::Url;

/// Items within items.
const MAX_DEPTH: usize = 16;
/// Elements looked at on one page. `itemref` lets a short page name endless ones.
const MAX_STEPS: usize = 100_000;
/// Bytes of values kept of one page. Properties within properties repeat the text of the inner ones.
pub(crate) const MAX_BYTES: usize = 8_000_000;
/// Names of one property.
pub(crate) const MAX_NAMES: usize = 8;

/// The items of a page that are no property of another, in order.
pub(crate) fn microdata(page: &Html, base: Option<&Url>) -> Vec<Value> {
    let root = page.root_element();
    let elements = || root.descendants().filter_map(ElementRef::wrap);
    if !elements().any(|element| element.attr("itemscope").is_some()) {
        return Vec::new();
    }
    let mut by_id = BTreeMap::new();
    for element in elements() {
        if let Some(id) = element.attr("id") {
            by_id.entry(id).or_insert(element);
        }
    }
    let mut reader = Reader { by_id, base, open: Vec::new(), steps: 0, bytes: 0 };
    let is_top = |element: &ElementRef<'_>| {
        element.attr("itemscope").is_some() && element.attr("itemprop").is_none()
    };
    elements().filter(is_top).map(|element| reader.item(element)).collect()
}

struct Reader<'p> {
    by_id: BTreeMap<&'p str, ElementRef<'p>>,
    base: Option<&'p Url>,
    /// The items that we are inside of: an item cannot be its own property.
    open: Vec<ElementRef<'p>>,
    steps: usize,
    bytes: usize,
}

impl<'p> Reader<'p> {
    fn item(&mut self, root: ElementRef<'p>) -> Value {
        let mut item = Map::new();
        let types: Vec<&str> =
            root.attr("itemtype").unwrap_or_default().split_whitespace().collect();
        match types.as_slice() {
            [] => {}
            [one] => _ = item.insert("@type".to_owned(), json!(one)),
            several => _ = item.insert("@type".to_owned(), json!(several)),
        }
        if let Some(id) = root.attr("itemid") {
            item.insert("@id".to_owned(), json!(self.absolute(id)));
        }
        if self.open.len() >= MAX_DEPTH {
            return Value::Object(item);
        }
        self.open.push(root);
        for element in self.property_elements(root) {
            let names = element.attr("itemprop").unwrap_or_default().split_whitespace();
            let value = self.value(element);
            // Items within items under many names would double at each level.
            let most = if holds_items(&value) { 1 } else { MAX_NAMES };
            for name in names.take(most) {
                self.bytes += name.len() + size(&value);
                if self.bytes <= MAX_BYTES {
                    add(&mut item, name, value.clone());
                }
            }
        }
        self.open.pop();
        Value::Object(item)
    }

    /// The elements that hold the properties of an item: below it, or below what its `itemref`
    /// names, but not below another item.
    fn property_elements(&mut self, root: ElementRef<'p>) -> Vec<ElementRef<'p>> {
        let referred = root.attr("itemref").unwrap_or_default().split_whitespace();
        let mut waiting: Vec<ElementRef<'p>> =
            referred.filter_map(|id| self.by_id.get(id).copied()).collect();
        waiting.reverse();
        waiting.extend(child_elements(root));
        let mut found = BTreeMap::new();
        let mut seen = BTreeSet::new();
        while let Some(element) = waiting.pop() {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                break;
            }
            if self.open.contains(&element) || !seen.insert(element.id()) {
                continue;
            }
            if element.attr("itemprop").is_some() {
                found.insert(element.id(), element);
            }
            if element.attr("itemscope").is_none() {
                waiting.extend(child_elements(element));
            }
        }
        // Ids count up in the order of the page.
        found.into_values().collect()
    }

    fn value(&mut self, element: ElementRef<'p>) -> Value {
        if element.attr("itemscope").is_some() {
            return self.item(element);
        }
        let name = element.value().name();
        let attribute = |name: &str| element.attr(name).unwrap_or_default();
        match name {
            "meta" => json!(attribute("content")),
            "audio" | "embed" | "iframe" | "img" | "source" | "track" | "video" => {
                json!(self.absolute(attribute("src")))
            }
            "link" => json!(self.absolute(attribute("href"))),
            "a" | "area" => {
                json!({"@href": self.absolute(attribute("href")), "@html": element.inner_html()})
            }
            "object" => json!(self.absolute(attribute("data"))),
            "data" | "meter" => json!(attribute("value")),
            "time" if element.attr("datetime").is_some() => json!(attribute("datetime")),
            // Not in the standard, but search engines read it, and so sites write it.
            _ => match element.attr("content") {
                Some(content) => json!(content),
                None => json!({"@html": element.inner_html()}),
            },
        }
    }

    fn absolute(&self, address: &str) -> String {
        let joined = self.base.and_then(|base| base.join(address.trim()).ok());
        joined.map_or_else(|| address.trim().to_owned(), String::from)
    }
}

pub(crate) fn holds_items(value: &Value) -> bool {
    let is_item = |value: &Value| value.is_object() && value.get("@html").is_none();
    value.as_object().is_some_and(|fields| {
        fields.values().any(|field| {
            is_item(field) || field.as_array().is_some_and(|values| values.iter().any(is_item))
        })
    })
}

/// About how many bytes a text property holds; items were counted when they were read.
pub(crate) fn size(value: &Value) -> usize {
    let length = |value: &Value| value.as_str().map_or(0, str::len);
    length(value) + value.as_object().map_or(0, |fields| fields.values().map(length).sum())
}

fn child_elements(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.children().rev().filter_map(ElementRef::wrap)
}

pub(crate) fn add(item: &mut Map<String, Value>, name: &str, value: Value) {
    match item.get_mut(name) {
        None => _ = item.insert(name.to_owned(), value),
        Some(Value::Array(values)) => values.push(value),
        Some(first) => {
            let first = first.take();
            item.insert(name.to_owned(), json!([first, value]));
        }
    }
}
