//! The contacts of a lead, each with everywhere else that it was seen.

use maud::{Markup, html};

use super::lead::{Appearance, Case};
use super::queue_filter::escaped;
use crate::visible::clean;
use crate::visit::Person;

pub(crate) fn card(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    html! {
        section.card #contacts {
            h2 { (lang.t("contacts.title")) }
            @if case.appearances.is_empty() { p.hint { (lang.t("contacts.none")) } }
            ul.plain.contacts {
                @for appearance in &case.appearances { (one(person, case, appearance)) }
            }
        }
    }
}

fn one(person: &Person, case: &Case, appearance: &Appearance) -> Markup {
    let lang = person.lang();
    let contact = &appearance.contact;
    let hides = case.masked
        && case.view.postings.iter().any(|stored| {
            stored.posting.may_be_of_a_victim() && stored.posting.contacts.contains(contact)
        });
    let value = if hides { domain::masked(&contact.value) } else { clean(&contact.value) };
    html! {
        li {
            strong { bdi { (value) } }
            " " small { (lang.t(&format!("kind.{}", kind(contact.kind)))) }
            @if appearance.total > 0 && !hides {
                p { (lang.count("contacts.elsewhere", appearance.total as u64)) " "
                    a href={ "/queue?q=" (escaped(&contact.value)) "&status=all" } { (lang.t("contacts.all")) }
                }
                ul { @for (posting, lead) in appearance.others.iter().take(5) { li {
                    a href={ "/leads/" (lead) } { (lead) } " " small { code { (posting) } }
                } } }
            } @else if !hides { p.hint { (lang.t("contacts.nowhere")) } }
        }
    }
}

fn kind(kind: domain::ContactKind) -> &'static str {
    use domain::ContactKind;
    match kind {
        ContactKind::Phone => "phone",
        ContactKind::Email => "email",
        ContactKind::Url => "url",
        ContactKind::Handle => "handle",
        ContactKind::Wallet => "wallet",
        ContactKind::Invite => "invite",
    }
}
