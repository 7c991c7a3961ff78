use domain::{Capture, CaptureId, CaptureMethod, CaptureRole, Peer, Sha256, Source};
use jiff::Timestamp;

/// A capture of what stood in a file, or of a part of it.
pub(crate) fn capture_of_file(
    source: &Source,
    url: String,
    taken_at: Timestamp,
    content_type: &str,
    body: Vec<u8>,
) -> Capture {
    let sha256 = Sha256::of(&body);
    Capture {
        id: CaptureId::derive(&source.id, &url, taken_at, &sha256),
        source: source.id.clone(),
        role: CaptureRole::Page,
        method: CaptureMethod::File,
        url,
        redirects: Vec::new(),
        fetched_at: taken_at,
        status: 0,
        request_headers: Vec::new(),
        response_headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body,
        sha256,
        decoded: None,
        peer: Peer::default(),
    }
}
