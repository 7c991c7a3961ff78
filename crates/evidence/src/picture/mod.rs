//! A picture of a page, as a browser shows the bytes that were captured: a full-page PNG and the HTML
//! that the browser made of them.
//!
//! The page is hostile. The browser has no network: all that it asks for, on this machine too, goes
//! to a server of ours in the place of a proxy, which has the page and what was kept of its parts, and
//! refuses everything else. No script of the page runs. The browser gets an empty profile, so much time and
//! memory, and is a process of its own whose failure is a sentence.

mod certificate;
mod kept;
mod process;
mod server;

use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::{Capture, CaptureMethod, IndicatorId, RuleId};
use serde::{Deserialize, Serialize};

pub use self::kept::picture_in;
use self::process::{MOST_TIME, run, version};
use self::server::PageServer;

/// Names under which a browser of this family is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// How wide the window is, in CSS pixels.
const WIDTH: u32 = 1280;
/// The picture is no lower and no higher than this; what is below is not in it.
const LEAST_HEIGHT: u32 = 800;
const MOST_HEIGHT: u32 = 12_000;
/// The most that a picture, or the HTML, may take.
pub(crate) const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// A browser that is installed.
#[derive(Clone, Debug)]
pub struct Browser {
    program: PathBuf,
    version: String,
}

/// What a browser showed of a page.
#[derive(Clone, Debug)]
pub struct Picture {
    pub(crate) png: Vec<u8>,
    /// The HTML that the browser made of the page.
    pub(crate) html: String,
    /// How it was made.
    pub(crate) made: Made,
    /// Where what was sought stands on it.
    places: Vec<Vec<Rectangle>>,
}

/// Words that are looked for on a page, with what stands around them in the posting: so that they are
/// not taken for the same words elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sought {
    /// What stands before them.
    pub before: String,
    /// The words.
    pub words: String,
    /// What stands behind them.
    pub after: String,
}

/// A part of a picture, in its pixels from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rectangle {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// To the right.
    pub width: u32,
    /// Downwards.
    pub height: u32,
}

/// Words that a rule found, and where they stand on the picture of their page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The sign.
    pub indicator: IndicatorId,
    /// The rule.
    pub rule: RuleId,
    /// The words.
    pub quote: String,
    /// A rectangle for each line that they stand in; none where they were not found.
    pub places: Vec<Rectangle>,
}

impl Picture {
    /// The whole page, as PNG.
    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// Where the words stand that were sought at this place in their list.
    pub fn places(&self, number: usize) -> Vec<Rectangle> {
        self.places.get(number).cloned().unwrap_or_default()
    }
}

/// How a picture was made; `fusion/picture.json` of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// What the browser says of itself.
    pub(crate) browser: String,
    /// In CSS pixels.
    pub(crate) width: u32,
    /// Of the picture; the page may be higher when this is the most.
    pub(crate) height: u32,
    /// Of the page.
    pub(crate) page_height: u32,
    /// Requests that the browser made and that were refused: its own, and the page's.
    pub(crate) refused: u64,
}

/// What our own page in the browser says of the captured one.
#[derive(Deserialize)]
struct Measured {
    height: f64,
    html: String,
    places: Vec<Vec<[f64; 4]>>,
}

impl Browser {
    /// The browser in this file; a sentence when it does not say its version.
    pub fn at(program: &Path) -> Result<Self, String> {
        let program = program.to_owned();
        let version = version(&program)?;
        Ok(Self { program, version })
    }

    /// The first browser in these folders, which are those of `PATH`.
    pub fn find(path: &std::ffi::OsStr) -> Option<Self> {
        let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
        let files = NAMES.iter().flat_map(|name| folders.iter().map(move |dir| dir.join(name)));
        files.into_iter().filter(|file| file.is_file()).find_map(|file| Self::at(&file).ok())
    }

    /// What it says of itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Shows a captured page with these captures of its parts, pictures and stylesheets, takes its
    /// picture and looks for words on it. Takes seconds; the error is a sentence.
    pub fn picture(
        &self,
        page: &Capture,
        parts: &[Capture],
        sought: &[Sought],
    ) -> Result<Picture, String> {
        let began = Instant::now();
        // A browser breaks off now and then for reasons of its own. A page that holds it up does so
        // again.
        let show = || self.show(page, parts, sought);
        show().or_else(|why| if began.elapsed() < MOST_TIME { show() } else { Err(why) })
    }

    fn show(
        &self,
        page: &Capture,
        parts: &[Capture],
        sought: &[Sought],
    ) -> Result<Picture, String> {
        let server = PageServer::start(page, parts, sought)
            .map_err(|error| format!("no server: {error}"))?;
        let flags = server.flags();
        let folder =
            tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
        let shown = folder.path().join("shown.html");
        let dump = ["--dump-dom", server.measure()];
        run(&self.program, &flags, folder.path(), &dump, Some(&shown))?;
        let measured = measured(&read(&shown)?)?;
        // What a page says of its height is its own word.
        let page_height = measured.height.clamp(0.0, f64::from(u32::MAX)) as u32;
        let height = page_height.clamp(LEAST_HEIGHT, MOST_HEIGHT);
        let file = folder.path().join("page.png");
        let screenshot = format!("--screenshot={}", file.display());
        let window = format!("--window-size={WIDTH},{height}");
        let shoot = [window.as_str(), &screenshot, server.page()];
        run(&self.program, &flags, folder.path(), &shoot, None)?;
        let png = read(&file)?;
        if !png.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Err("the browser gave no picture".to_owned());
        }
        let refused = server.end();
        let browser = self.version.clone();
        let made = Made { browser, width: WIDTH, height, page_height, refused };
        let places = measured.places.into_iter();
        let places = places.map(|of_one| of_one.into_iter().filter_map(|at| within(at, height)));
        let places = places.map(Iterator::collect).collect();
        Ok(Picture { png, html: measured.html, made, places })
    }
}

/// Whether a capture is a page that a browser shows: HTML, whole, and not too long for it.
pub fn has_a_picture(page: &Capture) -> bool {
    let html = page.header("content-type").is_some_and(|kind| {
        let kind = kind.trim().to_ascii_lowercase();
        kind.starts_with("text/html") || kind.starts_with("application/xhtml")
    });
    let is_whole = page.method == CaptureMethod::Http && (200..300).contains(&page.status);
    html && is_whole && page.content().len() as u64 <= MOST_BYTES / 4
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let length = std::fs::metadata(file).map_err(|_| "the browser wrote nothing".to_owned())?.len();
    if length > MOST_BYTES {
        return Err(format!("the browser wrote {length} bytes"));
    }
    std::fs::read(file).map_err(|error| format!("what the browser wrote cannot be read: {error}"))
}

/// What of a rectangle lies on the picture.
fn within([x, y, width, height]: [f64; 4], picture_height: u32) -> Option<Rectangle> {
    let along = |start: f64, length: f64, end: u32| {
        let (from, to) = (start.floor(), (start + length).ceil());
        let [from, to] = [from, to].map(|at| at.clamp(0.0, f64::from(end)) as u32);
        (to > from).then_some((from, to - from))
    };
    let (x, width) = along(x, width, WIDTH)?;
    let (y, height) = along(y, height, picture_height)?;
    Some(Rectangle { x, y, width, height })
}

/// What stands in our page: JSON, as the text of one element.
fn measured(shown: &[u8]) -> Result<Measured, String> {
    let shown = String::from_utf8_lossy(shown);
    let json = shown
        .rsplit_once("<pre id=\"measured\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .map(|(json, _)| unescaped(json))
        .ok_or("the browser did not show the page to its end")?;
    serde_json::from_str(&json).map_err(|error| format!("what the browser says of it: {error}"))
}

/// Text as HTML writes it, back as it was.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}
