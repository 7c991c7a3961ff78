//! Encrypting a desk's captures and snapshots, changing the key, and opening them up again. What is
//! begun stands in the custody log before the first file is touched; whatever ends it, the desk works
//! on, and the same command goes on where it stopped.

use evidence::{AtRestChange, Event, EvidenceKey, Recipient, Resealed};
use serde::Serialize;

use crate::{Desk, PipelineError};

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtRestReport {
    /// The public keys that open the desk now; none of one that is not encrypted.
    pub keys: Vec<String>,
    /// Public keys that opened it before and do not any more.
    pub dropped: Vec<String>,
    /// The files that were written anew.
    #[serde(flatten)]
    pub files: Resealed,
}

impl Desk {
    /// Encrypts captures and snapshots for the keys in this file and those of others that are to open
    /// them, too, in the name of `by`; or goes on with it. `progress` is told bytes done and bytes in
    /// all.
    pub fn encrypt(
        mut self,
        key: &EvidenceKey,
        recovery: &[Recipient],
        by: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<AtRestReport, PipelineError> {
        let names = names(key, recovery);
        let known = self.vault.names();
        if !known.is_empty() && recovery.iter().any(|more| !known.contains(&more.to_string())) {
            return Err(PipelineError::Refused(format!(
                "the desk is encrypted already, for {}; `fusion desk rekey` changes the keys",
                known.join(" and ")
            )));
        }
        let names = if known.is_empty() { names } else { known.to_vec() };
        if !self.vault.seals() {
            self.log_change(AtRestChange::Encrypt, names.clone(), by)?;
            self.vault = self.vault.clone().sealing_for(names)?;
        }
        self.reseal(Vec::new(), progress)
    }

    /// Has the keys in this file and those of others open the desk, and no other. Evidence stays as it
    /// lies.
    pub fn rekey(
        mut self,
        key: &EvidenceKey,
        recovery: &[Recipient],
        by: &str,
    ) -> Result<AtRestReport, PipelineError> {
        self.must_be_encrypted()?;
        let names = names(key, recovery);
        let mut dropped = self.vault.names().to_vec();
        dropped.retain(|name| !names.contains(name));
        self.log_change(AtRestChange::Rekey, names.clone(), by)?;
        self.vault = self.vault.clone().opened_by(names.clone())?;
        self.close()?;
        Ok(AtRestReport { keys: names, dropped, files: Resealed::default() })
    }

    /// Encrypts everything anew, with a data key that nobody had before; or goes on with it.
    pub fn renew(
        mut self,
        by: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<AtRestReport, PipelineError> {
        self.must_be_encrypted()?;
        if !self.vault.seals() {
            return Err(PipelineError::Refused(
                "the desk is being decrypted: bring that to its end with `fusion desk decrypt`, or turn \
                 it round with `fusion desk encrypt`"
                    .to_owned(),
            ));
        }
        if !self.vault.is_between_keys() {
            let names = self.vault.names().to_vec();
            self.log_change(AtRestChange::Renew, names, by)?;
            self.vault = self.vault.clone().sealing_anew()?;
        }
        self.reseal(Vec::new(), progress)
    }

    /// Has captures and snapshots lie open again; or goes on with it.
    pub fn decrypt(
        mut self,
        by: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<AtRestReport, PipelineError> {
        self.must_be_encrypted()?;
        let before = self.vault.names().to_vec();
        if self.vault.seals() {
            self.log_change(AtRestChange::Decrypt, Vec::new(), by)?;
            self.vault = self.vault.clone().sealing_nothing()?;
        }
        self.reseal(before, progress)
    }

    /// Brings files after the vault, and ends with the desk closed: its archive was opened as evidence lay
    /// before.
    fn reseal(
        self,
        before: Vec<String>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<AtRestReport, PipelineError> {
        let files = self.vault.reseal(progress)?;
        let keys = if self.vault.seals() { self.vault.names().to_vec() } else { Vec::new() };
        self.close()?;
        Ok(AtRestReport { keys, dropped: before, files })
    }

    fn log_change(
        &mut self,
        change: AtRestChange,
        keys: Vec<String>,
        by: &str,
    ) -> Result<(), PipelineError> {
        self.record(by, vec![Event::AtRest { change, keys }]).map(drop)
    }

    fn must_be_encrypted(&self) -> Result<(), PipelineError> {
        if self.vault.names().is_empty() {
            return Err(PipelineError::Refused(format!(
                "captures and snapshots of {} are not encrypted; `fusion desk encrypt` does that",
                self.dir.display()
            )));
        }
        Ok(())
    }
}

fn names(key: &EvidenceKey, recovery: &[Recipient]) -> Vec<String> {
    let mut names = key.names();
    names.extend(recovery.iter().map(ToString::to_string));
    let mut met = std::collections::BTreeSet::new();
    names.retain(|name| met.insert(name.clone()));
    names
}
