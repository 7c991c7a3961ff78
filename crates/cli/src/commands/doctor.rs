//! What works on this machine, and what is missing. Nothing is changed and nothing outside is asked.

use std::path::{Path, PathBuf};

use analytics::Archive;
use domain::Clock as _;
use evidence::{AtRest, EvidenceKey, Vault};
use jiff::SignedDuration;
use pipeline::{Desk, EvidenceRound, PipelineError, Waiting};

use serde::Serialize;

use super::{desk_dir, open_desk};
use crate::Ended;
use crate::args::Global;
use crate::clock::SystemClock;
use crate::output::{Output, one_line};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    /// It works.
    Ok,
    /// It is not there and not needed for the daily work.
    Note,
    /// Something cannot be done until it is mended.
    Missing,
}

#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    standing: Standing,
    says: String,
}

/// Least space that a desk wants before it scans, in bytes.
const LEAST_SPACE: u64 = 1 << 30;
/// The scheduler asks for trusted time once a day; what waits for longer was refused.
const LATE: SignedDuration = SignedDuration::from_hours(48);
/// The program is not older than this; a clock before it is wrong.
const BUILT: &str = "2026-11-01T00:00:00Z";

/// `fusion doctor`
pub(crate) fn run(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let mut findings = Vec::new();
    let mut note = |what, standing, says: String| findings.push(Finding { what, standing, says });
    machine(&mut note);
    match desk_dir(global) {
        Ok(dir) => {
            evidence(&dir, &mut note);
            at_rest(&dir, global.evidence_key.as_deref(), &mut note);
            desk(&dir, global, &mut note);
        }
        Err(_) => note("desk", Standing::Note, "none here; make one with `fusion init DIR`".into()),
    }
    output.results(&findings)?;
    for finding in &findings {
        let mark = match finding.standing {
            Standing::Ok => "ok     ",
            Standing::Note => "note   ",
            Standing::Missing => "MISSING",
        };
        output.line(format!("{mark}  {:<12} {}", finding.what, one_line(&finding.says)))?;
    }
    Ok(Ended::with_problems(findings.iter().any(|f| f.standing == Standing::Missing)))
}

fn machine(note: &mut impl FnMut(&'static str, Standing, String)) {
    let (version, system) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    note("program", Standing::Ok, format!("fusion {version} on {system}, {cores} processors"));
    let now = SystemClock.now();
    let built = BUILT.parse().is_ok_and(|built| now >= built);
    match built {
        true => note("clock", Standing::Ok, format!("{now}")),
        false => note(
            "clock",
            Standing::Missing,
            format!(
                "says {now}, before this program was made: set it, or every time in the log is wrong"
            ),
        ),
    }
    match jiff::tz::TimeZone::get("Europe/Kyiv") {
        Ok(_) => note("time zones", Standing::Ok, "known".into()),
        Err(_) => note("time zones", Standing::Missing, "unknown: install tzdata".into()),
    }
    match pipeline::built_in_rules() {
        Ok(rules) => {
            note("built-in rules", Standing::Ok, format!("{} rules", rules.rules().len()));
        }
        Err(error) => note("built-in rules", Standing::Missing, error.to_string()),
    }
    match tempfile::tempfile() {
        Ok(_) => note("temporary", Standing::Ok, std::env::temp_dir().display().to_string()),
        Err(error) => note(
            "temporary",
            Standing::Missing,
            format!("cannot write in {}: {error}", std::env::temp_dir().display()),
        ),
    }
    match std::net::TcpListener::bind(("127.0.0.1", 0)) {
        Ok(_) => note("loopback", Standing::Ok, "sites can be served on this machine".into()),
        Err(error) => {
            note("loopback", Standing::Missing, format!("`fusion demo` cannot serve: {error}"))
        }
    }
    for (tool, used_for) in [
        ("sha256sum", "checking a packet without this program"),
        ("unzip", "opening a packet without this program"),
        ("chromium", "pictures of pages in snapshots, and turning a brief into PDF"),
    ] {
        match on_path(tool) {
            Some(path) => note(tool, Standing::Ok, path.display().to_string()),
            None => note(tool, Standing::Note, format!("not found; only for {used_for}")),
        }
    }
}

fn desk(dir: &Path, global: &Global, note: &mut impl FnMut(&'static str, Standing, String)) {
    let quiet = Global { quiet: true, ..global.clone() };
    let desk = match open_desk(&quiet) {
        Ok(desk) => desk,
        Err(error) => {
            let in_use = error.downcast_ref::<PipelineError>();
            let in_use = in_use.is_some_and(|error| matches!(error, PipelineError::InUse(_)));
            let standing = if in_use { Standing::Note } else { Standing::Missing };
            return note("desk", standing, format!("{error:#}"));
        }
    };
    note("desk", Standing::Ok, dir.display().to_string());
    for mended in desk.notes() {
        note("mended", Standing::Note, mended.0.clone());
    }
    let settings = desk.settings();
    if settings.config.desk.contact.trim().is_empty() {
        let says =
            "fusion.toml names nobody whom a site's owner can reach: `fusion scan` does not start";
        note("contact", Standing::Missing, says.into());
    } else {
        note("contact", Standing::Ok, settings.config.desk.contact.clone());
    }
    match settings.config.snapshot.browser() {
        Ok(None) => {
            note("pictures", Standing::Note, "off: see [snapshot] browser in fusion.toml".into());
        }
        Ok(Some(browser)) => note("pictures", Standing::Ok, browser.version().to_owned()),
        Err(error) => note("pictures", Standing::Missing, error),
    }
    trusted_time(&desk, note);
    note("rules", Standing::Ok, format!("{} rules", settings.rule_set.rules().len()));
    let running = settings.sources.iter().filter(|source| !source.paused).count();
    let standing = if running > 0 { Standing::Ok } else { Standing::Note };
    note("sources", standing, format!("{running} to scan, {} in all", settings.sources.len()));
    let archive = Archive::open(&dir.join("archive")).and_then(|archive| archive.extent());
    match archive {
        Ok(extent) => note(
            "archive",
            Standing::Ok,
            format!("{} wordings in {} files, {} bytes", extent.rows, extent.files, extent.bytes),
        ),
        Err(error) => note("archive", Standing::Missing, error.to_string()),
    }
    if let Some(space) = free_space(dir) {
        let says = format!("{} MiB free", space >> 20);
        match space >= LEAST_SPACE {
            true => note("space", Standing::Ok, says),
            false => {
                note("space", Standing::Missing, format!("{says}: less than 1 GiB, make room"))
            }
        }
    }
    if let Err(error) = desk.close() {
        note("index", Standing::Missing, error.to_string());
    }
}

/// What the scheduler found when it read all evidence again. A desk that is in use tells it too.
fn evidence(dir: &Path, note: &mut impl FnMut(&'static str, Standing, String)) {
    let round = EvidenceRound::of(dir);
    let rounds = [round.as_ref(), round.as_ref().and_then(EvidenceRound::last_whole)];
    let with_faults = rounds.into_iter().flatten().find(|round| round.faults > 0);
    let whole = rounds[1];
    match (with_faults, whole) {
        (Some(round), _) => {
            let faults = round.faults;
            let first = round.found.first().map(|fault| format!(", the first: {fault}"));
            let says = format!(
                "{faults} faults when it was read again from {} on{}; `fusion evidence verify` names \
                 all",
                round.began_at.strftime("%Y-%m-%d"),
                first.unwrap_or_default()
            );
            note("evidence", Standing::Missing, says);
        }
        (None, Some(round)) => {
            let (files, day) = (round.files, round.began_at.strftime("%Y-%m-%d"));
            let says =
                format!("{files} captures and snapshots were read again from {day} on, no fault");
            note("evidence", Standing::Ok, says);
        }
        (None, None) => {
            let says = "not read again yet: the scheduler does it, see [evidence] rehash_days";
            note("evidence", Standing::Note, says.into());
        }
    }
}

/// What waits for a token of each authority, and whether it waits for long.
fn trusted_time(desk: &Desk, note: &mut impl FnMut(&'static str, Standing, String)) {
    const WHAT: &str = "trusted time";
    if desk.settings().config.time.authorities.is_empty() {
        return note(WHAT, Standing::Note, "no authority is set: see [time] in fusion.toml".into());
    }
    let waiting = match desk.waiting_for_time() {
        Ok(waiting) => waiting,
        Err(error) => return note(WHAT, Standing::Missing, error.to_string()),
    };
    if waiting.is_empty() {
        note(WHAT, Standing::Ok, "each authority has put its time to all there is".into());
    }
    for Waiting { authority, count, last_at } in waiting {
        let is_late = last_at.is_none_or(|at| SystemClock.now().duration_since(at) > LATE);
        let last = last_at.map_or("has never answered".to_owned(), |at| {
            format!("answered last on {}", at.strftime("%Y-%m-%d"))
        });
        let says = format!("{count} files and entries wait for {authority}, which {last}");
        note(WHAT, if is_late { Standing::Note } else { Standing::Ok }, says);
    }
}

/// Whether captures and snapshots are encrypted, how far, and whether the key is at hand.
fn at_rest(dir: &Path, key: Option<&Path>, note: &mut impl FnMut(&'static str, Standing, String)) {
    let lies = match AtRest::of(dir) {
        Ok(Some(lies)) => lies,
        Ok(None) => {
            let says = "captures and snapshots are not encrypted: see `fusion desk encrypt`";
            return note("at rest", Standing::Note, says.into());
        }
        Err(error) => return note("at rest", Standing::Missing, error.to_string()),
    };
    let AtRest { keys, seals, done, waiting } = lies;
    let keys = keys.join(" and ");
    match (keys.as_str(), waiting, seals) {
        ("", _, _) => {
            let says = format!(
                "{waiting} files are encrypted, and keys/at-rest.json with their keys is gone: restore it \
                 from a backup"
            );
            return note("at rest", Standing::Missing, says);
        }
        (_, 0, true) => note("at rest", Standing::Ok, format!("{done} files encrypted for {keys}")),
        (_, _, true) => {
            let says = format!(
                "encrypted for {keys}: {done} files are, {waiting} not yet or with an earlier data key; run \
                 `fusion desk encrypt` or `fusion desk rekey --renew` again"
            );
            note("at rest", Standing::Missing, says);
        }
        (_, _, false) => {
            let says = format!(
                "{done} files lie open, {waiting} not yet; run `fusion desk decrypt` again"
            );
            note("at rest", Standing::Missing, says);
        }
    }
    match (Vault::open(dir, key), key) {
        (Err(error), _) => note("evidence key", Standing::Missing, error.to_string()),
        (Ok(_), Some(key)) => {
            let open = EvidenceKey::read(key, dir).is_ok_and(|key| key.is_open_to_others());
            let (standing, more) = match open {
                true => {
                    (Standing::Note, ": others on this machine can read it, run `chmod 600` on it")
                }
                false => (Standing::Ok, ""),
            };
            note("evidence key", standing, format!("{}{more}", key.display()));
        }
        (Ok(_), None) => {}
    }
}

fn on_path(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(tool)).find(|file| file.is_file())
}

#[cfg(unix)]
fn free_space(dir: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(dir).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(unix))]
fn free_space(_dir: &Path) -> Option<u64> {
    None
}
