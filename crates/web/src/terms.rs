//! The desk's nouns in the reader's language.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::{Band, LeadStatus, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use pipeline::Settings;

use crate::language::Language;

/// Everything that a person can decide, the gravest first.
pub(crate) const VERDICTS: [Verdict; 4] =
    [Verdict::Escalate, Verdict::Refer, Verdict::Monitor, Verdict::Dismiss];

/// The reasons that a decision is given for, from a list; words of one's own come beside.
pub(crate) fn reasons(verdict: Verdict) -> &'static [&'static str] {
    match verdict {
        Verdict::Escalate => &["strong-signs", "same-hand", "danger", "minor"],
        Verdict::Refer => &["labour-rights", "hotline", "other-desk"],
        Verdict::Monitor => &["too-little", "licensed", "watch-author"],
        Verdict::Dismiss => &["ordinary", "warning", "misread", "handled"],
    }
}

/// A decision's reason as it is written down: the list's in English, which all desks and packets
/// read, then the person's own words.
pub(crate) fn reason_text(code: &str, own: &str) -> String {
    let listed = Language::En.find(&format!("reason.{code}")).unwrap_or_default();
    let own = own.trim();
    let own: String = own.chars().take(4000).collect();
    match (listed.is_empty(), own.is_empty()) {
        (false, false) => format!("{listed}. {own}"),
        _ => format!("{listed}{own}"),
    }
}

/// Reads a verdict's name.
pub(crate) fn verdict(name: &str) -> Option<Verdict> {
    VERDICTS.into_iter().find(|verdict| verdict.name() == name)
}

/// Reads a status's name.
pub(crate) fn status(name: &str) -> Option<LeadStatus> {
    [LeadStatus::Open, LeadStatus::Claimed, LeadStatus::Decided]
        .into_iter()
        .find(|status| status.name() == name)
}

/// Reads a band's name, of those that leads have.
pub(crate) fn band(name: &str) -> Option<Band> {
    [Band::Critical, Band::High, Band::Medium].into_iter().find(|band| band.name() == name)
}

/// Reads a country's code, ISO 3166-1 alpha-2.
pub(crate) fn country(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_uppercase();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(code)
}

/// A country by its name in the reader's language; its code, if it has none.
pub(crate) fn country_name(lang: Language, code: &str) -> Cow<'_, str> {
    analytics::name("country", code, written(lang))
}

/// The reader's language, as a language that postings and reports are written in.
pub(crate) fn written(lang: Language) -> domain::Language {
    match lang {
        Language::En => domain::Language::En,
        Language::Uk => domain::Language::Uk,
        Language::Ru => domain::Language::Ru,
        Language::Ro => domain::Language::Ro,
    }
}

/// The beginning of a day in UTC, written as browsers write it: `2026-11-28`.
pub(crate) fn day(text: &str) -> Option<Timestamp> {
    let date: Date = text.trim().parse().ok()?;
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// A band with its score, told by words and shape, not by colour alone.
pub(crate) fn badge(lang: Language, score: u8, band: Band) -> Markup {
    html! {
        span class={ "badge " (band.name()) } {
            strong { (score) } " " (lang.t(&format!("band.{}", band.name())))
        }
    }
}

/// How long ago, roughly, with the exact time behind it.
pub(crate) fn ago(lang: Language, then: Timestamp, now: Timestamp) -> Markup {
    let seconds = now.duration_since(then).as_secs().max(0).unsigned_abs();
    let words = match seconds {
        0..60 => lang.t("age.now").to_owned(),
        60..3600 => lang.count("age.minutes", seconds / 60),
        3600..86_400 => lang.count("age.hours", seconds / 3600),
        86_400..5_184_000 => lang.count("age.days", seconds / 86_400),
        _ => lang.count("age.months", seconds / 2_592_000),
    };
    html! { time datetime=(then) title=(exact(then)) { (words) } }
}

/// To the second, as people read it.
pub(crate) fn exact(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// To the minute.
pub(crate) fn time(at: Timestamp) -> Markup {
    html! { time datetime=(at) title=(exact(at)) { (at.strftime("%Y-%m-%d %H:%M").to_string()) } }
}

/// A language that a posting is in, by its name.
pub(crate) fn language_name(lang: Language, of: Option<domain::Language>) -> &'static str {
    match of {
        Some(of) => lang.t(&format!("language.{}", of.code())),
        None => lang.t("language.unknown"),
    }
}

/// What indicators and mitigations mean, out of the desk's rules.
#[derive(Default)]
pub(crate) struct Signs(BTreeMap<String, SignWords>);

#[derive(Clone, Default)]
pub(crate) struct SignWords {
    pub(crate) title: String,
    pub(crate) definition: String,
    pub(crate) why: String,
    pub(crate) against: bool,
}

impl Signs {
    pub(crate) fn of(settings: &Settings) -> Self {
        let mut signs = BTreeMap::new();
        for sign in settings.rule_set.indicators() {
            let words = SignWords {
                title: sign.title.clone(),
                definition: sign.definition.clone(),
                why: sign.why.clone(),
                against: false,
            };
            signs.insert(sign.id.to_string(), words);
        }
        for sign in settings.rule_set.mitigations() {
            let words = SignWords {
                title: sign.title.clone(),
                definition: String::new(),
                why: sign.why.clone(),
                against: true,
            };
            signs.insert(sign.id.to_string(), words);
        }
        Self(signs)
    }

    pub(crate) fn get(&self, id: &str) -> Option<&SignWords> {
        self.0.get(id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &SignWords)> {
        self.0.iter().map(|(id, words)| (id.as_str(), words))
    }

    /// The sign in a few words: the reader's language for the signs that come with the program, the
    /// rules' own words for those that a desk has added.
    pub(crate) fn title(&self, lang: Language, id: &str) -> String {
        let known = lang.find(&format!("sign.{id}")).map(ToOwned::to_owned);
        known
            .or_else(|| self.get(id).map(|words| words.title.clone()))
            .unwrap_or_else(|| id.to_owned())
    }
}

/// Signs of postings whose words can hurt who reads them.
const DISTRESSING: [&str; 9] = [
    "minor-recruitment",
    "child-transfer",
    "organ-sale",
    "escort-euphemism",
    "webcam-studio",
    "leaving-penalty",
    "sponsor-arrangement",
    "housing-for-services",
    "massage-euphemism",
];

/// Whether a posting's text is folded until somebody asks for it.
pub(crate) fn is_distressing(assessment: &domain::Assessment) -> bool {
    assessment.findings.iter().any(|finding| DISTRESSING.contains(&finding.indicator.as_str()))
}
