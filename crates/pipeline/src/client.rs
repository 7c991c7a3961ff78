use std::sync::Arc;
use std::time::Duration;

use collect::{PoliteClient, PoliteSettings};

use domain::Clock;

use crate::{PipelineError, Settings};

impl Settings {
    /// The desk's way to the web, with its contact address in every request. API keys are
    /// taken from the environment of the process.
    pub fn polite_client(&self, clock: Arc<dyn Clock>) -> Result<PoliteClient, PipelineError> {
        let polite = &self.config.polite;
        let mut settings = PoliteSettings::with_contact(self.config.contact()?);
        settings.min_delay = Duration::from_millis(polite.min_delay_ms);
        settings.max_requests_per_host = polite.max_requests_per_host;
        settings.max_body_bytes = polite.max_body_bytes;
        settings.timeout = Duration::from_secs(polite.timeout_s);
        let client = PoliteClient::new(settings, clock).map_err(|error| {
            PipelineError::Config(format!("cannot start the web client: {error}"))
        })?;
        Ok(client.with_keys(Box::new(|variable| std::env::var(variable).ok())))
    }
}
