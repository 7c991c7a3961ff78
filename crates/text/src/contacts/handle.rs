//! `@name`.

use std::ops::Range;
use std::sync::LazyLock;

use domain::ContactKind;
use regex::Regex;

use super::{Found, MESSENGER, pattern};

/// How many characters before a handle its messenger may be named.
const NEAR: usize = 30;

static HANDLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"@[A-Za-z0-9_.]{3,32}"));

/// The handles of a chunk.
pub(super) fn handles(found: &mut Found<'_>, chunk: Range<usize>) {
    let text = found.text;
    for handle in HANDLE.find_iter(&text[chunk.clone()]).take(super::MOST) {
        let start = chunk.start + handle.start();
        let before = text[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || "/._-=".contains(c)) {
            continue;
        }
        let name = handle.as_str().trim_end_matches('.');
        let service = messenger_before(text, start).unwrap_or("at");
        let value = format!("{service}:{}", name[1..].to_lowercase());
        found.add(ContactKind::Handle, value, start..start + name.len());
    }
}

fn messenger_before(text: &str, at: usize) -> Option<&'static str> {
    let from = text[..at].char_indices().rev().take(NEAR).last().map_or(at, |(from, _)| from);
    let last = MESSENGER.captures_iter(&text[from..at]).last()?;
    ["telegram", "instagram", "whatsapp", "viber"]
        .into_iter()
        .find(|name| last.name(name).is_some())
}
