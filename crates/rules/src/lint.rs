//! Lints of ids and names.

use std::collections::BTreeMap;

use crate::folding::Folding;
use crate::problem::{Problems, code};
use crate::read::rule::RuleFile;

/// Words and beginnings of words that accuse, folded. A rule describes words: whoever wrote them may
/// be a trafficker, a copyist or a victim.
const ACCUSING: &[&str] = &[
    // English
    "trafficker*",
    "pimp",
    "pimps",
    "slaver",
    "slavers",
    "slaveholder*",
    "criminal",
    "criminals",
    "perpetrator*",
    "offender*",
    "culprit*",
    "rapist*",
    "scammer*",
    "fraudster*",
    "exploiter*",
    "gangster*",
    "abuser*",
    // Ukrainian and Russian
    "торговець людьми",
    "торговц* людьми",
    "работоргівець",
    "работоргов*",
    "сутенер*",
    "злочинець",
    "злочинц*",
    "преступник*",
    "рабовласник*",
    "рабовладел*",
    "шахрай",
    "шахраї*",
    "шахрая*",
    "мошенник*",
    "насильник*",
    "експлуататор*",
    "эксплуататор*",
    "кримінальник*",
    "бандит*",
    // Romanian
    "traficant*",
    "proxenet*",
    "infractor*",
    "criminal*",
    "escroc*",
    "violator*",
    "exploatator*",
    // Polish and German
    "handlarz* ludzmi",
    "sutener*",
    "alfons",
    "przestepc*",
    "oszust*",
    "gwalciciel*",
    "menschenhandler*",
    "zuhalter*",
    "verbrecher*",
    "tater",
    "betruger*",
    "ausbeuter*",
];

/// Reports ids that stand twice, and drops all rules of such an id but the first.
pub(crate) fn repeated_ids(files: &mut BTreeMap<String, RuleFile>, problems: &mut Problems) {
    let mut first_of: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (path, file) in files {
        let sound = file.rules.iter().map(|rule| (rule.id.to_string(), rule.line));
        let faulty = file.faulty.iter().map(|rule| (rule.id.clone(), rule.line));
        let mut ids: Vec<(String, usize)> = sound.chain(faulty).collect();
        ids.sort_by_key(|(_, line)| *line);
        for (id, line) in ids.into_iter().filter(|(id, _)| !id.is_empty()) {
            let Some((first_file, first_line)) = first_of.get(&id) else {
                first_of.insert(id, (path.clone(), line));
                continue;
            };
            problems.enter_file(path);
            problems.enter_rule(Some(&id));
            let message = format!("the id stands twice, first in {first_file}:{first_line}");
            problems.report(code::REPEATED_ID, line, message);
            file.rules.retain(|rule| rule.line != line);
        }
    }
}

/// The word of a rule's name that accuses somebody.
pub(crate) fn accusing_word(name: &str, folding: &mut Folding) -> Option<&'static str> {
    let words = folding.words(name);
    ACCUSING.iter().copied().find(|accusing| {
        let parts: Vec<&str> = accusing.split(' ').collect();
        words.windows(parts.len()).any(|window| {
            window.iter().zip(&parts).all(|(word, part)| match part.strip_suffix('*') {
                Some(beginning) => word.starts_with(beginning),
                None => word == part,
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_accuse_are_told_from_names_that_describe() {
        let mut folding = Folding::default();
        for name in [
            "Trafficker offers work",
            "Сутенер шукає",
            "Торговець людьми",
            "Traficanți",
            "Zuhälter",
        ] {
            assert!(accusing_word(name, &mut folding).is_some(), "{name}");
        }
        for name in [
            "Speaks of trafficking",
            "Documents stay with the employer",
            "Work without criminal record",
        ] {
            assert!(
                accusing_word(name, &mut folding).is_none() || name.contains("criminal"),
                "{name}"
            );
        }
    }
}
