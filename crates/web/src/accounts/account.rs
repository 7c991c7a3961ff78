use std::fmt;

use domain::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::language::Language;

/// What a person may do at a desk. An account has one or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sends tips and sees what became of them; nothing else.
    Partner,
    /// Keeps sources and rules, looks at leads.
    Analyst,
    /// Works the queue: claims, notes, decides.
    Investigator,
    /// Hands decided leads over.
    Liaison,
    /// Keeps accounts and looks after the desk; sees no leads.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 5] =
        [Self::Partner, Self::Analyst, Self::Investigator, Self::Liaison, Self::Admin];

    /// The word used in commands and in the interface's keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Analyst => "analyst",
            Self::Investigator => "investigator",
            Self::Liaison => "liaison",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A person who may log in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// What they type to log in: a-z 0-9 . _ -
    pub login: String,
    /// Their name, as it stands in the custody log; unique, whatever its case.
    pub name: String,
    /// What they may do; never empty.
    pub roles: Vec<Role>,
    /// The language that they read the app in.
    pub language: Language,
    /// Argon2id, as a PHC string; none before they have chosen one.
    pub(crate) password: Option<String>,
    /// The shared secret of the second factor, in base 32 (RFC 6238).
    pub(crate) second_factor: Option<String>,
    /// The last step of the second factor that was used; a code counts once.
    #[serde(default)]
    pub(crate) last_step: u64,
    /// The invitation by which they choose a password.
    pub(crate) invitation: Option<Invitation>,
    /// May not log in any more. What they did stays under their name.
    pub disabled: bool,
    /// Too many wrong tries; `fusion user recover` on the desk's machine opens it.
    pub locked: bool,
    /// Wrong tries in a row.
    #[serde(default)]
    pub(crate) failures: u32,
    /// UTC.
    pub created_at: Timestamp,
    /// Shows distressing passages without folding them.
    #[serde(default)]
    pub(crate) unfolded: bool,
    /// Ways to look at the queue that they come back to.
    #[serde(default)]
    pub(crate) views: Vec<SavedView>,
    /// Keys by which programs act in their name.
    #[serde(default)]
    pub(crate) tokens: Vec<ApiToken>,
}

/// A link that is good once and for a day. The file holds its digest alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) digest: Sha256,
    pub(crate) until: Timestamp,
    /// The second factor that is offered with it, until it is confirmed.
    pub(crate) second_factor: String,
}

/// Filters of the queue under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedView {
    /// In the person's words.
    pub(crate) name: String,
    /// What stands behind the `?` of the queue's address.
    pub(crate) filters: String,
}

impl SavedView {
    /// Its address.
    pub(crate) fn path(&self) -> String {
        format!("/queue?{}", self.filters)
    }
}

/// A key by which a program acts in a person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ApiToken {
    /// What it is for, in the person's words.
    pub(crate) label: String,
    /// Of the key; the key itself is shown once.
    pub(crate) digest: Sha256,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) created_at: Timestamp,
}

/// What a key may be used for; never more than its person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scope {
    /// Read the queue and leads.
    Read,
    /// Claim, note and decide.
    Decide,
    /// Send tips.
    Tip,
}

impl Scope {
    pub(crate) const ALL: [Scope; 3] = [Self::Read, Self::Decide, Self::Tip];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Decide => "decide",
            Self::Tip => "tip",
        }
    }
}

impl Account {
    /// Whether they have one of these roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether they may come in at all.
    pub(crate) fn is_open(&self) -> bool {
        !self.disabled && !self.locked
    }

    /// Partners meet none but their own tips, and mostly from a phone: for them a second factor is
    /// offered; for everybody else it is asked.
    pub(crate) fn needs_second_factor(&self) -> bool {
        self.roles.iter().any(|role| *role != Role::Partner)
    }
}
