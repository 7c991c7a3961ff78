//! Contacts in their canonical form: equal values, one hand.
//!
//! One pass over the bytes finds the places where a contact could stand; patterns and number plans
//! are tried only there, so that a text without contacts costs nearly nothing.

mod handle;
mod hidden_mail;
mod known_plan;
mod number_words;
mod phone;
mod spoken;
mod tracking;
mod wallet;
mod web;

use std::ops::Range;
use std::sync::LazyLock;

use domain::{Contact, ContactKind, Field, Region, Span};
use regex::Regex;

/// Longest text looked at, and most contacts taken: an ad has a few, a hostile text has no end.
const LONGEST: usize = 256 * 1024;
const MOST: usize = 200;

/// The contacts of a field, in order of place. `region` says whose national phone formats to expect;
/// without it a number that begins with 0 is tried as Ukrainian, Moldovan and Romanian (Romanian
/// first where no Cyrillic stands around). An `@name` belongs to the messenger that is named shortly
/// before it; else its value begins with `at:`.
pub fn contacts(field: Field, original: &str, region: Option<Region>) -> Vec<Contact> {
    let text = &original[..original.floor_char_boundary(LONGEST)];
    let mut found = Found { field, text, taken: Vec::new(), contacts: Vec::new() };
    let mut hidden_mail = false;
    for chunk in (Chunks { text, at: 0 }) {
        found.read(&chunk);
        hidden_mail |= chunk.hidden_mail;
    }
    if hidden_mail || hidden_mail::may_be_said(text) {
        hidden_mail::hidden_mail(&mut found);
    }
    for (range, value) in phone::phones(text, region) {
        found.add(ContactKind::Phone, value, range);
    }
    if spoken::may_speak(text) {
        for (range, value) in spoken::phones(text, region) {
            found.add(ContactKind::Phone, value, range);
        }
    }
    let mut contacts = found.contacts;
    contacts.sort_by(|a, b| a.span.cmp(&b.span));
    contacts
}

/// What was found so far. What stands inside another contact is not taken again.
struct Found<'a> {
    field: Field,
    text: &'a str,
    taken: Vec<Range<usize>>,
    contacts: Vec<Contact>,
}

impl Found<'_> {
    fn add(&mut self, kind: ContactKind, value: String, range: Range<usize>) {
        let taken =
            self.taken.iter().any(|other| other.start < range.end && range.start < other.end);
        if taken || self.contacts.len() >= MOST {
            return;
        }
        if let Some(span) = Span::quoting(self.field, self.text, range.clone()) {
            self.taken.push(range);
            self.contacts.push(Contact { kind, value, span });
        }
    }

    /// Lets go of the links inside this place: the host of a hidden address looks like one.
    fn give_up_links(&mut self, range: &Range<usize>) {
        let is_kept = |contact: &Contact| {
            let is_inside = range.start <= contact.span.start && contact.span.end <= range.end;
            contact.kind != ContactKind::Url || !is_inside
        };
        let kept: Vec<bool> = self.contacts.iter().map(is_kept).collect();
        let mut places = kept.iter();
        self.taken.retain(|_| places.next().is_none_or(|kept| *kept));
        self.contacts.retain(is_kept);
    }

    fn read(&mut self, chunk: &Chunk) {
        if self.contacts.len() >= MOST {
            return;
        }
        if chunk.at_sign {
            web::mail(self, chunk.range.clone());
        }
        if chunk.dot || chunk.slashes {
            web::links(self, chunk.range.clone());
        }
        if chunk.at_sign {
            handle::handles(self, chunk.range.clone());
        }
        if chunk.longest_run >= wallet::SHORTEST {
            for (range, value) in wallet::wallets(&self.text[chunk.range.clone()]) {
                let range = chunk.range.start + range.start..chunk.range.start + range.end;
                self.add(ContactKind::Wallet, value, range);
            }
        }
    }
}

/// What stands between two blanks, with the signs in it that contacts are known by.
struct Chunk {
    range: Range<usize>,
    at_sign: bool,
    /// A full stop between letters or digits.
    dot: bool,
    slashes: bool,
    /// What stands for the `@` or the full stop of addresses that machines shall not see: `(at)`,
    /// `[dot]`, or the sign alone.
    hidden_mail: bool,
    /// Longest run of ASCII letters and digits.
    longest_run: usize,
}

impl Chunk {
    fn bears_signs(&self) -> bool {
        let link = self.dot || self.slashes;
        self.at_sign || link || self.hidden_mail || self.longest_run >= wallet::SHORTEST
    }
}

/// The chunks that bear signs. The signs are looked for, and chunks are read only around them.
struct Chunks<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let bytes = self.text.as_bytes();
        loop {
            let sign = next_sign(bytes, self.at)?;
            let blank = |byte: &u8| *byte <= b' ';
            let before = bytes[self.at..sign].iter().rposition(blank);
            let start = before.map_or(self.at, |blank| self.at + blank + 1);
            let end = bytes[sign..].iter().position(blank).map_or(bytes.len(), |end| sign + end);
            self.at = end;
            let chunk = Chunk::of(bytes, start..end);
            if chunk.bears_signs() {
                return Some(chunk);
            }
        }
    }
}

impl Chunk {
    fn of(bytes: &[u8], range: Range<usize>) -> Self {
        let mut chunk = Self {
            at_sign: false,
            dot: false,
            slashes: false,
            hidden_mail: false,
            longest_run: 0,
            range,
        };
        let mut run = 0;
        for at in chunk.range.clone() {
            run = if bytes[at].is_ascii_alphanumeric() { run + 1 } else { 0 };
            chunk.longest_run = chunk.longest_run.max(run);
            match bytes[at] {
                b'@' => chunk.at_sign = true,
                b'(' | b'[' | b'{' => chunk.hidden_mail |= hides_mail(&bytes[at + 1..]),
                b'.' => chunk.dot |= bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
                b'/' => chunk.slashes |= bytes.get(at + 1) == Some(&b'/'),
                _ => {}
            }
        }
        chunk.hidden_mail |= chunk.at_sign && chunk.range.len() == 1;
        chunk
    }
}

/// Whether what follows a bracket stands for an `@` or for a full stop.
fn hides_mail(after: &[u8]) -> bool {
    const SIGNS: [&[u8]; 3] = [b"at", b"dot", b"punct"];
    let after = after.strip_prefix(b" ").unwrap_or(after);
    let is_sign = |sign: &&[u8]| {
        after.get(..sign.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(sign))
    };
    SIGNS.iter().any(is_sign)
}

/// The next place at which a sign stands, the end of a run for a wallet among them.
fn next_sign(bytes: &[u8], from: usize) -> Option<usize> {
    let mut run = 0;
    for (at, byte) in (from..).zip(bytes.get(from..)?) {
        run = match SIGNS[usize::from(*byte)] {
            ALPHANUMERIC => run + 1,
            SIGN if is_sign(bytes, at) => return Some(at),
            _ => 0,
        };
        if run == wallet::SHORTEST {
            return Some(at);
        }
    }
    None
}

/// Whether the byte here is a sign together with those around it.
fn is_sign(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'.' => bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
        b'/' => bytes.get(at + 1) == Some(&b'/'),
        b'@' => true,
        _ => hides_mail(&bytes[at + 1..]),
    }
}

const ALPHANUMERIC: u8 = 1;
const SIGN: u8 = 2;

/// Which bytes are looked at closer.
const SIGNS: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => ALPHANUMERIC,
            b'@' | b'.' | b'/' | b'(' | b'[' | b'{' => SIGN,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// The patterns are fixed and tried by every test.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

static MESSENGER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?P<telegram>телеграм|телега|телегу|telegram|\bтг\b|\btg\b)|(?P<instagram>инстаграм|інстаграм|instagram|\bинст[аеуы]?\b|\bінст[аиуі]?\b|\binsta\b)|(?P<whatsapp>whats?app|ватсап|вотсап|вацап)|(?P<viber>viber|вайбер)",
    )
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<String> {
        contacts(Field::Text, text, Region::new("UA"))
            .into_iter()
            .map(|contact| contact.value)
            .collect()
    }

    #[test]
    fn contacts_come_out_in_one_form() {
        for (text, expected) in [
            ("дзвоніть +38(067)123-45-67", vec!["+380671234567"]),
            ("067 123 45 67", vec!["+380671234567"]),
            ("О67 l2З, О67 123 45 67", vec!["+380671234567"]),
            ("0671234567 або 050-111-22-33", vec!["+380671234567", "+380501112233"]),
            ("067 123 45 67 050 111 22 33", vec!["+380671234567", "+380501112233"]),
            ("0671234567/0501112233", vec!["+380671234567", "+380501112233"]),
            ("8 (067) 123-45-67; 380671234567", vec!["+380671234567", "+380671234567"]),
            ("0040 722 123 456, +373 69 123 456", vec!["+40722123456", "+37369123456"]),
            ("пишіть на вайбер 0️⃣6️⃣7️⃣ 123 45 67", vec!["+380671234567"]),
            (
                "https://t.me/Robota_UA?x=1 та t.me/+AbCdEf",
                vec!["telegram:robota_ua", "telegram:+AbCdEf"],
            ),
            ("(t.me/joinchat/AbC-d_E)", vec!["telegram:+AbC-d_E"]),
            ("телеграм @Olena_Jobs", vec!["telegram:olena_jobs"]),
            ("пиши @olena_jobs.", vec!["at:olena_jobs"]),
            ("tg://resolve?domain=Olena", vec!["telegram:olena"]),
            (
                "https://api.whatsapp.com/send?phone=380671234567&text=x",
                vec!["whatsapp:+380671234567"],
            ),
            ("viber://chat?number=%2B380671234567", vec!["viber:+380671234567"]),
            ("https://chat.whatsapp.com/AbCdEf?x=1", vec!["whatsapp:AbCdEf"]),
            ("www.instagram.com/Olena.Jobs/", vec!["instagram:olena.jobs"]),
            ("ivan (at) example (dot) com", vec!["ivan@example.com"]),
            ("ivan собака example крапка com", vec!["ivan@example.com"]),
            ("Mail Ivan@Example.com.", vec!["ivan@example.com"]),
            ("https://Example.com:443/a?utm_source=x&b=1#c", vec!["https://example.com/a?b=1"]),
            (
                "сайт example.com, example.com/Aa.",
                vec!["https://example.com/", "https://example.com/Aa"],
            ),
            ("wa.me/380671234567", vec!["whatsapp:+380671234567"]),
            (
                "нуль шістдесят сім, сто двадцять три, сорок п'ять, шістдесят сім",
                vec!["+380671234567"],
            ),
            ("ноль шесть семь один два три 45 67", vec!["+380671234567"]),
            ("zero seven two two one two three four five six", vec!["+380722123456"]),
            ("від нуля до двадцяти п'яти років, сто двадцять три гривні", vec![]),
            ("тел. 067\n123 45 67\n1500 євро", vec!["+380671234567"]),
            ("оплата 2000\n3000\n067 123 45 67", vec!["+380671234567"]),
            ("тел. 067\r\n123 45 67\r\n1500 євро", vec!["+380671234567"]),
            ("ціна 1500-2000 євро, 2024-2025, 18-25 років", vec![]),
            ("з 03.12.2024 09:00 до 2024-12-03 10", vec![]),
            ("картка 4149 4999 0000 1111, 100 000 000 грн", vec![]),
            ("IBAN UA213223130000026007233566001", vec![]),
            ("oferim contract.De la 1500 euro, word.comfort, 1.500", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn without_a_region_the_letters_around_decide() {
        let value = |text| contacts(Field::Text, text, None).pop().map(|contact| contact.value);
        assert_eq!(value("Дзвоніть 0731234567").as_deref(), Some("+380731234567"));
        assert_eq!(value("Sunati 0731234567").as_deref(), Some("+40731234567"));
        assert_eq!(value("number 731234567"), None);
    }

    #[test]
    fn a_hostile_text_ends_at_some_contacts() {
        for unit in [
            "a@b.cc ",
            "@aaaa",
            "067 123 45 67 ",
            "t.me/a.",
            "0 1 2-",
            "(at)",
            "a at b dot com ",
            "me at b dot c dot d dot ",
            "dot a",
            "a (at) b.com ",
            "zero one hundred and two ",
            "plus o suta si ",
            "+380\r\n67\n",
            "+1\n",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        ] {
            let text = unit.repeat(20_000);
            assert!(contacts(Field::Text, &text, Region::new("UA")).len() <= MOST, "{unit}");
        }
    }

    proptest! {
        #[test]
        fn every_contact_quotes_its_place(
            text in "[a-z0-9@.+() /а-я-]{0,80}|\\PC{0,60}|[0-9О️⃣+() -]{0,60}|([a-z]{1,3}|@|\\(at\\)|\\.com|://|t\\.me/| ){0,20}|([a-z]{1,3}| at | dot |\\[punct\\]| a rond |собака|\\.com| ro |ß|İ){0,20}|(zero|plus|ПЛЮС|și|o| |suta|hundred|and|сто|три|\\+|\\r?\\n|[0-9]{1,3}|,){0,30}"
        ) {
            let mut last = 0;
            for contact in contacts(Field::Text, &text, None) {
                let span = &contact.span;
                prop_assert_eq!(text.get(span.start..span.end), Some(span.quote.as_str()));
                prop_assert!(span.start >= last, "in order, and none inside another");
                last = span.end;
            }
        }
    }
}
