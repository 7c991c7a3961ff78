//! A desk with a source on a [`Site`], and a clock that is set by hand.

use std::sync::{Arc, Mutex};

use domain::Clock;
use jiff::{SignedDuration, Timestamp};

use super::site::Site;

/// A clock that goes when it is told to.
pub(crate) struct SetClock(pub(crate) Mutex<Timestamp>);

impl SetClock {
    pub(crate) fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new(time.parse().unwrap())))
    }

    pub(crate) fn hours_later(&self, hours: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_hours(hours);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A folder with a desk in `desk/`, whose one source is this page of the site.
pub(crate) fn desk_on(site: &Site, kind: &str, path: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let desk = folder.path().join("desk");
    crate::init(&desk, "Test", "desk@example.org").unwrap();
    // The stories are in Ukrainian; to read the rules of all languages takes longer than they do.
    for language in ["de", "en", "pl", "ro", "ru"] {
        for file in std::fs::read_dir(desk.join("rules").join(language)).unwrap().flatten() {
            if file.file_name() != "words.yaml" {
                std::fs::remove_file(file.path()).unwrap();
            }
        }
    }
    let source = format!(
        "[[source]]\nid = \"site\"\nkind = \"{kind}\"\nurl = \"{}{path}\"\nbasis = \"invented\"\n\
         allow_private = true\nmin_delay_ms = 0\n",
        site.base
    );
    std::fs::write(desk.join("sources.toml"), source).unwrap();
    folder
}
