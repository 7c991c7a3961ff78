//! The fonts, and what they have letters for.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// What a letter that no font has is shown as: PDF/A forbids letters without a shape.
pub const MISSING: char = '\u{fffd}';

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let own: [&'static [u8]; 3] = [
        include_bytes!("../fonts/NotoEmoji-Regular.ttf"),
        include_bytes!("../fonts/NotoNaskhArabic-Regular.ttf"),
        include_bytes!("../fonts/NotoSansHebrew-Regular.ttf"),
    ];
    let files = typst_assets::fonts().chain(own);
    let fonts: Vec<Font> = files.flat_map(|file| Font::iter(Bytes::new(file))).collect();
    // The fonts for formulas are never asked for, and would only be looked through.
    let wanted = |font: &Font| !font.info().family.contains("Computer Modern");
    let fonts: Vec<Font> = fonts.into_iter().filter(wanted).collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

pub(crate) fn book() -> &'static LazyHash<FontBook> {
    &FONTS.book
}

pub(crate) fn font(index: usize) -> Option<Font> {
    FONTS.fonts.get(index).cloned()
}

/// The text with [`MISSING`] for each letter that no font has. Signs that join or colour the one before
/// them, and have no shape of their own, are left out.
pub fn legible(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ad}' => {
            None
        }
        letter if has(letter) => Some(letter),
        _ => Some(MISSING),
    };
    text.chars().filter_map(shown).collect()
}

fn has(letter: char) -> bool {
    let covers = |font: &Font| font.info().coverage.contains(u32::from(letter));
    letter == ' ' || letter == '\u{a0}' || FONTS.fonts.iter().any(covers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_without_a_shape_are_marked_and_the_rest_stays() {
        assert_eq!(legible("Їжак і ţară 🔥\tא ب\n"), "Їжак і ţară 🔥 א ب\n");
        assert_eq!(legible("日本"), "\u{fffd}\u{fffd}");
        assert_eq!(legible("па\u{200b}с\u{ad}порт\u{fe0f}"), "паспорт");
    }
}
