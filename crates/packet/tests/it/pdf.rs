//! The PDF report is PDF/A and PDF/UA, says what the HTML one says, and shows letters of all scripts.

use std::path::Path;

use packet::{ReportLanguage, Variant};

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

/// In each language, pages as pictures: nothing is beyond the margins, nothing is empty, and no word is
/// cut by the paper's edge.
#[test]
fn no_line_of_a_report_runs_off_its_page() {
    let (Some(pdftoppm), Some(pdftotext)) = (tool("pdftoppm"), tool("pdftotext")) else { return };
    let mut desk = SampleDesk::new();
    #[cfg(unix)]
    crate::pictures::pictured(&mut desk, |_| ());
    for language in ReportLanguage::ALL {
        let code = language.code();
        let pdf = report(&desk, language, Variant::Full);
        let name = pdf.to_str().unwrap();
        let prefix = format!("page-{code}");
        runs(&pdftoppm, &["-gray", "-r", "72", name, &prefix], desk.dir());
        let mut pages = 0;
        for entry in std::fs::read_dir(desk.dir()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with(&prefix) {
                let ink = Ink::of(&std::fs::read(&path).unwrap());
                assert!(ink.dots > 500, "{}: an empty page", path.display());
                // A4 at a point a pixel, and margins of two centimetres.
                assert!(ink.left >= 54 && ink.right <= 595 - 54, "{}: {ink:?}", path.display());
                assert!(ink.top >= 20 && ink.bottom <= 842 - 15, "{}: {ink:?}", path.display());
                pages += 1;
            }
        }
        assert!(pages >= 3, "{code}: {pages} pages");

        let boxes = runs(&pdftotext, &["-bbox", name, "-"], desk.dir());
        let edge = |line: &str, name: &str| -> f64 {
            line.split(&format!("{name}=\""))
                .nth(1)
                .unwrap()
                .split('"')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        let words: Vec<&str> = boxes.lines().filter(|line| line.contains("<word ")).collect();
        assert!(words.len() > 300, "{code}: {} words", words.len());
        for word in words {
            assert!(
                edge(word, "xMin") > 54.0 && edge(word, "xMax") < 595.0 - 54.0,
                "{code}: {word}"
            );
        }
    }
}

/// Where a page has ink, in its pixels.
#[derive(Debug)]
struct Ink {
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    dots: usize,
}

impl Ink {
    /// Of a picture in the form PGM (binary, 8 bits).
    fn of(pgm: &[u8]) -> Self {
        let mut head = pgm.splitn(4, |byte| byte.is_ascii_whitespace());
        assert_eq!(head.next(), Some(&b"P5"[..]));
        let mut number =
            || -> usize { std::str::from_utf8(head.next().unwrap()).unwrap().parse().unwrap() };
        let (width, height) = (number(), number());
        let dots = &pgm[pgm.len() - width * height..];
        let mut ink = Self { left: width, right: 0, top: height, bottom: 0, dots: 0 };
        for (at, _) in dots.iter().enumerate().filter(|(_, grey)| **grey < 200) {
            let (x, y) = (at % width, at / width);
            (ink.left, ink.right) = (ink.left.min(x), ink.right.max(x));
            (ink.top, ink.bottom) = (ink.top.min(y), ink.bottom.max(y));
            ink.dots += 1;
        }
        ink
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
