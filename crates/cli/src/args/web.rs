use std::net::SocketAddr;

use clap::{Args as ClapArgs, Subcommand};
use web::{Language, Role};

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// The address to listen on; others than this machine reach it only if you say so
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8400")]
    pub(crate) listen: SocketAddr,
    /// The address by which people reach it behind a proxy, as in https://desk.example.org
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// The address to listen on for captured pages, which are shown apart from the app; any free port
    /// of this machine unless you say so
    #[arg(long, value_name = "ADDR")]
    pub(crate) evidence_listen: Option<SocketAddr>,
    /// The address by which people reach captured pages behind a proxy: another host than the app's
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) evidence_url: Option<String>,
    /// Do not walk sources as they come due
    #[arg(long)]
    pub(crate) no_scan: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person; prints the link by which they choose a password
    Add(UserAdd),
    /// List who may log in
    List,
    /// Shut an account, or open it again
    Disable {
        /// The login
        login: String,
        /// Open it again
        #[arg(long)]
        undo: bool,
    },
    /// Let somebody in again who is locked out or has lost password or phone
    Recover {
        /// The login
        login: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct UserAdd {
    /// What they type to log in: a-z 0-9 . _ -
    pub(crate) login: String,
    /// Their name, as it shall stand in the custody log
    #[arg(long)]
    pub(crate) name: String,
    /// partner, analyst, investigator, liaison or admin; can be given several times
    #[arg(long, required = true, value_parser = role)]
    pub(crate) role: Vec<Role>,
    /// The language that they read the app in: en, uk, ru, ro
    #[arg(long, value_parser = language, default_value = "en")]
    pub(crate) language: Language,
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name)
        .ok_or_else(|| format!("unknown role; known: {}", Role::ALL.map(Role::name).join(", ")))
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| {
        format!("unknown language; known: {}", Language::ALL.map(Language::code).join(", "))
    })
}

fn public_url(url: &str) -> Result<String, String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.trim_end_matches('/')).unwrap_or_default();
    if host.is_empty() || host.contains(['/', ' ', '?', '#', '@']) {
        return Err("say it as https://desk.example.org, without a path".to_owned());
    }
    Ok(url.trim_end_matches('/').to_owned())
}
