//! The fuzzer's way in, when it is built with `libfuzzer`; otherwise a reader of files, to see what
//! a finding does: `cargo run -p fuzz -- TARGET FILE...`.
#![cfg_attr(feature = "libfuzzer", no_main)]
#![cfg_attr(feature = "libfuzzer", allow(unsafe_code, reason = "the fuzzer is called from C++"))]

#[cfg(feature = "libfuzzer")]
mod guided {
    use std::sync::LazyLock;

    /// One program for all targets, since each would link everything anew.
    static TARGET: LazyLock<fuzz::Target> = LazyLock::new(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        *fuzz::target(&name).expect("FUZZ_TARGET names a target")
    });

    // What is loaded once, tables of numbers and rules, is no part of any input's time.
    libfuzzer_sys::fuzz_target!(init: {
        if TARGET.name == "parquet" {
            // The library panics at some broken files, and our reader catches that. libFuzzer's own
            // hook would end the process before; what nobody catches ends it all the same.
            std::panic::set_hook(Box::new(|_| {}));
        }
        TARGET.warm_up();
    }, |bytes: &[u8]| TARGET.read(bytes));
}

#[cfg(not(feature = "libfuzzer"))]
fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_default();
    let Some(target) = fuzz::target(&name) else {
        let names: Vec<&str> = fuzz::TARGETS.iter().map(|target| target.name).collect();
        let known = format!("no target `{name}`; there are: {}", names.join(", "));
        return Err(std::io::Error::other(known));
    };
    for file in args {
        target.read(&std::fs::read(file)?);
    }
    Ok(())
}
