//! Web and mail addresses, and the links among them that lead into a messenger.

use std::ops::Range;
use std::sync::LazyLock;

use domain::ContactKind;
use regex::Regex;

use super::{Found, pattern, tracking};

static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)(?-u:\b)(?:(?:https?|viber|tg)://|www\.)[^\s<>«»"]+|(?-u:\b)(?:t\.me|telegram\.me|telegram\.dog|wa\.me|instagram\.com|chat\.whatsapp\.com|invite\.viber\.com|api\.whatsapp\.com)/[^\s<>«»"]+|(?-u:\b)(?:[a-z0-9-]{1,63}\.){1,5}(?:com|org|net|info|biz|eu|ua|ro|md|ru|pl|de|bg|by|cz|tr|io|me|online|site|store|shop|club|work|jobs)(?-u:\b)(?:/[^\s<>«»"]*)?"#,
    )
});
static MAIL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}")
});

/// The links of a chunk.
pub(super) fn links(found: &mut Found<'_>, chunk: Range<usize>) {
    let text = found.text;
    for link in LINK.find_iter(&text[chunk.clone()]).take(super::MOST) {
        let range = chunk.start + link.start()..chunk.start + link.end();
        let before = text[..range.start].chars().next_back();
        if before.is_some_and(|c| c == '@' || c == '.' || c == '-' || c.is_alphanumeric())
            || text[range.end..].starts_with('@')
            || is_sentence_border(link.as_str())
        {
            continue;
        }
        let link = link.as_str().trim_end_matches(|c: char| ".,)!?;:'’”]".contains(c));
        if let Some((kind, value)) = of_link(link) {
            found.add(kind, value, range.start..range.start + link.len());
        }
    }
}

/// `contract.De la`: a blank was left out, it is no address.
fn is_sentence_border(link: &str) -> bool {
    let bare = !link.contains('/') && !link.to_ascii_lowercase().starts_with("www.");
    let capital = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
    bare && link.rsplit_once('.').is_some_and(|(host, last)| {
        capital(last) && host.ends_with(|c: char| c.is_ascii_lowercase())
    })
}

/// The mail addresses of a chunk.
pub(super) fn mail(found: &mut Found<'_>, chunk: Range<usize>) {
    let text = found.text;
    for mail in MAIL.find_iter(&text[chunk.clone()]).take(super::MOST) {
        let range = chunk.start + mail.start()..chunk.start + mail.end();
        let mail = mail.as_str().trim_end_matches('-');
        found.add(ContactKind::Email, mail.to_lowercase(), range.start..range.start + mail.len());
    }
}

/// What a link is: a way into a chat, an account, or a page.
fn of_link(link: &str) -> Option<(ContactKind, String)> {
    let exact = link.split_once("://").map_or(link, |(_, rest)| rest);
    let (host, path) = exact.split_once('/').unwrap_or((exact, ""));
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let first = path.split(['/', '?', '#']).next().unwrap_or("");
    let invite = |service: &str, code: &str| {
        let code = code.split(['/', '?', '#']).next().unwrap_or("");
        (!code.is_empty()).then(|| (ContactKind::Invite, format!("{service}:{code}")))
    };
    let handle = |service: &str, name: &str| {
        let name = name.to_lowercase();
        (!name.is_empty()).then(|| (ContactKind::Handle, format!("{service}:{name}")))
    };
    let scheme = link.split_once("://").map_or("", |(scheme, _)| scheme).to_lowercase();
    match (scheme.as_str(), host) {
        ("viber", _) => handle("viber", &plus(parameter(exact, "number")?)?),
        ("tg", _) => handle("telegram", parameter(exact, "domain")?),
        (_, "t.me" | "telegram.me" | "telegram.dog") => {
            match path.strip_prefix('+').or_else(|| path.strip_prefix("joinchat/")) {
                Some(code) => invite("telegram", &format!("+{code}")),
                None if first == "s" => handle("telegram", path.split(['/', '?']).nth(1)?),
                None => handle("telegram", first),
            }
        }
        (_, "chat.whatsapp.com") => invite("whatsapp", path),
        (_, "invite.viber.com") => invite("viber", path.trim_start_matches("?g2=")),
        (_, "wa.me") => handle("whatsapp", &plus(first)?),
        (_, "api.whatsapp.com") => handle("whatsapp", &plus(parameter(path, "phone")?)?),
        (_, "instagram.com") if !matches!(first, "p" | "reel" | "stories" | "explore") => {
            handle("instagram", first)
        }
        _ => canonical(link).map(|url| (ContactKind::Url, url)),
    }
}

/// The raw value of a parameter of a link.
fn parameter<'a>(link: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = link.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// A number as links have it, with its plus.
fn plus(number: &str) -> Option<String> {
    let number = number.trim_start_matches("%2B").trim_start_matches("%2b");
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 8).then(|| format!("+{digits}"))
}

/// Scheme and host in lower case, tracking parameters, default port and fragment cut.
fn canonical(link: &str) -> Option<String> {
    let absolute = if link.contains("://") { link.to_owned() } else { format!("https://{link}") };
    let mut url = url::Url::parse(&absolute).ok()?;
    let host = url.host_str()?.to_owned();
    url.set_fragment(None);
    let kept = url.query().and_then(|query| tracking::without_tracking(&host, query));
    url.set_query(kept.as_deref());
    Some(url.to_string())
}
