//! Verification of what lies beside the evidence and speaks for it: the packets that were handed out,
//! and the keys that sign.

use std::fs::{self, File};

use domain::Sha256;

use crate::deleting::PACKETS;
use crate::durable::{PIECE, digest_in};
use crate::inventory::is_part;
use crate::key::{self, PUBLIC, SECRET};
use crate::signed_head::KEY;
use crate::verify::Verification;

/// The folder of the desk's keys.
pub(crate) const KEYS: &str = "keys";
/// Whose keys open an encrypted desk; what it says is held against itself when it is opened.
const AT_REST: &str = "at-rest.json";

impl Verification<'_> {
    /// Each packet that still lies where it was built is one that was handed out under its name.
    pub(crate) fn packets(&mut self) {
        let files = self.files;
        let mut piece = vec![0; PIECE];
        for (file, size) in files.of_folder(PACKETS, "") {
            if is_part(file) {
                continue;
            }
            let path = files.path(PACKETS, file);
            let digest = File::open(path).and_then(|mut packet| digest_in(&mut packet, &mut piece));
            self.advance(size);
            let what = match (digest, self.handed_out.get(file)) {
                (Err(error), _) => format!("it cannot be read: {error}"),
                (Ok(digest), Some(known)) if known.contains(&digest) => continue,
                (Ok(_), Some(_)) => "it is not the packet that was handed out".to_owned(),
                (Ok(_), None) => {
                    "no custody entry hands out a packet of this name; remove it, or build it again"
                        .to_owned()
                }
            };
            self.fault(PACKETS, file, "the whole file", what);
        }
    }

    /// The keys agree with each other and with the head that was signed last. A copy of the evidence
    /// alone has none, and needs none.
    pub(crate) fn keys(&mut self) {
        let files = self.files;
        let sizes: Vec<(&str, u64)> = files.of_folder(KEYS, "").collect();
        let read = |folder: &str, name: &str| fs::read_to_string(files.path(folder, name)).ok();
        let (secret, public) = (read(KEYS, SECRET), read(KEYS, PUBLIC));
        let signed = read("custody", KEY);
        for (name, size) in sizes {
            self.advance(size);
            if ![SECRET, PUBLIC, AT_REST].contains(&name) && !is_part(name) {
                self.fault(KEYS, name, "the whole file", "it does not belong to the desk's keys");
            }
        }
        if secret.is_none() && public.is_none() {
            return;
        }
        let own = secret.as_deref().and_then(key::public_of);
        match (&secret, &own) {
            (None, _) => self.missing(KEYS, SECRET),
            (Some(_), None) => {
                self.fault(KEYS, SECRET, "its start", "it is no key as the desk wrote it")
            }
            (Some(_), Some(_)) => {}
        }
        let expected = own.or(signed.clone());
        match public {
            None => self.missing(KEYS, PUBLIC),
            Some(public) if expected.as_ref().is_none_or(|expected| *expected == public) => {}
            Some(_) => self.fault(KEYS, PUBLIC, "the whole file", "it is not the key that signs"),
        }
        match (signed, expected) {
            // The key is made before there is anything to sign.
            (None, _) if self.report.entries == 0 => {}
            (None, _) => self.missing("custody", KEY),
            (Some(signed), Some(expected)) if signed != expected => {
                let what = "the head was signed by another key than the desk's";
                self.fault(KEYS, SECRET, "the whole file", what);
            }
            _ => {}
        }
    }

    /// Notes that a packet of this name was handed out.
    pub(crate) fn note_packet(&mut self, file: &str, packet: Sha256) {
        self.handed_out.entry(file.to_owned()).or_default().push(packet);
    }
}
