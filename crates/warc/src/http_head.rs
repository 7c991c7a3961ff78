//! HTTP messages as WARC blocks hold them.

use domain::Header;

/// First line and headers of an HTTP message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpHead {
    /// Of a response: 200, 404. 0 when the first line states none.
    pub status: u16,
    /// In order, spelled as they came.
    pub headers: Vec<Header>,
    /// Where the body begins.
    pub body: usize,
}

/// Reads the head of a message. `None` if it has no end.
pub fn parse_head(block: &[u8]) -> Option<HttpHead> {
    let mut head = HttpHead::default();
    let mut first = true;
    loop {
        let line = block.get(head.body..)?;
        let end = line.iter().position(|byte| *byte == b'\n')?;
        head.body += end + 1;
        let line = line[..end].strip_suffix(b"\r").unwrap_or(&line[..end]);
        if line.is_empty() && !first {
            return Some(head);
        }
        let line = String::from_utf8_lossy(line);
        if first && line.starts_with("HTTP/") {
            let status = line.split_ascii_whitespace().nth(1);
            head.status = status.and_then(|status| status.parse().ok()).unwrap_or(0);
        }
        if let (false, Some((name, value))) = (first, line.split_once(':')) {
            head.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        first = false;
    }
}
