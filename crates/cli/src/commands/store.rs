use std::sync::Arc;

use super::{archive, desk_dir, open_desk};
use crate::Ended;
use crate::args::{Global, Store};
use crate::clock::SystemClock;
use crate::output::Output;

/// `fusion store rebuild|backup|compact`
pub(crate) fn run(command: &Store, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Store::Rebuild => {
            let key = global.evidence_key.as_deref();
            let desk = pipeline::rebuild_with(&desk_dir(global)?, key, Arc::new(SystemClock))?;
            let counts = desk.store().counts()?;
            archive::discard(&desk)?;
            desk.close()?;
            output.result(&counts)?;
            output.line(format!(
                "The index is made anew: {} captures, {} postings, {} leads.",
                counts.captures,
                counts.postings_seen,
                counts.leads()
            ))?;
        }
        Store::Backup { dir } => {
            let mut desk = open_desk(global)?;
            let copied = desk.backup(dir)?;
            desk.close()?;
            output.result(&serde_json::json!({ "folder": dir, "files": copied }))?;
            output.line(format!(
                "{copied} files are in {}, read back and compared.",
                dir.display()
            ))?;
            output.line(
                "It is a desk without its index: `fusion store rebuild` in it makes that anew.",
            )?;
        }
        Store::Compact => {
            let desk = open_desk(global)?;
            let (before, after) = desk.compact()?;
            output.result(&serde_json::json!({ "bytes_before": before, "bytes_after": after }))?;
            output.line(format!("The index took {before} bytes and takes {after} now."))?;
        }
    }
    Ok(Ended::Clean)
}
