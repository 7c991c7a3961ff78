//! The weeks before: how often the things of this week were said.

use rustc_hash::{FxHashMap, FxHashSet};

use super::sift::{Copies, each_gram, visit, worded};
use super::wordings::{Sketcher, Wordings};
use super::{CandidateKind, Counted, EmergingOptions};
use crate::AnalyticsError;
use crate::archive::Archive;
use crate::grams::Grams;
use crate::week::Week;

/// Things with their past.
pub(super) struct Background {
    /// Different texts by week, the oldest first.
    pub(super) texts: Vec<u32>,
    pub(super) things: Vec<Counted>,
}

pub(super) fn count(
    archive: &Archive,
    options: &EmergingOptions,
    mut things: Vec<Counted>,
    wordings: &Wordings,
) -> Result<Background, AnalyticsError> {
    let first = options.week.back(options.past);
    let length = usize::try_from(options.past).unwrap_or(0);
    let mut texts = vec![0_u32; length];
    let mut counts = vec![0_u32; length * things.len()];
    let places: FxHashMap<(CandidateKind, &str), usize> = things
        .iter()
        .enumerate()
        .map(|(place, thing)| ((thing.kind, thing.value.as_str()), place))
        .collect();
    let (mut grams, mut copies) = (Grams::new(), Copies::default());
    let (mut sketcher, mut once) = (Sketcher::new(), FxHashSet::default());
    visit(archive, (first, options.week.back(1)), options.flagged, &mut |said| {
        let week = usize::try_from(Week::from_days(said.week).since(first)).unwrap_or(0);
        if !copies.is_new(said) || week >= length {
            return;
        }
        texts[week] += 1;
        once.clear();
        each_gram(&mut grams, said, &mut |gram, _, _| {
            if let Some(place) = places.get(&(CandidateKind::Phrase, gram)) {
                once.insert(*place);
            }
        });
        let template = worded(wordings, &mut sketcher, said);
        once.extend(template.and_then(|name| places.get(&(CandidateKind::Template, name))));
        let contacts = said.contacts();
        once.extend(contacts.iter().filter_map(|(kind, value)| places.get(&(*kind, *value))));
        // The order does not matter: each place is counted once.
        #[expect(clippy::iter_over_hash_type, reason = "sums do not depend on the order")]
        for place in &once {
            counts[place * length + week] += 1;
        }
    })?;
    drop(places);
    for (place, thing) in things.iter_mut().enumerate() {
        thing.weeks = counts[place * length..(place + 1) * length].to_vec();
    }
    Ok(Background { texts, things })
}
