//! Who may be walked next: one source at a time to a host, many hosts at once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{Source, SourceId};
use url::Url;

use crate::SourceRevisits;
use crate::media::SourceMedia;

/// What is to be done with a source.
pub(crate) enum Errand {
    /// Walk it.
    Walk(Source),
    /// Ask for postings of it again.
    Revisit(SourceRevisits),
    /// Fetch the pictures of postings of it.
    Media(SourceMedia),
}

/// What sort of errand it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ErrandKind {
    Walk,
    Revisit,
    Media,
}

/// What tells errands apart.
pub(crate) type ErrandId = (SourceId, ErrandKind);

impl Errand {
    pub(crate) fn id(&self) -> ErrandId {
        let kind = match self {
            Self::Walk(_) => ErrandKind::Walk,
            Self::Revisit(_) => ErrandKind::Revisit,
            Self::Media(_) => ErrandKind::Media,
        };
        (self.source().id.clone(), kind)
    }

    pub(crate) fn source(&self) -> &Source {
        match self {
            Self::Walk(source) => source,
            Self::Revisit(revisits) => &revisits.source,
            Self::Media(media) => &media.source,
        }
    }
}

/// The errands that wait, each behind the others of its host. The client keeps the peace of a host
/// in any case; walking its sources side by side would only fill the memory with those that wait.
pub(crate) struct Lanes {
    /// By host, none of them empty.
    waiting: BTreeMap<String, VecDeque<Errand>>,
    /// The errands that go on, each with its host.
    walked: BTreeMap<ErrandId, String>,
    busy: BTreeSet<String>,
    hosts_at_once: usize,
}

impl Lanes {
    pub(crate) fn new(hosts_at_once: usize) -> Self {
        let (waiting, walked, busy) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { waiting, walked, busy, hosts_at_once: hosts_at_once.max(1) }
    }

    /// Puts an errand at the end of its host's lane, unless it goes on or waits already. One that
    /// fetches pictures is taken on by one that waits; each knows of other postings.
    pub(crate) fn add(&mut self, errand: Errand) {
        let id = errand.id();
        let lane = self.waiting.entry(host_of(errand.source())).or_default();
        let waiting = lane.iter_mut().find(|waiting| waiting.id() == id);
        match (waiting, errand) {
            (Some(Errand::Media(waiting)), Errand::Media(media)) => waiting.take_on(media),
            (Some(_), _) => {}
            (None, errand @ Errand::Media(_)) => lane.push_back(errand),
            (None, errand) if !self.walked.contains_key(&id) => lane.push_back(errand),
            (None, _) => {}
        }
        self.waiting.retain(|_, lane| !lane.is_empty());
    }

    /// An errand to a host to which none goes on now, from the longest lane: what takes longest
    /// begins first. `None` when there is none, or enough hosts are walked.
    pub(crate) fn next(&mut self) -> Option<Errand> {
        if self.busy.len() >= self.hosts_at_once {
            return None;
        }
        let free = self.waiting.iter().filter(|(host, _)| !self.busy.contains(*host));
        let longest = free.map(|(host, lane)| (lane.len(), std::cmp::Reverse(host))).max();
        let host = longest?.1.0.clone();
        let lane = self.waiting.get_mut(&host)?;
        let errand = lane.pop_front()?;
        if lane.is_empty() {
            self.waiting.remove(&host);
        }
        self.walked.insert(errand.id(), host.clone());
        self.busy.insert(host);
        Some(errand)
    }

    /// Notes that an errand is over.
    pub(crate) fn ended(&mut self, id: &ErrandId) {
        if let Some(host) = self.walked.remove(id) {
            self.busy.remove(&host);
        }
    }

    /// The sources to which errands go on now.
    pub(crate) fn walked(&self) -> impl Iterator<Item = &SourceId> {
        self.walked.keys().map(|(source, _)| source)
    }
}

/// The host of a source's address; what has none, such as a file, is a lane by itself.
fn host_of(source: &Source) -> String {
    let url = Url::parse(&source.url).ok().filter(Url::has_host);
    url.map_or_else(|| source.url.clone(), |url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(id: &str, url: &str) -> Source {
        let text = format!("id = \"{id}\"\nkind = \"feed\"\nurl = \"{url}\"\nbasis = \"b\"\n");
        toml::from_str(&text).unwrap()
    }

    fn started(lanes: &mut Lanes) -> String {
        let ids = std::iter::from_fn(|| lanes.next()).map(|errand| match errand.id() {
            (id, ErrandKind::Walk) => id.to_string(),
            (id, kind) => format!("{id}-{kind:?}"),
        });
        ids.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn hosts_are_walked_at_once_and_their_sources_one_after_another() {
        let mut lanes = Lanes::new(2);
        for (id, url) in [
            ("a1", "https://a.example/1"),
            ("b1", "https://b.example/1"),
            ("b2", "https://b.example/2"),
            ("a1", "https://a.example/1"),
            ("b3", "https://B.example:443/3"),
            ("file", "/drop/a.csv"),
        ] {
            lanes.add(Errand::Walk(source(id, url)));
        }
        assert_eq!(started(&mut lanes), "b1 file");
        lanes.add(Errand::Walk(source("b1", "https://b.example/1")));
        lanes.ended(&("file".parse().unwrap(), ErrandKind::Walk));
        assert_eq!(started(&mut lanes), "a1");
        lanes.ended(&("b1".parse().unwrap(), ErrandKind::Walk));
        lanes.ended(&("a1".parse().unwrap(), ErrandKind::Walk));
        assert_eq!(started(&mut lanes), "b2");
        lanes.ended(&("b2".parse().unwrap(), ErrandKind::Walk));
        assert_eq!(started(&mut lanes), "b3");
        lanes.ended(&("b3".parse().unwrap(), ErrandKind::Walk));
        assert_eq!(started(&mut lanes), "");
    }

    #[test]
    fn pictures_that_are_to_be_fetched_wait_together() {
        let media = |postings: &[&str]| {
            let postings = postings.iter().map(|id| id.parse().unwrap()).collect();
            Errand::Media(SourceMedia { source: source("a", "https://a.example/"), postings })
        };
        let (one, two) = ("p-aaaaaaaaaaaaaaaaaaaaaaaa", "p-bbbbbbbbbbbbbbbbbbbbbbbb");
        let mut lanes = Lanes::new(2);
        lanes.add(media(&[one]));
        lanes.add(media(&[one, two]));
        let Some(Errand::Media(first)) = lanes.next() else { panic!("no errand") };
        assert_eq!(first.postings.len(), 2);
        // Those that come while it goes on have their turn behind it.
        lanes.add(media(&[two]));
        assert!(lanes.next().is_none());
        lanes.ended(&("a".parse().unwrap(), ErrandKind::Media));
        assert_eq!(started(&mut lanes), "a-Media");
    }
}
