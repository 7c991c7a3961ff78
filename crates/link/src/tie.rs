//! What ties two postings, with the words in both.

use domain::{Field, KeyUse, LeadId, Link, LinkKey, LinkKind, Posting, Span};

use crate::key::{Keys, is_place, placed_keys, strength};
use crate::stop::stop_reason;
use crate::template::shared_run;

/// The links from a posting to another, strongest first: one for each shared contact and page, and
/// one for the words. `use_of` tells who else uses a key.
pub fn links<E>(
    (from, keys): (&Posting, &Keys),
    (to, others): (&Posting, &Keys),
    lead: &LeadId,
    use_of: impl Fn(&LinkKey) -> Result<KeyUse, E>,
) -> Result<Vec<Link>, E> {
    let (here, there) = (placed_keys(from), placed_keys(to));
    let span = |placed: &[(LinkKey, Option<Span>)], key: &LinkKey| {
        placed.iter().filter(|(other, _)| other == key).find_map(|(_, span)| span.clone())
    };
    let mut links: Vec<Link> = Vec::new();
    for key in keys.keys.iter().filter(|key| others.keys.contains(key)) {
        let is_words = !is_place(key.kind);
        let words = (keys.words(), others.words());
        let agree = words.0.agree(&words.1, key.kind);
        if key.kind == LinkKind::Template && !agree && keys.employer == others.employer {
            continue;
        }
        let list = [keys, others].into_iter().filter_map(|keys| keys.list.clone()).next();
        let weak = stop_reason(&use_of(key)?)
            .or(list.filter(|_| !is_words))
            .or((is_words && !agree).then(|| "the sources name two employers".to_owned()));
        let link = Link {
            kind: key.kind,
            value: key.value.clone(),
            strength: strength(key),
            to: to.id.clone(),
            lead: lead.clone(),
            from: from.id.clone(),
            here: span(&here, key),
            there: span(&there, key),
            weak,
        };
        let told = links.iter_mut().find(|told| is_words && !is_place(told.kind));
        match told {
            // One link for the words says it all; one that ties comes before one that does not.
            Some(told) if told.weak.is_some() && link.weak.is_none() => *told = link,
            Some(_) => {}
            None => links.push(link),
        }
    }
    for link in links.iter_mut().filter(|link| !is_place(link.kind)) {
        (link.here, link.there) = shared_words(from, to);
    }
    links.sort_by(|a, b| {
        a.weak.is_some().cmp(&b.weak.is_some()).then(b.strength.total_cmp(&a.strength))
    });
    Ok(links)
}

fn shared_words(from: &Posting, to: &Posting) -> (Option<Span>, Option<Span>) {
    let Some((here, there)) = shared_run(&from.text, &to.text) else { return (None, None) };
    (Span::quoting(Field::Text, &from.text, here), Span::quoting(Field::Text, &to.text, there))
}

/// What a link says, in words.
pub fn in_words(link: &Link) -> String {
    let what = match link.kind {
        LinkKind::Contact | LinkKind::Page => format!("shares {}", link.value),
        LinkKind::Text => "has the same words".to_owned(),
        LinkKind::Template => "has nearly the same words".to_owned(),
        LinkKind::Person => format!("is of one hand, says {},", link.value),
    };
    let joins = match link.kind {
        LinkKind::Contact | LinkKind::Page | LinkKind::Person => "with",
        LinkKind::Text | LinkKind::Template => "as",
    };
    format!("{what} {joins}")
}
