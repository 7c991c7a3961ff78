//! What ties two postings, with the words in both.

use domain::{Field, KeyUse, LeadId, Link, LinkKey, LinkKind, Posting, Span};

use crate::key::{Keys, Ties, is_image, is_place, placed_keys, strength, ties};
use crate::stop::stop_reason;
use crate::template::shared_run;

/// The links from a posting to another, strongest first: one for each shared contact, page and
/// picture, one for pictures that look alike, and one for the words. `use_of` tells who else uses a key.
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
        let of_words = is_words(key.kind);
        let words = (keys.words(), others.words());
        let agree = words.0.agree(&words.1, key.kind);
        let is_near = matches!(key.kind, LinkKind::Template | LinkKind::Likeness);
        if is_near && !agree && keys.employer == others.employer {
            continue;
        }
        let value = match key.kind {
            // A band of its look says nothing to anybody.
            LinkKind::Likeness => match words.0.nearest_image(&words.1) {
                // Where one picture is the other, byte for byte, that says it.
                Some(image) if !links.iter().any(|told| told.kind == LinkKind::Image) => {
                    image.to_string()
                }
                _ => continue,
            },
            _ => key.value.clone(),
        };
        let list = [keys, others].into_iter().filter_map(|keys| keys.list.clone()).next();
        let weak = stop_reason(&use_of(key)?)
            .or(list.filter(|_| is_place(key.kind)))
            .or((ties(key.kind) == Ties::Nobody)
                .then(|| "the words are others: it may be a translation, or chance".to_owned()))
            .or((ties(key.kind) == Ties::Agreeing && !agree)
                .then(|| "the sources name two employers".to_owned()));
        let link = Link {
            kind: key.kind,
            value,
            strength: strength(key),
            to: to.id.clone(),
            lead: lead.clone(),
            from: from.id.clone(),
            here: span(&here, key),
            there: span(&there, key),
            weak,
        };
        let says_the_same = |told: &Link| {
            of_words && is_words(told.kind)
                || key.kind == LinkKind::Likeness && told.kind == key.kind
        };
        let told = links.iter_mut().find(|told| says_the_same(told));
        match told {
            // One link for the words, or the looks, says it all; one that ties comes before one that
            // does not.
            Some(told) if told.weak.is_some() && link.weak.is_none() => *told = link,
            Some(_) => {}
            None => links.push(link),
        }
    }
    for link in links.iter_mut().filter(|link| is_words(link.kind)) {
        (link.here, link.there) = shared_words(from, to);
    }
    links.sort_by(|a, b| {
        a.weak.is_some().cmp(&b.weak.is_some()).then(b.strength.total_cmp(&a.strength))
    });
    Ok(links)
}

fn is_words(kind: LinkKind) -> bool {
    !is_place(kind) && !is_image(kind)
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
        LinkKind::Image => "shows the same picture".to_owned(),
        LinkKind::Likeness => "shows nearly the same picture".to_owned(),
        LinkKind::Layout => "has the same numbers and signs in the same order".to_owned(),
        LinkKind::Person => format!("is of one hand, says {},", link.value),
    };
    let joins = match link.kind {
        LinkKind::Contact | LinkKind::Page | LinkKind::Person => "with",
        LinkKind::Text
        | LinkKind::Template
        | LinkKind::Image
        | LinkKind::Likeness
        | LinkKind::Layout => "as",
    };
    format!("{what} {joins}")
}
