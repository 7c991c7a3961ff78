//! Places that flagged postings point to and that are not collected from yet. They are shown with
//! the leads that name them; whether one becomes a source is for an analyst to say.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Contact, ContactKind, LeadId, Source};
use serde::Serialize;
use store::{QueueFilter, Store};
use url::Url;

use crate::{Desk, PipelineError};

/// Leads whose postings are looked through, highest first.
const MOST_LEADS: usize = 100_000;
/// Leads that are named with a candidate.
const MOST_NAMED: usize = 5;

/// Hosts that everybody links to: no place to collect offers from.
const COMMON_HOSTS: [&str; 12] = [
    "google.com",
    "goo.gl",
    "youtube.com",
    "youtu.be",
    "facebook.com",
    "fb.me",
    "wikipedia.org",
    "apple.com",
    "maps.app.goo.gl",
    "forms.gle",
    "bit.ly",
    "docs.google.com",
];

/// A place that might be worth collecting from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// A public address to look at, and to try with `source test`.
    pub address: String,
    /// The collector that could read it; `None` for a site of unknown form.
    pub kind: Option<&'static str>,
    /// How many leads have a posting that points there.
    pub leads: usize,
    /// The first of them in the order of the queue.
    pub named_in: Vec<LeadId>,
}

impl Desk {
    /// Candidates, those that most leads point to first.
    pub fn candidates(&self) -> Result<Vec<Candidate>, PipelineError> {
        candidates(&*self.store, &self.settings.sources)
    }
}

fn candidates(store: &dyn Store, sources: &[Source]) -> Result<Vec<Candidate>, PipelineError> {
    let known: BTreeSet<String> = sources.iter().map(|source| trimmed(&source.url)).collect();
    let filter = QueueFilter { all_statuses: true, ..QueueFilter::default() };
    let mut found: BTreeMap<String, Candidate> = BTreeMap::new();
    for lead in store.queue(&filter, MOST_LEADS)? {
        let mut of_lead = BTreeSet::new();
        for id in &lead.postings {
            let Some(stored) = store.posting(id)? else { continue };
            let posting = &stored.posting;
            let hidden = posting.hidden_links.iter().flat_map(|link| {
                text::contacts(domain::Field::Text, link, None).into_iter().collect::<Vec<_>>()
            });
            for contact in posting.contacts.iter().cloned().chain(hidden) {
                of_lead.extend(place(&contact));
            }
        }
        for (address, kind) in of_lead {
            if is_known(&address, kind, &known, sources) {
                continue;
            }
            let candidate = found.entry(address.clone()).or_insert_with(|| Candidate {
                address,
                kind,
                leads: 0,
                named_in: Vec::new(),
            });
            candidate.leads += 1;
            if candidate.named_in.len() < MOST_NAMED {
                candidate.named_in.push(lead.id.clone());
            }
        }
    }
    let mut candidates: Vec<Candidate> = found.into_values().collect();
    candidates.sort_by(|a, b| b.leads.cmp(&a.leads).then_with(|| a.address.cmp(&b.address)));
    Ok(candidates)
}

/// The public place that a contact leads to. Accounts and ways into closed groups are none: we do
/// not go where one has to be let in, and a person is no source.
fn place(contact: &Contact) -> Option<(String, Option<&'static str>)> {
    match contact.kind {
        ContactKind::Handle => {
            let name = contact.value.strip_prefix("telegram:")?;
            // Only a link shows that it is a channel's name and no person's.
            let is_link = contact.span.quote.contains('/');
            is_link.then(|| (format!("https://t.me/s/{name}"), Some("telegram")))
        }
        ContactKind::Url => {
            let url = Url::parse(&contact.value).ok()?;
            let host = url.host_str()?.trim_start_matches("www.").to_owned();
            let is_common = COMMON_HOSTS.iter().any(|common| {
                host == *common || host.strip_suffix(common).is_some_and(|sub| sub.ends_with('.'))
            });
            (!is_common).then(|| (format!("{}://{host}/", url.scheme()), None))
        }
        _ => None,
    }
}

fn is_known(
    address: &str,
    kind: Option<&str>,
    known: &BTreeSet<String>,
    sources: &[Source],
) -> bool {
    if kind.is_some() {
        return known.contains(&trimmed(address));
    }
    let host = |address: &str| {
        let url = Url::parse(address).ok()?;
        Some(url.host_str()?.trim_start_matches("www.").to_owned())
    };
    let wanted = host(address);
    sources.iter().any(|source| host(&source.url) == wanted)
}

fn trimmed(address: &str) -> String {
    address.trim_end_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use domain::Field;

    use super::*;

    fn places(text: &str) -> Vec<(String, Option<&'static str>)> {
        text::contacts(Field::Text, text, None).iter().filter_map(place).collect()
    }

    #[test]
    fn channels_and_sites_are_places_people_and_closed_groups_are_not() {
        assert_eq!(
            places("Пиши @olena_hr або в t.me/robota_za_kordon, група t.me/+AbCdEf123"),
            [("https://t.me/s/robota_za_kordon".to_owned(), Some("telegram"))]
        );
        assert_eq!(
            places("Дивись https://www.work.example.org/ads/7?x=1 і https://forms.gle/abc"),
            [("https://work.example.org/".to_owned(), None)]
        );
    }

    #[test]
    fn what_is_collected_from_is_no_candidate() {
        let source = |url: &str| -> Source {
            let text = format!("id = \"a\"\nkind = \"feed\"\nurl = \"{url}\"\nbasis = \"b\"\n");
            toml::from_str(&text).unwrap()
        };
        let sources =
            [source("https://t.me/s/Robota"), source("https://www.board.example.org/rss")];
        let known: BTreeSet<String> = sources.iter().map(|source| trimmed(&source.url)).collect();
        for (address, kind, expected) in [
            ("https://t.me/s/robota", Some("telegram"), true),
            ("https://t.me/s/other", Some("telegram"), false),
            ("https://board.example.org/", None, true),
            ("https://t.me.example.org/", None, false),
        ] {
            assert_eq!(is_known(address, kind, &known, &sources), expected, "{address}");
        }
    }
}
