use domain::Clock as _;
use web::{Account, Accounts, Role};

use super::desk_dir;
use super::serve::SystemRandom;
use crate::Ended;
use crate::args::{Global, User};
use crate::clock::SystemClock;
use crate::output::{Output, one_line};

/// `fusion user add|list|disable|recover`. The app may be running meanwhile.
pub(crate) fn run(command: &User, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let dir = desk_dir(global)?;
    if !dir.join("fusion.toml").is_file() {
        return Err(pipeline::PipelineError::NoDesk(dir).into());
    }
    let accounts = Accounts::of(&dir);
    match command {
        User::Add(add) => {
            let path = web::add_account(
                &accounts,
                &add.login,
                &add.name,
                &add.role,
                add.language,
                &SystemRandom,
                SystemClock.now(),
            )?;
            invited(&add.login, &path, output)?;
        }
        User::Recover { login } => {
            let path = web::recover_account(&accounts, login, &SystemRandom, SystemClock.now())?;
            invited(login, &path, output)?;
        }
        User::List => {
            let all = accounts.all()?;
            let listed: Vec<_> = all.iter().map(in_brief).collect();
            output.results(&listed)?;
            if all.is_empty() {
                output.line("Nobody may log in yet; `fusion user add` adds the first person.")?;
            }
            for account in &all {
                let roles: Vec<_> = account.roles.iter().map(|role| role.name()).collect();
                output.line(one_line(&format!(
                    "{:<16} {}  {}{}{}",
                    account.login,
                    account.name,
                    roles.join(", "),
                    if account.disabled { "  (shut)" } else { "" },
                    if account.locked { "  (locked after wrong tries)" } else { "" },
                )))?;
            }
        }
        User::Disable { login, undo } => {
            web::set_disabled(&accounts, login, !undo)?;
            output.result(&serde_json::json!({ "login": login, "disabled": !undo }))?;
            let state = if *undo { "may log in again" } else { "may not log in any more" };
            output.line(format!("`{login}` {state}."))?;
        }
    }
    Ok(Ended::Clean)
}

fn invited(login: &str, path: &str, output: &mut Output) -> anyhow::Result<()> {
    output.result(&serde_json::json!({ "login": login, "path": path }))?;
    output.line(format!(
        "`{login}` chooses a password and a second factor by this link, once, within a day:"
    ))?;
    output.line(format!("  {path}"))?;
    output.line("Put the app's address before it, as in http://127.0.0.1:8400; `fusion serve` starts the app.")
}

/// An account without its secrets.
fn in_brief(account: &Account) -> serde_json::Value {
    serde_json::json!({
        "login": account.login,
        "name": account.name,
        "roles": account.roles.iter().map(|role: &Role| role.name()).collect::<Vec<_>>(),
        "disabled": account.disabled,
        "locked": account.locked,
        "created_at": account.created_at,
    })
}
