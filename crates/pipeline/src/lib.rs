//! The one place where the stages are joined: a desk, its scans, and what its people do.
//!
//! Everything that counts is written to the custody log first, synced, and then folded into the
//! store ([`Desk`]); after a crash the entries that the store has not seen are folded again, and
//! `rebuild` folds them all. So there is one way from an event to the queue, whether it happens now
//! or is read back years later.

mod ahead;
mod approval;
mod assess;
mod at_rest;
mod attach;
mod backup;
mod client;
mod collectors;
mod config;
mod desk;
mod discovery;
mod error;
mod examine;
mod fold;
mod group;
mod hands;
mod health;
mod import;
mod init;
mod judge;
mod lanes;
mod lead_view;
mod local_time;
mod look;
mod marks;
mod media;
mod met;
mod network;
mod notify;
mod packet_config;
mod pages;
mod pictures;
mod probe;
mod probe_files;
mod rebuild;
mod recording;
mod rehash;
mod replay;
mod retention;
mod review;
mod revisit;
mod rule_diff;
mod scan;
mod scanner;
mod schedule;
mod search;
mod second_thoughts;
mod settings;
mod sink;
mod snapshots;
mod sources;
mod staging;
mod stamp;
mod sweep;
mod tip;
mod views;
mod walk;
mod watch;
mod writer;

pub use approval::Approval;
pub use assess::{AssessCounts, assess_lines};
pub use at_rest::AtRestReport;
pub use attach::{LARGEST_ATTACHMENT, attached};
pub use collectors::Collectors;
pub use config::{Config, DeskConfig, PoliteConfig, ScheduleConfig};
pub use desk::{Desk, OpenNote};
pub use discovery::Candidate;
pub use error::PipelineError;
pub use examine::{Examination, Examiner, Words};
pub use health::{Alarm, Health, health};
pub use import::{ImportOptions, import};
pub use init::init;
pub use judge::{JudgedFile, judge, judge_file};
pub use lead_view::{LeadPlace, LeadTemplate, LeadView};
pub use link::{SlotKind, Template, TemplatePart};
pub use look::{EvidenceView, Sight, evidence_view};
pub use notify::{NotifyConfig, Outbox as Notices, Queue as NoticeQueue, keep_telling};
pub use packet_config::PacketConfig;
pub use pictures::SnapshotConfig;
pub use probe::{Probe, probe};
pub use probe_files::file_to_test;
pub use rebuild::{rebuild, rebuild_with};
pub use rehash::{EvidenceConfig, EvidenceRound};
pub use replay::{Replay, Replayed};
pub use retention::{Held, RetentionConfig, RetentionPlan, RetentionReport, RetentionRow};
pub use review::{QueueRow, existing, lead_view, link_in_words, tie_in_words};
pub use revisit::SourceRevisits;
pub use rule_diff::{PostingChange, RuleDiff, Voice};
pub use scan::{STOP_FILE, ScanReport, SourceReport, scan, scan_and_revisit};
pub use schedule::Schedule;
pub use search::{search_digits, search_words};
pub use second_thoughts::WITHDRAW_WITHIN;
pub use settings::{Settings, built_in_rules, load_rules};
pub use sources::add_source;
pub use stamp::{StampReport, TimeConfig, Waiting};
pub use tip::{SeenBefore, Tip, TipReceipt};
pub use views::Views;
pub use watch::{WatchNews, watch};

pub use collect::{EMPTY_FORM as EMPTY_TIP_FORM, PoliteClient, TipForm, TipSender, read_tip};
pub use collect::{InertPage, Pictures};

/// Version of the desk's folder as a whole; `format` in `fusion.toml`.
pub const DESK_FORMAT: u32 = 1;
