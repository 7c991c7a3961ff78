//! Programs of other houses, which read what we write. They are looked for in the folder
//! `FUSION_TOOLS`, then on the path. Where one is missing its test says so and is skipped, save in
//! continuous integration.
#![allow(dead_code, reason = "each room's tests use some of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A tool; `None`, and said so, when it is not installed.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let own = std::env::var_os("FUSION_TOOLS")
        .map(|dir| Path::new(&dir).join("bin").join(name))
        .filter(|path| path.is_file());
    let on_path = || {
        let paths = std::env::var_os("PATH")?;
        std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|path| path.is_file())
    };
    let found = own.or_else(on_path);
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is not installed");
        eprintln!("skipped: {name} is not installed");
    }
    found
}

/// The Python of the tools' own folder.
pub(crate) fn python() -> Option<PathBuf> {
    if std::env::var_os("FUSION_TOOLS").is_none() {
        eprintln!("skipped: FUSION_TOOLS is not set");
        return None;
    }
    tool("python3")
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A script of `tests/outside`, in which programs of other houses read what we write, with these
/// arguments; what it said, or `None` when Python is not there.
#[track_caller]
pub(crate) fn outside(script: &str, args: &[&str]) -> Option<String> {
    let python = python()?;
    let folder = repository().join("tests/outside");
    Some(runs(&python, &[&[script], args].concat(), &folder))
}

#[track_caller]
pub(crate) fn runs(program: &Path, args: &[&str], dir: &Path) -> String {
    let output = Command::new(program).args(args).current_dir(dir).output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{} {args:?}: {said}", program.display());
    said
}

#[track_caller]
pub(crate) fn fails(program: &Path, args: &[&str], dir: &Path) {
    let output = Command::new(program).args(args).current_dir(dir).output().unwrap();
    assert!(!output.status.success(), "{} {args:?} should have failed", program.display());
}
