//! One file for each command: call, print.

pub(crate) mod analyse;
pub(crate) mod archive;
pub(crate) mod assess;
pub(crate) mod brief;
pub(crate) mod calibration;
pub(crate) mod desk;
pub(crate) mod doctor;
pub(crate) mod double_read;
pub(crate) mod eval;
pub(crate) mod evidence;
pub(crate) mod fit;
pub(crate) mod hunt;
pub(crate) mod init;
pub(crate) mod lead;
pub(crate) mod lead_lines;
pub(crate) mod lock;
pub(crate) mod packet;
pub(crate) mod progress;
pub(crate) mod queue;
pub(crate) mod retention;
pub(crate) mod rules;
pub(crate) mod rules_diff;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod source;
pub(crate) mod stems;
pub(crate) mod stop;
pub(crate) mod store;
pub(crate) mod tip;
pub(crate) mod user;
mod verify;
pub(crate) mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use pipeline::Desk;

use crate::args::Global;
use crate::clock::SystemClock;
use crate::output;

/// The desk's folder: as given, or the nearest folder upwards that is one.
pub(crate) fn desk_dir(global: &Global) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &global.desk {
        return Ok(dir.clone());
    }
    let here = std::env::current_dir().context("cannot tell the present folder")?;
    let found = here.ancestors().find(|dir| dir.join("fusion.toml").is_file());
    found.map(ToOwned::to_owned).ok_or_else(|| {
        anyhow::anyhow!(
            "there is no desk here or above: go into one, say --desk DIR, or make one with `fusion init DIR`"
        )
    })
}

/// Opens the desk and tells what opening mended.
pub(crate) fn open_desk(global: &Global) -> anyhow::Result<Desk> {
    let key = global.evidence_key.as_deref();
    let desk = Desk::open_with(&desk_dir(global)?, key, Arc::new(SystemClock))?;
    if !global.quiet {
        for note in desk.notes() {
            output::remark(&format!("note: {}", note.0));
        }
    }
    Ok(desk)
}

/// A runtime for commands that fetch.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}
