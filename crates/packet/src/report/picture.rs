//! What of a posting's page was pictured, with frames around the words that rules found.

use evidence::{PagePicture, Rectangle};

use super::Telling;
use crate::build::Pictured;
use crate::dossier::DisclosedPosting;
use crate::page::{Block, Page, plain};
use crate::page_picture::strips;

impl Telling<'_> {
    pub(super) fn picture(&self, page: &mut Page, disclosed: &DisclosedPosting) {
        let words = self.dossier.words;
        let posting = &disclosed.stored.posting;
        let Some(Pictured { file, picture }) = self.pictures.get(&posting.id) else { return };
        page.heading(3, &words.pictured);
        let unread = |what: &str| plain(format!("{} {file} ({what})", words.pictured_unread));
        let picture = match picture {
            Ok(picture) => picture,
            Err(what) => return page.paragraph(unread(what)),
        };
        let marks = numbered(disclosed, picture);
        let strips = match strips(picture, &marks) {
            Ok(strips) => strips,
            Err(what) => return page.paragraph(unread(&what)),
        };
        let framed = |number: usize| {
            let mut frames = strips.iter().flat_map(|strip| &strip.frames);
            frames.any(|frame| frame.number == Some(number))
        };
        let signs = 1..=disclosed.stored.assessment.findings.len();
        let missed: Vec<usize> = signs.filter(|number| !framed(*number)).collect();
        let are_all_missed = missed.len() == disclosed.stored.assessment.findings.len();
        let note = if are_all_missed { &words.pictured_top } else { &words.pictured_note };
        let taken = format!("{}: {}", self.moment(picture.taken_at), picture.browser);
        page.paragraph(plain(format!("{note} {file} ({taken}).")));
        if !missed.is_empty() && !are_all_missed {
            let missed: Vec<String> = missed.iter().map(ToString::to_string).collect();
            page.paragraph(plain(format!("{}: {}", words.pictured_missed, missed.join(", "))));
        }
        page.blocks.push(Block::Picture { title: words.pictured.clone(), strips });
    }
}

/// The marks with the numbers of their signs. A sign that a later rule set does not find any more has
/// none.
fn numbered<'p>(
    disclosed: &DisclosedPosting,
    picture: &'p PagePicture,
) -> Vec<(usize, &'p [Rectangle])> {
    let findings = &disclosed.stored.assessment.findings;
    let marks = picture.marks.iter().filter_map(|mark| {
        let number = findings.iter().position(|finding| {
            (&finding.indicator, &finding.rule) == (&mark.indicator, &mark.rule)
                && finding.spans().iter().any(|span| span.quote == mark.quote)
        })?;
        Some((number + 1, mark.places.as_slice()))
    });
    marks.collect()
}
