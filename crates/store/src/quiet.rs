//! Catches panics of the database library without the message that Rust prints for one: what was
//! wrong is reported once, by whoever asked, in words for the reader.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::thread;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic inside comes back as its message. What `work` was using must not be used
/// any more after that: it may be half changed.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    hook();
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|payload| message(payload.as_ref()))
}

/// Puts our hook in front of the one that is there, once. It looks at its own thread alone, so
/// panics elsewhere in the program are shown as ever. The library's own threads are known by name.
fn hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let current = thread::current();
            let of_library = current.name().is_some_and(|name| name.starts_with("sled-io"));
            if !QUIET.get() && !of_library {
                shown(panic);
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    // The first line will do: some of the library's panics print whole pages.
    let line = text.and_then(|text| text.lines().next()).unwrap_or("no message");
    line.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_its_message_and_the_next_call_works() {
        let caught = catch(|| -> u8 { panic!("tried to serialize {}", "Uninitialized") });
        assert_eq!(caught, Err("tried to serialize Uninitialized".to_owned()));
        assert_eq!(catch(|| 1), Ok(1));
    }
}
