//! The built-in pack is part of the program: a new or changed rule file means a new build.

fn main() {
    println!("cargo::rerun-if-changed=../../rules");
}
