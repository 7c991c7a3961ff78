//! What hosts see of us from one scan to the next.

use std::time::Duration;

use crate::desk::{Desk, SampleSites};
use crate::hosts::{Hosts, Manner};

fn desk_of(hosts: &Hosts, pages: usize, polite: &str) -> Desk {
    let desk = Desk::new();
    let settings = format!(
        "format = 1\n[desk]\nname = 'x'\ncontact = 'a@example.org'\n[polite]\nmin_delay_ms = 1\n{polite}\n"
    );
    std::fs::write(desk.dir().join("fusion.toml"), settings).unwrap();
    std::fs::write(desk.dir().join("sources.toml"), hosts.sources(1, pages)).unwrap();
    desk
}

fn outcomes(desk: &Desk) -> serde_json::Value {
    desk.fusion(&["--format", "json", "scan"]).ended(0).json()["outcomes"].clone()
}

#[test]
fn the_budget_of_a_day_is_not_spent_anew_by_each_scan() {
    let hosts = Hosts::start(|_, _| Manner::Proper);
    let desk = desk_of(&hosts, 5, "max_requests_per_host = 4");
    let first = outcomes(&desk);
    // robots.txt and three pages.
    assert_eq!((&first["fetch.new"], &first["fetch.budget"]), (&3.into(), &2.into()), "{first}");
    let second = outcomes(&desk);
    assert_eq!(second["fetch.budget"], 5, "{second}");
    assert_eq!(hosts.log()[&0].len(), 4, "requests");
}

#[test]
fn a_host_that_is_left_to_rest_rests_in_the_next_scan_too() {
    let hosts = Hosts::start(|_, page| if page == 0 { Manner::Proper } else { Manner::Reset });
    let desk = desk_of(&hosts, 9, "");
    let first = outcomes(&desk);
    assert_eq!(first["fetch.broken-off"], 5, "{first}");
    let asked = hosts.log()[&0].len();
    let second = outcomes(&desk);
    assert_eq!(second["fetch.host-resting"], 9, "{second}");
    assert_eq!(hosts.log()[&0].len(), asked, "it was asked while it rests");
}

#[test]
fn the_pause_holds_between_two_scans() {
    let hosts = Hosts::start(|_, _| Manner::Proper);
    let desk = desk_of(&hosts, 1, "");
    let config = desk.dir().join("fusion.toml");
    let settings = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, settings.replace("min_delay_ms = 1", "min_delay_ms = 3000")).unwrap();
    outcomes(&desk);
    outcomes(&desk);
    assert_eq!(hosts.hurried(Duration::from_secs(3)), [""; 0]);
}

#[test]
fn what_has_not_changed_is_asked_for_conditionally_and_not_sent_again() {
    let sites = SampleSites::start();
    let desk = Desk::with_sources_of(&sites);
    let first = outcomes(&desk);
    assert!(first["fetch.new"].as_u64().unwrap() > 20, "{first}");
    let second = outcomes(&desk);
    // Each source's first page is as it was, and says so without being sent.
    assert_eq!(second["fetch.not-modified"], second["source.finished"], "{second}");
    for sent in ["fetch.new", "fetch.same-bytes"] {
        assert_eq!(second[sent], serde_json::Value::Null, "{second}");
    }
}
