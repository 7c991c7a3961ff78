//! The desk's key: an Ed25519 pair in the form of minisign, so that whoever gets something from the
//! desk can check it with a stock tool.

use std::fs::{self, File};
use std::io::{Cursor, ErrorKind, Write};
use std::path::Path;

use minisign::{KeyPair, PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};

use crate::{EvidenceError, durable};

pub(crate) const SECRET: &str = "desk.key";
pub(crate) const PUBLIC: &str = "desk.pub";
/// What the file of the secret part says of itself.
const COMMENT: &str = "secret key of a fusion desk; whoever has it signs in the desk's name";

/// What signs for the desk. Its secret part has no form that could be printed.
pub struct DeskKey {
    secret: SecretKey,
    public: PublicKey,
}

impl std::fmt::Debug for DeskKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeskKey({})", self.id())
    }
}

impl DeskKey {
    /// Opens the key in this folder (`keys/` of a desk), and makes one at first use. The secret
    /// part is readable by the desk's account alone; one that others can read is refused.
    pub fn open(dir: &Path) -> Result<Self, EvidenceError> {
        let path = dir.join(SECRET);
        let secret = match fs::read_to_string(&path) {
            Ok(text) => {
                refuse_open_to_others(&path)?;
                let damaged = |error: minisign::PError| {
                    EvidenceError::damaged(&path, "its start", error.to_string())
                };
                SecretKeyBox::from_string(&text)
                    .and_then(SecretKeyBox::into_unencrypted_secret_key)
                    .map_err(damaged)?
            }
            Err(error) if error.kind() == ErrorKind::NotFound => make(dir)?,
            Err(error) => return Err(EvidenceError::file("read", &path)(error)),
        };
        let public = PublicKey::from_secret_key(&secret).map_err(refused)?;
        let key = Self { secret, public };
        // Beside the secret part, so that it can be given away without touching that.
        let public = dir.join(PUBLIC);
        let text = key.public_text();
        if fs::read(&public).ok().as_deref() != Some(text.as_bytes()) {
            durable::replace(&public, text.as_bytes())?;
        }
        Ok(key)
    }

    /// The public part as minisign's key file has it.
    pub fn public_text(&self) -> String {
        text_of(&self.public)
    }

    /// The number that minisign shows of the key.
    pub fn id(&self) -> String {
        id_of(&self.public)
    }

    /// A signature file over these bytes. What is said in the trusted comment is signed, too.
    pub fn sign(&self, bytes: &[u8], trusted_comment: &str) -> Result<String, EvidenceError> {
        let comment = crate::warc_write::one_line(trusted_comment);
        let untrusted = untrusted_comment(&self.public);
        let signature = minisign::sign(
            Some(&self.public),
            &self.secret,
            Cursor::new(bytes),
            Some(&comment),
            Some(&untrusted),
        );
        Ok(signature.map_err(refused)?.into_string())
    }
}

/// Checks a signature file over these bytes against a key file. Gives the key's number and the
/// trusted comment, or says what does not agree.
pub fn check_signature(
    public: &str,
    signature: &str,
    bytes: &[u8],
) -> Result<(String, String), String> {
    let public = PublicKeyBox::from_string(public)
        .and_then(PublicKeyBox::into_public_key)
        .map_err(|error| format!("the public key cannot be read: {error}"))?;
    let text = signature;
    let signature = SignatureBox::from_string(text)
        .map_err(|error| format!("the signature cannot be read: {error}"))?;
    // The first line is signed by nobody: only the one way of writing it counts, or a changed byte
    // could pass.
    let comment = signature.untrusted_comment().unwrap_or_default();
    if comment != untrusted_comment(&public) || signature.to_string() != text {
        return Err("the signature is not written as the desk wrote it".to_owned());
    }
    minisign::verify(&public, &signature, Cursor::new(bytes), true, false, false)
        .map_err(|error| error.to_string())?;
    let comment = signature.trusted_comment().map_err(|error| error.to_string())?;
    Ok((id_of(&public), comment))
}

/// The public part of a secret key file, as the desk writes it; `None` if it holds no key, or not as
/// the desk wrote it.
pub(crate) fn public_of(secret: &str) -> Option<String> {
    let key = SecretKeyBox::from_string(secret).ok()?.into_unencrypted_secret_key().ok()?;
    let is_as_written = key.to_box(Some(COMMENT)).ok()?.to_string() == secret;
    // What a password would need is empty; over the rest is a checksum, which was looked at.
    let bytes = key.to_bytes();
    let is_whole = bytes[2..6] == *b"\0\0B2" && bytes[6..54] == [0; 48];
    let public = PublicKey::from_secret_key(&key).ok()?;
    (is_as_written && is_whole).then(|| text_of(&public))
}

/// A key file as the desk writes it; `None` if the text holds no key.
pub(crate) fn canonical(text: &str) -> Option<String> {
    let public = PublicKeyBox::from_string(text).ok()?.into_public_key().ok()?;
    // The library does not look at the two letters that name the algorithm, `Ed`.
    let named = public.to_bytes().starts_with(b"Ed");
    named.then(|| text_of(&public))
}

fn text_of(public: &PublicKey) -> String {
    format!("untrusted comment: minisign public key {}\n{}\n", id_of(public), public.to_base64())
}

fn untrusted_comment(public: &PublicKey) -> String {
    format!("signature of desk key {}", id_of(public))
}

fn id_of(public: &PublicKey) -> String {
    let bytes = public.keynum().iter().rev();
    bytes.map(|byte| format!("{byte:02X}")).collect()
}

fn make(dir: &Path) -> Result<SecretKey, EvidenceError> {
    durable::make_dir(dir)?;
    let pair = KeyPair::generate_unencrypted_keypair().map_err(refused)?;
    let text = pair.sk.to_box(Some(COMMENT)).map_err(refused)?.into_string();
    let path = dir.join(SECRET);
    let part = dir.join("desk.key.part");
    let _ = fs::remove_file(&part);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(&part)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .map_err(EvidenceError::file("write", &part))?;
    fs::rename(&part, &path).map_err(EvidenceError::file("write", &path))?;
    durable::sync_dir(dir)?;
    Ok(pair.sk)
}

fn refuse_open_to_others(path: &Path) -> Result<(), EvidenceError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path).map_err(EvidenceError::file("read", path))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.display();
            return Err(EvidenceError::Refused {
                what: format!(
                    "signing with {path}: others on this machine can read it (mode {mode:o}); \
                     run `chmod 600 {path}`, and make a new key if somebody may have copied it"
                ),
            });
        }
    }
    Ok(())
}

fn refused(error: minisign::PError) -> EvidenceError {
    EvidenceError::Refused { what: format!("a signature: {error}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_of_a_secret_key_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let key = DeskKey::open(dir.path()).unwrap();
        let whole = fs::read(dir.path().join(SECRET)).unwrap();
        let public = |bytes: &[u8]| public_of(std::str::from_utf8(bytes).ok()?);
        assert_eq!(public(&whole), Some(key.public_text()));
        for at in 0..whole.len() * 8 {
            let mut changed = whole.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert_ne!(public(&changed), Some(key.public_text()), "bit {at}");
        }
    }

    #[test]
    fn a_key_is_made_once_and_signs_what_others_can_check() {
        let dir = tempfile::tempdir().unwrap();
        let keys = dir.path().join("keys");
        let key = DeskKey::open(&keys).unwrap();
        let again = DeskKey::open(&keys).unwrap();
        assert_eq!(key.public_text(), again.public_text());
        let signature = again.sign(b"manifest", "packet l-1\nforged: yes").unwrap();
        let (id, comment) = check_signature(&key.public_text(), &signature, b"manifest").unwrap();
        assert_eq!((id, comment.as_str()), (key.id(), "packet l-1 forged: yes"));
        assert!(check_signature(&key.public_text(), &signature, b"manifesto").is_err());
        let other = signature.replace("packet l-1", "packet l-2");
        assert!(check_signature(&key.public_text(), &other, b"manifest").is_err(), "the comment");
        let another = DeskKey::open(&dir.path().join("more")).unwrap();
        assert!(check_signature(&another.public_text(), &signature, b"manifest").is_err());
        assert!(
            !format!("{key:?}").contains(fs::read_to_string(keys.join(SECRET)).unwrap().trim())
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        DeskKey::open(dir.path()).unwrap();
        let path = dir.path().join(SECRET);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = DeskKey::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
