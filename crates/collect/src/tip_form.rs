//! The form on which a tip is written down. Plain text is a tip as it is; a file that begins with
//! the line `Fusion tip` has fields, so that who sent it can be kept apart from what it says.

use crate::charset::undeclared_encoding;
use crate::file_opening::is_binary;

/// A tip as it was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TipForm {
    /// What people were told, or wrote: free text.
    pub text: String,
    /// Addresses of pages.
    pub links: Vec<String>,
    /// Phone numbers, as written.
    pub phones: Vec<String>,
    /// Files of screenshots, as written.
    pub screenshots: Vec<String>,
    /// Who sent it. Never part of the posting.
    pub sender: TipSender,
}

/// Who sent a tip, and what they agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TipSender {
    /// A name, or a sign that the organisation knows them by.
    pub name: Option<String>,
    /// The organisation that sends it.
    pub organisation: Option<String>,
    /// How to reach them.
    pub reach: Option<String>,
    /// What they agreed to, in their words.
    pub consent: Option<String>,
}

impl TipSender {
    /// Nobody is named.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.organisation.is_none() && self.reach.is_none()
    }
}

/// The form to fill in.
pub const EMPTY_FORM: &str = "\
Fusion tip

# Lines that begin with # are not read. Leave out what you do not know.
# Text comes last and may go on over many lines.

Link:
Phone:
Screenshot:

# Kept apart, never handed on with the tip:
From:
Organisation:
Reach me:
Consent:

Text:
";

/// The first line of a form.
const MARK: &str = "fusion tip";
/// How files begin that people hand in by mistake: pictures, PDF, office documents.
const NO_TEXT: [&[u8]; 5] = [b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"%PDF", b"PK\x03\x04"];
/// The longest value of a field other than the text.
const LONGEST_VALUE: usize = 2000;
/// The longest text: a long chat.
const LONGEST_TEXT: usize = 512 * 1024;
/// Most values of a field.
const MOST_VALUES: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Text,
    Link,
    Phone,
    Screenshot,
    From,
    Organisation,
    Reach,
    Consent,
}

/// The names of the fields in English, Ukrainian, Russian and Romanian, in lower case.
const NAMES: [(Field, &[&str]); 8] = [
    (Field::Text, &["text", "текст", "textul"]),
    (Field::Link, &["link", "посилання", "ссылка", "adresă", "adresa"]),
    (Field::Phone, &["phone", "телефон", "telefon"]),
    (
        Field::Screenshot,
        &["screenshot", "знімок", "знімок екрана", "снимок", "скриншот", "captură", "captura"],
    ),
    (Field::From, &["from", "від", "от", "de la"]),
    (
        Field::Organisation,
        &[
            "organisation",
            "organization",
            "організація",
            "организация",
            "organizația",
            "organizatia",
        ],
    ),
    (Field::Reach, &["reach me", "зв'язок", "зв’язок", "связь", "contact"]),
    (Field::Consent, &["consent", "згода", "согласие", "acord"]),
];

/// Why a form cannot be read: one sentence with the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TipFormError(String);

/// Reads a tip out of the bytes of a file: a form, or plain text. Any usual encoding will do; people
/// write with what they have.
pub fn read_tip(file: &[u8]) -> Result<TipForm, TipFormError> {
    let encoding = undeclared_encoding(file);
    let is_other = NO_TEXT.iter().any(|beginning| file.starts_with(beginning));
    if is_other || !encoding.name().starts_with("UTF-16") && is_binary(file) {
        let what = "the tip is no text; hand a picture in as its screenshot";
        return Err(TipFormError(what.to_owned()));
    }
    read_words(&encoding.decode(file).0)
}

fn read_words(written: &str) -> Result<TipForm, TipFormError> {
    let mut tip = TipForm::default();
    let mut lines = (1..).zip(written.split_inclusive('\n'));
    let first = lines.by_ref().find(|(_, line)| !line.trim().is_empty());
    if first.is_none_or(|(_, line)| line.trim().to_lowercase() != MARK) {
        written.trim().clone_into(&mut tip.text);
        return checked(tip);
    }
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| {
            error(number, "is no field; write it as `Phone: ...`, and free text behind `Text:`")
        })?;
        let field = field_of(name).ok_or_else(|| {
            let name: String = name.chars().take(30).collect();
            error(number, &format!("has the field `{name}`, which a tip does not have; known: Link, Phone, Screenshot, From, Organisation, Reach me, Consent, Text"))
        })?;
        if field == Field::Text {
            let rest: String = lines.map(|(_, line)| line).collect();
            tip.text = format!("{}\n{rest}", value.trim()).trim().to_owned();
            break;
        }
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        if value.len() > LONGEST_VALUE {
            return Err(error(number, "is too long for a field; free text stands behind `Text:`"));
        }
        tip.set(field, value).map_err(|what| error(number, what))?;
    }
    checked(tip)
}

impl TipForm {
    fn set(&mut self, field: Field, value: &str) -> Result<(), &'static str> {
        let list = match field {
            Field::Link => &mut self.links,
            Field::Phone => &mut self.phones,
            Field::Screenshot => &mut self.screenshots,
            _ => {
                let slot = match field {
                    Field::From => &mut self.sender.name,
                    Field::Organisation => &mut self.sender.organisation,
                    Field::Reach => &mut self.sender.reach,
                    _ => &mut self.sender.consent,
                };
                return match slot.replace(value.to_owned()) {
                    None => Ok(()),
                    Some(_) => Err("says again who sent the tip; one tip has one sender"),
                };
            }
        };
        if list.len() == MOST_VALUES {
            return Err("is one too many of this field");
        }
        list.push(value.to_owned());
        Ok(())
    }

    /// What the posting says: the text, then links and phones that it does not hold itself.
    pub fn posting_text(&self) -> String {
        let mut parts = vec![self.text.trim().to_owned()];
        let apart: Vec<&str> = self
            .links
            .iter()
            .chain(&self.phones)
            .map(|value| value.trim())
            .filter(|value| !self.text.contains(value))
            .collect();
        parts.push(apart.join("\n"));
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n")
    }
}

fn field_of(name: &str) -> Option<Field> {
    let name = name.trim().to_lowercase();
    NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(field, _)| *field)
}

fn checked(tip: TipForm) -> Result<TipForm, TipFormError> {
    if tip.text.len() > LONGEST_TEXT {
        let what = format!("the tip is longer than {LONGEST_TEXT} bytes; import it as a file");
        return Err(TipFormError(what));
    }
    Ok(tip)
}

fn error(line: usize, what: &str) -> TipFormError {
    TipFormError(format!("line {line} of the tip {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_a_tip_as_it_is() {
        let text = "They keep the passports.\nPhone: +380 67 000 00 01";
        let tip = read_tip(format!("\u{feff}\n{text}\n").as_bytes()).unwrap();
        assert_eq!(tip, TipForm { text: text.to_owned(), ..TipForm::default() });
    }

    #[test]
    fn a_form_has_fields_in_any_of_four_languages_and_the_text_last() {
        let form = "Fusion tip\n# a remark\nТелефон: +380 67 000 00 01\nLink: https://b.example/1\n\
                    Captură: a.png\nScreenshot: b.png\nDe la: O. K.\nЗгода: лише для центру\nТекст: one\n\nFrom: two\n";
        let tip = read_tip(form.as_bytes()).unwrap();
        assert_eq!((tip.phones.len(), tip.links.len(), tip.screenshots.len()), (1, 1, 2));
        assert_eq!(tip.text, "one\n\nFrom: two");
        assert_eq!(tip.sender.name.as_deref(), Some("O. K."));
        assert_eq!(
            tip.posting_text(),
            "one\n\nFrom: two\n\nhttps://b.example/1\n+380 67 000 00 01"
        );
    }

    #[test]
    fn what_old_programs_wrote_is_read_too() {
        let words = "Потрібні дівчата на роботу, паспорт забирає координатор";
        let cyrillic = encoding_rs::WINDOWS_1251.encode(words).0.into_owned();
        let wide: Vec<u8> = "\u{feff}"
            .encode_utf16()
            .chain(words.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        for file in [cyrillic, wide] {
            assert_eq!(read_tip(&file).unwrap().text, words);
        }
    }

    #[test]
    fn the_empty_form_is_an_empty_tip() {
        assert_eq!(read_tip(EMPTY_FORM.as_bytes()).unwrap(), TipForm::default());
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        for (form, sentence) in [
            ("Fusion tip\nhello", "line 2 of the tip is no field"),
            ("\nFUSION TIP\n\nColour: red", "line 4 of the tip has the field `Colour`"),
            ("Fusion tip\nFrom: a\nFrom: b", "line 3 of the tip says again who sent"),
            ("a\0b", "no text"),
            ("%PDF-1.7 words", "no text"),
        ] {
            let error = read_tip(form.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
        }
        assert!(read_tip(b"\xff\xd8\xff\xe0").is_err(), "a picture");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(Fusion tip\n)?(Text|From|Phone|:|#|\n|\\PC){0,30}") {
            let _ = read_tip(text.as_bytes());
        }

        /// Whoever sent it does not stand in what the posting says.
        #[test]
        fn the_sender_is_kept_apart(name in "[A-Z]{9}", text in "[a-z ]{0,40}") {
            let form = format!("Fusion tip\nFrom: {name}\nReach me: {name}\nConsent: {name}\nText: {text}");
            proptest::prop_assert!(!read_tip(form.as_bytes()).unwrap().posting_text().contains(&name));
        }
    }
}
