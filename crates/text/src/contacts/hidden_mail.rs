//! Mail addresses written so that machines do not see them: `name (at) host (dot) com`, or as they
//! are said aloud.

use std::sync::LazyLock;

use domain::ContactKind;
use regex::Regex;

use super::{Found, pattern};

/// What is said for an `@`, and means nothing else between Latin words: the dog, the round a, the
/// monkey's tail.
const AT: &str = r"собака|собачка|arond|a[\s-]rond|coad[ăa]\sde\smaimu[țţt][ăa]";
/// What is said for a full stop.
const DOT: &str =
    r"(?:\s?[(\[{]\s?(?:dot|punct|крапка|точка)\s?[)\]}]\s?|\s(?:dot|punct|крапка|точка)\s)";
const LABEL: &str = "[a-z0-9]+(?:-+[a-z0-9]+)*";
/// Under which countries sort their names.
const SORTS: &str = "com|co|org|net|edu|gov";
/// Last parts of the hosts that people have mail at.
const LAST: &str = "com|org|net|info|biz|edu|gov|eu|ua|ro|md|ru|pl|de|bg|by|cz|tr|io|me|co|uk|us|fr|it|es|pt|nl|be|ch|at|hu|sk|si|lt|lv|ee|gr|il|kz|ge|online|site|store|work|jobs";

/// A mark that can only stand for `@` makes an address of any host; the word `at` only before a host
/// that is said to its known end.
static HIDDEN_MAIL: LazyLock<Regex> = LazyLock::new(|| {
    let name = format!(r"[a-z0-9][a-z0-9._%+-]*(?:{DOT}[a-z0-9_%+-]+){{0,2}}");
    let end = format!(r"(?:(?:{SORTS})(?:{DOT}|\.)(?:{LAST})|(?:{LAST}))(?-u:\b)");
    let said = format!("{LABEL}(?:{DOT}{LABEL}){{0,2}}?{DOT}{end}");
    let written = format!(
        r"{LABEL}(?:(?:\.|\s?[(\[{{]\s?(?:dot|punct|точка|крапка)\s?[)\]}}]\s?|\s(?:точка|крапка)\s){LABEL}){{1,5}}"
    );
    let mark = format!(r"\s?(?:(?P<sign>@)|[(\[{{]\s?(?:at|{AT})\s?[)\]}}]|\s(?:{AT})\s)\s?");
    pattern(&format!(
        r"(?i)(?P<name>{name})(?:{mark}(?P<host>{said}|{written})|\sat\s(?P<said>{said}))"
    ))
});
static SAID_DOT: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("(?i){DOT}")));

/// What stands around "at" in a sentence that tells of a site or a place: "find us at example dot
/// com", "at the dot".
const NO_NAMES: &str = " me us them him her you it is are be was here there now online available \
                        look looking meet find visit see check register apply today anytime only \
                        directly work working ";
const NO_HOSTS: &str = " the a an this that our my your its ";

/// Most octets of a name and of a part of a host.
const LONGEST_NAME: usize = 64;
const LONGEST_LABEL: usize = 63;

/// What is said where an address is said in words. Each as it is mostly written and no pattern, since
/// every text is searched for them.
static SAID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "dot |Dot |DOT |punct |Punct |PUNCT |крапка|Крапка|КРАПКА|точка|Точка|ТОЧКА|\
         собака|Собака|СОБАКА|собачка|Собачка|СОБАЧКА|rond|Rond|ROND|maimu|Maimu|MAIMU",
    )
});

/// Whether a text may say an address in words without any sign, told in one pass.
pub(super) fn may_be_said(text: &str) -> bool {
    SAID.is_match(text)
}

/// The hidden addresses of the text.
pub(super) fn hidden_mail(found: &mut Found<'_>) {
    let text = found.text;
    for mail in HIDDEN_MAIL.captures_iter(text).take(super::MOST) {
        let (Some(whole), Some(name)) = (mail.get(0), mail.name("name")) else { continue };
        let said = mail.name("said");
        let Some(host) = mail.name("host").or(said) else { continue };
        let name = SAID_DOT.replace_all(name.as_str(), ".").to_lowercase();
        let host = SAID_DOT.replace_all(host.as_str(), ".").to_lowercase();
        let first_label = host.split('.').next().unwrap_or("");
        let is_sentence = said.is_some()
            && (NO_NAMES.contains(&format!(" {name} "))
                || NO_HOSTS.contains(&format!(" {first_label} ")));
        let too_long =
            name.len() > LONGEST_NAME || host.split('.').any(|label| label.len() > LONGEST_LABEL);
        if is_sentence || too_long {
            continue;
        }
        if mail.name("sign").is_none() {
            found.give_up_links(&whole.range());
        }
        found.add(ContactKind::Email, format!("{name}@{host}"), whole.range());
    }
}

#[cfg(test)]
mod tests {
    use domain::Field;

    fn values(text: &str) -> Vec<String> {
        let contacts = super::super::contacts(Field::Text, text, None);
        contacts.into_iter().map(|contact| contact.value).collect()
    }

    #[test]
    fn an_address_that_is_hidden_or_said_is_found_whole() {
        for text in [
            "ivan (at) example (dot) com",
            "ivan@example (dot) com",
            "ivan@example dot com",
            "ivan at example dot com",
            "Email me at Ivan AT Example DOT Com today",
            "ivan [at] example [dot] com",
            "ivan{at}example{dot}com",
            "ivan at example (dot) com",
            "ivan (at) example.com",
            "ivan собака example крапка com",
            "ivan Собака example точка com",
            "IVAN СОБАКА EXAMPLE ТОЧКА COM",
            "ivan собака example.com",
            "ivan (собака) example (точка) com",
            "ivan arond example punct com",
            "ivan a rond example punct com",
            "ivan coada de maimuta example punct com",
            "ivan coadă de maimuță example.com",
            "ivan [arond] example [punct] com",
        ] {
            assert_eq!(values(text), ["ivan@example.com"], "{text}");
        }
        for (text, expected) in [
            ("ivan [at] example [punct] ro", "ivan@example.ro"),
            ("ivan arond example punct ro punct de lucru", "ivan@example.ro"),
            ("ivan (at) firma.ro punct de lucru", "ivan@firma.ro"),
            ("ivan at mail dot example dot com dot ua", "ivan@mail.example.com.ua"),
            ("ivan dot petrov at example dot com", "ivan.petrov@example.com"),
            ("write me at ivan dot petrov at example dot com", "ivan.petrov@example.com"),
            ("me at ivan.petrov at example dot com", "ivan.petrov@example.com"),
            ("ivan (at) dotcom.example", "ivan@dotcom.example"),
        ] {
            assert_eq!(values(text), [expected], "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_say_no_address() {
        for text in [
            "meet at example",
            "meet us at example dot com",
            "look at the dot on the map",
            "we work at night. Dot the i",
            "punct de lucru la Iasi, coada de asteptare",
            "наша собака, точка видачі та крапка",
            "arrive at nine at the dot info desk",
            "open at ten, dot com company",
        ] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }
}
