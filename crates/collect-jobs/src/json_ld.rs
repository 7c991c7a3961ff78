use std::collections::BTreeMap;

use scraper::{ElementRef, Html};
use serde_json::Value;

/// Deeper data is no description of a job.
const MAX_DEPTH: usize = 64;

/// What the JSON-LD scripts of a page say.
#[derive(Debug, Default)]
pub(crate) struct JsonLd {
    /// The values of all scripts, in page order.
    pub(crate) values: Vec<Value>,
    /// Scripts that could not be read though they speak of a job: number on the page, and why.
    pub(crate) broken: Vec<(usize, String)>,
}

/// Reads all `application/ld+json` scripts of a page.
pub(crate) fn json_ld(page: &Html) -> JsonLd {
    let mut found = JsonLd::default();
    let elements = page.root_element().descendants().filter_map(ElementRef::wrap);
    for (number, script) in elements.filter(is_json_ld).enumerate() {
        let text: String = script.text().collect();
        let (values, error) = read_script(&text);
        if let Some(error) = error
            && text.contains("JobPosting")
        {
            found.broken.push((number + 1, error));
        }
        found.values.extend(values);
    }
    found
}

fn is_json_ld(element: &ElementRef<'_>) -> bool {
    let kind = element.attr("type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    element.value().name() == "script" && kind.eq_ignore_ascii_case("application/ld+json")
}

/// As it stands if it is right, else as it was meant.
fn read_script(text: &str) -> (Vec<Value>, Option<String>) {
    match read_values(text) {
        (values, None) => (values, None),
        (values, Some(error)) => match read_values(&repaired(text)) {
            (repaired, None) => (repaired, None),
            // Values before the fault are as good as any.
            _ => (values, Some(error)),
        },
    }
}

fn read_values(text: &str) -> (Vec<Value>, Option<String>) {
    let mut values = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(value) => values.push(value),
            Err(error) => return (values, Some(error.to_string())),
        }
    }
    (values, None)
}

/// Mends what has one meaning only: comments, HTML comment and CDATA wrappers, a comma before a
/// closing bracket, semicolons after the value, line breaks and other control characters within
/// strings, `\'`, and quotes that were escaped for HTML.
fn repaired(text: &str) -> String {
    if text.contains("&quot;") && !text.contains('"') {
        return repaired(&text.replace("&quot;", "\"").replace("&amp;", "&"));
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim_start_matches('\u{feff}');
    while let Some(character) = rest.chars().next() {
        rest = if character == '"' {
            repair_string(rest, &mut out)
        } else if let Some(after) = after_junk(rest) {
            after
        } else {
            if matches!(character, '}' | ']') {
                let end = out.trim_end();
                let end = end.strip_suffix(',').unwrap_or(end).len();
                out.truncate(end);
            }
            out.push(character);
            &rest[character.len_utf8()..]
        };
    }
    out
}

/// Copies the string at the start of `text`; gives what follows it.
fn repair_string<'t>(text: &'t str, out: &mut String) -> &'t str {
    out.push('"');
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                out.push('"');
                return &text[at + 1..];
            }
            '\\' => match characters.next() {
                Some((_, '\'')) => out.push('\''),
                Some((_, '\n' | '\r')) | None => {}
                Some((_, escaped)) => out.extend(['\\', escaped]),
            },
            control if u32::from(control) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => out.push(other),
        }
    }
    ""
}

/// What follows a comment, a wrapper or a semicolon at the start of `text`, if one stands there.
fn after_junk(text: &str) -> Option<&str> {
    for (opening, closing) in [("//", "\n"), ("/*", "*/")] {
        if let Some(comment) = text.strip_prefix(opening) {
            return Some(comment.split_once(closing).map_or("", |(_, after)| after));
        }
    }
    if let Some((comment, after)) =
        text.strip_prefix("<!--").and_then(|rest| rest.split_once("-->"))
        && !comment.contains(['{', '['])
    {
        return Some(after);
    }
    // What is left of these wraps the values.
    ["<!--", "-->", "<![CDATA[", "]]>", ";"].iter().find_map(|junk| text.strip_prefix(junk))
}

/// All nodes of a type anywhere in these values, in order: alone, in arrays, in `@graph`, within
/// other things.
pub(crate) fn nodes_of_type<'v>(values: &'v [Value], wanted: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    walk(values, |node| {
        if is_of_type(node, wanted) {
            found.push(node);
        }
    });
    found
}

/// The nodes that others may refer to by `@id`.
pub(crate) fn nodes_by_id(values: &[Value]) -> BTreeMap<&str, &Value> {
    let mut found = BTreeMap::new();
    walk(values, |node| {
        // A node that is an id alone is a reference itself.
        if let Some(id) = node.get("@id").and_then(Value::as_str)
            && node.as_object().is_some_and(|node| node.len() > 1)
        {
            found.entry(id).or_insert(node);
        }
    });
    found
}

fn walk<'v>(values: &'v [Value], mut visit: impl FnMut(&'v Value)) {
    let mut waiting: Vec<(&Value, usize)> = values.iter().rev().map(|value| (value, 0)).collect();
    while let Some((value, depth)) = waiting.pop() {
        if depth > MAX_DEPTH {
            continue;
        }
        match value {
            Value::Array(items) => waiting.extend(items.iter().rev().map(|item| (item, depth + 1))),
            Value::Object(fields) => {
                visit(value);
                waiting.extend(fields.values().rev().map(|field| (field, depth + 1)));
            }
            _ => {}
        }
    }
}

fn is_of_type(node: &Value, wanted: &str) -> bool {
    let is = |name: &Value| name.as_str().is_some_and(|name| schema_name(name) == wanted);
    match node.get("@type") {
        Some(Value::Array(types)) => types.iter().any(is),
        Some(name) => is(name),
        None => false,
    }
}

/// What stands under this name in a node, whether the name is written short or in full.
pub(crate) fn field<'v>(node: &'v Value, name: &str) -> Option<&'v Value> {
    let fields = node.as_object()?;
    let full = || fields.iter().find(|(key, _)| schema_name(key) == name).map(|(_, value)| value);
    fields.get(name).or_else(full)
}

/// A schema.org name without its address: `title` for `https://schema.org/title`.
pub(crate) fn schema_name(name: &str) -> &str {
    const PREFIXES: [&str; 5] = [
        "https://schema.org/",
        "http://schema.org/",
        "https://www.schema.org/",
        "http://www.schema.org/",
        "schema:",
    ];
    let name = name.trim();
    PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: Value) {
        let (values, error) = read_script(script);
        assert_eq!((values, error), (vec![expected], None), "{script}");
    }

    #[test]
    fn json_that_can_mean_one_thing_only_is_mended() {
        let driver = || serde_json::json!({"title": "Водій, B/E"});
        check("{\"title\": \"Водій, B/E\"}", driver());
        check("<!--\n{\"title\": \"Водій, B/E\",}\n-->", driver());
        check("//<![CDATA[\n{\"title\": \"Водій, B/E\"}\n//]]>", driver());
        check("/* ad */ {\"title\": // name\n \"Водій, B/E\" } ;", driver());
        check("{&quot;title&quot;: &quot;Водій, B/E&quot;}", driver());
        check(
            "{\"a\": \"one\ntwo\t\\'3\\' // no comment, }\"}",
            serde_json::json!({"a": "one\ntwo\t'3' // no comment, }"}),
        );
        check("[1, 2, ]", serde_json::json!([1, 2]));
        check("<!-- an ad -->\n{\"a\": \"<!-- b -->\"}", serde_json::json!({"a": "<!-- b -->"}));
    }

    #[test]
    fn json_that_cannot_be_mended_is_named_and_what_stood_before_it_stays() {
        let (values, error) = read_script("{\"a\": 1} {\"b\": ");
        assert_eq!(values, [serde_json::json!({"a": 1})]);
        assert!(error.is_some());
    }

    #[test]
    fn nodes_are_found_wherever_they_stand() {
        let page = serde_json::json!({"@graph": [
            {"@type": ["Thing", "https://schema.org/JobPosting"], "title": "1"},
            {"@type": "ItemList", "itemListElement": [{"item": {"@type": "schema:JobPosting", "title": "2"}}]},
        ]});
        let values = [page];
        let titles: Vec<_> =
            nodes_of_type(&values, "JobPosting").iter().map(|node| &node["title"]).collect();
        assert_eq!(titles, ["1", "2"]);
    }
}
