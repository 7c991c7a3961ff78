//! MinHash: a few numbers that stand for the pairs of neighbouring words of a text. The share of
//! numbers that two texts agree in is near the share of pairs that they have in common
//! (Broder 1997); bands of them find near-copies without comparing (Indyk and Motwani 1998).

use crate::fold::{Folded, TokenKind};

/// Numbers of a band, and bands. Two texts with a share s of their pairs in common agree in some
/// band with probability 1-(1-s^7)^16: 0.98 for 0.8, 0.75 for 0.7, 0.12 for 0.5, 0.003 for 0.3. Of
/// real ads in Russian and English near-copies have 0.7 and more in common, others less than 0.3.
const ROWS: usize = 7;
const BANDS: usize = 16;
const NUMBERS: usize = ROWS * BANDS;

/// Fewest different pairs of words that make a text recognisable.
const FEWEST: usize = 10;
/// Most words that are looked at: an ad has a few hundred.
const MOST: usize = 20_000;

/// What a text is recognised by. Equal for equal words on any machine and for good: bands are kept
/// in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch([u32; NUMBERS]);

/// The sketch of a folded text, numbers taken as one. `None` for texts that are too short to tell.
pub fn sketch(folded: &Folded) -> Option<Sketch> {
    let mut pairs = pairs(folded);
    pairs.sort_unstable();
    pairs.dedup();
    if pairs.len() < FEWEST {
        return None;
    }
    let mut least = [u32::MAX; NUMBERS];
    for pair in pairs {
        for ((least, factor), shift) in least.iter_mut().zip(&FACTORS).zip(&SHIFTS) {
            // An odd factor and a shift put all numbers in another order.
            *least = (*least).min(pair.wrapping_mul(*factor).wrapping_add(*shift));
        }
    }
    Some(Sketch(least))
}

fn pairs(folded: &Folded) -> Vec<u32> {
    let words = folded.tokens().iter().take(MOST).map(|token| match token.kind {
        TokenKind::Word => hash(folded.word(token).as_bytes()),
        TokenKind::Number => 1,
    });
    let mut before = None;
    let mut pairs = Vec::with_capacity(folded.tokens().len());
    for word in words {
        if let Some(before) = before.replace(word) {
            let pair: u64 = mix(before ^ word.rotate_left(23));
            pairs.push((pair >> 32) as u32);
        }
    }
    pairs
}

impl Sketch {
    /// The bands, as digests: two texts that share one may be near-copies.
    pub fn bands(&self) -> [u64; BANDS] {
        let mut bands = [0; BANDS];
        for (number, (band, rows)) in bands.iter_mut().zip(self.0.chunks(ROWS)).enumerate() {
            let seed = mix(number as u64 + 1);
            *band = rows.iter().fold(seed, |sum, row| mix(sum ^ u64::from(*row)));
        }
        bands
    }

    /// One number that near-copies nearly always share and other texts do not.
    pub fn wording(&self) -> u32 {
        self.0[0]
    }

    /// What is enough of it to compare texts by, a quarter as long.
    pub fn short(&self) -> ShortSketch {
        ShortSketch(self.0.map(|number| (number >> 24 ^ number >> 12 ^ number) as u8))
    }
}

/// The low bits of a sketch (Li and Koenig 2010): two that differ agree in one of 256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortSketch([u8; NUMBERS]);

impl ShortSketch {
    /// The share of pairs of words that two texts have in common, estimated to about 0.05; 0 to 1.
    pub fn likeness(&self, other: &Self) -> f64 {
        let same = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        same as f64 / NUMBERS as f64
    }
}

/// Reads 8 bytes at a time. Our own, since those of libraries may change from version to version.
fn hash(bytes: &[u8]) -> u64 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let numbers = eights.iter().chain([&last]).map(|eight| u64::from_le_bytes(*eight));
    let sum = numbers.fold(bytes.len() as u64, |sum: u64, number| {
        (sum.rotate_left(26) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    mix(sum)
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

const FACTORS: [u32; NUMBERS] = series(0x9E37_79B9_7F4A_7C15, 1);
const SHIFTS: [u32; NUMBERS] = series(0xD1B5_4A32_D192_ED03, 0);

const fn series(step: u64, set: u32) -> [u32; NUMBERS] {
    let mut numbers = [0; NUMBERS];
    let mut at = 0;
    while at < NUMBERS {
        numbers[at] = (mix((at as u64 + 1).wrapping_mul(step)) >> 32) as u32 | set;
        at += 1;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    const AD: &str = "Потрібні дівчата на роботу в Польщу, фабрика шоколаду, житло безкоштовно, \
        оплата 1000 євро на місяць, виїзд щопонеділка, документи не потрібні, дзвоніть Олені";

    fn of(text: &str) -> Sketch {
        sketch(&Folded::new(text)).unwrap()
    }

    fn share_a_band(a: &Sketch, b: &Sketch) -> bool {
        a.bands().iter().zip(b.bands()).any(|(a, b)| *a == b)
    }

    #[test]
    fn the_same_ad_with_another_place_and_name_shares_a_band() {
        let other =
            AD.replace("Польщу", "Чехію").replace("Олені", "Марині").replace("1000", "1500");
        let (ad, other) = (of(AD), of(&other));
        assert!(share_a_band(&ad, &other));
        let likeness = ad.short().likeness(&other.short());
        assert!((0.5..1.0).contains(&likeness), "{likeness}");
    }

    #[test]
    fn another_ad_shares_none() {
        let other = of("Пекарня шукає помічника, офіційне оформлення, графік п'ять через два, \
            оплата вчасно, поруч метро, навчаємо за власний рахунок, чекаємо на співбесіду");
        assert!(!share_a_band(&of(AD), &other));
        assert!(of(AD).short().likeness(&other.short()) < 0.1);
    }

    #[test]
    fn a_few_words_are_no_text() {
        assert_eq!(sketch(&Folded::new("Робота за кордоном, дзвоніть 067 123 45 67")), None);
    }

    /// Bands are kept: were they others tomorrow, nothing old would be found.
    #[test]
    fn bands_stay_what_they_are() {
        let sketch = of("one two three four five six seven eight nine ten eleven twelve");
        let sum = sketch.bands().iter().fold(0, |sum: u64, band| sum.rotate_left(5) ^ band);
        assert_eq!(
            (format!("{sum:016x}"), sketch.wording()),
            ("4523285858ccfe33".to_owned(), 45_536_658)
        );
    }
}
