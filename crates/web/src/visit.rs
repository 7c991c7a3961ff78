use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;

use crate::accounts::{Account, Role};
use crate::language::Language;
use crate::refusal::Refusal;
use crate::session::Session;

/// A request that the guard let through: who asks, in which language, when.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) lang: Language,
    /// What every form must carry.
    pub(crate) csrf: String,
    pub(crate) now: Timestamp,
    /// The app's own origin, by which it was reached.
    pub(crate) origin: String,
    /// The path that was asked for.
    pub(crate) path: String,
    pub(crate) person: Option<Account>,
    /// None for programs, which come with a key.
    pub(crate) session: Option<Session>,
}

/// A visit of somebody who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) visit: Visit,
    pub(crate) account: Account,
}

impl Person {
    /// The name, as it stands in the custody log.
    pub(crate) fn name(&self) -> String {
        self.account.name.clone()
    }

    pub(crate) fn is_any(&self, roles: &[Role]) -> bool {
        self.account.has_any(roles)
    }

    pub(crate) fn lang(&self) -> Language {
        self.visit.lang
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::forbidden)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let visit = Visit::from_request_parts(parts, state).await?;
        match visit.person.clone() {
            Some(account) => Ok(Self { visit, account }),
            None => Err(Refusal::forbidden()),
        }
    }
}
