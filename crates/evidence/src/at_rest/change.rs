//! Changing how evidence lies: each change is written into the keyring first, in one piece, and then
//! files follow one by one, see `reseal`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::key_file::said;
use super::keyring::Keyring;
use super::vault::Vault;
use crate::EvidenceError;

/// What was changed, as the custody log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtRestChange {
    /// Captures and snapshots are encrypted from now on.
    Encrypt,
    /// Another key outside opens them.
    Rekey,
    /// They are encrypted anew, with a data key that nobody had before.
    Renew,
    /// They are not encrypted any more.
    Decrypt,
}

impl Vault {
    /// The public keys that open this desk; none of one that was never encrypted.
    pub fn names(&self) -> &[String] {
        self.keys().map_or(&[], Keyring::names)
    }

    /// Whether a renewal or a decryption was begun and has not come to its end.
    pub fn is_between_keys(&self) -> bool {
        self.keys().is_some_and(Keyring::has_earlier_keys)
    }

    /// Seals from now on; a desk that was never encrypted is opened by these keys.
    pub fn sealing_for(self, names: Vec<String>) -> Result<Self, EvidenceError> {
        let keys = match self.keys() {
            Some(keys) => keys.copy().sealing_again(true),
            None => Keyring::new(names)?,
        };
        self.with(keys)
    }

    /// Is opened by these keys from now on, and by no other. Evidence stays as it lies.
    pub fn opened_by(self, names: Vec<String>) -> Result<Self, EvidenceError> {
        let keys = self.encrypted()?.locked_for(names);
        self.with(keys)
    }

    /// Seals with a new data key from now on, unless the last renewal is still under way.
    pub fn sealing_anew(self) -> Result<Self, EvidenceError> {
        if self.is_between_keys() && self.seals() {
            return Ok(self);
        }
        let keys = self.encrypted()?.with_new_key()?;
        self.with(keys)
    }

    /// Seals nothing from now on.
    pub fn sealing_nothing(self) -> Result<Self, EvidenceError> {
        let keys = self.encrypted()?.sealing_again(false);
        self.with(keys)
    }

    fn encrypted(&self) -> Result<Keyring, EvidenceError> {
        self.keys().map(Keyring::copy).ok_or_else(|| {
            said(format!(
                "captures and snapshots of {} are not encrypted; `fusion desk encrypt` does that",
                self.desk().display()
            ))
        })
    }

    fn with(self, keys: Keyring) -> Result<Self, EvidenceError> {
        keys.write(self.desk())?;
        Ok(self.having(Some(Arc::new(keys))))
    }
}
