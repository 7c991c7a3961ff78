use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use evidence::Recipient;

use super::Person;

#[derive(Debug, Subcommand)]
pub(crate) enum Desk {
    /// Encrypt captures and snapshots for a key that is kept outside of the desk
    ///
    /// What was cut short is gone on with by the same command. Whoever loses the key and all recovery keys
    /// loses the evidence.
    Encrypt(DeskEncrypt),
    /// Have another key open the desk, or encrypt all of it anew
    Rekey(DeskRekey),
    /// Have captures and snapshots lie open again
    Decrypt(DeskDecrypt),
}

/// The key's file as `--key FILE`, for short.
#[derive(Debug, ClapArgs)]
pub(crate) struct KeyFile {
    /// The same as --evidence-key FILE
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DeskEncrypt {
    #[command(flatten)]
    pub(crate) key: KeyFile,
    /// Make the key's file; it must not be there yet
    #[arg(long)]
    pub(crate) make_key: bool,
    /// A public key (age1...) that shall open the desk, too, and is locked away for the day on which the
    /// first one is lost; can be given several times
    #[arg(long, value_name = "KEY")]
    pub(crate) recovery: Vec<Recipient>,
    #[command(flatten)]
    pub(crate) person: Person,
}

#[derive(Debug, ClapArgs)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["to", "renew"])))]
pub(crate) struct DeskRekey {
    #[command(flatten)]
    pub(crate) key: KeyFile,
    /// The file of the key that opens the desk from now on, in place of all others; evidence is not
    /// written anew
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Make that file; it must not be there yet
    #[arg(long, requires = "to")]
    pub(crate) make_key: bool,
    /// A public key (age1...) that shall open the desk, too; can be given several times
    #[arg(long, value_name = "KEY", requires = "to")]
    pub(crate) recovery: Vec<Recipient>,
    /// Encrypt every capture and snapshot anew with a new data key, after somebody may have had an old key
    /// together with a copy of the desk; goes on where it was cut short
    #[arg(long)]
    pub(crate) renew: bool,
    #[command(flatten)]
    pub(crate) person: Person,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DeskDecrypt {
    #[command(flatten)]
    pub(crate) key: KeyFile,
    #[command(flatten)]
    pub(crate) person: Person,
}
