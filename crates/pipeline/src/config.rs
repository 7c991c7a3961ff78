//! `fusion.toml` and `sources.toml`: what a desk's people write by hand. Every mistake is one
//! sentence that says where and how to mend it.

use std::path::Path;

use domain::Source;
use serde::Deserialize;

use crate::{
    EvidenceConfig, NotifyConfig, PacketConfig, PipelineError, RetentionConfig, SnapshotConfig,
    TimeConfig,
};

/// The desk's settings, `fusion.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Version of the desk's folder; this program writes and reads [`crate::DESK_FORMAT`].
    pub format: u32,
    /// Who runs the desk.
    pub desk: DeskConfig,
    /// How we behave towards the hosts that we fetch from.
    #[serde(default)]
    pub polite: PoliteConfig,
    /// When sources without a schedule of their own are walked.
    #[serde(default)]
    pub schedule: ScheduleConfig,
    /// On what terms leads are handed over.
    #[serde(default)]
    pub packet: PacketConfig,
    /// Who puts trusted time to the evidence.
    #[serde(default)]
    pub time: TimeConfig,
    /// How snapshots are taken.
    #[serde(default)]
    pub snapshot: SnapshotConfig,
    /// How evidence that is kept is looked after.
    #[serde(default)]
    pub evidence: EvidenceConfig,
    /// For how long what is kept.
    #[serde(default)]
    pub retention: RetentionConfig,
    /// Who is told of leads that cannot wait.
    #[serde(default)]
    pub notify: NotifyConfig,
}

/// Who runs the desk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskConfig {
    /// Shown in packets.
    pub name: String,
    /// An e-mail address or web page where a site's owner reaches a person; sent with every request.
    pub contact: String,
}

/// How we behave towards the hosts that we fetch from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoliteConfig {
    /// Least pause between two requests to one host, in milliseconds.
    pub min_delay_ms: u64,
    /// Most requests to one host on one day (UTC), all runs together.
    pub max_requests_per_host: u32,
    /// How many hosts are walked at once; each of them has one request at a time.
    pub hosts_at_once: usize,
    /// Largest body, decompressed, in bytes.
    pub max_body_bytes: usize,
    /// Longest wait for one answer, in seconds.
    pub timeout_s: u64,
}

impl Default for PoliteConfig {
    fn default() -> Self {
        Self {
            min_delay_ms: 2_000,
            max_requests_per_host: 5_000,
            hosts_at_once: 512,
            max_body_bytes: 8 * 1024 * 1024,
            timeout_s: 30,
        }
    }
}

/// When sources are walked by `scan --due`, unless they say otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleConfig {
    /// Five fields of cron.
    pub default: String,
    /// The IANA name of the zone in which schedules are meant.
    pub time_zone: String,
    /// Each source starts up to so many minutes late, always the same for one source.
    pub jitter_minutes: u32,
}

impl Default for ScheduleConfig {
    fn default() -> Self {
        Self { default: "0 */6 * * *".to_owned(), time_zone: "UTC".to_owned(), jitter_minutes: 10 }
    }
}

impl Config {
    /// The contact address, or a sentence that asks for it: nothing is fetched anonymously.
    pub fn contact(&self) -> Result<&str, PipelineError> {
        let contact = self.desk.contact.trim();
        if contact.contains(['@', '/']) {
            return Ok(contact);
        }
        Err(PipelineError::Config(
            "fusion.toml has no usable desk.contact: give an e-mail address or a web page where a \
             site's owner reaches you"
                .to_owned(),
        ))
    }

    /// Reads and checks `fusion.toml`.
    pub fn read(path: &Path) -> Result<Self, PipelineError> {
        let config: Self = parse(path, "the one that `fusion init` writes shows the form")?;
        if config.format > crate::DESK_FORMAT {
            return Err(PipelineError::Config(format!(
                "{} says format = {}, this program knows up to {}: use a newer fusion",
                path.display(),
                config.format,
                crate::DESK_FORMAT
            )));
        }
        config.snapshot.check()?;
        config.notify.check()?;
        Ok(config)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceList {
    #[serde(default)]
    source: Vec<Source>,
}

/// Reads `sources.toml`: unknown kinds and repeated ids are refused here, before anything runs.
pub(crate) fn read_sources(
    path: &Path,
    known_kinds: &[&str],
) -> Result<Vec<Source>, PipelineError> {
    let form =
        "each [[source]] says `id`, `kind`, `url` and, as its `basis`, why you may collect there";
    let list: SourceList = parse(path, form)?;
    for (index, source) in list.source.iter().enumerate() {
        if !known_kinds.contains(&source.kind.0.as_str()) {
            return Err(PipelineError::Config(format!(
                "{}: source `{}` has unknown kind `{}`; known: {}",
                path.display(),
                source.id,
                source.kind.0,
                known_kinds.join(", ")
            )));
        }
        if list.source[..index].iter().any(|earlier| earlier.id == source.id) {
            return Err(PipelineError::Config(format!(
                "{}: source `{}` stands there twice; give one of them another id",
                path.display(),
                source.id
            )));
        }
    }
    Ok(list.source)
}

/// Reads a file; `form` says how it is meant to be, for whoever has to mend it.
fn parse<T: serde::de::DeserializeOwned>(path: &Path, form: &str) -> Result<T, PipelineError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let mend = match error.kind() {
            std::io::ErrorKind::InvalidData => ": save it as UTF-8",
            _ => "",
        };
        PipelineError::Config(format!("cannot read {}: {error}{mend}", path.display()))
    })?;
    toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let said = error.message().trim();
        PipelineError::Config(format!("{}:{line}: {said}; {form}", path.display()))
    })
}
