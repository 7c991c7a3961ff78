use std::collections::BTreeSet;

/// How many different hands wrote something, as far as can be told: one recruiter under five names
/// with one phone is one hand, and so is one name with five phones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hands {
    authors: BTreeSet<String>,
    contacts: BTreeSet<String>,
}

impl Hands {
    /// Adds a posting. One that names neither author nor contact is its own.
    pub(crate) fn add(&mut self, author: Option<&str>, contact: Option<&str>, posting: &str) {
        self.authors.insert(author.or(contact).unwrap_or(posting).to_owned());
        self.contacts.insert(contact.or(author).unwrap_or(posting).to_owned());
    }

    pub(crate) fn count(&self) -> usize {
        self.authors.len().min(self.contacts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_phone_under_many_names_is_one_hand() {
        let mut hands = Hands::default();
        for name in ["a", "b", "c"] {
            hands.add(Some(name), Some("phone:+380"), "p");
        }
        assert_eq!(hands.count(), 1);
        hands.add(None, None, "q");
        assert_eq!(hands.count(), 2);
    }
}
