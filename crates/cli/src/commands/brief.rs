use std::path::Path;

use analytics::{BRIEF_LANGUAGES, BriefOptions};
use anyhow::Context as _;

use super::analyse::{threads, week_of};
use super::{archive, open_desk};
use crate::Ended;
use crate::args::{Brief, Global};
use crate::output::Output;

/// `fusion analyse brief`
pub(crate) fn run(args: &Brief, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let archive = archive::open(&desk, global)?;
    let options = BriefOptions {
        week: week_of(&args.when),
        past: args.when.past,
        shown_from: args.shown_from,
        threads: threads(),
    };
    let brief = analytics::brief(&archive, &options)?;
    let dir = args.output.clone().unwrap_or_else(|| desk.dir().join("data/briefs"));
    desk.close()?;
    let languages = if args.language.is_empty() { &BRIEF_LANGUAGES[..] } else { &args.language };
    let mut written = Vec::new();
    for language in languages {
        let name = format!("brief-{}-{}.html", options.week, language.code());
        let page = analytics::brief_html(&brief, *language);
        write(&dir.join(&name), &page)?;
        written.push(dir.join(name));
    }
    output.result(&serde_json::json!({ "files": written, "brief": brief }))?;
    for path in written {
        output.line(path.display().to_string())?;
    }
    output.line(format!(
        "Counts below {} are left out. Read it before you hand it on; print it from any browser.",
        args.shown_from
    ))?;
    Ok(Ended::Clean)
}

/// Writes a page, and its folder if there is none.
pub(crate) fn write(path: &Path, page: &str) -> anyhow::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
}
