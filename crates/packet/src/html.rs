//! Sets a report as HTML: one page, no script, nothing loaded from anywhere. Whatever comes from
//! outside goes through [`escaped`].

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::page::{Block, Line, Page, Run};
use crate::page_picture::{Frame, Strip};

const STYLE: &str = "body{font:16px/1.5 Georgia,'DejaVu Serif',serif;max-width:50em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.5em}h2{font-size:1.2em;border-bottom:1px solid #999;margin-top:2em}h3{font-size:1em;margin-top:1.5em}\
table{border-collapse:collapse;width:100%;margin:.5em 0}th,td{text-align:left;vertical-align:top;padding:.2em .6em .2em 0;overflow-wrap:anywhere}\
th[scope=col]{white-space:nowrap;border-bottom:1px solid #ccc}th[scope=row]{width:13em;font-weight:normal;color:#555}\
blockquote{white-space:pre-wrap;overflow-wrap:anywhere;margin:1em 0;padding:.5em 1em;border-left:4px solid #999;background:#f6f6f6}\
mark{background:#ffe28a}code{font-size:.8em;overflow-wrap:anywhere}aside{border:1px solid #999;padding:.5em 1em;margin:1em 0}\
aside.grave{border:3px solid #a00}.banner{font-weight:bold;letter-spacing:.03em}td div+div{margin-top:.3em}\
svg.page{display:block;width:100%;height:auto;margin:.5em 0;border:1px solid #999}\
rect.frame{fill:none;stroke:#c00;stroke-width:3}rect.tag{fill:#c00}text.tag{fill:#fff;font:bold 20px sans-serif;text-anchor:middle}";

/// The report as a file of its own.
pub(crate) fn set(page: &Page) -> String {
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <p class=\"banner\">{banner}</p>\n<h1>{title}</h1>\n",
        language = page.language,
        title = escaped(&page.title),
        banner = escaped(&page.banner),
    );
    for block in &page.blocks {
        set_block(&mut html, block);
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn set_block(html: &mut String, block: &Block) {
    match block {
        Block::Heading { level, text } => {
            let _ = writeln!(html, "<h{level}>{}</h{level}>", escaped(text));
        }
        Block::Paragraph { line } => {
            let _ = writeln!(html, "<p>{}</p>", set_line(line));
        }
        Block::Notice { title, lines, grave } => {
            let class = if *grave { " class=\"grave\"" } else { "" };
            let _ = writeln!(html, "<aside{class}><strong>{}</strong>", escaped(title));
            for line in lines {
                let _ = writeln!(html, "<p>{}</p>", set_line(line));
            }
            html.push_str("</aside>\n");
        }
        Block::Facts { rows } => {
            html.push_str("<table>\n");
            for (name, values) in rows {
                let _ = writeln!(
                    html,
                    "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                    escaped(name),
                    set_cell(values)
                );
            }
            html.push_str("</table>\n");
        }
        Block::Table { head, rows } => {
            html.push_str("<table>\n<tr>");
            for name in head {
                let _ = write!(html, "<th scope=\"col\">{}</th>", escaped(name));
            }
            html.push_str("</tr>\n");
            for row in rows {
                html.push_str("<tr>");
                for cell in row {
                    let _ = write!(html, "<td>{}</td>", set_line(cell));
                }
                html.push_str("</tr>\n");
            }
            html.push_str("</table>\n");
        }
        Block::Drawing { title, drawing } => html.push_str(&drawing.svg(title)),
        Block::Picture { title, strips } => {
            strips.iter().for_each(|strip| set_strip(html, title, strip));
        }
        Block::Quotation { language, title, text } => {
            let _ = write!(html, "<blockquote lang=\"{}\" dir=\"auto\">", escaped(language));
            if !title.is_empty() {
                let _ = writeln!(html, "<strong>{}</strong>", set_line(title));
            }
            let _ = writeln!(html, "{}</blockquote>", set_line(text));
        }
    }
}

/// A part of a page's picture, with a frame and a number for each quote.
fn set_strip(html: &mut String, title: &str, strip: &Strip) {
    let Strip { png, width, height, frames, .. } = strip;
    let _ = writeln!(
        html,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"page\" role=\"img\" viewBox=\"0 0 {width} {height}\">\
         <title>{}</title><image href=\"data:image/png;base64,{}\" width=\"{width}\" height=\"{height}\"/>",
        escaped(title),
        BASE64_STANDARD.encode(png),
    );
    for Frame { x, y, width, height, number } in frames {
        let _ = write!(
            html,
            "<rect class=\"frame\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
        if let Some(number) = number {
            let (left, top) = (x.saturating_sub(34), y.saturating_sub(4));
            let _ = write!(
                html,
                "<rect class=\"tag\" x=\"{left}\" y=\"{top}\" width=\"32\" height=\"28\"/>\
                 <text class=\"tag\" x=\"{}\" y=\"{}\">{number}</text>",
                left + 16,
                top + 21,
            );
        }
    }
    html.push_str("</svg>\n");
}

fn set_cell(lines: &[Line]) -> String {
    match lines {
        [line] => set_line(line),
        lines => lines.iter().map(|line| format!("<div>{}</div>", set_line(line))).collect(),
    }
}

fn set_line(line: &Line) -> String {
    let set_run = |run: &Run| match run {
        Run::Plain(text) => escaped(text),
        Run::Strong(text) => format!("<strong>{}</strong>", escaped(text)),
        Run::Quote(text) => format!("<bdi>«{}»</bdi>", escaped(text)),
        Run::Mark(text) => format!("<mark>{}</mark>", escaped(text)),
        Run::Code(text) => format!("<code>{}</code>", escaped(text)),
        Run::Small(text) => format!("<br><small>{}</small>", escaped(text)),
    };
    line.iter().map(set_run).collect()
}

/// Text as it may stand in an element or a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c if is_unruly(c) => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
    html
}

/// Control characters and marks that turn the direction of reading: shown as a replacement
/// character, not obeyed.
pub(crate) fn is_unruly(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || (c.is_control() && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            escaped("<script>'&\"\u{202e}\u{7}"),
            "&lt;script&gt;&#39;&amp;&quot;\u{fffd}\u{fffd}"
        );
    }
}
