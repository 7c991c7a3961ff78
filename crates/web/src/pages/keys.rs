//! What the keys do, for who asks with `?`.

use maud::{Markup, html};

use crate::language::Language;

const KEYS: [(&str, &str); 12] = [
    ("j / k", "key.down-up"),
    ("Enter", "key.open"),
    ("n", "key.next"),
    ("c", "key.claim"),
    ("e", "key.escalate"),
    ("r", "key.refer"),
    ("m", "key.monitor"),
    ("d", "key.dismiss"),
    ("x", "key.pick"),
    ("/", "key.search"),
    ("q", "key.queue"),
    ("?", "key.help"),
];

pub(crate) fn help(lang: Language) -> Markup {
    html! {
        dialog #keys aria-labelledby="keys-title" {
            h2 #keys-title { (lang.t("key.title")) }
            dl.keys {
                @for (key, words) in KEYS { div { dt { kbd { (key) } } dd { (lang.t(words)) } } }
            }
            form method="dialog" { button.quiet { (lang.t("key.close")) } }
        }
        p.hint.keys-hint { (lang.t("key.hint")) }
    }
}
