use domain::Sha256;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::account::{Account, Invitation, Role};
use super::second_factor;
use crate::language::Language;
use crate::{Randomness, WebError};

/// The version of the file. Raised when a file of today could not be read by the program of
/// yesterday; earlier ones stay readable for good.
const FORMAT: u32 = 1;
/// An invitation is good for so long.
const INVITED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// So many wrong tries in a row lock an account.
const MOST_FAILURES: u32 = 10;

/// All accounts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pub(crate) accounts: Vec<Account>,
}

#[derive(Serialize, Deserialize)]
struct Written<A> {
    format: u32,
    accounts: A,
}

#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Book {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let version: Version = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if version.format > FORMAT {
            let format = version.format;
            return Err(format!("it has format {format}, this program knows up to {FORMAT}"));
        }
        let written: Written<Vec<Account>> =
            serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        Ok(Self { accounts: written.accounts })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let written = Written { format: FORMAT, accounts: &self.accounts };
        let mut bytes = serde_json::to_vec_pretty(&written).expect("plain structs serialise");
        bytes.push(b'\n');
        bytes
    }

    pub(crate) fn find(&self, login: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.login == login)
    }

    pub(crate) fn find_mut(&mut self, login: &str) -> Result<&mut Account, WebError> {
        self.accounts.iter_mut().find(|account| account.login == login).ok_or_else(|| {
            WebError::Refused(format!(
                "there is no account `{login}`; `fusion user list` shows them"
            ))
        })
    }

    /// Adds an account that has to be made use of by an invitation.
    pub(crate) fn add(
        &mut self,
        login: &str,
        name: &str,
        roles: &[Role],
        language: Language,
        now: Timestamp,
    ) -> Result<(), WebError> {
        check_login(login)?;
        check_name(name)?;
        if self.find(login).is_some() {
            return Err(WebError::Refused(format!(
                "there is an account `{login}` already; take another login, or `fusion user recover {login}`"
            )));
        }
        // The custody log knows people by their names: two of one name would be one person in it.
        let same = |account: &&Account| account.name.to_lowercase() == name.to_lowercase();
        if let Some(other) = self.accounts.iter().find(same) {
            return Err(WebError::Refused(format!(
                "`{}` has the name {name} already; the custody log must tell people apart, so add a letter",
                other.login
            )));
        }
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() {
            return Err(WebError::Refused("an account needs a role".to_owned()));
        }
        self.accounts.push(Account {
            login: login.to_owned(),
            name: name.trim().to_owned(),
            roles,
            language,
            password: None,
            second_factor: None,
            last_step: 0,
            invitation: None,
            disabled: false,
            locked: false,
            failures: 0,
            created_at: now,
            unfolded: false,
            views: Vec::new(),
            tokens: Vec::new(),
        });
        self.accounts.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(())
    }

    /// Makes an invitation, by which the person chooses password and second factor anew. Gives the
    /// secret part of its link. What they had before stays good until then, unless they are locked
    /// out.
    pub(crate) fn invite(
        &mut self,
        login: &str,
        random: &dyn Randomness,
        now: Timestamp,
    ) -> Result<String, WebError> {
        let account = self.find_mut(login)?;
        let secret = crate::random_word(random);
        account.invitation = Some(Invitation {
            digest: Sha256::of(secret.as_bytes()),
            until: now.checked_add(INVITED_FOR).unwrap_or(now),
            second_factor: second_factor::new_secret(random),
        });
        Ok(secret)
    }

    /// Whose invitation this is, if it is good.
    pub(crate) fn invited(&self, secret: &str, now: Timestamp) -> Option<(&Account, &Invitation)> {
        let digest = Sha256::of(secret.as_bytes());
        self.accounts.iter().filter(|account| !account.disabled).find_map(|account| {
            let invitation = account.invitation.as_ref()?;
            (invitation.digest == digest && invitation.until > now).then_some((account, invitation))
        })
    }

    /// Notes a wrong try. True when it locked the account.
    pub(crate) fn note_failure(&mut self, login: &str) -> Result<bool, WebError> {
        let account = self.find_mut(login)?;
        account.failures = account.failures.saturating_add(1);
        let locks = account.failures >= MOST_FAILURES && !account.locked;
        account.locked |= locks;
        Ok(locks)
    }
}

fn check_login(login: &str) -> Result<(), WebError> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    // A partner's tips lie in a folder of this name.
    let is_name = !login.starts_with('.') && !login.contains("..");
    if (1..=40).contains(&login.len()) && login.bytes().all(plain) && is_name {
        return Ok(());
    }
    Err(WebError::Refused(format!(
        "`{login}` is no login: use 1 to 40 of the characters a-z 0-9 . _ -"
    )))
}

fn check_name(name: &str) -> Result<(), WebError> {
    let name = name.trim();
    let letters = name.chars().count();
    if letters == 0 || letters > 100 || name.chars().any(char::is_control) || name == "fusion" {
        return Err(WebError::Refused(
            "a person's name has 1 to 100 letters, no control characters, and is not `fusion`"
                .to_owned(),
        ));
    }
    Ok(())
}
