//! The command line as people type it; help, man pages and completions are made from this.

mod analyse;
mod desk;
mod eval;
mod lead;
mod packet;
mod queue;
mod retention;
mod rules;
mod source;
mod tip;
mod web;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use domain::{Language, Region, SourceId};

pub(crate) use self::analyse::{
    Analyse, Brief, Calibration, Cases, DoubleRead, Emerging, Hunt, InWeek, Trends,
};
pub(crate) use self::desk::{Desk, DeskDecrypt, DeskEncrypt, DeskRekey, KeyFile};
pub(crate) use self::eval::{By, Eval};
pub(crate) use self::lead::{Lead, LeadSplit};
pub(crate) use self::packet::{Packet, PacketApprove, PacketBuild, PacketReceipt};
pub(crate) use self::queue::{Queue, QueueList, StatusFilter};
pub(crate) use self::retention::{Retention, RetentionHold, RetentionRun};
pub(crate) use self::rules::{RulesDiff, RulesLock};
pub(crate) use self::source::SourceReading;
pub(crate) use self::tip::Tip;
pub(crate) use self::web::{Serve, User};

/// From public job ads and social posts to a lead packet that police can use.
///
/// Public pages only, robots.txt obeyed, no contact with anyone. A flag is a reason to look; a
/// named person decides.
#[derive(Debug, Parser)]
#[command(name = "fusion", version, propagate_version = true, infer_subcommands = false)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Global {
    /// The desk's folder; the nearest folder upwards with a fusion.toml if not given
    #[arg(long, global = true, env = "FUSION_DESK", value_name = "DIR")]
    pub(crate) desk: Option<PathBuf>,
    /// The file of the key of an encrypted desk, outside of its folder
    #[arg(long, global = true, env = "FUSION_EVIDENCE_KEY", value_name = "FILE")]
    pub(crate) evidence_key: Option<PathBuf>,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Print errors only
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Log more; twice for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For reading
    Human,
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
}

/// Who acts. Goes into the custody log.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Person {
    /// Your name, as it shall stand in the custody log; the account's name if not given
    #[arg(long, env = "FUSION_USER", value_name = "NAME")]
    by: Option<String>,
}

impl Person {
    /// The name, or the program's own where nobody is there to give one: a system's timer has no
    /// account.
    pub(crate) fn name_or_program(&self) -> String {
        self.name().unwrap_or_else(|_| "fusion".to_owned())
    }

    /// The name, or a sentence that asks for it.
    pub(crate) fn name(&self) -> anyhow::Result<String> {
        let account = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let name = self.by.clone().or_else(account).unwrap_or_default();
        let name = name.trim();
        if name.is_empty() || name == "fusion" {
            anyhow::bail!(
                "who are you? say --by NAME or set FUSION_USER: decisions carry a person's name"
            );
        }
        if name.chars().count() > 100 || name.chars().any(char::is_control) {
            anyhow::bail!("a person's name has at most 100 letters and no control characters");
        }
        Ok(name.to_owned())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new desk: settings, example sources, the built-in rules
    Init(Init),
    /// Show the whole flow on invented sample sites
    Demo(Demo),
    /// The places that the desk collects from
    #[command(subcommand)]
    Source(Source),
    /// Collect from the sources, assess, and put flagged postings on the queue
    Scan(Scan),
    /// Take in postings from files
    Import(Import),
    /// Take in a tip from the field or a partner
    Tip(Tip),
    /// Assess NDJSON postings without a desk: one object a line in, one a line out
    Assess(Assess),
    /// Measure the rules on labelled postings
    Eval(Eval),
    /// Check, test and show rules
    #[command(subcommand)]
    Rules(Rules),
    /// Run a rule or a phrase over the archive of all postings that were read
    Hunt(Hunt),
    /// Trends, what is new, the weekly brief, and what decisions say of the rules
    #[command(subcommand)]
    Analyse(Analyse),
    /// The review queue
    #[command(subcommand)]
    Queue(Queue),
    /// Leads and what holds them together
    #[command(subcommand)]
    Lead(Lead),
    /// Lead packets for police
    #[command(subcommand)]
    Packet(Packet),
    /// Captures, snapshots and the custody log
    #[command(subcommand)]
    Evidence(Evidence),
    /// Delete what is past its time, and hold what must stay
    #[command(subcommand)]
    Retention(Retention),
    /// Encryption of captures and snapshots at rest
    #[command(subcommand)]
    Desk(Desk),
    /// The desk's index
    #[command(subcommand)]
    Store(Store),
    /// Serve the review app
    Serve(Serve),
    /// Who may log in to the review app
    #[command(subcommand)]
    User(User),
    /// Say what works on this machine and what is missing; ends with 1 if something is needed
    Doctor,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the man page, or write one page for each command into a folder
    Man {
        /// The folder to write into
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Init {
    /// The folder of the new desk
    pub(crate) dir: PathBuf,
    /// The desk's name, as shown in packets
    #[arg(long, default_value = "Unnamed desk")]
    pub(crate) name: String,
    /// An e-mail address or web page where a site's owner reaches you; sent with every request
    #[arg(long, default_value = "")]
    pub(crate) contact: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// End when the packet is verified, instead of serving on
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// The desk's folder; a new temporary one if not given
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Source {
    /// Add a source to sources.toml
    Add(SourceAdd),
    /// List the sources with what was read from them
    List,
    /// Show channels and sites that flagged postings point to and that are no sources yet
    Candidates,
    /// Hold each source against its own past; ends with 1 when one needs a look
    Health,
    /// Fetch an address once, or read a file or folder, and show what would be read; writes nothing
    Test(SourceTest),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SourceAdd {
    /// Its name: a-z 0-9 . _ -
    #[arg(long)]
    pub(crate) id: SourceId,
    /// What it is: feed, job-page, sitemap, page, greenhouse, lever, smartrecruiters, ashby, adzuna,
    /// comments, telegram, mastodon, bluesky, jetstream, reddit, lemmy, vk, folder, ndjson, csv, parquet
    #[arg(long)]
    pub(crate) kind: String,
    /// Its public address, or a file's path
    #[arg(long)]
    pub(crate) url: String,
    /// Why the desk may collect there
    #[arg(long)]
    pub(crate) basis: String,
    /// The language most postings are in
    #[arg(long, value_parser = language)]
    pub(crate) language: Option<Language>,
    /// Whose phone formats to expect, as in UA
    #[arg(long, value_parser = region)]
    pub(crate) region: Option<Region>,
    #[command(flatten)]
    pub(crate) reading: SourceReading,
    /// Most pages in one scan
    #[arg(long, value_name = "N")]
    pub(crate) max_pages: Option<usize>,
    /// Least pause between two requests, in milliseconds
    #[arg(long, value_name = "MS")]
    pub(crate) min_delay_ms: Option<u64>,
    /// When `scan --due` walks it, as five fields of cron: "0 */6 * * *"
    #[arg(long, value_name = "CRON")]
    pub(crate) schedule: Option<String>,
    /// The time zone of its schedule, as in Europe/Kyiv
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Allow private and loopback addresses for this source
    #[arg(long)]
    pub(crate) allow_private: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SourceTest {
    /// The address to fetch, the path of a file or folder, or the id of a configured source
    pub(crate) url: String,
    /// Read it as this kind; found out if not given
    #[arg(long)]
    pub(crate) kind: Option<String>,
    #[command(flatten)]
    pub(crate) reading: SourceReading,
    /// Allow private and loopback addresses
    #[arg(long)]
    pub(crate) allow_private: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Scan {
    /// Scan this source alone; can be given several times
    #[arg(long, value_name = "ID")]
    pub(crate) source: Vec<SourceId>,
    /// Only sources whose schedule says so; for a timer of the system, every few minutes
    #[arg(long, conflicts_with = "source")]
    pub(crate) due: bool,
    /// Walk nothing, but ask for the page of every flagged posting again, due or not, save those of
    /// dismissed and referred leads
    #[arg(long, conflicts_with = "due")]
    pub(crate) again: bool,
    /// Stay, and walk each source whenever it is due, until Ctrl-C or the stop file
    #[arg(long, requires = "due")]
    pub(crate) watch: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// The files: .ndjson, .jsonl, .csv, .tsv, .parquet, .warc, .wacz, .html, .mhtml, a chat
    /// export (result.json); also with .gz
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// What they are, when the ending does not say: ndjson, csv, parquet, warc, wacz, html,
    /// mhtml, telegram-export
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Which column holds what, as in text=Description or text=duties+conditions (CSV, Parquet)
    #[arg(long, value_name = "FIELD=HEADER", value_parser = column)]
    pub(crate) column: Vec<(String, String)>,
    /// The source's id; made from the file's name if not given
    #[arg(long, value_name = "ID")]
    pub(crate) source: Option<SourceId>,
    /// Whose phone formats to expect, as in UA
    #[arg(long, value_parser = region)]
    pub(crate) region: Option<Region>,
    /// The language most rows are in
    #[arg(long, value_parser = language)]
    pub(crate) language: Option<Language>,
    /// Where the file comes from and why the desk may hold it
    #[arg(long)]
    pub(crate) basis: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Assess {
    /// The file, or - for standard input
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// A rules folder; the desk's if there is one, else the built-in pack
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// How many threads; all of the machine if not given
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Look for mistakes in rule files; all are reported at once
    Check(RulesFolder),
    /// Run every example and counter-example
    Test(RulesFolder),
    /// List the rules
    List(RulesFolder),
    /// Show a rule or an indicator
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        dir: RulesDir,
    },
    /// Write the handbook of signs out of the rules: what each means, how it shows, what to ask
    Docs(RulesDocs),
    /// Note in lock.json which version of each rule matches what
    Lock(RulesLock),
    /// Show what changed between two packs, and which postings that moves
    Diff(RulesDiff),
}

#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct RulesDir {
    /// A rules folder; the desk's if there is one, else the built-in pack
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
}

/// A rules folder as `--rules DIR`, or in short.
#[derive(Debug, ClapArgs)]
pub(crate) struct RulesFolder {
    /// The same as --rules DIR
    #[arg(value_name = "DIR", conflicts_with = "rules")]
    folder: Option<PathBuf>,
    #[command(flatten)]
    dir: RulesDir,
}

impl RulesFolder {
    /// The folder, whichever way it was given.
    pub(crate) fn given(&self) -> Option<&std::path::Path> {
        self.folder.as_deref().or(self.dir.rules.as_deref())
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesDocs {
    /// The folder to write a page for each sign into; on standard output if not given
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) dir: RulesDir,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Evidence {
    /// Check every capture, snapshot, token and the custody log, byte for byte
    Verify(Verify),
    /// Ask the desk's time-stamping authorities for trusted time over everything new
    Stamp,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Verify {
    /// Unpack every capture as well, and hold its records against the digests beside them and against
    /// its entry in the log. Takes several times as long, and finds what was wrong when it was written
    #[arg(long)]
    pub(crate) contents: bool,
    /// Go on where an interrupted run stopped: what it had read and found good is not read again,
    /// unless its file was written to since. For a court, leave it out
    #[arg(long)]
    pub(crate) resume: bool,
    /// Tell the progress in lines where there is no terminal, too
    #[arg(long)]
    pub(crate) progress: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Store {
    /// Make the index anew from captures and custody log
    Rebuild,
    /// Write a verified copy of everything that the index cannot be made from
    Backup {
        /// The new folder
        dir: PathBuf,
    },
    /// Give back space that the index no longer needs
    Compact,
}

fn language(code: &str) -> Result<Language, String> {
    let known = || Language::ALL.map(Language::code).join(", ");
    Language::from_code(code).ok_or_else(|| format!("unknown language; known: {}", known()))
}

fn region(code: &str) -> Result<Region, String> {
    Region::new(code).ok_or_else(|| "a country code has two letters, as in UA".to_owned())
}

fn column(text: &str) -> Result<(String, String), String> {
    let (field, header) =
        text.split_once('=').ok_or("say it as FIELD=HEADER, as in text=Description")?;
    Ok((field.trim().to_owned(), header.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }
}
