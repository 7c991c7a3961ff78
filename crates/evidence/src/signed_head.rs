//! The head of the custody log under the desk's key: who rewrites the whole log, hashes and all,
//! cannot sign its end. `custody/head.signed` has one line that is signed, and the signature as
//! minisign writes it; `custody/desk.pub` is the key to check it with:
//!
//! ```sh
//! head -n 1 custody/head.signed > head.txt; tail -n +2 custody/head.signed > head.txt.minisig
//! minisign -V -p custody/desk.pub -m head.txt
//! ```

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use domain::Sha256;

use crate::key::{DeskKey, canonical, check_signature};
use crate::{EvidenceError, durable};

pub(crate) const SIGNED: &str = "head.signed";
pub(crate) const KEY: &str = "desk.pub";
/// What is signed by a key that `desk.pub` does not have yet: both files come one after the other, and
/// whoever is cut short between them has this.
pub(crate) const NEXT: &str = "head.signed.next";

/// Signs number and hash of the log's last entry, unless that was done already.
pub fn sign_head(
    custody: &Path,
    key: &DeskKey,
    (seq, hash): (u64, Sha256),
) -> Result<(), EvidenceError> {
    let line = line_of(seq, &hash);
    let path = custody.join(SIGNED);
    let public = key.public_text();
    let same_key = fs::read(custody.join(KEY)).ok().as_deref() == Some(public.as_bytes());
    let is_signed = |text: String| check(&text, &public).is_ok_and(|head| head == (seq, hash));
    if same_key && fs::read_to_string(&path).is_ok_and(is_signed) {
        return durable::remove(&custody.join(NEXT));
    }
    let signature = key.sign(line.as_bytes(), line.trim_end())?;
    let signed = line + &signature;
    if !same_key {
        durable::replace(&custody.join(NEXT), signed.as_bytes())?;
        durable::replace(&custody.join(KEY), public.as_bytes())?;
    }
    durable::replace(&path, signed.as_bytes())?;
    durable::remove(&custody.join(NEXT))
}

/// What was signed last; `None` if nothing ever was. The error says what does not agree.
pub(crate) fn signed_head(custody: &Path) -> Option<Result<(u64, Sha256), String>> {
    let read = |name: &str| match fs::read_to_string(custody.join(name)) {
        Ok(text) => Some(Ok(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => Some(Err(format!("{name} cannot be read: {error}"))),
    };
    let (signed, key) = match (read(SIGNED), read(KEY)) {
        (None, None) => return None,
        (signed, Some(Ok(key))) => (signed, key),
        (Some(Err(what)), _) | (_, Some(Err(what))) => return Some(Err(what)),
        (Some(_), None) => return Some(Err(ONE_MISSING.to_owned())),
    };
    let checked = match signed {
        Some(signed) => signed.and_then(|signed| check(&signed, &key)),
        None => Err(ONE_MISSING.to_owned()),
    };
    Some(checked.or_else(|what| match read(NEXT) {
        Some(next) => next.and_then(|next| check(&next, &key)).map_err(|_| what),
        None => Err(what),
    }))
}

const ONE_MISSING: &str = "one of head.signed and desk.pub is missing";

fn check(signed: &str, key: &str) -> Result<(u64, Sha256), String> {
    let end = signed.find('\n').ok_or("it has no line that could be signed")?;
    let (line, signature) = signed.split_at(end + 1);
    check_signature(key, signature, line.as_bytes())?;
    // The comment of the key file is signed by nobody; only the one way of writing it counts.
    if canonical(key).as_deref() != Some(key) {
        return Err("desk.pub is not written as the desk wrote it".to_owned());
    }
    let mut words = line.trim_end().split(' ').skip(2);
    let seq = words.next().and_then(|word| word.parse().ok());
    let hash = words.next().and_then(|word| word.parse().ok());
    seq.zip(hash).ok_or_else(|| "its line names no entry".to_owned())
}

fn line_of(seq: u64, hash: &Sha256) -> String {
    format!("custody head {seq} {hash}\n")
}
