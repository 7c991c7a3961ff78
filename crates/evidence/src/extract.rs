//! A row cut out of a capture that holds many: what a snapshot of an imported posting shows, since
//! the other rows are other people's. It says which bytes of which capture it is, so that whoever
//! has the whole capture can hold the two against each other.

use domain::{Capture, CaptureId, RowPlace, Sha256};
use serde::{Deserialize, Serialize};

/// Which bytes of a capture an extract is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExtractOf {
    /// The whole capture; the custody log lists it.
    pub(crate) capture: CaptureId,
    /// Digest of its payload.
    pub(crate) payload: Sha256,
    /// So many bytes at its beginning, the names of the columns, come first.
    pub(crate) header: usize,
    /// Then the bytes from here
    pub(crate) start: usize,
    /// to here.
    pub(crate) end: usize,
}

/// The row at this place, as a capture of its own; `None` if the capture does not reach so far.
pub(crate) fn cut(whole: &Capture, row: RowPlace) -> Option<(Capture, ExtractOf)> {
    let content = whole.content();
    let body = [content.get(..row.header)?, content.get(row.start..row.end)?].concat();
    let file = whole.url.split_once('#').map_or(whole.url.as_str(), |(file, _)| file);
    let url = format!("{file}#line={}", row.line);
    let sha256 = Sha256::of(&body);
    let of = ExtractOf {
        capture: whole.id.clone(),
        payload: whole.sha256,
        header: row.header,
        start: row.start,
        end: row.end,
    };
    let extract = Capture {
        id: CaptureId::derive(&whole.source, &url, whole.fetched_at, &sha256),
        url,
        body,
        sha256,
        decoded: None,
        source: whole.source.clone(),
        role: whole.role,
        method: whole.method,
        redirects: whole.redirects.clone(),
        fetched_at: whole.fetched_at,
        status: whole.status,
        request_headers: whole.request_headers.clone(),
        response_headers: whole.response_headers.clone(),
        peer: whole.peer.clone(),
    };
    Some((extract, of))
}
