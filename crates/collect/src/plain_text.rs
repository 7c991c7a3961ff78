//! From a piece of HTML to the text that a reader of the page sees. Tokens alone, no tree: each
//! byte is looked at a fixed number of times, whatever the mark-up is like.

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// The words of a piece of HTML: tags off, character references resolved, blanks run together,
/// a line for each block. Never fails; a `<` that begins no tag stays as it is.
pub fn plain_text(html_fragment: &str) -> String {
    read(html_fragment, false).lines.out
}

/// The words of a table's cell, which may hold HTML or plain text. Its own line breaks are kept
/// unless mark-up says where lines end.
pub(crate) fn plain_cell(cell: &str) -> String {
    if !cell.contains(['<', '&']) {
        return cell.trim().to_owned();
    }
    let kept = read(cell, true);
    if kept.saw_block { plain_text(cell) } else { kept.lines.out }
}

struct Reader<'a> {
    rest: &'a str,
    lines: Lines,
    saw_block: bool,
    /// A quote in some tag is never closed: from here on the next `>` ends a tag. Looking to the
    /// end again for each tag would take time that grows with the square of the length.
    quotes_are_broken: bool,
    /// No `>` is left.
    no_tags_left: bool,
}

fn read(html: &str, keep_newlines: bool) -> Reader<'_> {
    let lines = Lines { out: String::with_capacity(html.len()), keep_newlines, ..Lines::default() };
    let mut reader = Reader {
        rest: html,
        lines,
        saw_block: false,
        quotes_are_broken: false,
        no_tags_left: false,
    };
    while !reader.rest.is_empty() {
        let text = reader.rest.find(['<', '&']).unwrap_or(reader.rest.len());
        let (words, rest) = reader.rest.split_at(text);
        reader.lines.push_str(words);
        reader.rest = rest;
        match rest.as_bytes().first() {
            Some(b'<') => reader.mark_up(),
            Some(_) => reader.reference(),
            None => {}
        }
    }
    reader
}

impl<'a> Reader<'a> {
    /// `rest` begins with `<`.
    fn mark_up(&mut self) {
        let bytes = self.rest.as_bytes();
        let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
        if self.rest.starts_with("<!--") {
            // An open comment hides the rest of the page, in browsers too.
            let end = self.rest[4..].find("-->").map_or(self.rest.len(), |at| 4 + at + 3);
            self.rest = &self.rest[end..];
        } else if is_letter(1) || bytes.get(1) == Some(&b'/') && is_letter(2) {
            match self.tag_end() {
                Some(end) => self.tag(end),
                None => self.literal(),
            }
        } else if matches!(bytes.get(1), Some(b'!' | b'?')) && !self.no_tags_left {
            match self.rest.find('>') {
                Some(end) => self.rest = &self.rest[end + 1..],
                None => {
                    self.no_tags_left = true;
                    self.literal();
                }
            }
        } else {
            self.literal();
        }
    }

    fn literal(&mut self) {
        self.lines.push('<');
        self.rest = &self.rest[1..];
    }

    /// Where the `>` of this tag is. One inside a quoted attribute value does not count.
    fn tag_end(&mut self) -> Option<usize> {
        if self.no_tags_left {
            return None;
        }
        if !self.quotes_are_broken {
            if let Some(end) = quoted_tag_end(self.rest.as_bytes()) {
                return Some(end);
            }
            self.quotes_are_broken = true;
        }
        let end = self.rest.find('>');
        self.no_tags_left = end.is_none();
        end
    }

    fn tag(&mut self, end: usize) {
        let (tag, rest) = self.rest.split_at(end + 1);
        self.rest = rest;
        let closing = tag.starts_with("</");
        let name = tag.trim_start_matches(['<', '/']);
        let name = name.split(|c: char| c.is_ascii_whitespace() || "/>".contains(c)).next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "br" => {
                self.saw_block = true;
                self.lines.line_break();
            }
            "td" | "th" => self.lines.push(' '),
            "script" | "style" if !closing => self.skip_past_end_of(&name),
            "pre" if closing => self.lines.pre = self.lines.pre.saturating_sub(1),
            "pre" => self.lines.pre += 1,
            _ => {}
        }
        if BLOCKS.contains(&name.as_str()) {
            self.saw_block = true;
            self.lines.block();
        }
    }

    /// What stands in a script is never text. An open one hides the rest of the page.
    fn skip_past_end_of(&mut self, name: &str) {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</") {
            from += at + 2;
            let found = self.rest.as_bytes().get(from..from + name.len());
            if found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
                self.rest = &self.rest[from - 2..];
                return;
            }
        }
        self.rest = "";
    }

    /// `rest` begins with `&`.
    fn reference(&mut self) {
        let (resolved, length) = match self.rest.strip_prefix("&#") {
            Some(number) => numeric(number).unwrap_or((['&', '\0'], 1)),
            None => named(&self.rest[1..]).unwrap_or((['&', '\0'], 1)),
        };
        for c in resolved.into_iter().filter(|c| *c != '\0') {
            self.lines.push(c);
        }
        self.rest = &self.rest[length..];
    }
}

fn quoted_tag_end(tag: &[u8]) -> Option<usize> {
    let mut after_equals = false;
    let mut at = 1;
    while let Some(byte) = tag.get(at) {
        match byte {
            b'>' => return Some(at),
            b'"' | b'\'' if after_equals => {
                at += 1 + tag[at + 1..].iter().position(|other| other == byte)?;
                after_equals = false;
            }
            b'=' => after_equals = true,
            byte if byte.is_ascii_whitespace() => {}
            _ => after_equals = false,
        }
        at += 1;
    }
    None
}

/// `#8364;`, `#x20AC;`; gives the character and the length with `&#`.
fn numeric(number: &str) -> Option<([char; 2], usize)> {
    let hex = number.strip_prefix(['x', 'X']);
    let (digits, radix) = (hex.unwrap_or(number), if hex.is_some() { 16 } else { 10 });
    let count = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let code = u32::from_str_radix(&digits[..count], radix).unwrap_or(u32::MAX);
    let c = match code {
        // Written by people who meant windows-1252, so says the HTML standard.
        0x80..=0x9F => C1_REPLACEMENTS[(code - 0x80) as usize].or(char::from_u32(code)),
        0 => None,
        _ => char::from_u32(code),
    };
    let semicolon = usize::from(digits.as_bytes().get(count) == Some(&b';'));
    let length = 2 + usize::from(hex.is_some()) + count + semicolon;
    Some(([c.unwrap_or(char::REPLACEMENT_CHARACTER), '\0'], length))
}

/// `amp;`; gives one or two characters and the length with `&`. Without semicolon the whole word
/// must be a name, so that `&section=2` of an address stays what it is.
fn named(name: &str) -> Option<([char; 2], usize)> {
    let letters = name.bytes().take(40).take_while(u8::is_ascii_alphanumeric).count();
    let semicolon = usize::from(name.as_bytes().get(letters) == Some(&b';'));
    if semicolon == 0 && name.as_bytes().get(letters) == Some(&b'=') {
        return None;
    }
    let length = letters + semicolon;
    let (first, second) = *NAMED_ENTITIES.get(&name[..length])?;
    // The table holds beginnings of names too, as zeros.
    let first = char::from_u32(first).filter(|c| *c != '\0')?;
    Some(([first, char::from_u32(second).unwrap_or('\0')], 1 + length))
}

/// Lines of text in which blanks run together.
#[derive(Default)]
struct Lines {
    out: String,
    keep_newlines: bool,
    pre: usize,
    blank: bool,
    newlines: u8,
}

impl Lines {
    fn push_str(&mut self, words: &str) {
        words.chars().for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        match c {
            '\n' if self.keep_newlines || self.pre > 0 => self.line_break(),
            c if c.is_ascii_whitespace() => self.blank = true,
            c => {
                if self.out.is_empty() {
                    // Nothing to part from.
                } else if self.newlines > 0 {
                    (0..self.newlines).for_each(|_| self.out.push('\n'));
                } else if self.blank {
                    self.out.push(' ');
                }
                (self.blank, self.newlines) = (false, 0);
                self.out.push(c);
            }
        }
    }

    /// At most one empty line in a row.
    fn line_break(&mut self) {
        self.newlines = (self.newlines + 1).min(2);
    }

    fn block(&mut self) {
        self.newlines = self.newlines.max(1);
    }
}

const BLOCKS: [&str; 40] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "title",
    "tr",
    "ul",
    "tbody",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(plain_text(html), expected, "{html}");
    }

    #[test]
    fn blocks_are_lines_and_blanks_run_together() {
        check("<p>One\n  two</p><p>three<br>four<ul><li>5<li>6</ul>", "One two\nthree\nfour\n5\n6");
        check("  a <b>b</b>\t<i>c</i>  ", "a b c");
        check("<table><tr><td>a<td>b<tr><th>c</table>", "a b\nc");
        check("a<br><br><br><br>b", "a\n\nb");
        check("<pre>a\n  b</pre>c", "a\nb\nc");
    }

    #[test]
    fn character_references_are_resolved() {
        check("&amp;&lt;b&gt; &#1087;&#x43F; &euro;&#128; &nbsp;&quot;", "&<b> пп €€ \u{a0}\"");
        check(
            "a & b &c; &#; &#x; ?x=1&section=2&copy=3",
            "a & b &c; &#; &#x; ?x=1&section=2&copy=3",
        );
        check("&amp;lt; &nbsp &#0; &#xFFFFFFFFF; &NotEqualTilde;", "&lt; \u{a0} � � ≂̸");
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        check("a<script>if (1 < 2) '</b>'</script>b<style>p{}</style>c<!-- <b>no</b> -->d", "abcd");
        check("<!DOCTYPE html><?xml?>a", "a");
        check("a<script>never closed", "a");
        check("<a href='x>y' title=it's>link</a>", "link");
        check("опыт с <highlighttext>аналитикой</highlighttext>", "опыт с аналитикой");
    }

    #[test]
    fn a_less_than_sign_is_no_tag() {
        check("age < 30, 5<6, a <", "age < 30, 5<6, a <");
        check("I <3 you <b and so on", "I <3 you <b and so on");
    }

    #[test]
    fn lines_of_a_plain_cell_are_kept() {
        assert_eq!(plain_cell(" one\ntwo "), "one\ntwo");
        assert_eq!(plain_cell("one &amp;\n<b>two</b>"), "one &\ntwo");
        assert_eq!(plain_cell("<p>one\ntwo<p>three"), "one two\nthree");
    }

    /// Each of these took time with the square of its length in a reader that looks for the end of
    /// each tag anew. The test has no clock: it would not end.
    #[test]
    fn hostile_mark_up_is_read_in_one_pass() {
        for piece in [
            "<",
            "<a ",
            "<a =\"",
            "<a ='\">",
            "<!--",
            "<!",
            "&",
            "&#",
            "<script></",
            "<a =\"<b ='",
            "<!-",
        ] {
            let hostile = piece.repeat(300_000 / piece.len());
            plain_text(&hostile);
            plain_text(&format!("{hostile}>"));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(html in "(<|>|&|/|=|\"|'|p|br|script|--|!|#|;|[ \\n]|\\PC){0,60}") {
            let text = plain_text(&html);
            proptest::prop_assert!(!text.starts_with([' ', '\n']));
            plain_cell(&html);
        }
    }
}
