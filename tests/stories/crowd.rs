//! Many sources on many hosts, some of which misbehave: one scan, told by the hosts' own logs.

use std::time::Duration;

use serde_json::Value;

use crate::desk::Desk;
use crate::hosts::{FAULTS, Hosts, Manner};

const HOSTS: usize = 44;
const PAGES: usize = 4;
const PAUSE: Duration = Duration::from_millis(100);
const LARGEST: u64 = 1_000_000;
const BUFFERS: u64 = 32_000_000;

/// Every fourth host has one page that misbehaves, each in a way of its own; the others none.
fn manners(host: usize, page: usize) -> Manner {
    if host.is_multiple_of(4) && page == 2 {
        FAULTS[host / 4 % FAULTS.len()]
    } else {
        Manner::Proper
    }
}

fn polite_desk(hosts: &Hosts, how_many: usize) -> Desk {
    let desk = Desk::new();
    let settings = format!(
        "format = 1\n[desk]\nname = 'x'\ncontact = 'a@example.org'\n[polite]\nmin_delay_ms = {}\n\
         max_body_bytes = {LARGEST}\ntimeout_s = 2\n",
        PAUSE.as_millis()
    );
    std::fs::write(desk.dir().join("fusion.toml"), settings).unwrap();
    std::fs::write(desk.dir().join("sources.toml"), hosts.sources(how_many, PAGES)).unwrap();
    desk
}

#[test]
fn many_hosts_are_walked_at_once_and_none_of_them_is_hurried() {
    let hosts = Hosts::start(manners);
    let desk = polite_desk(&hosts, HOSTS);
    let said = desk.fusion(&["--format", "json", "scan"]).ended(0).json();

    assert_eq!(hosts.hurried(PAUSE), [""; 0]);
    let log = hosts.log();
    assert_eq!(log.len(), HOSTS);
    let asked_at_once = log.values().flatten().filter(|one| {
        let within = |other: &&crate::hosts::Served| {
            other.arrived >= one.arrived && other.arrived < one.arrived + PAUSE
        };
        log.values().flatten().filter(within).count() > 2
    });
    assert!(asked_at_once.count() > HOSTS, "the hosts were asked one after another");

    // Each fault is a named outcome of its own source, costs no more than its cap, and holds up
    // nothing else.
    for source in said["sources"].as_array().unwrap() {
        let id = source["source"].as_str().unwrap();
        let (host, page) = id[1..].split_once('-').unwrap();
        let (host, page): (usize, usize) = (host.parse().unwrap(), page.parse().unwrap());
        let names: Vec<&str> = source["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|outcome| outcome["class"] == "fault")
            .map(|outcome| outcome["name"].as_str().unwrap())
            .collect();
        let expected: &[&str] = match manners(host, page) {
            Manner::Proper => &[],
            Manner::NotFound => &["fetch.not-found"],
            Manner::ServerError => &["fetch.server-error"],
            Manner::TooMany => &["fetch.too-many"],
            Manner::Reset | Manner::WrongLength | Manner::HalfClosed => &["fetch.broken-off"],
            Manner::Drip => &["fetch.timeout"],
            Manner::Endless | Manner::Bomb => &["fetch.too-large"],
            Manner::RedirectLoop => &["fetch.redirect-loop"],
            Manner::Garbage => &["entry.empty", "feed.broken-off"],
        };
        let named: Vec<&str> =
            names.iter().copied().filter(|name| *name != "source.incomplete").collect();
        assert_eq!(named, expected, "{id} {:?}", manners(host, page));
    }
    for one in log.values().flatten() {
        // What lies in the buffers of the system, which grow to some 10 MB, is on its way already.
        assert!(one.bytes < LARGEST + BUFFERS, "{:?} sent {} bytes", one.manner, one.bytes);
    }
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn the_order_in_which_hosts_answer_changes_nothing_that_is_kept() {
    let hosts = Hosts::start(|_, _| Manner::Proper);
    let kept = |hosts_at_once: usize| {
        let desk = polite_desk(&hosts, 10);
        let config = desk.dir().join("fusion.toml");
        let settings = std::fs::read_to_string(&config).unwrap();
        let settings = settings.replace("100\n", &format!("0\nhosts_at_once = {hosts_at_once}\n"));
        std::fs::write(config, settings).unwrap();
        let said = desk.fusion(&["--format", "json", "scan"]).ended(0).json();
        let leads: std::collections::BTreeSet<String> = desk
            .queue()
            .iter()
            .map(|row| format!("{} {}", row["lead"]["id"], row["lead"]["score"]))
            .collect();
        (said["outcomes"].clone(), leads)
    };
    let one_by_one: (Value, _) = kept(1);
    assert!(one_by_one.1.len() > 5, "{one_by_one:?}");
    assert_eq!(kept(512), one_by_one);
}
