//! The brief as one page of HTML that holds all it needs: no script, no font, no address.

use std::fmt::Write as _;

use domain::Language;

use super::plot::{self, Bar};
use super::{Brief, Wording, called, decimal, name, say};
use crate::chance::Ratio;
use crate::counts::Dimension;
use crate::trends::{Change, Trend};

const STYLE: &str = "@page{size:A4;margin:16mm 15mm}*{box-sizing:border-box}\
body{font:11pt/1.45 'Noto Sans','DejaVu Sans',Arial,sans-serif;color:#000;background:#fff;\
max-width:180mm;margin:0 auto;padding:8mm 4mm}h1{font-size:19pt;margin:0 0 1mm}\
h2{font-size:13pt;margin:7mm 0 2mm;border-bottom:1.5pt solid #000;padding-bottom:1mm;break-after:avoid}\
h3{font-size:11pt;margin:3mm 0 1mm;break-after:avoid}p{margin:1.5mm 0}\
.limits{border:1pt solid #000;padding:2mm 3mm;font-size:9.5pt;margin-right:1mm}\
svg{width:100%;height:auto;font-size:12.5px}.small{font-size:10.5px}section{break-inside:avoid}\
ul{margin:1mm 0;padding-left:6mm}li{margin:.8mm 0}.words li{display:inline-block;list-style:none;\
border:1pt solid #000;border-radius:2mm;padding:.5mm 2.5mm;margin:1mm 1.5mm 1mm 0}.words{padding:0}\
.note{font-size:9pt;color:#222}.lead{font-size:12pt}@media print{body{padding:0;max-width:none}}";

/// Escapes text for HTML and SVG.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() && c != '\n' => safe.push(' '),
            // Marks that turn the direction of reading could make a page say something else.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c => safe.push(c),
        }
    }
    safe
}

/// A page with this title and body.
pub(crate) fn page(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n",
        language.code(),
        escaped(title)
    )
}

/// The brief in one of its four languages.
pub fn html(brief: &Brief, language: Language) -> String {
    let told = |id: &str, given: &[(&str, &str)]| escaped(&say(id, language, given));
    let trends = &brief.trends;
    let (week, from, to) =
        (trends.week.to_string(), day(trends.from, language), day(trends.to, language));
    let k = brief.shown_from.to_string();
    let mut body = format!(
        "<header><h1>{}</h1><p class=\"lead\">{}</p><p><b>{}</b></p><p class=\"limits\">{}</p></header>\n",
        told("title", &[]),
        told("subtitle", &[]),
        told("week", &[("week", &week), ("from", &from), ("to", &to)]),
        told("limits", &[("k", &k)]),
    );
    in_short(brief, language, &mut body);
    for (heading, dimension) in [
        ("offers", Dimension::Sector),
        ("whom", Dimension::TargetGroup),
        ("where", Dimension::Country),
        ("routes", Dimension::Route),
        ("platforms", Dimension::Platform),
        ("languages", Dimension::Language),
        ("signs", Dimension::Indicator),
    ] {
        list(brief, heading, dimension, language, &mut body);
    }
    wording(brief, language, &k, &mut body);
    changed(brief, language, &mut body);
    let advice: String =
        (1..=5).map(|n| format!("<li>{}</li>", told(&format!("advice-{n}"), &[]))).collect();
    let _ = writeln!(body, "<section><h2>{}</h2><ul>{advice}</ul></section>", told("advice", &[]));
    let past = trends.read_past.len().to_string();
    let _ = writeln!(
        body,
        "<section class=\"note\"><h2>{}</h2><p>{}</p><p>{}</p><p>{}</p></section>",
        told("how", &[]),
        told("how-1", &[("past", &past)]),
        told("how-2", &[]),
        told("made", &[("version", env!("CARGO_PKG_VERSION"))]),
    );
    page(language, &say("title", language, &[]), &body)
}

fn in_short(brief: &Brief, language: Language, body: &mut String) {
    let told = |id: &str, given: &[(&str, &str)]| escaped(&say(id, language, given));
    let all = brief.all();
    let hidden = format!("<{}", brief.shown_from);
    let shown = |count: Option<u64>| match count {
        Some(count) if count > 0 => grouped(count),
        _ => hidden.clone(),
    };
    let (read, flagged) =
        (shown(Some(brief.trends.read)), shown(all.and_then(|trend| trend.count)));
    let _ = writeln!(
        body,
        "<section><h2>{}</h2><p>{}</p>",
        told("in-short", &[]),
        told("read", &[("read", &read), ("flagged", &flagged)])
    );
    let Some(all) = all.filter(|all| all.count.is_some_and(|count| count > 0)) else {
        let _ = writeln!(body, "<p>{}</p></section>", told("too-few", &[]));
        return;
    };
    let sentence = match all.change {
        Change::Rising => "rising-all",
        Change::Falling => "falling-all",
        Change::Steady => "steady-all",
        Change::ShortPast => "short-past",
    };
    let numbers = numbers(all.ratio, language);
    let given = [("ratio", numbers[0].as_str()), ("low", &numbers[1]), ("high", &numbers[2])];
    let _ = writeln!(body, "<p>{}</p>", told(sentence, &given));
    let past = i32::try_from(all.past.len()).unwrap_or(0);
    let weeks: Vec<(String, Option<u64>)> = all
        .past
        .iter()
        .chain([&all.count])
        .enumerate()
        .map(|(place, count)| {
            let week = brief.trends.week.back(past - i32::try_from(place).unwrap_or(0));
            (week.monday().strftime("%d.%m").to_string(), *count)
        })
        .collect();
    let title = say("weeks-plot", language, &[]);
    let _ = writeln!(body, "<h3>{}</h3>{}</section>", escaped(&title), plot::weeks(&title, &weeks));
}

fn list(brief: &Brief, heading: &str, dimension: Dimension, language: Language, body: &mut String) {
    let rows = brief.rows(dimension);
    let title = say(heading, language, &[]);
    let _ = write!(body, "<section><h2>{}</h2>", escaped(&title));
    if rows.is_empty() {
        let _ = writeln!(body, "<p>{}</p></section>", escaped(&say("none", language, &[])));
        return;
    }
    let bars: Vec<Bar> = rows
        .iter()
        .map(|trend| Bar {
            label: called(trend, language),
            count: trend.count.unwrap_or(0),
            expected: expected(trend),
        })
        .collect();
    let _ = write!(body, "{}", plot::bars(&title, &bars));
    let legend = if dimension == Dimension::Sector {
        format!("<p class=\"note\">{}</p>", escaped(&say("legend", language, &[])))
    } else {
        String::new()
    };
    let _ = writeln!(body, "{legend}</section>");
}

/// What the past would let expect for as much read. Not told where it is too little to be shown.
fn expected(trend: &Trend) -> Option<f64> {
    let ratio = trend.ratio?;
    let shown = trend.past.iter().all(Option::is_some);
    (shown && ratio.value > 0.0).then(|| (trend.count.unwrap_or(0) as f64 + 0.5) / ratio.value)
}

fn wording(brief: &Brief, language: Language, k: &str, body: &mut String) {
    if brief.wording.is_empty() && brief.new_words.is_empty() {
        return;
    }
    let told = |id: &str, given: &[(&str, &str)]| escaped(&say(id, language, given));
    let _ = write!(
        body,
        "<section><h2>{}</h2><p class=\"note\">{}</p></section>",
        told("wording", &[]),
        told("wording-note", &[("k", k)])
    );
    let mut by_language: Vec<&str> = brief.wording.iter().map(|w| w.language.as_str()).collect();
    by_language.dedup();
    for code in by_language {
        let words = brief.wording.iter().filter(|wording| wording.language == code);
        let heading = name("language", code, language);
        let _ = write!(body, "<section><h3>{}</h3>{}</section>", escaped(&heading), chips(words));
    }
    if !brief.new_words.is_empty() {
        let _ = write!(
            body,
            "<section><h3>{}</h3>{}</section>",
            told("new-words", &[]),
            chips(brief.new_words.iter())
        );
    }
    body.push('\n');
}

fn chips<'a>(words: impl Iterator<Item = &'a Wording>) -> String {
    let items: String =
        words.map(|w| format!("<li>{} · {}</li>", escaped(&w.words), w.texts)).collect();
    format!("<ul class=\"words\">{items}</ul>")
}

fn changed(brief: &Brief, language: Language, body: &mut String) {
    let told = |id: &str| escaped(&say(id, language, &[]));
    let changes = brief.changes();
    let _ = write!(body, "<section><h2>{}</h2>", told("changed"));
    if changes.is_empty() {
        let short = brief.all().is_none_or(|all| all.change == Change::ShortPast);
        let sentence = if short { "short-past" } else { "nothing-changed" };
        let _ = writeln!(body, "<p>{}</p></section>", told(sentence));
        return;
    }
    body.push_str("<ul>");
    for trend in changes {
        let sentence = if trend.change == Change::Rising { "rose" } else { "fell" };
        let what = called(trend, language);
        let [ratio, low, high] = numbers(trend.ratio, language);
        let given = [("what", what.as_str()), ("ratio", &ratio), ("low", &low), ("high", &high)];
        let _ = write!(body, "<li>{}</li>", escaped(&say(sentence, language, &given)));
    }
    body.push_str("</ul></section>\n");
}

fn numbers(ratio: Option<Ratio>, language: Language) -> [String; 3] {
    let Some(Ratio { value, low, high }) = ratio else { return Default::default() };
    [value, low, high].map(|number| decimal(number, language))
}

/// A date as it is written in this language.
fn day(date: jiff::civil::Date, language: Language) -> String {
    let form = if language == Language::En { "%-d %B %Y" } else { "%d.%m.%Y" };
    date.strftime(form).to_string()
}

/// Thousands apart, by a narrow blank.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
