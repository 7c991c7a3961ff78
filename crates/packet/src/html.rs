//! HTML as text. Whatever comes from outside goes through [`escaped`].

use domain::Span;

/// Text as it may stand in an element or a quoted attribute. Control characters and marks that turn
/// the direction of reading are shown as a replacement character, not obeyed.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => html.push('\u{fffd}'),
            c if c.is_control() => html.push('\u{fffd}'),
            c => html.push(c),
        }
    }
    html
}

/// `text` with the places of `spans` marked. Spans that overlap become one mark.
pub(crate) fn marked<'a>(text: &str, spans: impl IntoIterator<Item = &'a Span>) -> String {
    let mut places: Vec<(usize, usize)> =
        spans.into_iter().map(|span| (span.start, span.end)).collect();
    places.sort_unstable();
    let mut html = String::new();
    let mut at = 0;
    let mut places = places.into_iter().peekable();
    while let Some((start, mut end)) = places.next() {
        while let Some((_, next_end)) = places.next_if(|(next, _)| *next <= end) {
            end = end.max(next_end);
        }
        let (Some(before), Some(inside)) = (text.get(at..start), text.get(start..end)) else {
            continue;
        };
        html.push_str(&escaped(before));
        html.push_str("<mark>");
        html.push_str(&escaped(inside));
        html.push_str("</mark>");
        at = end;
    }
    html.push_str(&escaped(text.get(at..).unwrap_or_default()));
    html
}

/// A row of a two-column table.
pub(crate) fn row(name: &str, value: &str) -> String {
    format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(name), escaped(value))
}

#[cfg(test)]
mod tests {
    use domain::Field;

    use super::*;

    fn span(start: usize, end: usize) -> Span {
        Span { field: Field::Text, start, end, quote: String::new() }
    }

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            escaped("<script>'&\"\u{202e}\u{7}"),
            "&lt;script&gt;&#39;&amp;&quot;\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn marks_that_overlap_become_one_and_the_rest_is_kept() {
        let spans = [span(6, 9), span(2, 4), span(3, 6), span(90, 99)];
        assert_eq!(marked("0123456789<", &spans), "01<mark>2345678</mark>9&lt;");
        assert_eq!(
            marked("при<в", &[span(1, 3)]),
            "при&lt;в",
            "a span off the borders marks nothing"
        );
    }
}
