use serde::{Deserialize, Serialize};

use crate::Span;

/// What sort of contact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// A phone number; value in E.164, as in `+380671234567`.
    Phone,
    /// An e-mail address; value in lower case.
    Email,
    /// A web address.
    Url,
    /// An account: `telegram:name`, `instagram:name`, `whatsapp:+380...`, `viber:+380...`.
    Handle,
    /// A cryptocurrency address with a right checksum: `btc:...`, `eth:0x...`, `tron:T...`.
    Wallet,
    /// A way into a closed group or chat: `telegram:+AbC...`, `whatsapp:Xyz...`, `viber:...`.
    Invite,
}

/// A contact found in a posting. Displayed names are not contacts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// What sort it is.
    pub kind: ContactKind,
    /// The canonical form, equal for equal contacts: two postings with the same value belong
    /// together.
    pub value: String,
    /// Where it stands; `span.quote` is the raw form.
    pub span: Span,
}
