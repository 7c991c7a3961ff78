//! Labelled postings: what a person would have decided, one JSON object a line.

use domain::Language;
use serde::Serialize;
use serde_json::{Map, Value};

/// A posting with a person's judgement of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// Its id; `line 12` if it has none.
    pub id: String,
    /// The language it is said to be in.
    pub language: Option<Language>,
    /// Headline.
    pub title: Option<String>,
    /// Body.
    pub text: String,
    /// Whether a trained reader should look at it.
    pub lead: bool,
    /// The indicators that it asserts, sorted; `None` if nobody said.
    pub indicators: Option<Vec<String>>,
    /// The situation it was written for. Postings of one scenario resemble each other: intervals
    /// and held-out parts are drawn by scenario.
    pub scenario: Option<String>,
}

/// A line that is no labelled posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Reads the lines of a file; empty ones are passed over, unknown keys ignored.
pub fn read_labelled(bytes: &[u8]) -> (Vec<Labelled>, Vec<BadLine>) {
    let mut postings = Vec::new();
    let mut bad = Vec::new();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match read_line(line, number) {
            Ok(posting) => postings.push(posting),
            Err(message) => bad.push(BadLine { line: number, message }),
        }
    }
    (postings, bad)
}

fn read_line(line: &[u8], number: usize) -> Result<Labelled, String> {
    let value: Value =
        serde_json::from_slice(line).map_err(|error| format!("no JSON object: {error}"))?;
    let Value::Object(fields) = value else { return Err("no JSON object".to_owned()) };
    let id = match fields.get("id") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => format!("line {number}"),
    };
    let text = text_of(&fields, "text")?;
    let title = text_of(&fields, "title")?;
    if text.is_none() && title.is_none() {
        return Err("neither `text` nor `title`".to_owned());
    }
    let language = fields.get("lang").and_then(Value::as_str).and_then(Language::from_code);
    let lead = lead(fields.get("label").ok_or("no `label`")?)?;
    let indicators = fields.get("indicators").filter(|value| !value.is_null());
    let indicators = indicators.map(indicator_ids).transpose()?;
    let scenario = fields.get("scenario").and_then(Value::as_str).map(ToOwned::to_owned);
    let text = text.unwrap_or_default();
    Ok(Labelled { id, language, title, text, lead, indicators, scenario })
}

fn text_of(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` is no text")),
    }
}

fn lead(label: &Value) -> Result<bool, String> {
    match label {
        Value::Bool(lead) => Ok(*lead),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Ok(true),
            Some(0.0) => Ok(false),
            _ => Err(format!("label {number} is neither 1 nor 0")),
        },
        Value::String(word) => match word.trim().to_lowercase().as_str() {
            "lead" | "trigger" | "true" | "1" => Ok(true),
            "ordinary" | "benign" | "false" | "0" => Ok(false),
            _ => Err("`label` is neither lead nor ordinary".to_owned()),
        },
        _ => Err("`label` is neither lead nor ordinary".to_owned()),
    }
}

fn indicator_ids(value: &Value) -> Result<Vec<String>, String> {
    let wrong = || "`indicators` is no list of ids".to_owned();
    let Value::Array(items) = value else { return Err(wrong()) };
    let ids = items.iter().map(|item| item.as_str().map(ToOwned::to_owned).ok_or_else(wrong));
    let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_understood_in_all_their_spellings() {
        let labels = |spellings: &[&str]| -> Vec<bool> {
            let lines =
                spellings.iter().map(|label| format!("{{\"text\":\"x\",\"label\":{label}}}"));
            let (read, bad) = read_labelled(lines.collect::<Vec<_>>().join("\n").as_bytes());
            assert_eq!(bad, []);
            read.iter().map(|posting| posting.lead).collect()
        };
        assert_eq!(labels(&["\"lead\"", "\"trigger\"", "true", "1", "1.0"]), [true; 5]);
        assert_eq!(labels(&["\"ordinary\"", "\"benign\"", "false", "0", "\"0\""]), [false; 5]);
    }

    #[test]
    fn a_bad_line_is_named_and_the_others_are_read() {
        let lines = "{\"id\":7,\"lang\":\"uk-UA\",\"text\":\"x\",\"label\":1,\"new\":[]}\n\n\
            no json\n{\"text\":\"x\"}\n{\"text\":\"x\",\"label\":\"maybe\"}\n[1]\n\
            {\"text\":5,\"label\":1}\n{\"label\":1}\n\
            {\"text\":\"x\",\"label\":0,\"indicators\":[\"b\",\"a\",\"b\"],\"scenario\":\"farm\"}";
        let (read, bad) = read_labelled(lines.as_bytes());
        assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
        assert_eq!((read[0].id.as_str(), read[0].language), ("7", Some(Language::Uk)));
        assert_eq!(read[0].indicators, None);
        assert_eq!((read[1].id.as_str(), read[1].scenario.as_deref()), ("line 9", Some("farm")));
        assert_eq!(read[1].indicators.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
    }
}
