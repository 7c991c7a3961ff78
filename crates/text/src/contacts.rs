//! Contacts in their canonical form: equal values, one hand.

use std::ops::Range;
use std::sync::LazyLock;

use domain::{Contact, ContactKind, Field, Region, Span};
use regex::Regex;

#[path = "phone.rs"]
mod phone;
#[path = "wallet.rs"]
mod wallet;

/// Longest text looked at, and most contacts taken: an ad has a few, a hostile text has no end.
const LONGEST: usize = 256 * 1024;
const MOST: usize = 200;

/// The contacts of a field, in order of place. `region` says whose national phone formats to expect.
pub fn contacts(field: Field, original: &str, region: Option<Region>) -> Vec<Contact> {
    let end = (0..=LONGEST.min(original.len())).rev().find(|at| original.is_char_boundary(*at));
    let text = &original[..end.unwrap_or(0)];
    let mut found = Found { field, text, taken: Vec::new(), contacts: Vec::new() };
    if text.bytes().any(|byte| byte == b'.' || byte == b'@' || byte == b'(') {
        found.web();
        found.mail();
        found.handles();
    }
    if text.bytes().filter(u8::is_ascii_digit).nth(6).is_some() || phone::has_unusual_digits(text) {
        for (range, value) in phone::phones(text, region) {
            found.add(ContactKind::Phone, value, range);
        }
    }
    for (range, value) in wallet::wallets(text) {
        found.add(ContactKind::Wallet, value, range);
    }
    let mut contacts = found.contacts;
    contacts.sort_by(|a, b| a.span.cmp(&b.span));
    contacts.truncate(MOST);
    contacts
}

struct Found<'a> {
    field: Field,
    text: &'a str,
    taken: Vec<Range<usize>>,
    contacts: Vec<Contact>,
}

static WEB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:https?://|viber://|tg://|www\.)[^\s<>«»]+|\b(?:t\.me|telegram\.me|wa\.me|instagram\.com|chat\.whatsapp\.com|invite\.viber\.com|api\.whatsapp\.com)/[^\s<>«»]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|info|eu|ua|ro|md|ru|pl|de|bg|by|io|me|online|site|club|work|jobs)(?:/[^\s<>«»]*)?",
    )
});
static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)[a-z0-9][a-z0-9._%+-]*(?:\s?(?:@|\(at\)|\[at\]|\(собака\))\s?)[a-z0-9-]+(?:(?:\.|\s?\(dot\)\s?|\s?\[dot\]\s?|\s?\(точка\)\s?|\s?\(крапка\)\s?)[a-z0-9-]+)+",
    )
});
static HANDLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"@[A-Za-z0-9_.]{3,32}"));
static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?P<telegram>телеграм|telegram|\bтг\b|\btg\b)|(?P<instagram>инстаграм|інстаграм|instagram|\bинст[аеуы]?\b|\binsta\b)|(?P<whatsapp>whats?app|ватсап|вотсап|вацап)|(?P<viber>viber|вайбер)",
    )
});

/// The patterns are fixed and tried by every test.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
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

    fn web(&mut self) {
        let text = self.text;
        for found in WEB.find_iter(text).take(MOST) {
            let before = text[..found.start()].chars().next_back();
            if before.is_some_and(|c| c == '@' || c == '.' || c == '-')
                || text[found.end()..].starts_with('@')
            {
                continue;
            }
            let link = found
                .as_str()
                .trim_end_matches(['.', ',', ')', '!', '?', ';', ':', '"', '\'', ']']);
            let range = found.start()..found.start() + link.len();
            if let Some((kind, value)) = of_link(link) {
                self.add(kind, value, range);
            }
        }
    }

    fn mail(&mut self) {
        let text = self.text;
        for found in MAIL.find_iter(text).take(MOST) {
            let mut value = found.as_str().to_lowercase();
            for (hidden, clear) in [
                ("(at)", "@"),
                ("[at]", "@"),
                ("(собака)", "@"),
                ("(dot)", "."),
                ("[dot]", "."),
                ("(точка)", "."),
                ("(крапка)", "."),
            ] {
                value = value.replace(hidden, clear);
            }
            value.retain(|c| !c.is_whitespace());
            self.add(ContactKind::Email, value, found.range());
        }
    }

    fn handles(&mut self) {
        let text = self.text;
        for found in HANDLE.find_iter(text).take(MOST) {
            let before = text[..found.start()].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric()) {
                continue;
            }
            let name = found.as_str().trim_end_matches('.');
            let range = found.start()..found.start() + name.len();
            let service = self.service_near(found.start()).unwrap_or("at");
            self.add(ContactKind::Handle, format!("{service}:{}", name[1..].to_lowercase()), range);
        }
    }

    /// The messenger named shortly before a handle.
    fn service_near(&self, at: usize) -> Option<&'static str> {
        let from =
            self.text[..at].char_indices().rev().take(30).last().map_or(at, |(from, _)| from);
        let last = ABOUT.captures_iter(&self.text[from..at]).last()?;
        ["telegram", "instagram", "whatsapp", "viber"]
            .into_iter()
            .find(|name| last.name(name).is_some())
    }
}

/// What a link is: a way into a chat, an account, or a page.
fn of_link(link: &str) -> Option<(ContactKind, String)> {
    let lower = link.to_lowercase();
    let rest =
        lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest).trim_start_matches("www.");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let exact_path = link
        .split_once("://")
        .map_or(link, |(_, rest)| rest)
        .split_once('/')
        .map_or("", |(_, path)| path);
    let name = path.split(['/', '?']).next().unwrap_or("");
    let invite =
        |service: &str, code: &str| Some((ContactKind::Invite, format!("{service}:{code}")));
    let handle = |service: &str, name: &str| {
        (!name.is_empty()).then(|| (ContactKind::Handle, format!("{service}:{name}")))
    };
    match host {
        "t.me" | "telegram.me" => {
            match exact_path.strip_prefix('+').or_else(|| exact_path.strip_prefix("joinchat/")) {
                Some(code) => invite("telegram", &format!("+{code}")),
                None if name == "s" => handle("telegram", path.split('/').nth(1).unwrap_or("")),
                None => handle("telegram", name),
            }
        }
        "chat.whatsapp.com" => invite("whatsapp", exact_path),
        "invite.viber.com" => invite("viber", exact_path),
        "wa.me" => handle("whatsapp", &format!("+{}", name.trim_start_matches('+'))),
        "instagram.com" => handle("instagram", name),
        _ => canonical(link).map(|url| (ContactKind::Url, url)),
    }
}

/// Scheme and host in lower case, tracking parameters, default port and fragment cut.
fn canonical(link: &str) -> Option<String> {
    let absolute = if link.contains("://") { link.to_owned() } else { format!("https://{link}") };
    let mut url = url::Url::parse(&absolute).ok()?;
    url.set_fragment(None);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| {
            !name.starts_with("utm_") && !["fbclid", "gclid", "yclid"].contains(&name.as_ref())
        })
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if kept.is_empty() {
        url.set_query(None);
    } else {
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    Some(url.to_string())
}

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
            ("0671234567 або 050-111-22-33", vec!["+380671234567", "+380501112233"]),
            ("пишіть на вайбер 0️⃣6️⃣7️⃣ 123 45 67", vec!["+380671234567"]),
            (
                "https://t.me/Robota_UA?x=1 та t.me/+AbCdEf",
                vec!["telegram:robota_ua", "telegram:+AbCdEf"],
            ),
            ("телеграм @Olena_Jobs", vec!["telegram:olena_jobs"]),
            ("пиши @olena_jobs", vec!["at:olena_jobs"]),
            ("ivan (at) example (dot) com", vec!["ivan@example.com"]),
            ("Mail Ivan@Example.com.", vec!["ivan@example.com"]),
            ("https://Example.com:443/a?utm_source=x&b=1#c", vec!["https://example.com/a?b=1"]),
            ("wa.me/380671234567", vec!["whatsapp:+380671234567"]),
            ("ціна 1500-2000 євро, 2024-2025, 18-25 років", vec![]),
            ("IBAN UA213223130000026007233566001", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_contact_quotes_its_place(text in "[a-z0-9@.+() /а-я-]{0,80}|\\PC{0,60}") {
            for contact in contacts(Field::Text, &text, None) {
                prop_assert_eq!(text.get(contact.span.start..contact.span.end), Some(contact.span.quote.as_str()));
            }
        }
    }
}
