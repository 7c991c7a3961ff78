use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CaptureId, Sha256, SourceId};

/// One header line, in the order and spelling in which it came.
pub type Header = (String, String);

/// How the bytes came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaptureMethod {
    /// An HTTP GET by the polite client.
    Http,
    /// Read from a file that a person imported.
    File,
}

/// What a capture was fetched as.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum CaptureRole {
    /// Holds postings, or leads to them.
    #[default]
    Page,
    /// A host's robots.txt: kept as evidence that we were allowed to fetch; holds no postings.
    Robots,
    /// A picture that a posting shows. Holds no postings of its own.
    Image,
    /// A stylesheet that a page names. Holds no postings.
    Stylesheet,
}

/// Who answered, as far as the connection tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// The address that was connected to.
    pub address: Option<IpAddr>,
    /// The certificate that the server showed and that was found good (X.509, DER), when the connection
    /// was TLS.
    pub certificate: Option<Vec<u8>>,
}

/// Bytes as fetched, with request, response headers, UTC time and SHA-256. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Derived from source, address, time and payload.
    pub id: CaptureId,
    /// The source that it was fetched for.
    pub source: SourceId,
    /// What it was fetched as.
    pub role: CaptureRole,
    /// How it came.
    pub method: CaptureMethod,
    /// The address that answered (after redirects); `file:///name#rows=1-1000` for imports.
    pub url: String,
    /// The addresses that were asked first, when redirects led here.
    pub redirects: Vec<String>,
    /// UTC, when the answer was complete.
    pub fetched_at: Timestamp,
    /// HTTP status; 0 for files.
    pub status: u16,
    /// What we sent; empty for files.
    pub request_headers: Vec<Header>,
    /// What came back; for files `Content-Type` alone.
    pub response_headers: Vec<Header>,
    /// The body as received, content encoding (gzip) still on.
    pub body: Vec<u8>,
    /// Over `body`.
    pub sha256: Sha256,
    /// The body with content encoding off, when it had one. Derived, not kept on disk.
    pub decoded: Option<Vec<u8>>,
    /// Who answered; nothing for files, and for captures of before this was kept.
    pub peer: Peer,
}

impl Capture {
    /// The body a reader wants: content encoding off, character encoding still on.
    pub fn content(&self) -> &[u8] {
        self.decoded.as_deref().unwrap_or(&self.body)
    }

    /// Whether it is what was asked for: a file, an answer of status 200 to 299, or what came over a
    /// connection that was handed over (101). Other answers are kept where they came in the place of a
    /// page that is evidence, and no posting is read out of them.
    pub fn is_page(&self) -> bool {
        self.method == CaptureMethod::File || matches!(self.status, 101 | 200..300)
    }

    /// The first response header of this name; case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.response_headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}
