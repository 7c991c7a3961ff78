//! Places that flagged postings point to and that are not collected from yet. They are shown with
//! the leads that name them; whether one becomes a source is for an analyst to say.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Contact, ContactKind, LeadId, Posting, PostingId, Source};
use serde::Serialize;
use store::{QueueFilter, Store as _};
use url::Url;

use crate::snapshots::read_capture;
use crate::{Collectors, Desk, PipelineError};

/// Leads whose postings are looked through, highest first.
const MOST_LEADS: usize = 100_000;
/// Leads, postings and links that are named with a candidate.
const MOST_NAMED: usize = 5;
/// Pages that are looked through for feeds.
const MOST_PAGES: usize = 500;

/// Hosts that everybody links to, and networks of which only certain places can be collected from: as
/// sites they are none to collect offers from.
const COMMON_HOSTS: [&str; 22] = [
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
    "t.me",
    "vk.com",
    "vk.ru",
    "reddit.com",
    "bsky.app",
    "instagram.com",
    "tiktok.com",
    "linkedin.com",
    "twitter.com",
    "x.com",
];

/// A place that might be worth collecting from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// A public address to look at, and to try with `source test`.
    pub address: String,
    /// The collector that could read it; `None` for a site of unknown form.
    pub kind: Option<&'static str>,
    /// One has to be let in there. It is never collected from; it is shown because leads share it.
    pub is_closed: bool,
    /// How many leads have a posting that points there.
    pub leads: usize,
    /// The first of them in the order of the queue.
    pub named_in: Vec<LeadId>,
    /// The first of their postings that do.
    pub postings: Vec<PostingId>,
    /// How they do it: the first links, as they stand there.
    pub links: Vec<String>,
}

impl Desk {
    /// Candidates, those that most leads point to first.
    pub fn candidates(&self) -> Result<Vec<Candidate>, PipelineError> {
        let known = Known { collectors: &self.collectors, sources: &self.settings.sources };
        let filter = QueueFilter { all_statuses: true, ..QueueFilter::default() };
        let mut found = Found::default();
        let mut pages_seen = BTreeSet::new();
        for lead in self.store.queue(&filter, MOST_LEADS)? {
            for id in &lead.postings {
                let Some(stored) = self.store.posting(id)? else { continue };
                let mut pointers = pointers(&stored.posting, known.collectors);
                pointers.extend(self.feeds_beside(&stored.posting, &mut pages_seen)?);
                for (place, link) in pointers {
                    if !known.is_known(&place) {
                        found.note(place, link, &lead.id, id);
                    }
                }
            }
        }
        Ok(found.most_named_first())
    }

    /// The feeds that the page of a posting names in its head; of each host one page is looked at.
    fn feeds_beside(
        &self,
        posting: &Posting,
        seen: &mut BTreeSet<String>,
    ) -> Result<Vec<(Place, String)>, PipelineError> {
        let Some(page) = self.store.capture(&posting.capture)? else { return Ok(Vec::new()) };
        let host = Url::parse(&page.url).ok().filter(|url| url.scheme().starts_with("http"));
        let Some(host) = host.and_then(|url| Some(url.host_str()?.to_owned())) else {
            return Ok(Vec::new());
        };
        if seen.len() >= MOST_PAGES || !seen.insert(host) {
            return Ok(Vec::new());
        }
        let page = read_capture(self, &posting.capture)?;
        let feeds = page.iter().flat_map(collect::feeds_of);
        let places = feeds.map(|address| (Place::of("feed", address.clone()), address));
        Ok(places.collect())
    }
}

/// Somewhere that postings point to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    address: String,
    kind: Option<&'static str>,
    is_closed: bool,
}

impl Place {
    fn of(kind: &'static str, address: String) -> Self {
        Self { address, kind: Some(kind), is_closed: false }
    }
}

/// The candidates so far, each with the lead that was counted last: leads come one after the other.
#[derive(Default)]
struct Found(BTreeMap<Place, (Candidate, Option<LeadId>)>);

impl Found {
    fn note(&mut self, place: Place, link: String, lead: &LeadId, posting: &PostingId) {
        let Place { address, kind, is_closed } = place.clone();
        let (candidate, counted) = self.0.entry(place).or_insert_with(|| {
            let (named_in, postings, links) = (Vec::new(), Vec::new(), Vec::new());
            let leads = 0;
            (Candidate { address, kind, is_closed, leads, named_in, postings, links }, None)
        });
        if counted.as_ref() != Some(lead) {
            candidate.leads += 1;
            *counted = Some(lead.clone());
        }
        first_of(&mut candidate.named_in, lead);
        first_of(&mut candidate.postings, posting);
        first_of(&mut candidate.links, &link);
    }

    fn most_named_first(self) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> =
            self.0.into_values().map(|(candidate, _)| candidate).collect();
        candidates.sort_by(|a, b| b.leads.cmp(&a.leads).then_with(|| a.address.cmp(&b.address)));
        candidates
    }
}

fn first_of<T: PartialEq + Clone>(list: &mut Vec<T>, one: &T) {
    if list.len() < MOST_NAMED && !list.contains(one) {
        list.push(one.clone());
    }
}

/// Where a posting points to, each place with the link that does.
fn pointers(posting: &Posting, collectors: &Collectors) -> Vec<(Place, String)> {
    let of_contact = |contact: &Contact| {
        place(contact, collectors).map(|place| (place, contact.span.quote.clone()))
    };
    let mut pointers: Vec<_> = posting.contacts.iter().filter_map(of_contact).collect();
    for link in &posting.hidden_links {
        // What stands behind words is an address by itself; in prose it might be read as something else.
        match Url::parse(link).ok().and_then(|url| collectors.place(&url)) {
            Some((kind, address)) => pointers.push((Place::of(kind, address), link.clone())),
            None => {
                let contacts = text::contacts(domain::Field::Text, link, None);
                pointers.extend(contacts.iter().filter_map(of_contact));
            }
        }
    }
    pointers
}

/// The place that a contact leads to. An account that is only named is none: a person is no source.
fn place(contact: &Contact, collectors: &Collectors) -> Option<Place> {
    match contact.kind {
        ContactKind::Invite => {
            let address = match contact.value.split_once(':')? {
                ("telegram", code) => format!("https://t.me/{code}"),
                ("whatsapp", code) => format!("https://chat.whatsapp.com/{code}"),
                ("viber", code) => format!("https://invite.viber.com/?g2={code}"),
                _ => return None,
            };
            Some(Place { address, kind: None, is_closed: true })
        }
        ContactKind::Handle => {
            let name = contact.value.strip_prefix("telegram:")?;
            // Only a link shows that it is a channel's name and no person's.
            let is_link = contact.span.quote.contains('/');
            let link = Url::parse(&format!("https://t.me/{name}")).ok().filter(|_| is_link)?;
            collectors.place(&link).map(|(kind, address)| Place::of(kind, address))
        }
        ContactKind::Url => {
            let url = Url::parse(&contact.value).ok()?;
            if let Some((kind, address)) = collectors.place(&url) {
                return Some(Place::of(kind, address));
            }
            let host = url.host_str()?.trim_start_matches("www.").to_owned();
            let is_common = COMMON_HOSTS.iter().any(|common| {
                host == *common || host.strip_suffix(common).is_some_and(|sub| sub.ends_with('.'))
            });
            let address = format!("{}://{host}/", url.scheme());
            (!is_common).then_some(Place { address, kind: None, is_closed: false })
        }
        _ => None,
    }
}

/// What the desk collects from already.
struct Known<'a> {
    collectors: &'a Collectors,
    sources: &'a [Source],
}

impl Known<'_> {
    fn is_known(&self, place: &Place) -> bool {
        if place.is_closed {
            return false;
        }
        let Some(kind) = place.kind else {
            let host = |address: &str| {
                let url = Url::parse(address).ok()?;
                Some(url.host_str()?.trim_start_matches("www.").to_owned())
            };
            let wanted = host(&place.address);
            return self.sources.iter().any(|source| host(&source.url) == wanted);
        };
        let wanted = trimmed(&place.address);
        self.sources.iter().filter(|source| source.kind.0 == kind).any(|source| {
            let link = Url::parse(&source.url).ok();
            let own = link.and_then(|link| self.collectors.of(&source.kind)?.place(&link));
            trimmed(&source.url) == wanted || own.is_some_and(|own| trimmed(&own) == wanted)
        })
    }
}

fn trimmed(address: &str) -> String {
    address.trim_end_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{Field, FixedClock};
    use jiff::Timestamp;

    use super::*;

    fn collectors() -> Collectors {
        Collectors::new(Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
    }

    fn places(words: &str) -> Vec<String> {
        let collectors = collectors();
        let contacts = text::contacts(Field::Text, words, None);
        let places = contacts.iter().filter_map(|contact| place(contact, &collectors));
        places
            .map(|Place { address, kind, is_closed }| {
                let kind = if is_closed { "closed" } else { kind.unwrap_or("site") };
                format!("{kind} {address}")
            })
            .collect()
    }

    #[test]
    fn every_kind_of_place_is_known_by_the_links_that_lead_there() {
        for (words, expected) in [
            (
                "Пиши @olena_hr або в t.me/robota_za_kordon",
                "telegram https://t.me/s/robota_za_kordon",
            ),
            ("t.me/robota_za_kordon/17?single", "telegram https://t.me/s/robota_za_kordon"),
            ("t.me/+AbCdEf123", "closed https://t.me/+AbCdEf123"),
            ("t.me/joinchat/AbC-d_E", "closed https://t.me/+AbC-d_E"),
            ("https://chat.whatsapp.com/AbCdEf", "closed https://chat.whatsapp.com/AbCdEf"),
            ("t.me/share/url?url=x", ""),
            ("https://vk.com/wall-12_345", "vk https://vk.com/club12"),
            ("https://m.vk.com/Robota.Europe", "vk https://vk.com/robota.europe"),
            ("https://vk.com/public12?w=1", "vk https://vk.com/club12"),
            ("https://vk.com/id12", ""),
            ("https://vk.com/wall12_345", ""),
            ("https://vk.com/photo-12_345", ""),
            ("https://social.example/@agency/1124", "mastodon https://social.example/@agency"),
            ("https://social.example/@agency", "mastodon https://social.example/@agency"),
            ("https://www.tiktok.com/@agency", ""),
            (
                "https://old.reddit.com/r/Jobs/comments/a1/x/",
                "reddit https://www.reddit.com/r/jobs",
            ),
            ("https://www.reddit.com/user/somebody", ""),
            (
                "https://bsky.app/profile/jobs.example/post/3k",
                "bluesky https://bsky.app/profile/jobs.example",
            ),
            ("https://board.example/jobs/feed/", "feed https://board.example/jobs/feed/"),
            ("https://board.example/jobs-rss.xml", "feed https://board.example/jobs-rss.xml"),
            (
                "https://job-boards.greenhouse.io/agency/jobs/7",
                "greenhouse https://boards.greenhouse.io/agency",
            ),
            ("https://jobs.lever.co/agency/0a-1b", "lever https://jobs.lever.co/agency"),
            (
                "https://jobs.smartrecruiters.com/Agency/7",
                "smartrecruiters https://careers.smartrecruiters.com/Agency",
            ),
            ("https://jobs.ashbyhq.com/agency/0a-1b", "ashby https://jobs.ashbyhq.com/agency"),
            ("https://www.work.example.org/ads/7?x=1", "site https://work.example.org/"),
            ("https://forms.gle/abc", ""),
        ] {
            assert_eq!(places(words).join(", "), expected, "{words}");
        }
    }

    #[test]
    fn what_is_offered_can_be_a_source() {
        let collectors = collectors();
        for link in [
            "https://t.me/robota",
            "https://vk.com/wall-12_3",
            "https://social.example/@agency/1",
            "https://www.reddit.com/r/jobs/",
            "https://bsky.app/profile/jobs.example",
            "https://lemmy.example/c/jobs@other.example",
            "https://board.example/feed",
            "https://boards.greenhouse.io/agency",
            "https://jobs.lever.co/agency",
            "https://careers.smartrecruiters.com/Agency",
            "https://jobs.ashbyhq.com/agency",
        ] {
            let (kind, address) = collectors.place(&Url::parse(link).unwrap()).unwrap();
            let mut source = Source::new("a".parse().unwrap(), kind, &address, "b");
            if kind == "vk" {
                source.keys = [("access_token".to_owned(), "KEY".to_owned())].into();
            }
            collectors.check(&source).unwrap();
            let again = collectors.place(&Url::parse(&address).unwrap());
            assert_eq!(again, Some((kind, address)), "a place leads to itself");
        }
    }

    #[test]
    fn what_is_collected_from_is_no_candidate() {
        let source = |kind: &str, url: &str| Source::new("a".parse().unwrap(), kind, url, "b");
        let sources = [
            source("telegram", "https://t.me/s/Robota"),
            source("reddit", "https://old.reddit.com/r/Jobs/new"),
            source("feed", "https://www.board.example.org/rss"),
        ];
        let collectors = collectors();
        let known = Known { collectors: &collectors, sources: &sources };
        let site =
            |address: &str| Place { address: address.to_owned(), kind: None, is_closed: false };
        let of = |kind, address: &str| Place::of(kind, address.to_owned());
        for (place, expected) in [
            (of("telegram", "https://t.me/s/robota"), true),
            (of("telegram", "https://t.me/s/other"), false),
            (of("reddit", "https://www.reddit.com/r/jobs"), true),
            (site("https://board.example.org/"), true),
            (of("feed", "https://www.board.example.org/rss"), true),
            (of("feed", "https://www.board.example.org/other.rss"), false),
            (site("https://t.me.example.org/"), false),
        ] {
            assert_eq!(known.is_known(&place), expected, "{place:?}");
        }
    }
}
