//! From words to an assessment: fold, tell the language, find contacts, run the rules. Used by the
//! desk and by the stateless `fusion assess` alike, so that both always say the same.

use domain::{Assessment, Contact, Field, Language, Posting, Region};
use link::Keys;
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

/// The words to examine, with what their source says about them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Words<'a> {
    /// Headline.
    pub title: Option<&'a str>,
    /// Body.
    pub text: &'a str,
    /// The language that the source states: a hint for short texts.
    pub language: Option<Language>,
    /// Whose national phone formats to expect.
    pub region: Option<Region>,
}

/// What was found in the words.
#[derive(Clone, Debug)]
pub struct Examination {
    /// Contacts of title and text, in order of place.
    pub contacts: Vec<Contact>,
    /// Findings, mitigations, score.
    pub assessment: Assessment,
}

/// Examines postings one after another, reusing its buffers. One per thread.
pub struct Examiner<'r> {
    assessor: Assessor<'r>,
    title: Folded,
    text: Folded,
}

impl<'r> Examiner<'r> {
    /// An examiner under this rule set.
    pub fn new(rule_set: &'r RuleSet) -> Self {
        Self { assessor: Assessor::new(rule_set), title: Folded::new(""), text: Folded::new("") }
    }

    /// Examines the words. Same words, same rule set: same result.
    pub fn examine(&mut self, words: Words<'_>) -> Examination {
        self.title.refold(words.title.unwrap_or(""));
        self.text.refold(words.text);
        let language = text::language(&self.text, words.language)
            .or_else(|| text::language(&self.title, words.language));
        let mut contacts = Vec::new();
        if let Some(title) = words.title {
            contacts.extend(text::contacts(Field::Title, title, words.region));
        }
        contacts.extend(text::contacts(Field::Text, words.text, words.region));
        let subject = Subject {
            title: words.title.map(|title| (title, &self.title)),
            text: (words.text, &self.text),
            contacts: &contacts,
        };
        let assessment = self.assessor.assess(&subject, language);
        Examination { contacts, assessment }
    }

    /// Examines a posting, fills in its contacts, and gives its link keys beside the assessment.
    pub fn examine_posting(&mut self, posting: &mut Posting) -> (Assessment, Keys) {
        let examination = self.examine(Words {
            title: posting.title.as_deref(),
            text: &posting.text,
            language: posting.language,
            region: posting.region,
        });
        posting.contacts = examination.contacts;
        let keys = link::keys(posting, &self.text);
        (examination.assessment, keys)
    }
}
