//! Compiles the built-in rules once, when the program is built, so that no start of it has to.

use std::error::Error;
use std::path::PathBuf;

use rules::{Loaded, RuleSet};

fn main() -> Result<(), Box<dyn Error>> {
    // Whatever changes the rules changes the crate that holds them, and so this program.
    println!("cargo::rerun-if-changed=build.rs");
    let Loaded { rule_set, problems } = RuleSet::load_builtin();
    // A program with faulty rules is built all the same: `fusion rules check` has to list the faults.
    let bytes = match (rule_set, problems.first()) {
        (Some(rule_set), None) => rule_set.to_bytes()?,
        (_, first) => {
            let first = first.map(ToString::to_string).unwrap_or_default();
            println!("cargo::warning=the built-in rules have problems: {first}");
            Vec::new()
        }
    };
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("rules.bin"), bytes)?;
    Ok(())
}
