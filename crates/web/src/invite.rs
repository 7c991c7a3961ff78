//! What the command line does with accounts.

use jiff::Timestamp;

use crate::accounts::{Accounts, Role};
use crate::{Language, Randomness, WebError};

/// Adds an account; gives the path of the link by which the person chooses a password.
pub fn add_account(
    accounts: &Accounts,
    login: &str,
    name: &str,
    roles: &[Role],
    language: Language,
    random: &dyn Randomness,
    now: Timestamp,
) -> Result<String, WebError> {
    accounts.change(|book| {
        book.add(login, name, roles, language, now)?;
        Ok(path(&book.invite(login, random, now)?))
    })
}

/// Lets somebody in again who is locked out or has lost password or phone: they choose both anew by
/// the link whose path is given. The old ones are good no longer.
pub fn recover_account(
    accounts: &Accounts,
    login: &str,
    random: &dyn Randomness,
    now: Timestamp,
) -> Result<String, WebError> {
    accounts.change(|book| {
        let account = book.find_mut(login)?;
        account.password = None;
        account.second_factor = None;
        account.locked = false;
        account.failures = 0;
        Ok(path(&book.invite(login, random, now)?))
    })
}

/// Shuts an account, or opens it again.
pub fn set_disabled(accounts: &Accounts, login: &str, disabled: bool) -> Result<(), WebError> {
    accounts.change(|book| {
        let account = book.find_mut(login)?;
        account.disabled = disabled;
        if disabled {
            account.invitation = None;
        }
        Ok(())
    })
}

fn path(secret: &str) -> String {
    format!("/welcome/{secret}")
}
