use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use domain::Sha256;
use serde::Serialize;
use zip::ZipArchive;

use crate::PacketError;
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
}

impl VerifyReport {
    fn fault(&mut self, file: impl Into<String>, what: impl Into<String>) {
        self.faults.push(Fault { file: file.into(), what: what.into() });
    }
}

/// Checks every byte of a packet: the seal over the whole file, then each file against the
/// manifests, then that no file is there beside them. Needs no desk.
pub fn verify(path: &Path) -> Result<VerifyReport, PacketError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut file = File::open(path).map_err(PacketError::file("read", path))?;
    let mut report = VerifyReport::default();
    if let Err(what) = check_seal(&mut file).map_err(PacketError::file("read", path))? {
        report.fault(&name, what);
    }
    match ZipArchive::new(file) {
        Ok(zip) => check_bag(zip, &name, &mut report),
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

fn check_bag(mut zip: ZipArchive<File>, packet: &str, report: &mut VerifyReport) {
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
    let mut listed = BTreeSet::from([format!("{folder}tagmanifest-sha256.txt")]);
    for manifest in ["tagmanifest-sha256.txt", "manifest-sha256.txt"] {
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
    if listed.contains(&format!("{folder}bagit.txt"))
        && listed.contains(&format!("{folder}manifest-sha256.txt"))
    {
        return;
    }
    report.fault("tagmanifest-sha256.txt", "does not list bagit.txt and manifest-sha256.txt");
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
