//! A pack: the files of a rule folder, and everything that was read out of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Language, Sha256};

use crate::folding::Folding;
use crate::problem::{Problems, RulesError, code};
use crate::read::indicator::{self, Signs};
use crate::read::rule::{self, Place, RuleFile};
use crate::read::words::{self, WordLists};
use crate::read::{sign_stems, stems, wages, weights, yaml};
use crate::tenor::{SignStems, Stems};
use crate::threads;
use crate::wages::Wages;
use crate::weights::Weights;

/// Largest rule file that is read, in bytes.
const MAX_FILE: usize = 4 << 20;
/// The folder of rules that belong to no language.
pub(crate) const ANY: &str = "any";

/// The files of a pack by their path inside its folder, with `/` between the parts; `None` for a file
/// that could not be read.
pub(crate) type Files = BTreeMap<String, Result<Vec<u8>, String>>;

/// What was read; problems are kept apart.
#[derive(Debug)]
pub(crate) struct Pack {
    pub(crate) signs: Signs,
    /// `None` if the numbers cannot be weighed with.
    pub(crate) weights: Option<Weights>,
    /// `None` if there is no such file, or it cannot be reckoned with.
    pub(crate) wages: Option<Wages>,
    /// By folder.
    pub(crate) words: BTreeMap<String, WordLists>,
    /// By folder, for those that have such a file.
    pub(crate) stems: BTreeMap<String, Stems>,
    /// By folder, for those that have such a file.
    pub(crate) sign_stems: BTreeMap<String, Vec<SignStems>>,
    /// By path.
    pub(crate) files: BTreeMap<String, RuleFile>,
    pub(crate) hash: Sha256,
}

impl Pack {
    fn empty(hash: Sha256) -> Self {
        let (words, stems, files) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (signs, sign_stems) = (Signs::default(), BTreeMap::new());
        Self { signs, weights: None, wages: None, words, stems, sign_stems, files, hash }
    }
}

/// Lists and reads the files of a folder: YAML at the top and one folder below. Hidden files and
/// files of other kinds are passed over.
pub(crate) fn files_of(folder: &Path) -> Result<Files, RulesError> {
    let cannot_read = |source| RulesError::Folder { folder: folder.to_owned(), source };
    let mut files = Files::new();
    for (name, path) in listed(folder).map_err(cannot_read)? {
        if path.is_dir() {
            match listed(&path) {
                Ok(inner) => {
                    for (inner_name, path) in inner.into_iter().filter(|(_, path)| !path.is_dir()) {
                        add_file(&mut files, format!("{name}/{inner_name}"), &path);
                    }
                }
                Err(error) => {
                    files.insert(format!("{name}/"), Err(error.to_string()));
                }
            }
        } else {
            add_file(&mut files, name, &path);
        }
    }
    Ok(files)
}

fn listed(folder: &Path) -> std::io::Result<Vec<(String, std::path::PathBuf)>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            entries.push((name, path));
        }
    }
    entries.sort();
    Ok(entries)
}

fn add_file(files: &mut Files, name: String, path: &Path) {
    if !is_rule_file(&name) {
        return;
    }
    let bytes = match path.metadata() {
        // A pipe would be waited for, and a device read without end.
        Ok(meta) if !meta.is_file() => Err("no regular file".to_owned()),
        Ok(meta) if meta.len() > MAX_FILE as u64 => Err(format!("larger than {MAX_FILE} bytes")),
        _ => std::fs::read(path).map_err(|error| error.to_string()),
    };
    files.insert(name, bytes);
}

pub(crate) fn is_rule_file(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Reads all files; whatever is wrong is noted, and the rest is read all the same.
pub(crate) fn read(files: &Files, problems: &mut Problems) -> Pack {
    let mut pack = Pack::empty(hash(files));
    let mut folding = Folding::default();
    if let Some(root) = parsed(files, indicator::FILE, problems) {
        pack.signs = indicator::read(&root, problems);
    }
    if let Some(root) = parsed(files, weights::FILE, problems) {
        let before = problems.count();
        let read = weights::read(&root, &pack.signs, problems);
        pack.weights = (problems.count() == before).then_some(read);
    }
    if files.contains_key(wages::FILE)
        && let Some(root) = parsed(files, wages::FILE, problems)
    {
        let before = problems.count();
        let read = wages::read(&root, &mut folding, problems);
        pack.wages = (problems.count() == before).then_some(read);
    }
    read_language_files(files, &mut pack, problems);
    needs_negation(&pack, problems);
    pack
}

/// What a file of a language holds.
enum LanguageFile {
    Words(String, WordLists),
    Stems(String, Stems),
    SignStems(String, Vec<SignStems>),
    Rules(String, RuleFile),
}

/// Reads the files of all languages on the machine's threads: no file depends on another, and reading
/// them is half of what the start of the program takes.
fn read_language_files(files: &Files, pack: &mut Pack, problems: &mut Problems) {
    let tables = [indicator::FILE, weights::FILE, wages::FILE];
    let paths: Vec<&str> =
        files.keys().map(String::as_str).filter(|path| !tables.contains(path)).collect();
    let next = AtomicUsize::new(0);
    let signs = &pack.signs;
    let work = || {
        let (mut folding, mut problems, mut read) =
            (Folding::default(), Problems::default(), Vec::new());
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            read.extend(read_language_file(files, path, signs, &mut folding, &mut problems));
        }
        (read, problems)
    };
    for (read, found) in threads::on_all(work) {
        problems.extend(found);
        for file in read {
            match file {
                LanguageFile::Words(folder, lists) => drop(pack.words.insert(folder, lists)),
                LanguageFile::Stems(folder, stems) => drop(pack.stems.insert(folder, stems)),
                LanguageFile::SignStems(folder, stems) => {
                    pack.sign_stems.insert(folder, stems);
                }
                LanguageFile::Rules(path, rules) => drop(pack.files.insert(path, rules)),
            }
        }
    }
}

fn read_language_file(
    files: &Files,
    path: &str,
    signs: &Signs,
    folding: &mut Folding,
    problems: &mut Problems,
) -> Option<LanguageFile> {
    problems.enter_file(path);
    let Some((folder, name)) = path.split_once('/') else {
        let message = "rule files stand in the folder of their language, or in `any`";
        problems.report(code::ID, 1, message);
        return None;
    };
    let is_language = Language::from_code(folder).is_some_and(|known| known.code() == folder);
    if !is_language && folder != ANY {
        let message = format!("folder `{folder}` is no language that is known here, nor `any`");
        problems.report(code::ID, 1, message);
        return None;
    }
    let Some(topic) = name.strip_suffix(".yaml") else {
        let error = files.get(path).and_then(|file| file.as_ref().err());
        let message = error.cloned().unwrap_or_else(|| "rule files end in .yaml".to_owned());
        problems.report(code::ID, 1, message);
        return None;
    };
    let root = parsed(files, path, problems)?;
    if name == words::FILE {
        let lists = words::read_file(&root, folder, folding, problems);
        return Some(LanguageFile::Words(folder.to_owned(), lists));
    }
    if name == stems::FILE {
        let stems = stems::read(&root, folder, problems)?;
        return Some(LanguageFile::Stems(folder.to_owned(), stems));
    }
    if name == sign_stems::FILE {
        if !files.contains_key(&format!("{folder}/{}", stems::FILE)) {
            let message = format!("`{name}` is told by the stems of a {} beside it", stems::FILE);
            problems.report(code::KEYS, 1, message);
        }
        let stems = sign_stems::read(&root, folder, signs, problems);
        return Some(LanguageFile::SignStems(folder.to_owned(), stems));
    }
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if topic.is_empty() || !topic.bytes().all(is_plain) {
        problems.report(code::ID, 1, "rule files are named with a-z 0-9 -");
    }
    let file = rule::read(&root, Place { path, folder, topic }, signs, folding, problems);
    Some(LanguageFile::Rules(path.to_owned(), file))
}

fn parsed(files: &Files, path: &str, problems: &mut Problems) -> Option<yaml::Node> {
    problems.enter_file(path);
    let (line, message) = match files.get(path) {
        None => (1, "the file is missing".to_owned()),
        Some(Err(error)) => (1, format!("cannot be read: {error}")),
        Some(Ok(bytes)) if bytes.len() > MAX_FILE => (1, format!("larger than {MAX_FILE} bytes")),
        Some(Ok(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) => match yaml::parse(text) {
                Ok(node) => return Some(node),
                Err((line, error)) => (line, format!("not YAML: {error}")),
            },
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                (line, "not UTF-8".to_owned())
            }
        },
    };
    problems.report(code::UNREADABLE, line, message);
    None
}

/// A language without negators would read every denial as an offer.
fn needs_negation(pack: &Pack, problems: &mut Problems) {
    for path in pack.files.keys() {
        let folder = path.split('/').next().unwrap_or_default();
        let has_negation = pack
            .words
            .get(folder)
            .and_then(|words| words.lists.get(words::NEGATION))
            .is_some_and(|list| !list.entries.is_empty());
        if folder != ANY && !has_negation {
            problems.enter_file(&format!("{folder}/{}", words::FILE));
            problems.report(code::KEYS, 1, format!("the list `{}` is required", words::NEGATION));
        }
    }
}

/// The digest of all rule files: names and bytes in order of names.
pub(crate) fn hash(files: &Files) -> Sha256 {
    let parts = files.iter().flat_map(|(path, bytes)| {
        [path.as_bytes(), bytes.as_ref().map(Vec::as_slice).unwrap_or_default()]
    });
    Sha256::of_parts(parts)
}
