use std::time::Duration;

/// How the client behaves.
#[derive(Clone, Debug)]
pub struct PoliteSettings {
    /// Sent with every request; names a person to write to.
    pub user_agent: String,
    /// Least pause between an answer of a host and the next request to it, unless the source says
    /// otherwise.
    pub min_delay: Duration,
    /// Most requests to a host on one UTC day, robots.txt and redirects included.
    pub max_requests_per_host: u32,
    /// Largest body, as received and with its encoding off.
    pub max_body_bytes: usize,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for a whole answer.
    pub timeout: Duration,
    /// Most answers of more than 128 KiB that are held in memory at once.
    pub large_answers: usize,
    /// Most redirects that are followed for one page.
    pub max_redirects: usize,
}

impl PoliteSettings {
    /// The defaults, with the desk's contact address: an e-mail address or a web page.
    pub fn with_contact(contact: &str) -> Self {
        // What could end the comment or the header is no part of an address.
        let contact = contact.chars().filter(|c| c.is_ascii_graphic() && !"()\\".contains(*c));
        let contact: String = contact.collect();
        let contact = match contact.as_str() {
            "" => String::new(),
            page if page.contains("://") => format!(" (+{page})"),
            address => format!(" (+mailto:{})", address.trim_start_matches("mailto:")),
        };
        Self {
            user_agent: format!("FusionCenter/{}{contact}", env!("CARGO_PKG_VERSION")),
            min_delay: Duration::from_secs(2),
            max_requests_per_host: 5_000,
            max_body_bytes: 8 * 1024 * 1024,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            large_answers: 6,
            max_redirects: 5,
        }
    }
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nothing is fetched anonymously.
    #[error("the user agent `{0}` names nobody to write to; give the desk a contact address")]
    NoContact(String),
    /// The machine's certificates or network could not be used.
    #[error("cannot set up the web client: {0}")]
    Build(#[from] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_names_a_person_to_write_to() {
        for (contact, expected) in [
            ("desk@example.org", " (+mailto:desk@example.org)"),
            ("https://example.org/bot", " (+https://example.org/bot)"),
            ("a@b.org\r\nX: y)", " (+mailto:a@b.orgX:y)"),
        ] {
            let agent = PoliteSettings::with_contact(contact).user_agent;
            assert_eq!(agent, format!("FusionCenter/{}{expected}", env!("CARGO_PKG_VERSION")));
        }
    }
}
