//! The ZIP around the bag: fixed times and order, contents stored as they are, and a comment that
//! holds the SHA-256 of all bytes before it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use domain::Sha256;
use sha2::Digest as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::PacketError;

/// Length of the comment: a SHA-256 in hex digits.
pub(crate) const SEAL_LENGTH: u64 = 64;

/// A packet that is being written.
pub(crate) struct Container {
    zip: ZipWriter<File>,
}

impl Container {
    pub(crate) fn create(path: &Path) -> Result<Self, PacketError> {
        let file = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(path)
            .map_err(PacketError::file("write", path))?;
        Ok(Self { zip: ZipWriter::new(file) })
    }

    /// Adds a file. The time is the format's own zero: what matters is inside.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), PacketError> {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes).map_err(zip::result::ZipError::Io)?;
        Ok(())
    }

    /// Ends the ZIP, seals and syncs it; gives the SHA-256 of the whole file.
    pub(crate) fn seal(mut self) -> Result<Sha256, PacketError> {
        self.zip.set_comment("0".repeat(SEAL_LENGTH as usize))?;
        let mut file = self.zip.finish()?;
        let whole = (|| {
            let length = file.seek(SeekFrom::End(0))?;
            let body = digest_of(&mut file, length - SEAL_LENGTH)?;
            file.seek(SeekFrom::End(-(SEAL_LENGTH as i64)))?;
            file.write_all(body.to_hex().as_bytes())?;
            file.sync_all()?;
            digest_of(&mut file, length)
        })()
        .map_err(zip::result::ZipError::Io)?;
        Ok(whole)
    }
}

/// SHA-256 of the first `length` bytes of a file.
pub(crate) fn digest_of(file: &mut File, length: u64) -> std::io::Result<Sha256> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = sha2::Sha256::new();
    let mut reader = file.take(length);
    let mut piece = vec![0; 256 * 1024];
    loop {
        let read = reader.read(&mut piece)?;
        if read == 0 {
            return Ok(Sha256::from_bytes(hasher.finalize().into()));
        }
        hasher.update(&piece[..read]);
    }
}
