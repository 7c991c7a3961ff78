//! Style, script and icon, out of the binary. Their names carry a digest, so that browsers keep
//! them for good and still get new ones from a new program.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Sha256;

use crate::refusal::Refusal;

const STYLE: &str = include_str!("assets/app.css");
const SCRIPT: &str = include_str!("assets/app.js");
const ICON: &str = include_str!("assets/icon.svg");

pub(crate) const ICON_PATH: &str = "/assets/icon.svg";

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| named(STYLE, "css"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| named(SCRIPT, "js"));

fn named(text: &str, ending: &str) -> String {
    let digest = Sha256::of(text.as_bytes()).to_hex();
    format!("/assets/app-{}.{ending}", &digest[..12])
}

pub(crate) fn style_path() -> &'static str {
    &STYLE_PATH
}

pub(crate) fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// `GET /assets/{name}`
pub(crate) async fn asset(Path(name): Path<String>) -> Result<Response, Refusal> {
    let path = format!("/assets/{name}");
    let (kind, text) = match path.as_str() {
        path if path == style_path() => ("text/css; charset=utf-8", STYLE),
        path if path == script_path() => ("text/javascript; charset=utf-8", SCRIPT),
        ICON_PATH => ("image/svg+xml", ICON),
        _ => return Err(Refusal::not_found()),
    };
    let kept = "public, max-age=31536000, immutable";
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], text).into_response())
}
