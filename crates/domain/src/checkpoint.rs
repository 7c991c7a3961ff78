use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How far a source has been read: what its collector needs to go on from there. Moved last, after
/// everything before it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checkpoint {
    /// Named positions, such as `newest_post` or `etag https://...`; each collector has its own.
    pub positions: BTreeMap<String, String>,
}

impl Checkpoint {
    /// The position of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.positions.get(name).map(String::as_str)
    }

    /// Sets a position.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.positions.insert(name.into(), value.into());
    }
}
