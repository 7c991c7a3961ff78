//! Work on many things at once, on the cores that the machine has.

use std::sync::atomic::{AtomicUsize, Ordering};

/// More threads than this gain nothing: a disk has so many arms, or a controller.
const MOST: usize = 8;
/// So many things are taken at once, so that neighbours stay with one thread.
const TAKEN: usize = 8;

/// Does the same for each of these and gives what came of it, in their order. Each thread has a worker
/// of its own, which keeps what is dear to make.
pub(crate) fn on_all_cores<T: Sync, W, R: Send>(
    items: &[T],
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &T) -> R + Sync,
) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST);
    let threads = threads.min(items.len().div_ceil(TAKEN));
    let next = AtomicUsize::new(0);
    let some = || {
        let mut worker = worker();
        let mut done = Vec::new();
        loop {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            let Some(taken) = items.get(from..items.len().min(from.saturating_add(TAKEN))) else {
                return done;
            };
            if taken.is_empty() {
                return done;
            }
            done.push((from, taken.iter().map(|item| work(&mut worker, item)).collect()));
        }
    };
    let mut done: Vec<(usize, Vec<R>)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        for other in others {
            // What would end one thread ends them all, as if there were but one.
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(from, _)| *from);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_done_once_and_the_results_stand_in_order() {
        for count in [0, 1, 7, 8, 9, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let worked = on_all_cores(
                &items,
                || 0,
                |seen: &mut usize, item| {
                    *seen += 1;
                    (*item, *seen)
                },
            );
            assert_eq!(worked.iter().map(|(item, _)| *item).collect::<Vec<_>>(), items);
            // A worker lives as long as its thread.
            assert!(count < 1000 || worked.iter().any(|(_, seen)| *seen > 8));
        }
    }
}
