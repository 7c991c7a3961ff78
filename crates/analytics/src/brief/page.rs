//! The brief as one page of HTML that holds all it needs: no script, no font, no address.

use std::fmt::Write as _;

use domain::Language;

use super::sheet::{Block, BriefSheet};

const STYLE: &str = "@page{size:A4;margin:16mm 15mm}*{box-sizing:border-box}\
body{font:11pt/1.45 'Noto Sans','DejaVu Sans',Arial,sans-serif;color:#000;background:#fff;\
max-width:180mm;margin:0 auto;padding:8mm 4mm}h1{font-size:19pt;margin:0 0 1mm}\
h2{font-size:13pt;margin:7mm 0 2mm;border-bottom:1.5pt solid #000;padding-bottom:1mm;break-after:avoid}\
h3{font-size:11pt;margin:3mm 0 1mm;break-after:avoid}p{margin:1.5mm 0}\
.limits{border:1pt solid #000;padding:2mm 3mm;font-size:9.5pt;margin-right:1mm}\
svg{width:100%;height:auto}section{break-inside:avoid}\
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

/// The brief as a page.
pub(super) fn html(sheet: &BriefSheet, language: Language) -> String {
    let BriefSheet { title, subtitle, week, limits, blocks, .. } = sheet;
    let mut body = format!(
        "<header><h1>{}</h1><p class=\"lead\">{}</p><p><b>{}</b></p><p class=\"limits\">{}</p></header>\n",
        escaped(title),
        escaped(subtitle),
        escaped(week),
        escaped(limits),
    );
    // A heading stays with what follows it, up to the next one.
    for (place, block) in blocks.iter().enumerate() {
        if let Block::Heading { .. } = block {
            body.push_str(if place == 0 { "<section>" } else { "</section>\n<section>" });
        }
        set(block, &mut body);
    }
    body.push_str("</section>\n");
    page(language, title, &body)
}

fn set(block: &Block, body: &mut String) {
    let _ = match block {
        Block::Heading { level, text } => write!(body, "<h{level}>{}</h{level}>", escaped(text)),
        Block::Paragraph { text } => write!(body, "<p>{}</p>", escaped(text)),
        Block::Note { text } => write!(body, "<p class=\"note\">{}</p>", escaped(text)),
        Block::Items { items } => {
            let items: String =
                items.iter().map(|item| format!("<li>{}</li>", escaped(item))).collect();
            write!(body, "<ul>{items}</ul>")
        }
        Block::Words { words } => {
            let item =
                |(words, texts): &(String, u64)| format!("<li>{} · {texts}</li>", escaped(words));
            let items: String = words.iter().map(item).collect();
            write!(body, "<ul class=\"words\">{items}</ul>")
        }
        Block::Plot { svg, .. } => write!(body, "{svg}"),
    };
}
