//! The desk's data keys, encrypted for the key outside: `keys/at-rest.json`.
//!
//! Captures and snapshots are sealed with a data key; the data keys are kept encrypted for one or
//! more keys of age. So the key outside changes without a byte of evidence being written, and a
//! second one, locked away, opens the desk when the first is lost.
//!
//! ```sh
//! jq -r .locked keys/at-rest.json | base64 -d | age -d -i KEY | xxd -c 32 -p
//! ```
//!
//! prints the data keys. The `tag` is made with them: whoever has the desk's folder and no key cannot
//! slip in a key of his own, though anybody can encrypt for `age1...`.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use age::secrecy::{ExposeSecret as _, ExposeSecretMut as _, SecretBox};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};

use super::form::random;
use super::key_file::{EvidenceKey, another, needed, said};
use crate::recipient::{Recipient, encrypt_for};
use crate::{EvidenceError, durable};

/// Where it lies in a desk.
pub(crate) const FILE: &str = "keys/at-rest.json";
const FORMAT: u32 = 1;
/// No keyring is longer.
const LONGEST: u64 = 1024 * 1024;
const KEY: usize = 32;

/// The number of a data key, as sealed files name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct KeyId(pub(crate) [u8; 8]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for KeyId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = u64::from_str_radix(&text, 16).ok();
        let id =
            number.map(|number| Self(number.to_be_bytes())).filter(|id| id.to_string() == text);
        id.ok_or_else(|| format!("`{text}` is no number of a key"))
    }
}

/// What seals files.
pub(crate) struct DataKey {
    secret: SecretBox<[u8; KEY]>,
    id: KeyId,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataKey({})", self.id)
    }
}

impl DataKey {
    fn new() -> Result<Self, EvidenceError> {
        let mut secret = [0; KEY];
        random(&mut secret).map_err(|error| said(format!("cannot make a key: {error}")))?;
        Ok(Self::of(secret))
    }

    pub(super) fn of(secret: [u8; KEY]) -> Self {
        let mut key = Self { secret: SecretBox::new(Box::new(secret)), id: KeyId([0; 8]) };
        let number = key.mac(&[b"number"]);
        key.id.0.copy_from_slice(&number[..8]);
        key
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    /// HMAC-SHA256 under this key, over all of these.
    pub(super) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(self.secret.expose_secret(), parts)
    }
}

/// HMAC-SHA256 over all of these.
pub(super) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mac = Hmac::<sha2::Sha256>::new_from_slice(key);
    let mut mac = mac.expect("a key of any length will do");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// What stands in the file, save its tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    format: u32,
    /// The public keys that open it.
    #[serde(rename = "for")]
    names: Vec<String>,
    /// The data key that files are sealed with from now on; none when they are not any more.
    seals_with: Option<KeyId>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    #[serde(flatten)]
    told: Told,
    /// The data keys one after another, 32 bytes each, as an age file in base64.
    locked: String,
    /// HMAC-SHA256 in hex, under all data keys, over the rest but `locked`.
    tag: String,
}

/// The data keys of a desk, open.
#[derive(Debug)]
pub(crate) struct Keyring {
    told: Told,
    keys: Vec<DataKey>,
}

/// What can be known of a keyring without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Locked {
    /// The public keys that open it.
    pub(crate) names: Vec<String>,
    pub(crate) seals_with: Option<KeyId>,
}

impl Keyring {
    /// One new data key, for these.
    pub(super) fn new(names: Vec<String>) -> Result<Self, EvidenceError> {
        let key = DataKey::new()?;
        let told = Told { format: FORMAT, names, seals_with: Some(key.id) };
        Ok(Self { told, keys: vec![key] })
    }

    /// What a desk's file says of itself; `None` of a desk that has none.
    pub(super) fn look(desk: &Path) -> Result<Option<Locked>, EvidenceError> {
        let written = Written::read(desk)?;
        Ok(written
            .map(|Written { told, .. }| Locked { names: told.names, seals_with: told.seals_with }))
    }

    /// Opens the keyring of this desk with the key in this file; `None` of a desk that has none.
    pub(super) fn open(desk: &Path, key: Option<&Path>) -> Result<Option<Self>, EvidenceError> {
        let Some(written) = Written::read(desk)? else { return Ok(None) };
        let Some(path) = key else { return Err(needed(desk, &written.told.names)) };
        let key = EvidenceKey::read(path, desk)?;
        written.open(desk, &key).map(Some)
    }

    /// Writes it in place of the one before.
    pub(super) fn write(&self, desk: &Path) -> Result<(), EvidenceError> {
        let path = desk.join(FILE);
        let recipients = self.told.names.iter().map(|name| name.parse::<Recipient>());
        let recipients = recipients.collect::<Result<Vec<_>, _>>();
        let recipients = recipients.map_err(|what| changed(path.clone(), what))?;
        let mut plain = SecretBox::new(Box::new(Vec::with_capacity(KEY * self.keys.len())));
        for key in &self.keys {
            plain.expose_secret_mut().extend_from_slice(key.secret.expose_secret());
        }
        let mut locked = Vec::new();
        encrypt_for(&recipients, &mut plain.expose_secret().as_slice(), &mut locked)
            .map_err(EvidenceError::file("write", &path))?;
        let (told, tag) = (self.told.clone(), tag(plain.expose_secret(), &self.told));
        let written = Written { told, locked: BASE64_STANDARD.encode(locked), tag };
        let mut json = serde_json::to_vec_pretty(&written)
            .map_err(|error| EvidenceError::file("write", &path)(error.into()))?;
        json.push(b'\n');
        durable::make_dir(&desk.join("keys"))?;
        durable::replace(&path, &json)
    }

    /// The same once more, to be changed.
    pub(super) fn copy(&self) -> Self {
        let keys = self.keys.iter().map(|key| DataKey::of(*key.secret.expose_secret()));
        Self { told: self.told.clone(), keys: keys.collect() }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.told.names
    }

    /// The same, to be opened by the keys of these names.
    pub(super) fn locked_for(mut self, names: Vec<String>) -> Self {
        self.told.names = names;
        self
    }

    /// The data key of this number.
    pub(crate) fn key(&self, id: KeyId) -> Option<&DataKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// The one that files are sealed with.
    pub(crate) fn sealing(&self) -> Option<&DataKey> {
        self.key(self.told.seals_with?)
    }

    /// Whether files may be sealed with more than one key.
    pub(super) fn has_earlier_keys(&self) -> bool {
        self.keys.iter().any(|key| Some(key.id) != self.told.seals_with)
    }

    /// The same with a new data key, which files are sealed with from now on.
    pub(super) fn with_new_key(mut self) -> Result<Self, EvidenceError> {
        let key = DataKey::new()?;
        self.told.seals_with = Some(key.id);
        self.keys.push(key);
        Ok(self)
    }

    /// The same, but files are not sealed any more, or again.
    pub(super) fn sealing_again(mut self, seals: bool) -> Self {
        let last = self.keys.last().map(|key| key.id);
        self.told.seals_with = last.filter(|_| seals);
        self
    }

    /// The same without the keys that no file is sealed with any more.
    pub(super) fn without_earlier_keys(mut self) -> Self {
        let seals_with = self.told.seals_with;
        self.keys.retain(|key| Some(key.id) == seals_with);
        self
    }
}

impl Written {
    fn read(desk: &Path) -> Result<Option<Self>, EvidenceError> {
        let path = desk.join(FILE);
        let mut bytes = Vec::new();
        match std::fs::File::open(&path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
        {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EvidenceError::file("read", &path)(error)),
        }
        let format = |bytes: &[u8]| {
            serde_json::from_slice::<serde_json::Value>(bytes).ok()?["format"].as_u64()
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(written) if written.told.format == FORMAT => Ok(Some(written)),
            _ if format(&bytes).is_some_and(|format| format > u64::from(FORMAT)) => {
                let format = format(&bytes).unwrap_or_default();
                Err(EvidenceError::Newer { path, format })
            }
            Ok(_) => Err(changed(path, "its format is none".to_owned())),
            Err(error) => Err(changed(path, error.to_string())),
        }
    }

    fn open(&self, desk: &Path, key: &EvidenceKey) -> Result<Keyring, EvidenceError> {
        let path = desk.join(FILE);
        let locked = BASE64_STANDARD.decode(&self.locked);
        let locked = locked.map_err(|error| changed(path.clone(), error.to_string()))?;
        let damaged = |error: age::DecryptError| changed(path.clone(), error.to_string());
        let decryptor = age::Decryptor::new_buffered(locked.as_slice()).map_err(damaged)?;
        let mut opened = match decryptor.decrypt(key.identities()) {
            Ok(opened) => opened.take(LONGEST),
            Err(age::DecryptError::NoMatchingKeys) => {
                return Err(another(desk, &self.told.names, key));
            }
            Err(error) => return Err(damaged(error)),
        };
        let mut plain = SecretBox::new(Box::new(Vec::new()));
        let read = opened.read_to_end(plain.expose_secret_mut());
        read.map_err(|error| changed(path.clone(), error.to_string()))?;
        let plain = plain.expose_secret();
        let (keys, rest) = plain.as_chunks::<KEY>();
        if keys.is_empty() || !rest.is_empty() || tag(plain, &self.told) != self.tag {
            return Err(changed(path, "its tag is another".to_owned()));
        }
        let keyring = Keyring {
            told: self.told.clone(),
            keys: keys.iter().copied().map(DataKey::of).collect(),
        };
        match self.told.seals_with {
            Some(id) if keyring.key(id).is_none() => {
                Err(changed(path, format!("it has no data key {id}")))
            }
            _ => Ok(keyring),
        }
    }
}

fn tag(keys: &[u8], told: &Told) -> String {
    let told = serde_json::to_vec(told).unwrap_or_default();
    domain::Sha256::from_bytes(mac(keys, &[b"keyring\0", &told])).to_hex()
}

fn changed(path: PathBuf, what: String) -> EvidenceError {
    said(format!(
        "{} is not as it was written ({what}), and without it no capture or snapshot opens: restore it \
         from a backup",
        path.display()
    ))
}
