//! Captures and snapshots at rest: sealed on the disk where the desk is encrypted, with a key that the
//! desk's folder does not hold.
//!
//! A file of `captures/` or `snapshots/` has the same name and, once it is opened, the same bytes
//! whether it is sealed or not; a desk may have files of both kinds. Digests, offsets and lengths in
//! the custody log are those of the plain files, so that nothing that was ever stated changes when a
//! desk is encrypted, gets another key, or is opened up again.
//!
//! The form of a sealed file is told in `form`, that of the data keys in `keyring`.

mod aside;
mod change;
mod form;
mod growing;
mod index;
mod inlet;
mod key_file;
mod keyring;
mod reseal;
mod sealed_file;
mod standing;
mod vault;

#[cfg(test)]
mod tests;

pub use change::AtRestChange;
pub(crate) use growing::Growing;
pub use key_file::EvidenceKey;
pub use reseal::Resealed;
pub(crate) use sealed_file::Kept;
pub use standing::AtRest;
pub use vault::Vault;

/// Where snapshots lie in a desk.
pub(crate) const SNAPSHOTS: &str = "snapshots";
