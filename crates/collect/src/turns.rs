//! Whose turn it is: one request at a time to a host, with a pause between them, and no more in a
//! day than the budget says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::Instant;

/// The longest that a host can make us wait by `Retry-After` within a run; what asks for more is
/// left for the next run.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The state of all hosts asked in this run.
#[derive(Default)]
pub(crate) struct Turns {
    hosts: Mutex<HashMap<String, Arc<Turn<HostState>>>>,
}

/// What is known of one host. Whoever holds it has the turn.
#[derive(Debug, Default)]
pub(crate) struct HostState {
    day: i64,
    asked: u32,
    last_answer: Option<Instant>,
    not_before: Option<Instant>,
}

/// Why it is nobody's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTurn {
    /// The budget of requests to this host is spent.
    Budget,
    /// The host asked us to stay away for longer than we wait.
    Backoff,
}

impl Turns {
    /// Waits for the turn at a host, until `pause` has passed since its last answer, and takes it.
    /// `most` requests are allowed on one UTC day.
    pub(crate) async fn take(
        &self,
        host: &str,
        most: u32,
        pause: Duration,
        now: Timestamp,
    ) -> Result<OwnedMutexGuard<HostState>, NoTurn> {
        let turn = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            hosts.entry(host.to_owned()).or_default().clone()
        };
        let mut state = turn.lock_owned().await;
        let day = now.as_second().div_euclid(24 * 60 * 60);
        if state.day != day {
            (state.day, state.asked) = (day, 0);
        }
        if state.asked >= most {
            return Err(NoTurn::Budget);
        }
        let told = state.not_before.unwrap_or_else(Instant::now);
        if told.saturating_duration_since(Instant::now()) > LONGEST_WAIT {
            return Err(NoTurn::Backoff);
        }
        let paused = state.last_answer.map_or(told, |last| last + pause);
        tokio::time::sleep_until(told.max(paused)).await;
        state.asked += 1;
        Ok(state)
    }
}

impl HostState {
    /// Notes that an answer came, or that none will.
    pub(crate) fn answered(&mut self) {
        self.last_answer = Some(Instant::now());
    }

    /// No request before so much time has passed.
    pub(crate) fn stay_away(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        self.not_before = Some(self.not_before.map_or(until, |before| before.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    async fn ask(turns: &Turns, pause: u64, at_second: i64) -> Result<Duration, NoTurn> {
        let before = Instant::now();
        let now = Timestamp::from_second(at_second).unwrap();
        let mut turn = turns.take("a", 2, Duration::from_secs(pause), now).await?;
        turn.answered();
        Ok(before.elapsed())
    }

    // Time stands still in these tests save for what is slept, so the waits are exact.
    #[tokio::test(start_paused = true)]
    async fn requests_to_a_host_are_apart_by_the_pause() {
        let turns = Turns::default();
        assert_eq!(ask(&turns, 60, 0).await, Ok(Duration::ZERO));
        assert!(ask(&turns, 60, 0).await.unwrap() >= Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn the_budget_of_a_day_is_spent_on_that_day() {
        let turns = Turns::default();
        for (second, expected) in [(0, true), (1, true), (2, false), (DAY, true)] {
            assert_eq!(ask(&turns, 0, second).await.is_ok(), expected, "{second}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_sends_us_away_is_waited_for_or_left() {
        for (told, expected) in [(30, Ok(30)), (3600, Err(NoTurn::Backoff))] {
            let turns = Turns::default();
            let now = Timestamp::UNIX_EPOCH;
            turns
                .take("a", 2, Duration::ZERO, now)
                .await
                .unwrap()
                .stay_away(Duration::from_secs(told));
            assert_eq!(ask(&turns, 0, 0).await.map(|waited| waited.as_secs()), expected);
        }
    }
}
