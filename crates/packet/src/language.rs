//! The languages of a report: its words, dates and alphabets. Quotes stay as their authors wrote
//! them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::{Grading, IndicatorId, Language, LinkKind, Tlp};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A language in which a report can be written.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ReportLanguage {
    /// Ukrainian
    Uk,
    /// Romanian
    Ro,
    /// Russian
    Ru,
    /// English
    #[default]
    En,
}

impl ReportLanguage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Uk, Self::Ro, Self::Ru, Self::En];

    /// The ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Uk => "uk",
            Self::Ro => "ro",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The language with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code.trim())
    }

    pub(crate) fn words(self) -> &'static Words {
        static WORDS: LazyLock<BTreeMap<ReportLanguage, Words>> = LazyLock::new(|| {
            let read = |language: ReportLanguage| {
                let file = toml::from_str(language.file()).expect("a test reads the word files");
                (language, Words { language, file })
            };
            ReportLanguage::ALL.into_iter().map(read).collect()
        });
        &WORDS[&self]
    }

    fn file(self) -> &'static str {
        match self {
            Self::Uk => include_str!("../words/uk.toml"),
            Self::Ro => include_str!("../words/ro.toml"),
            Self::Ru => include_str!("../words/ru.toml"),
            Self::En => include_str!("../words/en.toml"),
        }
    }

    /// The letters in their order, where it is not that of Unicode.
    fn alphabet(self) -> &'static str {
        match self {
            Self::Uk => "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
            Self::Ru => "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
            Self::Ro => "aăâbcdefghiîjklmnopqrsștțuvwxyz",
            Self::En => "abcdefghijklmnopqrstuvwxyz",
        }
    }

    /// Sorts as a reader of the language looks things up: digits and signs, then the letters of the
    /// alphabet in its order, then those of others. Case is of no account.
    pub(crate) fn sort_key(self, text: &str) -> Vec<u32> {
        let alphabet = self.alphabet();
        let place = |letter: char| {
            let own = |letter| alphabet.chars().position(|known| known == letter);
            match own(letter).or_else(|| own(plain_letter(letter))) {
                Some(place) => 0x11_0000 + place as u32,
                None if letter.is_alphabetic() => 0x12_0000 + u32::from(letter),
                None => u32::from(letter),
            }
        };
        text.chars().flat_map(char::to_lowercase).map(place).collect()
    }
}

/// The letter that a reader who does not know this one looks under. The cedilla forms are how many
/// keyboards write the Romanian letters.
fn plain_letter(letter: char) -> char {
    match letter {
        'ş' => 'ș',
        'ţ' => 'ț',
        'ă' | 'â' | 'ą' | 'ä' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'î' => 'i',
        'ł' => 'l',
        'ń' => 'n',
        'ó' | 'ö' => 'o',
        'ș' | 'ś' => 's',
        'ț' => 't',
        'ü' => 'u',
        'ź' | 'ż' => 'z',
        'ё' => 'е',
        other => other,
    }
}

/// What is read from a word file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordFile {
    words: Labels,
    codes: BTreeMap<String, String>,
    months: Months,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Months {
    names: [String; 12],
    pattern: String,
}

macro_rules! labels {
    ($($name:ident)*) => {
        /// The words of a report, by name; each language file has exactly these.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Labels { $(pub(crate) $name: String,)* }
    };
}

labels! {
    lead_packet full redacted caution limits limits_text risk risk_minor risk_departure risk_held
    risk_route route summary persons variant lead prepared_by approved_by desk built score
    out_of_100 score_note band_none band_low band_medium band_high band_critical first_captured
    last_captured decision verdict_escalate verdict_monitor verdict_dismiss verdict_refer by note
    rule_set postings languages platforms places pay per_hour per_day per_week per_month per_year
    employer exploitation alternatives would_change analyst_summary not_stated timeline when what
    posted captured snapshot_taken again_unchanged again_changed again_gone again_not_shown
    again_refused again_failed gone_note decided noted approved packet_built posting original translation
    translator method address permanent_id author source posting_id capture_id hidden_link
    pictured pictured_note pictured_top pictured_missed pictured_unread findings mitigations sign quoted points rule strength strength_weak strength_medium
    strength_strong published_in contacts contacts_note kind value as_written contact_phone
    contact_email contact_url contact_handle contact_wallet contact_invite links links_none
    link_contact link_text link_template link_page link_person link_image
    link_likeness link_layout shared certainty evidence file withheld method_http method_file server_address server_certificate
    digest grading scheme source_grade information_grade handling
    ungraded tlp conditions retention masked masked_note masked_none count mask_phone mask_email
    mask_url mask_handle mask_wallet mask_invite mask_author mask_number mask_named mask_remark
    mask_tip mask_person mask_source mask_file mask_line custody custody_note number who
    event_source event_capture event_snapshot event_revisit event_view event_claim event_release event_note
    event_decision event_approval event_export event_handover event_receipt event_other
    how_to_check how_to_check_text signed_with page page_of
}

/// The words of one language, and how it writes dates.
pub(crate) struct Words {
    pub(crate) language: ReportLanguage,
    file: WordFile,
}

impl std::ops::Deref for Words {
    type Target = Labels;
    fn deref(&self) -> &Labels {
        &self.file.words
    }
}

impl Words {
    fn code(&self, key: &str) -> &str {
        self.file.codes.get(key).map_or("", String::as_str)
    }

    /// What the codes of a grading mean: source, information, handling.
    pub(crate) fn grading(&self, grading: &Grading) -> [String; 3] {
        let scheme = grading.scheme.name();
        [
            ("source", grading.source()),
            ("information", grading.information()),
            ("handling", grading.handling()),
        ]
        .map(|(part, code)| format!("{code} ({})", self.code(&format!("{scheme}.{part}.{code}"))))
    }

    /// What a traffic light means.
    pub(crate) fn tlp(&self, tlp: Tlp) -> &str {
        self.code(&format!("tlp.{}", tlp.name()))
    }

    /// What a link of this kind is.
    pub(crate) fn link(&self, kind: LinkKind) -> &str {
        match kind {
            LinkKind::Contact => &self.link_contact,
            LinkKind::Text => &self.link_text,
            LinkKind::Template => &self.link_template,
            LinkKind::Page => &self.link_page,
            LinkKind::Person => &self.link_person,
            LinkKind::Image => &self.link_image,
            LinkKind::Likeness => &self.link_likeness,
            LinkKind::Layout => &self.link_layout,
        }
    }

    /// The name of a language.
    pub(crate) fn language_name(&self, language: Option<Language>) -> &str {
        self.code(&format!("lang.{}", language.map_or("und", Language::code)))
    }

    /// The title of a sign in this language, if it is known here.
    pub(crate) fn indicator(&self, id: &IndicatorId) -> Option<&'static str> {
        type Titles = BTreeMap<String, BTreeMap<String, String>>;
        static TITLES: LazyLock<Titles> = LazyLock::new(|| {
            toml::from_str(include_str!("../words/indicators.toml"))
                .expect("a test reads the titles of signs")
        });
        TITLES.get(id.as_str())?.get(self.language.code()).map(String::as_str)
    }

    /// A day, as people write it.
    pub(crate) fn day(&self, date: Date) -> String {
        let month = usize::from(date.month().unsigned_abs()) - 1;
        let months = &self.file.months;
        months
            .pattern
            .replace("{day}", &date.day().to_string())
            .replace("{month}", &months.names[month])
            .replace("{year}", &date.year().to_string())
    }

    /// A time to the minute in UTC, and in the desk's zone where that is another.
    pub(crate) fn moment(&self, at: Timestamp, zone: &TimeZone) -> String {
        let utc = at.to_zoned_datetime(TimeZone::UTC);
        let mut text = format!("{}, {} UTC", self.day(utc.date()), utc.strftime("%H:%M"));
        let local = at.to_zoned_datetime(zone.clone());
        if local.offset().seconds() != 0 {
            let day = if local.date() == utc.date() {
                String::new()
            } else {
                format!("{}, ", self.day(local.date()))
            };
            text.push_str(&format!(" ({day}{} {})", local.strftime("%H:%M"), local.strftime("%Z")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use domain::GradeScheme;

    use super::*;

    fn keys(language: ReportLanguage) -> Vec<String> {
        let table: toml::Table = toml::from_str(language.file()).unwrap();
        let mut keys = Vec::new();
        for (section, values) in &table {
            for (key, value) in values.as_table().unwrap() {
                let filled = value.as_str().is_none_or(|text| !text.trim().is_empty());
                assert!(filled, "{}: {section}.{key} is empty", language.code());
                keys.push(format!("{section}.{key}"));
            }
        }
        keys.sort();
        keys
    }

    #[test]
    fn all_languages_have_the_same_keys_and_none_is_empty() {
        for language in ReportLanguage::ALL {
            assert_eq!(keys(language), keys(ReportLanguage::En), "{}", language.code());
            assert_eq!(language.words().language, language);
        }
    }

    #[test]
    fn every_code_has_its_meaning_in_every_language() {
        for language in ReportLanguage::ALL {
            let words = language.words();
            for scheme in GradeScheme::ALL {
                for (part, codes) in [
                    ("source", scheme.source_codes()),
                    ("information", scheme.information_codes()),
                    ("handling", scheme.handling_codes()),
                ] {
                    for code in codes {
                        let key = format!("{}.{part}.{code}", scheme.name());
                        assert_ne!(words.code(&key), "", "{} {key}", language.code());
                    }
                }
            }
            assert!(Tlp::ALL.iter().all(|tlp| !words.tlp(*tlp).is_empty()));
            assert!(
                Language::ALL.iter().all(|other| !words.language_name(Some(*other)).is_empty())
            );
            assert_ne!(words.language_name(None), "");
        }
    }

    #[test]
    fn every_sign_of_the_built_in_rules_has_a_title_in_every_language() {
        let rules = include_str!("../../../rules/indicators.yaml");
        let ids = rules.lines().filter_map(|line| line.trim().strip_prefix("- id: "));
        let mut count = 0;
        for id in ids {
            count += 1;
            for language in [ReportLanguage::Uk, ReportLanguage::Ro, ReportLanguage::Ru] {
                let title = language.words().indicator(&id.trim().parse().unwrap());
                assert!(title.is_some(), "{id} has no title in {}", language.code());
            }
        }
        assert!(count > 60, "only {count} signs were found");
    }

    #[test]
    fn dates_are_written_as_people_write_them() {
        let at = "2026-11-02T22:05:09Z".parse().unwrap();
        let kyiv = TimeZone::fixed(jiff::tz::offset(2));
        let written = ReportLanguage::ALL.map(|language| language.words().moment(at, &kyiv));
        assert_eq!(
            written,
            [
                "2 листопада 2026 р., 22:05 UTC (3 листопада 2026 р., 00:05 +02)",
                "2 noiembrie 2026, 22:05 UTC (3 noiembrie 2026, 00:05 +02)",
                "2 ноября 2026 г., 22:05 UTC (3 ноября 2026 г., 00:05 +02)",
                "2 November 2026, 22:05 UTC (3 November 2026, 00:05 +02)",
            ]
        );
        let plain = ReportLanguage::En.words().moment(at, &TimeZone::UTC);
        assert_eq!(plain, "2 November 2026, 22:05 UTC");
    }

    #[test]
    fn names_are_sorted_by_the_alphabet_of_the_report() {
        let sorted = |language: ReportLanguage, names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            names.sort_by_key(|name| language.sort_key(name));
            names.join(" ")
        };
        let uk = ["Яна", "Ірина", "Їжак", "Йосип", "Ґалаґан", "Дарина", "Галина"];
        assert_eq!(sorted(ReportLanguage::Uk, &uk), "Галина Ґалаґан Дарина Ірина Їжак Йосип Яна");
        let ru = ["Жанна", "Ёлкин", "Егор", "Зоя"];
        assert_eq!(sorted(ReportLanguage::Ru, &ru), "Егор Ёлкин Жанна Зоя");
        let ro = ["Țară", "Tudor", "Șerban", "Sorin", "Ştefan", "Ăla", "Ana", "Î", "Ion"];
        assert_eq!(sorted(ReportLanguage::Ro, &ro), "Ana Ăla Ion Î Sorin Șerban Ştefan Tudor Țară");
    }
}
