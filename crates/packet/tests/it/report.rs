//! The report says the same in each language, in its words, and other people's words stay theirs.

use domain::{Found, Revisit};
use packet::{ReportLanguage, Variant};

use crate::sample::{LONG_URL, SampleDesk, text_of, without_digests};

fn report(language: ReportLanguage) -> String {
    let desk = SampleDesk::new();
    let packet = desk.build(&desk.handover(language, Variant::Full), "a.zip");
    text_of(&packet, "data/report.html")
}

/// Without the style, which says nothing.
fn read(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    without_digests(body)
}

#[test]
fn a_report_in_each_language_reads_as_it_was_agreed() {
    for language in ReportLanguage::ALL {
        let html = report(language);
        assert!(html.contains(&format!("<html lang=\"{}\">", language.code())));
        insta::assert_snapshot!(format!("report_{}", language.code()), read(&html));
    }
}

#[test]
fn what_became_of_a_posting_at_its_source_is_in_the_timeline_and_beside_the_evidence() {
    for (language, found, note) in [
        (ReportLanguage::En, "Asked for again: gone at its source", "may be all that is left"),
        (ReportLanguage::Uk, "Запитано знову: у джерелі його вже немає", "може бути всім, що від"),
        (
            ReportLanguage::Ru,
            "Запрошено снова: в источнике его больше нет",
            "может быть всем, что от",
        ),
        (ReportLanguage::Ro, "Cerut din nou: nu mai există la sursă", "poate fi tot ce a rămas"),
    ] {
        for variant in [Variant::Full, Variant::Redacted] {
            let mut desk = SampleDesk::new();
            let posting = desk.lead.postings[0].clone();
            for (found, day) in [(Found::Unchanged, 3), (Found::Gone, 4), (Found::Gone, 5)] {
                let at = format!("2026-11-0{day}T08:00:00Z").parse().unwrap();
                let row = Revisit::once(posting.clone(), found, None, None, at);
                Revisit::note(&mut desk.lead.revisits, row);
            }
            let packet = desk.build(&desk.handover(language, variant), "a.zip");
            let html = text_of(&packet, "data/report.html");
            let told = html.matches(found).count();
            assert_eq!((told, html.contains(note)), (2, true), "{language:?} {variant:?}");
            assert!(html.contains("(2×"), "{language:?}: how often is not told");
        }
    }
}

#[test]
fn quotes_stay_as_they_were_written_in_every_language() {
    for language in ReportLanguage::ALL {
        let html = report(language);
        for words in [
            "<mark>Паспорт залишається у координатора</mark>",
            "<mark>se rețin din salariu</mark>",
            "مرحبا بكم في العمل",
            "עבודה בחוץ לארץ",
            "🔥✈️",
            "#ignore *me* $x$ &lt;script&gt;alert(1)&lt;/script&gt;",
            "Work in Turkey for girls",
            "Ana Exemplu",
            &LONG_URL.replace('&', "&amp;"),
        ] {
            assert!(html.contains(words), "{}: {words}", language.code());
        }
        assert!(!html.contains('\u{202e}'), "a mark that turns the reading is obeyed");
        assert!(!html.contains("<script"));
    }
}

#[test]
fn everything_that_a_packet_must_hold_is_in_the_report() {
    let html = report(ReportLanguage::En);
    for words in [
        "Possible immediate risk",
        "call 112",
        "Limits of use",
        "Prepared by",
        "Approved by",
        "First captured",
        "Timeline",
        "Contacts, as published",
        "What ties the postings together",
        "Evidence",
        "SHA-256",
        "Grading and handling",
        "B (mostly reliable)",
        "TLP:AMBER+STRICT",
        "To be deleted by",
        "2 November 2027",
        "Custody log",
        "How to check this packet",
        "What speaks against",
        "Other explanations considered",
        "What would change this view",
        "2026-11-02T10:00:00Z",
        "1500–2000 EUR a month",
        "Alba, Șimleu, Țăndărei",
        "ILO 2009; UNODC",
    ] {
        assert!(html.contains(words), "{words}");
    }
}
