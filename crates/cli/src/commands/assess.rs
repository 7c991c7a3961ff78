use std::fs::File;
use std::io::{BufRead, BufReader};

use anyhow::Context as _;

use super::rules::chosen_rules;
use crate::Ended;
use crate::args::{Assess, Global};
use crate::output::Output;

/// `fusion assess [FILE|-]`. Its output is NDJSON whatever `--format` says.
pub(crate) fn run(args: &Assess, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let rule_set = chosen_rules(args.rules.as_deref(), global)?;
    let mut input: Box<dyn BufRead + Send> = if args.file.as_os_str() == "-" {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = File::open(&args.file)
            .with_context(|| format!("cannot read {}", args.file.display()))?;
        Box::new(BufReader::with_capacity(1024 * 1024, file))
    };
    let all = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or_else(all);
    let counts = pipeline::assess_lines(&mut *input, output.raw(), &rule_set, threads)?;
    tracing::info!(counts.assessed, counts.flagged, counts.failed, "assessed");
    Ok(Ended::Clean)
}
