//! The PDF report is PDF/A, says what the HTML one says, and shows letters of all scripts.

use std::path::Path;

use packet::{ReportLanguage, Variant};

use crate::sample::{LONG_URL, SampleDesk, files};
use crate::tools::{python, runs, tool};

fn report(desk: &SampleDesk, language: ReportLanguage, variant: Variant) -> std::path::PathBuf {
    let mut handover = desk.handover(language, variant);
    handover.pdf = true;
    let packet = desk.build(&handover, "p.zip");
    let found = files(&packet).into_iter().find(|(name, _)| name == "data/report.pdf");
    let path = desk.dir().join(format!("{}-{variant:?}.pdf", language.code()));
    std::fs::write(&path, found.unwrap().1).unwrap();
    path
}

fn text_of(pdf: &Path) -> Option<String> {
    let pdftotext = tool("pdftotext")?;
    let said = runs(&pdftotext, &["-raw", pdf.to_str().unwrap(), "-"], pdf.parent().unwrap());
    Some(said.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_report_is_a_sound_pdf_in_every_language() {
    let desk = SampleDesk::new();
    for language in ReportLanguage::ALL {
        let pdf = report(&desk, language, Variant::Full);
        if let Some(qpdf) = tool("qpdf") {
            runs(&qpdf, &["--check", pdf.to_str().unwrap()], desk.dir());
        }
        let Some(text) = text_of(&pdf) else { continue };
        for words in [
            "Паспорт залишається у координатора",
            "se rețin din salariu",
            "Îngrijitoare în Țara Exemplului",
            "#ignore *me* $x$ <script>alert(1)</script>",
            "TLP:AMBER+STRICT",
        ] {
            assert!(text.contains(words), "{}: {words}: {text}", language.code());
        }
        let one = text.replace(' ', "");
        assert!(one.contains(LONG_URL), "{}: the long address: {one}", language.code());
        if let Ok(dir) = std::env::var("FUSION_KEEP_PDF") {
            std::fs::copy(&pdf, Path::new(&dir).join(format!("{}.pdf", language.code()))).unwrap();
        }
    }
}

/// What PDF/A-2u asks for that can be read off the file. typst's exporter holds the rest.
#[test]
fn the_report_says_that_it_is_pdf_a_and_keeps_what_that_asks() {
    let Some(python) = python() else { return };
    let script = r#"
import sys, pikepdf
pdf = pikepdf.open(sys.argv[1])
meta = pdf.open_metadata()
assert meta.get('pdfaid:part') == '2' and meta.get('pdfaid:conformance') == 'U', dict(meta)
assert meta.pdfa_status == '2U'
assert pdf.Root.OutputIntents[0].S == '/GTS_PDFA1' and '/DestOutputProfile' in pdf.Root.OutputIntents[0]
assert not pdf.is_encrypted and '/ID' in pdf.trailer
assert '/JavaScript' not in str(pdf.Root.get('/Names', '')) and '/OpenAction' not in pdf.Root
assert pdf.Root.Lang in sys.argv[2:]
fonts = 0
for thing in pdf.objects:
    if isinstance(thing, pikepdf.Dictionary) and thing.get('/Type') == '/Font':
        if thing.get('/Subtype') in ('/CIDFontType0', '/CIDFontType2'):
            d = thing.FontDescriptor
            assert any(k in d for k in ('/FontFile', '/FontFile2', '/FontFile3')), thing
            fonts += 1
        elif thing.get('/Subtype') == '/Type0':
            assert '/ToUnicode' in thing
    if isinstance(thing, pikepdf.Dictionary):
        assert thing.get('/S') not in ('/Launch', '/JavaScript', '/URI', '/GoToR'), thing
assert fonts >= 4, fonts
"#;
    let desk = SampleDesk::new();
    let pdf = report(&desk, ReportLanguage::Uk, Variant::Full);
    runs(&python, &["-c", script, pdf.to_str().unwrap(), "uk"], desk.dir());
}

#[test]
fn the_same_request_gives_the_same_pdf() {
    let desk = SampleDesk::new();
    let read = |path: &Path| std::fs::read(path).unwrap();
    let first = read(&report(&desk, ReportLanguage::Ro, Variant::Redacted));
    assert_eq!(first, read(&report(&desk, ReportLanguage::Ro, Variant::Redacted)));
}

#[test]
fn a_redacted_pdf_tells_nothing_that_was_masked() {
    let desk = SampleDesk::new();
    let pdf = report(&desk, ReportLanguage::Uk, Variant::Redacted);
    let Some(text) = text_of(&pdf) else { return };
    let one = text.replace(' ', "");
    for secret in crate::sample::SECRETS {
        assert!(!text.contains(secret) && !one.contains(&secret.replace(' ', "")), "{secret}");
    }
    assert!(text.contains("[телефон 1]"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_pdf_with_parts_of_a_page_s_picture_is_sound() {
    let mut desk = SampleDesk::new();
    crate::pictures::pictured(&mut desk, |_| ());
    let pdf = report(&desk, ReportLanguage::Uk, Variant::Full);
    let bytes = std::fs::read(&pdf).unwrap();
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(b"/Subtype/Image") || has(b"/Subtype /Image"), "it shows no picture");
    if let Some(qpdf) = tool("qpdf") {
        runs(&qpdf, &["--check", pdf.to_str().unwrap()], desk.dir());
    }
    if let Ok(dir) = std::env::var("FUSION_KEEP_PDF") {
        std::fs::copy(&pdf, Path::new(&dir).join("pictured.pdf")).unwrap();
    }
}
