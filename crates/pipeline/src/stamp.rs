//! Trusted time for what the desk keeps: asked for when somebody says so, and again until an
//! authority answers. What waits is not lost: it is everything since the last token.

use serde::{Deserialize, Serialize};

use crate::desk::PROGRAM;
use crate::{Desk, PipelineError};

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
    /// Files and entries that no token was over before.
    pub gathered: usize,
    /// Authorities that answered, each with its time.
    pub tokens: Vec<(String, String)>,
    /// Authorities that did not, each with the reason. Without any token all of it waits.
    pub failed: Vec<(String, String)>,
}

impl StampReport {
    /// How many files and entries wait for a token still.
    pub fn waiting(&self) -> usize {
        if self.tokens.is_empty() { self.gathered } else { 0 }
    }
}

impl Desk {
    /// Asks the desk's authorities to put their time to everything that no token is over yet.
    pub async fn stamp(&mut self) -> Result<StampReport, PipelineError> {
        let time = self.settings.config.time.clone();
        if time.authorities.is_empty() {
            return Err(PipelineError::Config(
                "no time-stamping authority is set: write [time] authorities = [\"https://...\"] into fusion.toml"
                    .to_owned(),
            ));
        }
        let mut report = StampReport::default();
        let Some(unstamped) = evidence::unstamped(&self.dir, self.clock.now())? else {
            return Ok(report);
        };
        report.gathered = unstamped.record.leaves.len();
        for authority in &time.authorities {
            let query = unstamped.request();
            let answer = collect::ask_authority(authority, query, time.allow_private).await;
            let kept = answer.and_then(|answer| {
                evidence::keep_token(&self.dir, &unstamped, authority, &answer)
                    .map_err(|error| error.to_string())
            });
            match kept {
                Ok((event, said)) => {
                    self.record(PROGRAM, vec![event])?;
                    report.tokens.push((authority.clone(), said));
                }
                Err(reason) => report.failed.push((authority.clone(), reason)),
            }
        }
        Ok(report)
    }
}
