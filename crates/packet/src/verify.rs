use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use domain::Sha256;
use serde::Serialize;
use zip::ZipArchive;

use crate::PacketError;
use crate::build::{KEY, MANIFEST, SIGNATURE, TAG_MANIFEST, TAG_SIGNATURE};
use crate::container::{SEAL_LENGTH, digest_of};

/// Largest tag file that is read into memory.
const LARGEST_TAG_FILE: u64 = 16 * 1024 * 1024;
/// Most files that a packet may hold.
const MOST_FILES: usize = 100_000;

/// Something in a packet that is not as it was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The packet itself, or a file in it.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// What came of looking at a packet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Files in the packet that agree with its manifests.
    pub good: usize,
    /// All that does not.
    pub faults: Vec<Fault>,
    /// The number of the key that signed it, when signature and manifests agree.
    pub signed_by: Option<String>,
    /// What a person should know, and is no fault.
    pub notes: Vec<String>,
}

impl VerifyReport {
    fn fault(&mut self, file: impl Into<String>, what: impl Into<String>) {
        self.faults.push(Fault { file: file.into(), what: what.into() });
    }
}

/// Checks every byte of a packet: the seal over the whole file, then each file against the
/// manifests, then that no file is there beside them, then the signatures. Needs no desk.
pub fn verify(path: &Path) -> Result<VerifyReport, PacketError> {
    verify_with(path, None)
}

/// The same; `key` is the text of the desk's public key as it was got by another way. A packet that
/// this key did not sign has a fault: whoever makes all of a packet anew can sign it with a key of
/// their own.
pub fn verify_with(path: &Path, key: Option<&str>) -> Result<VerifyReport, PacketError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut file = File::open(path).map_err(PacketError::file("read", path))?;
    if is_encrypted(&mut file).map_err(PacketError::file("read", path))? {
        return Err(PacketError::Encrypted(path.to_owned()));
    }
    let mut report = VerifyReport::default();
    if let Err(what) = check_seal(&mut file).map_err(PacketError::file("read", path))? {
        report.fault(&name, what);
    }
    match ZipArchive::new(file) {
        Ok(zip) => check_bag(zip, &name, key, &mut report),
        Err(error) => report.fault(&name, format!("is no readable ZIP: {error}")),
    }
    Ok(report)
}

fn check_seal(file: &mut File) -> std::io::Result<Result<(), String>> {
    let length = file.seek(SeekFrom::End(0))?;
    let Some(body) = length.checked_sub(SEAL_LENGTH) else {
        return Ok(Err("is too short to be a packet".to_owned()));
    };
    file.seek(SeekFrom::Start(body))?;
    let mut seal = [0; SEAL_LENGTH as usize];
    file.read_exact(&mut seal)?;
    let digest = digest_of(file, body)?.to_hex();
    Ok(if seal == digest.as_bytes() {
        Ok(())
    } else {
        Err("its bytes do not agree with the SHA-256 in its comment: it was changed after it was sealed".to_owned())
    })
}

fn is_encrypted(file: &mut File) -> std::io::Result<bool> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(21).read_to_end(&mut start)?;
    Ok(start == b"age-encryption.org/v1")
}

fn check_bag(
    mut zip: ZipArchive<File>,
    packet: &str,
    key: Option<&str>,
    report: &mut VerifyReport,
) {
    if zip.len() > MOST_FILES {
        report.fault(packet, format!("holds {} files, more than a packet may", zip.len()));
        return;
    }
    let names: Result<Vec<String>, _> =
        zip.file_names().map(|name| name.map(std::borrow::Cow::into_owned)).collect();
    let names = match names {
        Ok(names) => names,
        Err(error) => {
            return report.fault(packet, format!("has a file name that cannot be read: {error}"));
        }
    };
    let folder: Option<String> =
        names.first().and_then(|name| name.split_once('/')).map(|(folder, _)| format!("{folder}/"));
    let Some(folder) = folder else {
        report.fault(packet, "holds no folder with a packet");
        return;
    };
    let mut listed =
        BTreeSet::from([TAG_MANIFEST, TAG_SIGNATURE].map(|name| format!("{folder}{name}")));
    for manifest in [TAG_MANIFEST, MANIFEST] {
        let text = read_text(&mut zip, &format!("{folder}{manifest}"));
        let Some(text) = text else {
            report.fault(manifest, "is missing or no text");
            continue;
        };
        for line in text.lines() {
            check_line(line, manifest, &folder, &mut zip, &mut listed, report);
        }
    }
    for name in &names {
        if !listed.contains(name) {
            report.fault(name, "is in no manifest: it was added after the packet was built");
        }
    }
    let mut twice = BTreeSet::new();
    for name in names.iter().filter(|name| !twice.insert(name.as_str())) {
        report.fault(name, "is in the packet twice");
    }
    let needed = ["bagit.txt", MANIFEST].map(|name| format!("{folder}{name}"));
    if !needed.iter().all(|name| listed.contains(name)) {
        report.fault(TAG_MANIFEST, "does not list bagit.txt and manifest-sha256.txt");
    }
    check_signatures(&mut zip, &folder, &names, key, report);
}

fn check_signatures(
    zip: &mut ZipArchive<File>,
    folder: &str,
    names: &[String],
    key: Option<&str>,
    report: &mut VerifyReport,
) {
    let has = |name: &str| names.contains(&format!("{folder}{name}"));
    if ![KEY, SIGNATURE, TAG_SIGNATURE].into_iter().any(has) {
        match key {
            Some(_) => report.fault(KEY, "is missing: the packet is not signed by this key"),
            None => report.notes.push("it is not signed: who made it is not proven".to_owned()),
        }
        return;
    }
    let mut text = |name: &str| read_text(zip, &format!("{folder}{name}"));
    let own_key = text(KEY);
    if own_key.is_none() {
        report.fault(KEY, "is missing or no text");
    }
    let Some(trusted) = key.map(str::to_owned).or_else(|| own_key.clone()) else { return };
    if own_key.is_some_and(|own| key_line(&own) != key_line(&trusted)) {
        report.fault(KEY, "is another key than the one that you gave");
    }
    let mut signers = Vec::new();
    for (signed, signature) in [(MANIFEST, SIGNATURE), (TAG_MANIFEST, TAG_SIGNATURE)] {
        let (Some(bytes), Some(signature_text)) = (text(signed), text(signature)) else {
            report.fault(signature, "is missing or no text");
            continue;
        };
        match evidence::check_signature(&trusted, &signature_text, bytes.as_bytes()) {
            Ok((id, _)) => signers.push(id),
            Err(what) => report.fault(signature, format!("does not sign {signed}: {what}")),
        }
    }
    if signers.len() == 2 {
        report.signed_by = signers.pop();
        if key.is_none() {
            report.notes.push(
                "the key came with the packet: ask the desk by another way whether it is theirs"
                    .to_owned(),
            );
        }
    }
}

/// The key itself, without the comment that anybody may change.
fn key_line(text: &str) -> &str {
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}

fn check_line(
    line: &str,
    manifest: &str,
    folder: &str,
    zip: &mut ZipArchive<File>,
    listed: &mut BTreeSet<String>,
    report: &mut VerifyReport,
) {
    let parts = line
        .split_once("  ")
        .and_then(|(digest, name)| Some((digest.parse::<Sha256>().ok()?, name)));
    let Some((expected, name)) = parts else {
        report.fault(manifest, "has a line that is not `<sha256>  <file>`");
        return;
    };
    let full = format!("{folder}{name}");
    listed.insert(full.clone());
    match digest_in_zip(zip, &full) {
        Ok(digest) if digest == expected => report.good += 1,
        Ok(_) => report.fault(name, format!("does not agree with {manifest}")),
        Err(what) => report.fault(name, what),
    }
}

fn digest_in_zip(zip: &mut ZipArchive<File>, name: &str) -> Result<Sha256, String> {
    use sha2::Digest as _;
    let mut file = zip.by_name(name).map_err(|_| "is missing from the packet".to_owned())?;
    let mut hasher = sha2::Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(Sha256::from_bytes(hasher.finalize().into())),
            Ok(read) => hasher.update(&piece[..read]),
            Err(error) => return Err(format!("cannot be read out of the packet: {error}")),
        }
    }
}

fn read_text(zip: &mut ZipArchive<File>, name: &str) -> Option<String> {
    let file = zip.by_name(name).ok()?;
    let mut text = String::new();
    file.take(LARGEST_TAG_FILE).read_to_string(&mut text).ok()?;
    Some(text)
}
