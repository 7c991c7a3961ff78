//! The command `fusion`: parse, call, print.
//!
//! Results go to stdout, logs and progress to stderr. Exit status 0: done; 1: done and problems
//! found; 2: could not do it, with one line that says what and how to mend it.

mod args;
mod clock;
mod commands;
mod demo;
mod line_diff;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};
use crate::output::Output;

/// Loading a rule pack makes and drops a million small things; the C library's allocator took two
/// fifths of the time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command ended, when it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All well.
    Clean,
    /// The work is done and problems were found.
    ProblemsFound,
}

impl Ended {
    /// Problems found or not.
    pub(crate) fn with_problems(any: bool) -> Self {
        if any { Self::ProblemsFound } else { Self::Clean }
    }
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // clap prints help to stdout and mistakes to stderr, and knows the exit status of each.
        Err(error) => error.exit(),
    };
    start_logging(&args);
    let mut output = Output::new(args.global.format);
    match run(&args, &mut output).and_then(|ended| output.flush().map(|()| ended)) {
        Ok(Ended::Clean) => ExitCode::SUCCESS,
        Ok(Ended::ProblemsFound) => ExitCode::from(1),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args, output: &mut Output) -> anyhow::Result<Ended> {
    let global = &args.global;
    match &args.command {
        Command::Init(init) => commands::init::run(init, output),
        Command::Demo(demo) => demo::run(demo, output),
        Command::Source(source) => commands::source::run(source, global, output),
        Command::Scan(scan) => commands::scan::run_scan(scan, global, output),
        Command::Import(import) => commands::scan::run_import(import, global, output),
        Command::Tip(tip) => commands::tip::run(tip, global, output),
        Command::Assess(assess) => commands::assess::run(assess, global, output),
        Command::Eval(eval) => commands::eval::run(eval, global, output),
        Command::Rules(rules) => commands::rules::run(rules, global, output),
        Command::Hunt(hunt) => commands::hunt::run(hunt, global, output),
        Command::Analyse(analyse) => commands::analyse::run(analyse, global, output),
        Command::Queue(queue) => commands::queue::run(queue, global, output),
        Command::Lead(lead) => commands::lead::run(lead, global, output),
        Command::Packet(packet) => commands::packet::run(packet, global, output),
        Command::Evidence(evidence) => commands::evidence::run(evidence, global, output),
        Command::Retention(retention) => commands::retention::run(retention, global, output),
        Command::Desk(desk) => commands::desk::run(desk, global, output),
        Command::Store(store) => commands::store::run(store, global, output),
        Command::Serve(serve) => commands::serve::run(serve, global, output),
        Command::User(user) => commands::user::run(user, global, output),
        Command::Doctor => commands::doctor::run(global, output),
        Command::Completions { shell } => commands::shell::completions(*shell, output),
        Command::Man { dir } => commands::shell::man(dir.as_deref(), output),
    }
}

const OUR_ROOMS: [&str; 13] = [
    "fusion",
    "warc",
    "text",
    "rules",
    "collect",
    "collect_jobs",
    "collect_social",
    "evidence",
    "store",
    "pipeline",
    "packet",
    "web",
    "analytics",
];

fn start_logging(args: &Args) {
    let level = match (args.global.quiet, args.global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    // Our own rooms alone: libraries log keys and page tokens, which are people's words and numbers.
    let filter: Vec<String> = OUR_ROOMS.iter().map(|room| format!("{room}={level}")).collect();
    let filter = tracing_subscriber::EnvFilter::new(filter.join(","));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
