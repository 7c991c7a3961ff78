use std::path::Path;

use evidence::EvidenceKey;
use pipeline::AtRestReport;

use super::{desk_dir, open_desk};
use crate::Ended;
use crate::args::{Desk, DeskDecrypt, DeskEncrypt, DeskRekey, Global, KeyFile};
use crate::commands::progress::Progress;
use crate::output::{Output, one_line, remark};

/// `fusion desk encrypt|rekey|decrypt`
pub(crate) fn run(command: &Desk, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Desk::Encrypt(args) => encrypt(args, global, output),
        Desk::Rekey(args) => rekey(args, global, output),
        Desk::Decrypt(args) => decrypt(args, global, output),
    }
}

fn encrypt(args: &DeskEncrypt, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let global = &with(&args.key, global);
    let by = args.person.name()?;
    let Some(path) = &global.evidence_key else {
        anyhow::bail!(
            "name the key's file, outside of the desk: --key FILE, and --make-key if it is to be made"
        );
    };
    let dir = desk_dir(global)?;
    // Before a key is made for a desk that is none or in use.
    let desk = if args.make_key { Some(open_desk(global)?) } else { None };
    let key = key_of(path, &dir, args.make_key)?;
    let desk = desk.map_or_else(|| open_desk(global), Ok)?;
    let progress = Progress::bytes("encrypting", global);
    let report =
        desk.encrypt(&key, &args.recovery, &by, &mut |done, all| progress.at(done, all))?;
    progress.end();
    output.result(&report)?;
    written("encrypted", &report, output)?;
    opened_by(&report, output)?;
    output.line(format!(
        "Whoever loses {} and every recovery key loses all captures and snapshots; nobody can help then. \
         Keep a copy of it far from this desk, and never in it.",
        path.display()
    ))?;
    output.line(
        "Every command, `serve` and timers need it: --evidence-key FILE or FUSION_EVIDENCE_KEY=FILE.",
    )?;
    output.line(
        "Not encrypted are the log, the index, the archive for trends and packets: encrypt the disk as \
         well. What lay open before may still be found in its free space.",
    )?;
    Ok(ended(&report))
}

fn rekey(args: &DeskRekey, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let global = &with(&args.key, global);
    let by = args.person.name()?;
    let desk = open_desk(global)?;
    let Some(to) = &args.to else {
        let progress = Progress::bytes("encrypting anew", global);
        let report = desk.renew(&by, &mut |done, all| progress.at(done, all))?;
        progress.end();
        output.result(&report)?;
        written("encrypted anew", &report, output)?;
        return Ok(ended(&report));
    };
    let key = key_of(to, desk.dir(), args.make_key)?;
    let report = desk.rekey(&key, &args.recovery, &by)?;
    output.result(&report)?;
    opened_by(&report, output)?;
    for name in &report.dropped {
        output.line(format!("No longer opened by {name}."))?;
    }
    output.line(
        "Copies and backups of the desk that were made before are still opened by the earlier key. If \
         somebody else may have that and such a copy: fusion desk rekey --renew",
    )?;
    Ok(Ended::Clean)
}

fn decrypt(args: &DeskDecrypt, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let global = &with(&args.key, global);
    let by = args.person.name()?;
    let desk = open_desk(global)?;
    let progress = Progress::bytes("decrypting", global);
    let report = desk.decrypt(&by, &mut |done, all| progress.at(done, all))?;
    progress.end();
    output.result(&report)?;
    written("decrypted", &report, output)?;
    Ok(ended(&report))
}

/// The options of every command, with the key as it was said for short.
fn with(key: &KeyFile, global: &Global) -> Global {
    let mut global = global.clone();
    if let Some(key) = &key.key {
        global.evidence_key = Some(key.clone());
    }
    global
}

fn key_of(path: &Path, desk: &Path, make: bool) -> anyhow::Result<EvidenceKey> {
    let key = if make { EvidenceKey::make(path, desk)? } else { EvidenceKey::read(path, desk)? };
    if key.is_open_to_others() {
        let path = path.display();
        remark(&format!("note: others on this machine can read {path}; run `chmod 600 {path}`"));
    }
    Ok(key)
}

fn written(done: &str, report: &AtRestReport, output: &mut Output) -> anyhow::Result<()> {
    let files = &report.files;
    output.line(format!("{} files are {done}, {} bytes.", files.files, files.bytes))?;
    for fault in &files.faults {
        output.line(format!("FAULT {}", one_line(&fault.to_string())))?;
    }
    if !files.faults.is_empty() {
        output.line(format!(
            "{} files lie as before, since they do not open; restore them from a backup and run this again.",
            files.faults.len()
        ))?;
    }
    Ok(())
}

fn opened_by(report: &AtRestReport, output: &mut Output) -> anyhow::Result<()> {
    for name in &report.keys {
        output.line(format!("Opened by {name}."))?;
    }
    Ok(())
}

fn ended(report: &AtRestReport) -> Ended {
    Ended::with_problems(!report.files.faults.is_empty())
}
