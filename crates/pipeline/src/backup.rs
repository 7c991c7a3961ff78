use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Desk, PipelineError};

/// What a desk's folder holds that the index cannot be made from is copied; the index is not.
const TRUTH: [&str; 12] = [
    "fusion.toml",
    "sources.toml",
    "accounts.json",
    "rules",
    "captures",
    "custody",
    "snapshots",
    "time",
    "keys",
    "data",
    crate::tip::SENDERS,
    crate::notify::OUTBOX,
];

impl Desk {
    /// Copies everything that counts into a new folder, syncs it, reads it back and compares.
    /// Gives the number of files. The desk is owned meanwhile, so nothing moves under the copy.
    pub fn backup(&mut self, to: &Path) -> Result<usize, PipelineError> {
        if to.exists() {
            return Err(PipelineError::Refused(format!(
                "{} is there already; a backup is written into a new folder",
                to.display()
            )));
        }
        self.custody.seal()?;
        let mut files = Vec::new();
        for name in TRUTH {
            list(&self.dir.join(name), Path::new(name), &mut files)?;
        }
        for name in &files {
            copy(&self.dir.join(name), &to.join(name))?;
        }
        for name in &files {
            if !same(&self.dir.join(name), &to.join(name))? {
                return Err(PipelineError::Refused(format!(
                    "{} does not read back as it was written; do not trust this backup",
                    to.join(name).display()
                )));
            }
        }
        Ok(files.len())
    }

    /// Writes the index anew, so that it takes no more space than it needs. Gives its size in bytes
    /// before and after.
    pub fn compact(mut self) -> Result<(u64, u64), PipelineError> {
        let store = self.dir.join("store");
        let before = size(&store)?;
        self.custody.seal()?;
        let index = Arc::into_inner(self.store)
            .ok_or_else(|| PipelineError::Refused("the index is being read".to_owned()))?;
        index.compact()?.close()?;
        Ok((before, size(&store)?))
    }
}

fn list(path: &Path, name: &Path, files: &mut Vec<PathBuf>) -> Result<(), PipelineError> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(PipelineError::file("read", path))? {
            let entry = entry.map_err(PipelineError::file("read", path))?;
            list(&entry.path(), &name.join(entry.file_name()), files)?;
        }
    } else if path.is_file() {
        files.push(name.to_owned());
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), PipelineError> {
    let folder = to.parent().unwrap_or(to);
    std::fs::create_dir_all(folder).map_err(PipelineError::file("make", folder))?;
    std::fs::copy(from, to)
        .and_then(|_| File::open(to)?.sync_all())
        .map_err(PipelineError::file("write", to))
}

fn same(a: &Path, b: &Path) -> Result<bool, PipelineError> {
    let open = |path: &Path| File::open(path).map_err(PipelineError::file("read", path));
    let (mut first, mut second) = (open(a)?, open(b)?);
    let (mut left, mut right) = (vec![0; 256 * 1024], Vec::new());
    loop {
        let read = first.read(&mut left).map_err(PipelineError::file("read", a))?;
        right.resize(read.max(1), 0);
        if read == 0 {
            return Ok(second.read(&mut right).map_err(PipelineError::file("read", b))? == 0);
        }
        if second.read_exact(&mut right).is_err() || left[..read] != right[..] {
            return Ok(false);
        }
    }
}

fn size(path: &Path) -> Result<u64, PipelineError> {
    let mut files = Vec::new();
    list(path, Path::new(""), &mut files)?;
    Ok(files
        .iter()
        .filter_map(|name| std::fs::metadata(path.join(name)).ok())
        .map(|file| file.len())
        .sum())
}
