//! Whose turn it is: one request at a time to a host, with a pause between them, and no more in a
//! run than the budget says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use tokio::time::Instant;

/// The longest that a host can make us wait by `Retry-After` within a run; what asks for more is
/// left for the next run.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// The state of all hosts asked in this run.
#[derive(Default)]
pub(crate) struct Turns {
    hosts: Mutex<HashMap<String, Arc<Turn<HostState>>>>,
}

/// What is known of one host.
#[derive(Debug, Default)]
pub(crate) struct HostState {
    asked: u32,
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
    /// Waits for the turn at a host and takes it.
    pub(crate) async fn take(
        &self,
        host: &str,
        most: u32,
    ) -> Result<OwnedMutexGuard<HostState>, NoTurn> {
        let turn = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            hosts.entry(host.to_owned()).or_default().clone()
        };
        let mut state = turn.lock_owned().await;
        if state.asked >= most {
            return Err(NoTurn::Budget);
        }
        if let Some(not_before) = state.not_before {
            if not_before.duration_since(Instant::now()) > LONGEST_WAIT {
                return Err(NoTurn::Backoff);
            }
            tokio::time::sleep_until(not_before).await;
        }
        state.asked += 1;
        Ok(state)
    }
}

impl HostState {
    /// No request before so much time has passed.
    pub(crate) fn pause(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        self.not_before = Some(self.not_before.map_or(until, |before| before.max(until)));
    }
}
