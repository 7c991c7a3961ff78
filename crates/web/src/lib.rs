//! The review app: where investigators spend their day, and the API beside it.
//!
//! Pages are made on the server and work without a script; one small script adds keys and live
//! news. Everything that a person does goes through [`pipeline::Desk`], which writes it into the
//! custody log before it is answered; this crate adds who may ask ([`Accounts`], one table of
//! rights) and how it looks. One process owns the desk: it stands behind a lock, and work on it
//! runs beside the threads that answer.
//!
//! ```
//! use web::{Accounts, Role};
//!
//! # let folder = tempfile::tempdir()?;
//! # let desk = folder.path();
//! let accounts = Accounts::of(desk);
//! assert!(accounts.all()?.is_empty());
//! assert_eq!(Role::from_name("investigator"), Some(Role::Investigator));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It reads no posting, decides nothing and opens no connection: packets are made by what
//! [`Serving::packets`] brings, and sources are fetched by the pipeline.

mod accounts;
mod api;
mod app;
mod archive;
mod assets;
mod board;
mod error;
mod evidence_origin;
mod glance;
mod guard;
mod headers;
mod invite;
mod language;
mod layout;
mod listen;
mod pages;
mod refusal;
mod rights;
mod session;
mod terms;
#[cfg(test)]
mod tests;
mod throttle;
mod upload;
mod visible;
mod visit;

pub use accounts::second_factor::code as second_factor_code;
pub use accounts::{ACCOUNTS_FILE, Account, Accounts, Role};
pub use app::{EvidencePlace, PacketMaker, PacketTerms, Serving};
pub use error::WebError;
pub use invite::{add_account, recover_account, set_disabled};
pub use language::Language;
pub use listen::{Listening, listen};

/// Where random bytes come from. The system's are asked for at the edge alone (`cli`).
pub trait Randomness: Send + Sync {
    /// Fills the whole slice with bytes that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// 256 random bits, as 64 hex digits.
pub(crate) fn random_word(random: &dyn Randomness) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    domain::Sha256::from_bytes(bytes).to_hex()
}
