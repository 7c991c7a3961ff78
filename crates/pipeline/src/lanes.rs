//! Who may be walked next: one source at a time to a host, many hosts at once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{Source, SourceId};
use url::Url;

/// The sources that wait, each behind the others of its host. The client keeps the peace of a host
/// in any case; walking its sources side by side would only fill the memory with those that wait.
pub(crate) struct Lanes {
    /// By host, none of them empty.
    waiting: BTreeMap<String, VecDeque<Source>>,
    /// The sources that are walked, each with its host.
    walked: BTreeMap<SourceId, String>,
    busy: BTreeSet<String>,
    hosts_at_once: usize,
}

impl Lanes {
    pub(crate) fn new(hosts_at_once: usize) -> Self {
        let (waiting, walked, busy) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { waiting, walked, busy, hosts_at_once: hosts_at_once.max(1) }
    }

    /// Puts a source at the end of its host's lane, unless it is walked or waits already.
    pub(crate) fn add(&mut self, source: Source) {
        let lane = self.waiting.entry(host_of(&source)).or_default();
        let waits = lane.iter().any(|waiting| waiting.id == source.id);
        if !waits && !self.walked.contains_key(&source.id) {
            lane.push_back(source);
        }
        self.waiting.retain(|_, lane| !lane.is_empty());
    }

    /// A source of a host that nobody walks now, from the longest lane: what takes longest begins
    /// first. `None` when there is none, or enough hosts are walked.
    pub(crate) fn next(&mut self) -> Option<Source> {
        if self.busy.len() >= self.hosts_at_once {
            return None;
        }
        let free = self.waiting.iter().filter(|(host, _)| !self.busy.contains(*host));
        let longest = free.map(|(host, lane)| (lane.len(), std::cmp::Reverse(host))).max();
        let host = longest?.1.0.clone();
        let lane = self.waiting.get_mut(&host)?;
        let source = lane.pop_front()?;
        if lane.is_empty() {
            self.waiting.remove(&host);
        }
        self.walked.insert(source.id.clone(), host.clone());
        self.busy.insert(host);
        Some(source)
    }

    /// Notes that a source's walk is over.
    pub(crate) fn ended(&mut self, source: &SourceId) {
        if let Some(host) = self.walked.remove(source) {
            self.busy.remove(&host);
        }
    }

    /// The sources that are walked now.
    pub(crate) fn walked(&self) -> impl Iterator<Item = &SourceId> {
        self.walked.keys()
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
        let ids = std::iter::from_fn(|| lanes.next()).map(|source| source.id.to_string());
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
            lanes.add(source(id, url));
        }
        assert_eq!(started(&mut lanes), "b1 file");
        lanes.add(source("b1", "https://b.example/1"));
        lanes.ended(&"file".parse().unwrap());
        assert_eq!(started(&mut lanes), "a1");
        lanes.ended(&"b1".parse().unwrap());
        lanes.ended(&"a1".parse().unwrap());
        assert_eq!(started(&mut lanes), "b2");
        lanes.ended(&"b2".parse().unwrap());
        assert_eq!(started(&mut lanes), "b3");
        lanes.ended(&"b3".parse().unwrap());
        assert_eq!(started(&mut lanes), "");
    }
}
