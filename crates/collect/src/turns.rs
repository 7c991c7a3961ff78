//! Whose turn it is: one request at a time to a host, with a pause between them, and no more in a
//! day than the budget says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::HostStanding;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::Instant;

/// The longest that a host can make us wait by `Retry-After` within a run; what asks for more is
/// left for the next run.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// After so many failures in a row a host is left to rest: it is down, or does not want us.
pub(crate) const FAILURES_BEFORE_REST: u32 = 5;
/// The same when the last of them took all the time that a request may take: waiting for nothing costs
/// the other sources of the host more than a refusal does.
pub(crate) const TIMEOUTS_BEFORE_REST: u32 = 3;
/// How long it rests at first; each failure after a rest doubles the next one.
const FIRST_REST: Duration = Duration::from_secs(10 * 60);
const LONGEST_REST: Duration = Duration::from_secs(6 * 60 * 60);
/// No host sends us away for longer than a day.
const LONGEST_TOLD: Duration = Duration::from_secs(24 * 60 * 60);

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
    /// Failures since the last answer that was one.
    failures: u32,
    resting_until: Option<Instant>,
}

/// The turn at a host, for as long as it is held.
pub(crate) type HostTurn = OwnedMutexGuard<HostState>;

/// Why it is nobody's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTurn {
    /// The budget of requests to this host is spent.
    Budget,
    /// The host asked us to stay away for longer than we wait.
    Backoff,
    /// The host failed again and again and is left alone for a while.
    Resting,
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
    ) -> Result<HostTurn, NoTurn> {
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
        if state.resting_until.is_some_and(|until| until > Instant::now()) {
            return Err(NoTurn::Resting);
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

impl Turns {
    /// How we stand with each host. One that is being asked this moment is left out.
    pub(crate) fn standings(&self, now: Timestamp) -> Vec<HostStanding> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut standings: Vec<HostStanding> = hosts
            .iter()
            .filter_map(|(host, state)| Some(state.try_lock().ok()?.standing(host, now)))
            .collect();
        standings.sort_by(|one, other| one.host.cmp(&other.host));
        standings
    }

    /// Takes over how we stood with hosts that were not asked yet in this run.
    pub(crate) fn take_over(&self, standings: Vec<HostStanding>, now: Timestamp) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        for standing in standings {
            let state = HostState::of(&standing, now);
            hosts.entry(standing.host).or_insert_with(|| Arc::new(Turn::new(state)));
        }
    }
}

impl HostState {
    fn standing(&self, host: &str, now: Timestamp) -> HostStanding {
        HostStanding {
            host: host.to_owned(),
            day: self.day,
            asked: self.asked,
            answered_at: self.last_answer.map(|at| time_of(at, now)),
            not_before: self.not_before.map(|at| time_of(at, now)),
            failures: self.failures,
            resting_until: self.resting_until.map(|at| time_of(at, now)),
        }
    }

    /// A clock that was set back since must not make a host wait for years: no wait is longer than
    /// it could have been made.
    fn of(standing: &HostStanding, now: Timestamp) -> Self {
        let ahead = |at: Option<Timestamp>, most: Duration| {
            let wait = at?.duration_since(now);
            let wait = Duration::try_from(wait).ok().filter(|wait| !wait.is_zero())?;
            Some(Instant::now() + wait.min(most))
        };
        let since = standing.answered_at.map(|at| now.duration_since(at));
        let since = since.and_then(|since| Duration::try_from(since).ok());
        Self {
            day: standing.day,
            asked: standing.asked,
            last_answer: since.and_then(|since| Instant::now().checked_sub(since)),
            not_before: ahead(standing.not_before, LONGEST_TOLD),
            failures: standing.failures,
            resting_until: ahead(standing.resting_until, LONGEST_REST.mul_f64(1.25)),
        }
    }

    /// Notes that an answer came, or that none will.
    pub(crate) fn answered(&mut self) {
        self.last_answer = Some(Instant::now());
    }

    /// Notes that the host gave a proper answer.
    pub(crate) fn succeeded(&mut self) {
        (self.failures, self.resting_until) = (0, None);
    }

    /// Notes that the host could not be reached, or stumbled. The pause doubles with each failure in
    /// a row, up to an eighth longer by `jitter`, a number between 0 and 1; after `rests_after` of them
    /// the host rests.
    pub(crate) fn failed(&mut self, pause: Duration, jitter: f64, rests_after: u32) {
        self.failures += 1;
        let longer = 1.0 + jitter / 8.0;
        if let Some(rests) = self.failures.checked_sub(rests_after) {
            let rest = FIRST_REST.saturating_mul(1 << rests.min(10)).min(LONGEST_REST);
            self.resting_until = Some(Instant::now() + rest.mul_f64(longer));
        } else {
            self.stay_away(pause.saturating_mul(1 << (self.failures - 1)).mul_f64(longer));
        }
    }

    /// No request before so much time has passed.
    pub(crate) fn stay_away(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        self.not_before = Some(self.not_before.map_or(until, |before| before.max(until)));
    }
}

/// The time of a moment of this process.
fn time_of(at: Instant, now: Timestamp) -> Timestamp {
    let present = Instant::now();
    let signed = |wait: Duration| SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    let moved = if at >= present {
        now.checked_add(signed(at - present))
    } else {
        now.checked_sub(signed(present - at))
    };
    moved.unwrap_or(now)
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
    async fn a_host_that_fails_is_asked_ever_less_and_then_rests() {
        let turns = Turns::default();
        let pause = Duration::from_secs(2);
        let mut waits = Vec::new();
        for _ in 0..FAILURES_BEFORE_REST {
            let before = Instant::now();
            let mut turn = turns.take("a", 100, pause, Timestamp::UNIX_EPOCH).await.unwrap();
            waits.push(before.elapsed().as_secs());
            turn.answered();
            turn.failed(pause, 0.0, FAILURES_BEFORE_REST);
        }
        assert_eq!(waits, [0, 2, 4, 8, 16]);
        assert!(matches!(
            turns.take("a", 100, pause, Timestamp::UNIX_EPOCH).await,
            Err(NoTurn::Resting)
        ));
        tokio::time::advance(FIRST_REST + Duration::from_secs(1)).await;
        // One try after the rest: a failure doubles the next rest, an answer ends it.
        let mut turn = turns.take("a", 100, pause, Timestamp::UNIX_EPOCH).await.unwrap();
        turn.failed(pause, 1.0, FAILURES_BEFORE_REST);
        assert_eq!(turn.resting_until.unwrap() - Instant::now(), FIRST_REST * 2 * 9 / 8);
        turn.succeeded();
        drop(turn);
        assert!(turns.take("a", 100, pause, Timestamp::UNIX_EPOCH).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_that_lets_the_time_run_out_rests_sooner() {
        let (pause, now) = (Duration::from_secs(2), Timestamp::UNIX_EPOCH);
        // Refusals, timeouts, and whether the host rests after them.
        for (refusals, timeouts, rests) in
            [(4, 0, false), (0, 2, false), (0, 3, true), (2, 1, true)]
        {
            let turns = Turns::default();
            let failures = [(refusals, FAILURES_BEFORE_REST), (timeouts, TIMEOUTS_BEFORE_REST)];
            for (count, rests_after) in failures {
                for _ in 0..count {
                    let mut turn = turns.take("a", 100, pause, now).await.unwrap();
                    turn.failed(pause, 0.0, rests_after);
                }
            }
            let turn = turns.take("a", 100, pause, now).await;
            assert_eq!(matches!(turn, Err(NoTurn::Resting)), rests, "{refusals} {timeouts}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn scanners_that_fail_together_do_not_come_back_together() {
        let (pause, now) = (Duration::from_secs(80), Timestamp::UNIX_EPOCH);
        for (jitter, expected) in [(0.0, 80), (0.5, 85), (1.0, 90)] {
            let turns = Turns::default();
            turns.take("a", 2, pause, now).await.unwrap().failed(pause, jitter, 5);
            assert_eq!(ask(&turns, 0, 0).await.map(|waited| waited.as_secs()), Ok(expected));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_run_knows_how_we_stood_with_a_host() {
        let now = Timestamp::UNIX_EPOCH;
        let at = |seconds: i64| now + SignedDuration::from_secs(seconds);
        let known = |change: fn(&mut HostStanding)| {
            let turns = Turns::default();
            let mut standing = HostStanding { host: "a".to_owned(), ..HostStanding::default() };
            change(&mut standing);
            turns.take_over(vec![standing], now);
            turns
        };
        let spent = known(|host| host.asked = 2);
        assert_eq!(ask(&spent, 0, 0).await, Err(NoTurn::Budget));
        assert!(ask(&spent, 0, DAY).await.is_ok(), "a new day");

        let resting = known(|host| {
            host.failures = FAILURES_BEFORE_REST;
            host.resting_until = Some("1970-01-01T01:00:00Z".parse().unwrap());
        });
        assert_eq!(ask(&resting, 0, 0).await, Err(NoTurn::Resting));
        let [kept] = &resting.standings(at(60))[..] else { panic!("one host") };
        assert_eq!((kept.failures, kept.resting_until), (FAILURES_BEFORE_REST, Some(at(3660))));

        let answered = known(|host| host.answered_at = Some(Timestamp::UNIX_EPOCH));
        assert_eq!(ask(&answered, 60, 0).await, Ok(Duration::from_secs(60)));

        // The clock of the earlier run was a year ahead.
        let mistaken =
            known(|host| host.resting_until = Some("1971-01-01T00:00:00Z".parse().unwrap()));
        tokio::time::advance(LONGEST_REST * 2).await;
        assert!(ask(&mistaken, 0, 0).await.is_ok());
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
