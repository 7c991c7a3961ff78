//! One file for each part of the app: ask the desk, show.

pub(crate) mod audit;
pub(crate) mod decide;
pub(crate) mod evidence;
mod graph;
pub(crate) mod hand_over;
pub(crate) mod hands;
mod history;
pub(crate) mod home;
mod keys;
pub(crate) mod lead;
mod lead_contacts;
pub(crate) mod lead_posting;
pub(crate) mod live;
pub(crate) mod log_in;
pub(crate) mod queue;
mod queue_filter;
pub(crate) mod reasons;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod sources;
pub(crate) mod tips;
pub(crate) mod tokens;
pub(crate) mod users;
mod waterfall;
pub(crate) mod welcome;
