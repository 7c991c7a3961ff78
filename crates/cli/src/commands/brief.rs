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
        let name = format!("brief-{}-{}", options.week, language.code());
        let page = dir.join(format!("{name}.html"));
        write(&page, analytics::brief_html(&brief, *language).as_bytes())?;
        written.push(page);
        #[cfg(feature = "pdf")]
        {
            let page = dir.join(format!("{name}.pdf"));
            write(&page, &pdf(&brief, *language, &name)?)?;
            written.push(page);
        }
    }
    output.result(&serde_json::json!({ "files": written, "brief": brief }))?;
    for path in written {
        output.line(path.display().to_string())?;
    }
    output.line(format!(
        "Counts below {} are left out. Read it before you hand it on.",
        args.shown_from
    ))?;
    Ok(Ended::Clean)
}

/// The brief as PDF/A, dated at the end of its week: the same numbers give the same bytes.
#[cfg(feature = "pdf")]
fn pdf(
    brief: &analytics::Brief,
    language: domain::Language,
    ident: &str,
) -> anyhow::Result<Vec<u8>> {
    let sheet = analytics::brief_sheet(brief, language);
    let pictures = sheet.blocks.iter().filter_map(|block| match block {
        analytics::Block::Plot { svg, .. } => Some(svg.clone().into_bytes()),
        _ => None,
    });
    let at = brief.trends.to.to_zoned_datetime(jiff::tz::TimeZone::UTC)?.timestamp();
    let report = typeset::legible(&serde_json::to_string(&sheet)?);
    let (template, pictures) = (analytics::BRIEF_TEMPLATE, pictures.collect());
    let sheet = typeset::Sheet { template, report, pictures, ident: ident.to_owned(), at };
    Ok(typeset::pdf(sheet)?)
}

/// Writes a page, and its folder if there is none.
pub(crate) fn write(path: &Path, page: &[u8]) -> anyhow::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    }
    std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
}
