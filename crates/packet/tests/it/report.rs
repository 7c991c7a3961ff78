//! The report says the same in each language, in its words, and other people's words stay theirs.

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
