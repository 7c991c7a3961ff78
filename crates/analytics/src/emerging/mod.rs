//! `analyse emerging`: words, templates, contacts and channels that are said more often now than before.
//!
//! Each is weighed by its log-odds against the weeks before, with an informative Dirichlet prior
//! (Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16, 2008): rare things need more
//! than one loud posting, common ones more than a ripple. What is offered has besides passed a test
//! against chance, of rates that wander as they do, so that a quiet week gives an empty list.

mod background;
mod gather;
mod sift;
mod sketch;
mod wordings;

use jiff::Timestamp;
use link::Template;
use serde::Serialize;

use self::sift::Sifted;
use crate::AnalyticsError;
use crate::archive::Archive;
use crate::chance;
use crate::week::Week;

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct EmergingOptions {
    /// The week that is held against those before.
    pub week: Week,
    /// How many weeks before.
    pub past: i32,
    /// Flagged postings alone.
    pub flagged: bool,
    /// Near-copies too, as one candidate that stands for the phrases in it.
    pub templates: bool,
    /// In so many different texts at least.
    pub least: u32,
    /// How many candidates at most.
    pub limit: usize,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CandidateKind {
    /// One to three words, folded as rules fold them.
    Phrase,
    /// A whole text with slots for what changes.
    Template,
    /// A phone, e-mail address or wallet.
    Contact,
    /// An account, an invite, or a place on the web.
    Channel,
}

/// Something that rises.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// What it is.
    pub kind: CandidateKind,
    /// The words or the value; of a template the words that stay, `[…]` for each slot.
    pub value: String,
    /// Of a template: what stays, and what stands in its slots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// Different texts of this week that have it.
    pub now: u32,
    /// Different texts of the weeks before.
    pub before: u32,
    /// The weeks before one by one, the oldest first.
    pub weeks: Vec<u32>,
    /// Log-odds in standard errors.
    pub z: f64,
    /// How often chance would do as much or more, all candidates looked at together.
    pub by_chance: f64,
    /// Sources of this week that have it.
    pub sources: usize,
    /// Different authors of this week that have it, as far as authors and contacts tell them apart.
    pub hands: usize,
    /// Mostly written with a capital letter inside a sentence: it may be somebody's name.
    pub name_like: bool,
    /// Up to three places where it stands, with what is around it.
    pub quotes: Vec<Quoted>,
}

/// Words of a posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quoted {
    /// The posting.
    pub posting: String,
    /// The words with what is around them.
    pub words: String,
}

/// What rises this week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Emerging {
    /// The week.
    pub week: Week,
    /// Different texts of this week.
    pub texts: u32,
    /// Different texts of the weeks before.
    pub texts_before: u32,
    /// Weeks before in which anything was read.
    pub past_weeks: usize,
    /// Things in enough texts to be looked at; the threshold of chance is divided by this.
    pub looked_at: usize,
    /// The candidates, the strongest first.
    pub candidates: Vec<Candidate>,
}

/// Fewest weeks of past to say anything from.
const FEWEST_WEEKS: usize = chance::FEWEST_WEEKS;
/// Texts that the prior is worth.
const PRIOR: f64 = 500.0;
/// A quiet week gives a candidate with this chance.
const FALSE_ALARM: f64 = 0.02;
/// Candidates whose postings are gathered, to tell which say the same.
const GATHERED: usize = 200;

/// One thing that was counted.
#[derive(Clone, Debug)]
struct Counted {
    kind: CandidateKind,
    value: String,
    now: u32,
    weeks: Vec<u32>,
}

/// A thing with what its counts are worth.
struct Weighed {
    counted: Counted,
    before: u32,
    z: f64,
    by_chance: f64,
}

/// Works out what rises in a week. Memory: what the week says, not what the archive holds.
pub fn emerging(archive: &Archive, options: &EmergingOptions) -> Result<Emerging, AnalyticsError> {
    let Sifted { texts, things, wordings } = sift::sift(archive, options)?;
    let before = background::count(archive, options, things, &wordings)?;
    let past_weeks = before.texts.iter().filter(|texts| **texts > 0).count();
    let mut emerging = Emerging {
        week: options.week,
        texts,
        texts_before: before.texts.iter().sum(),
        past_weeks,
        looked_at: before.things.len(),
        candidates: Vec::new(),
    };
    if past_weeks < FEWEST_WEEKS || texts == 0 {
        return Ok(emerging);
    }
    let looked_at = before.things.len() as f64;
    let usual = usual_wander(&before.things, &before.texts);
    let things = before.things.into_iter();
    let weighed = things.map(|counted| weigh(counted, texts, &before.texts, usual));
    let mut rising: Vec<Weighed> = weighed
        .map(|mut weighed| {
            weighed.by_chance = (weighed.by_chance * looked_at).min(1.0);
            weighed
        })
        .filter(|weighed| weighed.z > 0.0 && weighed.by_chance < FALSE_ALARM)
        .collect();
    rising.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.counted.value.cmp(&b.counted.value)));
    rising.truncate(GATHERED);
    emerging.candidates = gather::gather(archive, options, rising, &wordings)?;
    Ok(emerging)
}

/// Log-odds with prior, and the chance of so many or more as the weeks before let expect.
fn weigh(counted: Counted, texts: u32, before: &[u32], usual: f64) -> Weighed {
    let (n_now, n_before) = (f64::from(texts), before.iter().map(|n| f64::from(*n)).sum::<f64>());
    let (now, past) =
        (f64::from(counted.now), counted.weeks.iter().map(|n| f64::from(*n)).sum::<f64>());
    let share = (now + past) / (n_now + n_before);
    let prior = PRIOR * share;
    let odds = |count: f64, of: f64| {
        ((count + prior) / (of + PRIOR - count - prior).max(f64::MIN_POSITIVE)).ln()
    };
    let delta = odds(now, n_now) - odds(past, n_before);
    // Weeks differ by more than chance: that makes a rise worth less, of common things above all.
    let wander = wander(&counted.weeks, before).unwrap_or(0.0).max(usual);
    let error = (1.0 / (now + prior) + 1.0 / (past + prior) + wander).sqrt();
    // The rate is known as well as the past is long (Jeffreys' half count), and wanders besides.
    let known = past + 0.5;
    let mean = known * n_now / n_before;
    let ln_chance = chance::ln_upper_tail(now, mean, 1.0 / (1.0 / known + wander));
    Weighed { before: past as u32, z: delta / error, by_chance: ln_chance.exp(), counted }
}

/// Fewest texts a week in which a thing tells how weeks differ.
const TELLING: f64 = 5.0;
/// What is taken where nothing tells: rates that wander by a third from week to week.
const UNTOLD: f64 = 0.1;

/// How far rates wander from week to week, so that nine of ten things wander less. A subject that was
/// never in fashion before will be one week, as others were: that alone is nothing new.
fn usual_wander(things: &[Counted], texts: &[u32]) -> f64 {
    let mut told: Vec<f64> =
        things.iter().filter_map(|thing| wander(&thing.weeks, texts)).collect();
    told.sort_by(f64::total_cmp);
    told.get(told.len() * 9 / 10).copied().unwrap_or(UNTOLD)
}

/// The relative variance of a thing's weekly rate beyond Poisson's, by moments; `None` of rare ones.
fn wander(weeks: &[u32], texts: &[u32]) -> Option<f64> {
    let weeks: Vec<(f64, f64)> = weeks
        .iter()
        .zip(texts)
        .filter(|(_, texts)| **texts > 0)
        .map(|(count, texts)| (f64::from(*count), f64::from(*texts)))
        .collect();
    let count: f64 = weeks.iter().map(|(count, _)| count).sum();
    let read: f64 = weeks.iter().map(|(_, texts)| texts).sum();
    let length = weeks.len() as f64;
    if length < 2.0 || count < TELLING * length {
        return None;
    }
    let expected = |texts: f64| count / read * texts;
    let apart: f64 = weeks.iter().map(|(count, texts)| (count - expected(*texts)).powi(2)).sum();
    let squares: f64 = weeks.iter().map(|(_, texts)| expected(*texts).powi(2)).sum();
    Some(((apart * length / (length - 1.0) - count) / squares).max(0.0))
}

/// The moment from which captures may hold postings of this week.
fn since(week: Week) -> Timestamp {
    week.begin() - jiff::SignedDuration::from_hours(24)
}
