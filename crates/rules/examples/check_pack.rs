//! Checks a folder of rule files and runs their examples.
#![allow(clippy::print_stdout, reason = "this is its output")]

use std::path::Path;

fn main() -> Result<(), rules::RulesError> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "rules".to_owned());
    let problems = rules::check(Path::new(&folder))?;
    for problem in &problems {
        println!("{folder}/{problem}");
    }
    let loaded = rules::RuleSet::load(Path::new(&folder))?;
    let tested = rules::test(Path::new(&folder))?;
    let rules = loaded.rule_set.map_or(0, |rule_set| rule_set.rules().len());
    println!(
        "{rules} rules, {} examples, {} counter-examples, {} problems",
        tested.examples,
        tested.counter_examples,
        problems.len()
    );
    if problems.is_empty() { Ok(()) } else { std::process::exit(1) }
}
