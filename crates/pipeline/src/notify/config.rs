use collect::Webhook;
use serde::Deserialize;

use crate::PipelineError;

/// `[notify]` of `fusion.toml`: who is told of leads that cannot wait.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifyConfig {
    /// Where each critical lead is sent to: an https address, or http on this machine.
    pub webhook: Option<String>,
    /// The environment variable that holds the secret with which it is signed.
    pub secret_env: Option<String>,
    /// Whom a digest of critical leads is mailed to.
    pub mail_to: Vec<String>,
    /// Whom it comes from.
    pub mail_from: Option<String>,
    /// The program that takes mail, by the ways of sendmail.
    pub sendmail: String,
    /// Least hours between two digests.
    pub digest_hours: u32,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            webhook: None,
            secret_env: None,
            mail_to: Vec::new(),
            mail_from: None,
            sendmail: "sendmail".to_owned(),
            digest_hours: 24,
        }
    }
}

impl NotifyConfig {
    /// Whether anybody is to be told.
    pub fn is_on(&self) -> bool {
        self.webhook.is_some() || !self.mail_to.is_empty()
    }

    /// Refuses what cannot be used, in a sentence.
    pub(crate) fn check(&self) -> Result<(), PipelineError> {
        let wrong = |what: String| Err(PipelineError::Config(format!("fusion.toml: {what}")));
        if let Some(address) = &self.webhook {
            if let Err(why) = Webhook::at(address) {
                return wrong(format!("notify.webhook cannot be used: {why}"));
            }
            if self.secret_env.as_deref().is_none_or(|name| name.trim().is_empty()) {
                return wrong("notify.webhook is to be signed: name the environment variable with its secret in notify.secret_env".to_owned());
            }
        }
        let mut addresses = self.mail_to.iter().chain(&self.mail_from);
        if let Some(address) = addresses.find(|address| !is_mail_address(address)) {
            return wrong(format!("notify: {address:?} is no e-mail address"));
        }
        if !self.mail_to.is_empty() && self.mail_from.is_none() {
            return wrong(
                "notify.mail_to needs notify.mail_from, whom the digest comes from".to_owned(),
            );
        }
        if self.digest_hours == 0 {
            return wrong("notify.digest_hours must be 1 or more".to_owned());
        }
        Ok(())
    }
}

/// Enough that it can stand in a header and among arguments; whether it exists, the mail says.
fn is_mail_address(address: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    address
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && address.chars().all(is_plain)
        && !address.starts_with('-')
}
