//! The filters above the queue, and the way to its further pages.

use maud::{Markup, html};

use super::queue::{Asked, PAGE};
use super::views;
use crate::app::App;
use crate::language::Language;
use crate::terms::{self, Signs};
use crate::visible::clean;
use crate::visit::Person;

/// Views that people ask for many times a day.
const VIEWS: [(&str, &str); 4] = [
    ("queue.view-waiting", "/queue"),
    ("queue.view-mine", "/queue?mine=yes"),
    ("queue.view-critical", "/queue?band=critical&status=open"),
    ("queue.view-decided", "/queue?status=decided"),
];

pub(crate) fn form(app: &App, person: &Person, asked: &Asked, signs: &Signs) -> Markup {
    let lang = person.lang();
    let in_use = app.board.in_use();
    let mut indicators: Vec<(String, String)> =
        in_use.indicators.iter().map(|(id, _)| (id.clone(), signs.title(lang, id))).collect();
    indicators.sort_by(|a, b| a.1.cmp(&b.1));
    let mut countries: Vec<(String, String)> = in_use
        .countries
        .iter()
        .map(|code| (code.clone(), terms::country_name(lang, code).into_owned()))
        .collect();
    countries.sort_by(|a, b| a.1.cmp(&b.1));
    let narrowed = !asked.is_plain();
    html! {
        nav.views aria-label=(lang.t("queue.views")) {
            @for (key, path) in VIEWS { a href=(path) aria-current=[(path == asked.path(1)).then_some("page")] { (lang.t(key)) } }
            @for view in &person.account.views {
                a href=(view.path()) aria-current=[(view.path() == asked.path(1)).then_some("page")] { bdi { (clean(&view.name)) } }
            }
        }
        form.filters method="get" action="/queue" role="search" {
            label.grow { (lang.t("queue.search"))
                input type="search" name="q" value=(asked.q) maxlength="200" data-key="/" placeholder=(lang.t("queue.search-hint"));
            }
            (select(lang, "status", "queue.status", &asked.status, ["open", "claimed", "decided", "all"].map(|name| (name.to_owned(), lang.t(&format!("status.{name}")).to_owned()))))
            (select(lang, "band", "queue.band", &asked.band, ["critical", "high"].map(|name| (name.to_owned(), lang.t(&format!("band.{name}-up")).to_owned()))))
            (select(lang, "language", "queue.language", &asked.language, domain::Language::ALL.map(|of| (of.code().to_owned(), lang.t(&format!("language.{}", of.code())).to_owned()))))
            (select(lang, "indicator", "queue.sign", &asked.indicator, indicators))
            (select(lang, "source", "queue.source", &asked.source, in_use.sources.into_iter().map(|(id, _)| (id.clone(), id))))
            (select(lang, "from", "queue.from", &asked.from, countries.clone()))
            (select(lang, "to", "queue.to", &asked.to, countries))
            label { (lang.t("queue.contact")) input name="contact" value=(asked.contact) maxlength="200" placeholder=(lang.t("queue.contact-hint")); }
            label { (lang.t("queue.since")) input type="date" name="since" value=(asked.since); }
            label.check { input type="checkbox" name="mine" value="yes" checked[asked.mine == "yes"]; (lang.t("queue.mine")) }
            button type="submit" { (lang.t("queue.filter")) }
            @if narrowed { a.button.quiet href="/queue" { (lang.t("queue.clear")) } }
        }
        (views::form(person, asked))
    }
}

fn select(
    lang: Language,
    name: &str,
    label: &str,
    chosen: &str,
    options: impl IntoIterator<Item = (String, String)>,
) -> Markup {
    html! {
        label { (lang.t(label))
            select name=(name) {
                option value="" { (lang.t("queue.any")) }
                @for (value, words) in options { option value=(value) selected[value == chosen] { (words) } }
            }
        }
    }
}

pub(crate) fn pager(lang: Language, asked: &Asked, total: usize) -> Markup {
    let (page, last) = (asked.page(), total.div_ceil(PAGE).max(1));
    html! {
        @if last > 1 {
            nav.pager aria-label=(lang.t("pager.label")) {
                @if page > 1 { a.button.quiet rel="prev" href=(asked.path(page - 1)) { (lang.t("pager.before")) } }
                span { (lang.with("pager.page", &[("page", &page.to_string()), ("last", &last.to_string())])) }
                @if page < last { a.button.quiet rel="next" href=(asked.path(page + 1)) { (lang.t("pager.after")) } }
            }
        }
    }
}

impl Asked {
    pub(crate) fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("status", &self.status),
            ("band", &self.band),
            ("language", &self.language),
            ("indicator", &self.indicator),
            ("source", &self.source),
            ("verdict", &self.verdict),
            ("mine", &self.mine),
            ("from", &self.from),
            ("to", &self.to),
            ("contact", &self.contact),
            ("since", &self.since),
            ("q", &self.q),
        ]
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.fields().iter().all(|(_, value)| value.is_empty())
    }

    /// The address of a page of the same filters.
    pub(crate) fn path(&self, page: usize) -> String {
        let mut pairs: Vec<String> = Vec::new();
        for (name, value) in self.fields().into_iter().filter(|(_, value)| !value.is_empty()) {
            pairs.push(format!("{name}={}", escaped(value)));
        }
        if page > 1 {
            pairs.push(format!("page={page}"));
        }
        // As the views are written, so that the present one is known by its address.
        pairs.sort();
        if pairs.is_empty() { "/queue".to_owned() } else { format!("/queue?{}", pairs.join("&")) }
    }
}

/// Percent-encoding for a value of a query (RFC 3986, 2.1).
pub(crate) fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte as char)
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
        out
    })
}
