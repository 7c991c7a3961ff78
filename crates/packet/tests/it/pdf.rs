//! The PDF report is PDF/A and PDF/UA, says what the HTML one says, and shows letters of all scripts.

use std::path::Path;

use packet::{ReportLanguage, Variant};

use crate::paper::pages_of;
use crate::sample::{LONG_URL, SampleDesk, files};
use crate::tools::{fails, outside, python, repository, runs, tool};

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

/// By an independent validator, each rule of both standards; that no letter lacks its shape is one.
#[test]
fn every_report_is_pdf_a_and_reads_well_aloud() {
    let mut desk = SampleDesk::new();
    #[cfg(unix)]
    crate::pictures::pictured(&mut desk, |_| ());
    let mut reports = Vec::new();
    for language in ReportLanguage::ALL {
        for variant in [Variant::Full, Variant::Redacted] {
            reports.push(report(&desk, language, variant));
        }
    }
    let names: Vec<&str> = reports.iter().map(|path| path.to_str().unwrap()).collect();
    let Some(said) = outside("pdf.py", &names) else { return };
    assert_eq!(said.lines().count(), 16, "{said}");

    // It does find what is wrong.
    let Some(python) = python() else { return };
    let strip = "import pikepdf, sys; pdf = pikepdf.open(sys.argv[1]); \
                 del pdf.Root.OutputIntents; del pdf.Root.Lang; pdf.save(sys.argv[2])";
    let broken = desk.dir().join("broken.pdf");
    runs(&python, &["-c", strip, names[0], broken.to_str().unwrap()], desk.dir());
    let script = repository().join("tests/outside/pdf.py");
    fails(&python, &[script.to_str().unwrap(), broken.to_str().unwrap()], desk.dir());
}

/// In each language, pages as pictures.
#[test]
fn no_line_of_a_report_runs_off_its_page() {
    let mut desk = SampleDesk::new();
    #[cfg(unix)]
    crate::pictures::pictured(&mut desk, |_| ());
    for language in ReportLanguage::ALL {
        let pdf = report(&desk, language, Variant::Full);
        let Some(pages) = pages_of(&pdf) else { return };
        assert!(pages >= 3, "{}: {pages} pages", language.code());
    }
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
