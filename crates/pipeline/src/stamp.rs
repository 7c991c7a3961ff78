//! Trusted time for what the desk keeps: asked for once a day by the scheduler, or when somebody says
//! so, and again until each authority has answered. What waits is not lost: it is everything since the
//! authority's last token.

use std::sync::{Arc, Mutex};

use evidence::Unstamped;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::{PROGRAM, lock};
use crate::writer::on_disk;
use crate::{Desk, PipelineError};

/// An authority is asked again so long after it gave its last token.
const BETWEEN_TOKENS: SignedDuration = SignedDuration::from_hours(24);
/// The scheduler looks so often whether something waits, and one that did not answer is asked again then.
const BETWEEN_LOOKS: SignedDuration = SignedDuration::from_hours(1);

/// `[time]` of `fusion.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeConfig {
    /// Addresses of time-stamping authorities (RFC 3161); each is asked for a token of its own.
    pub authorities: Vec<String>,
    /// Lets them be in the desk's own network.
    pub allow_private: bool,
}

/// What came of asking for trusted time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StampReport {
    /// Files and entries that an authority had no token over before; the most that one had.
    pub gathered: usize,
    /// Authorities that answered, each with its time.
    pub tokens: Vec<(String, String)>,
    /// Authorities that did not, each with the reason.
    pub failed: Vec<(String, String)>,
    /// Files and entries that wait still for one of those.
    pub waiting: usize,
}

/// What waits for an authority's token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Whose.
    pub authority: String,
    /// Files and entries.
    pub count: usize,
    /// When it gave the last one; UTC.
    pub last_at: Option<Timestamp>,
}

impl Desk {
    /// Asks the desk's authorities to put their time to everything that they gave no token over yet.
    pub async fn stamp(&mut self) -> Result<StampReport, PipelineError> {
        if self.settings.config.time.authorities.is_empty() {
            return Err(PipelineError::Config(
                "no time-stamping authority is set: write [time] authorities = [\"https://...\"] into fusion.toml"
                    .to_owned(),
            ));
        }
        let allow_private = self.settings.config.time.allow_private;
        let mut report = StampReport::default();
        for unstamped in self.unstamped()? {
            let answer = ask(&unstamped, allow_private).await;
            self.take_answer(&unstamped, answer, &mut report)?;
        }
        Ok(report)
    }

    /// What waits for trusted time, by authority.
    pub fn waiting_for_time(&self) -> Result<Vec<Waiting>, PipelineError> {
        let waiting = self.unstamped()?.into_iter().map(|unstamped| Waiting {
            count: unstamped.record.leaves.len(),
            authority: unstamped.authority,
            last_at: unstamped.last_at,
        });
        Ok(waiting.collect())
    }

    fn unstamped(&self) -> Result<Vec<Unstamped>, PipelineError> {
        let authorities = &self.settings.config.time.authorities;
        Ok(evidence::unstamped(&self.dir, authorities, self.last_entry(), self.clock.now())?)
    }

    fn take_answer(
        &mut self,
        unstamped: &Unstamped,
        answer: Result<Vec<u8>, String>,
        report: &mut StampReport,
    ) -> Result<(), PipelineError> {
        let (authority, count) = (unstamped.authority.clone(), unstamped.record.leaves.len());
        report.gathered = report.gathered.max(count);
        let kept = answer.and_then(|answer| {
            evidence::keep_token(&self.dir, unstamped, &answer).map_err(|error| error.to_string())
        });
        match kept {
            Ok((event, said)) => {
                self.record(PROGRAM, vec![event])?;
                report.tokens.push((authority, said));
            }
            Err(reason) => {
                report.waiting = report.waiting.max(count);
                report.failed.push((authority, reason));
            }
        }
        Ok(())
    }
}

async fn ask(unstamped: &Unstamped, allow_private: bool) -> Result<Vec<u8>, String> {
    collect::ask_authority(&unstamped.authority, unstamped.request(), allow_private).await
}

/// When the scheduler looks next whether something waits for trusted time.
#[derive(Default)]
pub(crate) struct Stamping {
    looked_at: Option<Timestamp>,
}

impl Stamping {
    pub(crate) fn is_due(&mut self, time: &TimeConfig, now: Timestamp) -> bool {
        // A clock that was set back must not put it off.
        let rested = |at: Timestamp| now.duration_since(at).abs() >= BETWEEN_LOOKS;
        let due = !time.authorities.is_empty() && self.looked_at.is_none_or(rested);
        if due {
            self.looked_at = Some(now);
        }
        due
    }
}

/// Asks those authorities whose last token is a day old; nobody waits for the desk while the log is read
/// and they are asked. `None` if there are none.
pub(crate) async fn stamp_due(
    desk: &Arc<Mutex<Desk>>,
) -> Result<Option<StampReport>, PipelineError> {
    let (dir, TimeConfig { authorities, allow_private }, last, now) = {
        let desk = lock(desk);
        let time = desk.settings.config.time.clone();
        (desk.dir.clone(), time, desk.last_entry(), desk.clock.now())
    };
    let read = move || evidence::unstamped(&dir, &authorities, last, now);
    let mut unstamped = tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| {
        let what = format!("reading the custody log broke off inside the program: {error}");
        Err(evidence::EvidenceError::Refused { what })
    })?;
    unstamped.retain(|one| one.last_at.is_none_or(|at| now.duration_since(at) >= BETWEEN_TOKENS));
    let mut report = None;
    for unstamped in unstamped {
        let answer = ask(&unstamped, allow_private).await;
        let mut so_far: StampReport = report.take().unwrap_or_default();
        report = on_disk(desk, move |desk| {
            desk.take_answer(&unstamped, answer, &mut so_far)?;
            Ok(Some(so_far))
        })
        .await?;
    }
    Ok(report)
}
