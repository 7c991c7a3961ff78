//! Work that is the same on every thread of the machine: loading a pack is long, and its files and
//! phrases do not depend on each other.

/// More threads than this gain nothing on a pack of some hundred files.
const MOST: usize = 8;

/// How many threads [`on_all`] uses.
pub(crate) fn count() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(MOST)
}

/// Runs the work on all threads, this one too, and gives what came of each.
pub(crate) fn on_all<T: Send>(work: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..count()).map(|_| scope.spawn(&work)).collect();
        let mut all = vec![work()];
        all.extend(others.into_iter().map(|other| other.join().expect("the work does not panic")));
        all
    })
}
