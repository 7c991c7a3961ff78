//! HTTP messages as WARC blocks hold them: HTTP/1.1 in form, whatever version was spoken, since
//! that is the form that readers of WARC know.

use domain::Header;
use url::Url;

use crate::warc_write::one_line;

/// The head of a response. The body is kept with its transfer encoding (chunks) off, so that
/// header goes, and the length is the body's.
pub(crate) fn response_head(status: u16, headers: &[Header], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let mut head = format!("HTTP/1.1 {status:03} \r\n");
    let mut states_length = false;
    for (name, value) in headers {
        let is_length = name.eq_ignore_ascii_case("content-length");
        if name.eq_ignore_ascii_case("transfer-encoding") || is_length && *value != length {
            continue;
        }
        states_length |= is_length;
        push_header(&mut head, name, value);
    }
    if !states_length {
        push_header(&mut head, "Content-Length", &length);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// The request that we sent.
pub(crate) fn request_block(url: &str, headers: &[Header]) -> Vec<u8> {
    let target = Url::parse(url).map_or_else(
        |_| "/".to_owned(),
        |url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned(),
    );
    let target = if target.is_empty() { "/" } else { &target };
    let mut block = format!("GET {target} HTTP/1.1\r\n");
    headers.iter().for_each(|(name, value)| push_header(&mut block, name, value));
    block.push_str("\r\n");
    block.into_bytes()
}

fn push_header(head: &mut String, name: &str, value: &str) {
    let name: String = name
        .chars()
        .map(|char| if char.is_ascii_graphic() && char != ':' { char } else { '-' })
        .collect();
    head.push_str(&format!("{name}: {}\r\n", one_line(value)));
}
