//! Pages of a PDF as pictures: nothing is beyond the margins, no page is empty, and no word is cut by the
//! paper's edge.

use std::path::Path;

use crate::tools::{runs, tool};

/// Checks each page of a PDF (A4, margins of two centimetres) and gives their number; `None`, and said so,
/// where the tools are missing.
#[track_caller]
pub(crate) fn pages_of(pdf: &Path) -> Option<usize> {
    let (pdftoppm, pdftotext) = (tool("pdftoppm")?, tool("pdftotext")?);
    let (name, folder) = (pdf.to_str().unwrap(), tempfile::tempdir().unwrap());
    runs(&pdftoppm, &["-gray", "-r", "72", name, "page"], folder.path());
    let mut pages = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let (at, ink) = (path.display(), Ink::of(&std::fs::read(&path).unwrap()));
        assert!(ink.dots > 500, "{at}: an empty page");
        // A point is a pixel.
        assert!(ink.left >= 54 && ink.right <= 595 - 54, "{at}: {ink:?}");
        assert!(ink.top >= 20 && ink.bottom <= 842 - 15, "{at}: {ink:?}");
        pages += 1;
    }
    let boxes = runs(&pdftotext, &["-bbox", name, "-"], folder.path());
    let edge = |line: &str, name: &str| -> f64 {
        let rest = line.split(&format!("{name}=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let words: Vec<&str> = boxes.lines().filter(|line| line.contains("<word ")).collect();
    assert!(words.len() > 100, "{} words", words.len());
    for word in words {
        assert!(edge(word, "xMin") > 54.0 && edge(word, "xMax") < 595.0 - 54.0, "{word}");
    }
    Some(pages)
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
