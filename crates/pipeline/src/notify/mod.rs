//! Tells people of critical leads: each at once to a webhook, all of a day in one mail. What waits to
//! be told is on disk ([`Outbox`]); what fails is tried again later, and keeps nothing else from going
//! on. A lead may be told twice when the program dies between telling and noting it, never not at all.

mod config;
mod letter;
mod mail;
mod outbox;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use collect::Webhook;
use domain::{Clock, LeadId};
use jiff::{SignedDuration, Timestamp};
use store::Store;

pub use config::NotifyConfig;
pub(crate) use outbox::OUTBOX;
pub use outbox::{Outbox, Queue};

use crate::desk::lock;
use crate::review::existing;
use crate::{Desk, PipelineError};
use letter::Letter;

/// How often it is looked whether somebody is to be told.
const PAUSE: Duration = Duration::from_secs(30);

/// Gives the value of an environment variable.
type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Tells of the desk's critical leads until `end` comes to its end. `app` is the address by which
/// people reach the review app. Trouble is noted in the desk's [`Outbox`]; if even that fails, `told`
/// is, once for each round.
pub async fn keep_telling(
    desk: Arc<Mutex<Desk>>,
    clock: Arc<dyn Clock>,
    variables: &Variables,
    app: &str,
    told: &(dyn Fn(&PipelineError) + Sync),
    end: impl Future<Output = ()>,
) {
    tokio::pin!(end);
    loop {
        let round = {
            let desk = lock(&desk);
            let (index, dir) = (desk.reader(), desk.dir().to_owned());
            Round { config: desk.settings().config.notify.clone(), index, dir, app: app.to_owned() }
        };
        if round.config.is_on() {
            tokio::select! {
                done = round.tell(&*clock, variables) => if let Err(error) = done { told(&error) },
                () = &mut end => return,
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = &mut end => return,
        }
    }
}

/// One look at what is to be told.
struct Round {
    config: NotifyConfig,
    index: Arc<dyn Store>,
    dir: PathBuf,
    app: String,
}

impl Round {
    async fn tell(self, clock: &dyn Clock, variables: &Variables) -> Result<(), PipelineError> {
        let now = clock.now();
        let (round, mut outbox) = beside(move || {
            let mut outbox = match Outbox::read(&self.dir)? {
                Some(outbox) => outbox,
                None => {
                    let outbox = Outbox::from_now_on(&*self.index)?;
                    outbox.write(&self.dir)?;
                    outbox
                }
            };
            if outbox.gather(&self.config, &*self.index, now)? {
                outbox.write(&self.dir)?;
            }
            Ok((self, outbox))
        })
        .await?;
        if outbox.webhook.is_due(clock.now()) {
            round.tell_webhook(&mut outbox, clock, variables).await?;
        }
        if outbox.mail.is_due(clock.now()) && round.config.is_time_for_mail(&outbox, clock.now()) {
            round.send_mail(outbox, clock.now()).await?;
        }
        Ok(())
    }

    /// One lead after another, until one fails.
    async fn tell_webhook(
        &self,
        outbox: &mut Outbox,
        clock: &dyn Clock,
        variables: &Variables,
    ) -> Result<(), PipelineError> {
        let Some(address) = &self.config.webhook else { return Ok(()) };
        for lead in outbox.webhook.waiting.clone() {
            let now = clock.now();
            // One that was decided or deleted meanwhile is left out.
            if let Some(letter) = self.letter(&lead, now)? {
                if let Err(why) = self.tell_one(address, &letter, variables).await {
                    tracing::warn!(why, "a webhook could not be told; it is tried again");
                    outbox.webhook.failed(why, now);
                    return outbox.write(&self.dir);
                }
                outbox.webhook.went_well(now);
            }
            outbox.webhook.waiting.retain(|waiting| *waiting != lead);
            outbox.write(&self.dir)?;
        }
        Ok(())
    }

    async fn tell_one(
        &self,
        address: &str,
        letter: &Letter,
        variables: &Variables,
    ) -> Result<(), String> {
        let name = self.config.secret_env.as_deref().unwrap_or_default();
        let secret = variables(name)
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| format!("the environment variable {name} with its secret is not set"))?;
        Webhook::at(address)?.tell(letter.to_json(), secret.as_bytes()).await
    }

    /// All that wait in one mail.
    async fn send_mail(self, mut outbox: Outbox, now: Timestamp) -> Result<(), PipelineError> {
        let from = self.config.mail_from.clone().unwrap_or_default();
        beside(move || {
            let mut letters = Vec::new();
            for lead in std::mem::take(&mut outbox.mail.waiting) {
                if let Some(letter) = self.letter(&lead, now)? {
                    outbox.mail.waiting.push(lead);
                    letters.push(letter);
                }
            }
            if letters.is_empty() {
                return outbox.write(&self.dir);
            }
            let to = &self.config.mail_to;
            let mail = letter::digest(&letters, &from, to);
            match mail::send(&self.config.sendmail, &from, to, &mail) {
                Ok(()) => {
                    outbox.mail.waiting.clear();
                    outbox.mail.went_well(now);
                }
                Err(why) => {
                    tracing::warn!(why, "a digest could not be mailed; it is tried again");
                    outbox.mail.failed(why, now);
                }
            }
            outbox.write(&self.dir)
        })
        .await
    }

    /// Of the lead that has this name, or went into another by now. `None`: there is nothing to tell
    /// any more.
    fn letter(&self, lead: &LeadId, now: Timestamp) -> Result<Option<Letter>, PipelineError> {
        let lead = match existing(&*self.index, lead) {
            Ok(lead) => lead,
            Err(PipelineError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(outbox::is_urgent(&lead).then(|| Letter::of(&lead, &self.app, now)))
    }
}

impl NotifyConfig {
    /// Digests keep their distance, failures their own.
    fn is_time_for_mail(&self, outbox: &Outbox, now: Timestamp) -> bool {
        let least = SignedDuration::from_hours(i64::from(self.digest_hours));
        outbox.mail.last_at.is_none_or(|last| now.duration_since(last) >= least || last > now)
    }
}

/// Runs something slow beside the threads that answer.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PipelineError> + Send + 'static,
) -> Result<T, PipelineError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(PipelineError::Refused(error.to_string())))
}
