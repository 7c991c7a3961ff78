//! How far a desk is encrypted, as anybody can tell who has its folder and no key.

use std::path::Path;

use serde::Serialize;

use super::keyring::Keyring;
use super::vault::{Lies, Vault, lies};
use crate::EvidenceError;
use crate::inventory::is_part;

/// How far a desk is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtRest {
    /// The public keys that open it; none where its keyring is gone, or was never there.
    pub keys: Vec<String>,
    /// Whether what is written now is encrypted.
    pub seals: bool,
    /// Files of captures and snapshots that lie as files are written now.
    pub done: u64,
    /// Files that still lie otherwise: plain, or encrypted with an earlier data key.
    pub waiting: u64,
}

impl AtRest {
    /// How far the desk in this folder is encrypted; `None` if nothing says that it is.
    pub fn of(desk: &Path) -> Result<Option<Self>, EvidenceError> {
        let keyring = Keyring::look(desk)?;
        let seals_with = keyring.as_ref().and_then(|keyring| keyring.seals_with);
        let wanted = seals_with.map_or(Lies::Plain, Lies::Sealed);
        let (mut done, mut waiting) = (0, 0);
        for (place, _) in Vault::without_keys(desk).files()? {
            match lies(&desk.join(&place))? == wanted {
                _ if is_part(&place) => {}
                true => done += 1,
                false => waiting += 1,
            }
        }
        if keyring.is_none() && waiting == 0 {
            return Ok(None);
        }
        let keys = keyring.map(|keyring| keyring.names).unwrap_or_default();
        Ok(Some(Self { keys, seals: seals_with.is_some(), done, waiting }))
    }
}
