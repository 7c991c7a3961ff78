use domain::Sha256;

use crate::fold::{Folded, TokenKind};

/// Fewest words that make a text recognisable; shorter ones are said by many people.
const FEWEST_WORDS: usize = 8;

/// A digest of the words in their order, numbers taken as one: two ads that differ in price, phone,
/// punctuation, case or disguise agree in it. `None` for texts that are too short to tell.
pub fn fingerprint(folded: &Folded) -> Option<Sha256> {
    let words = folded.tokens().iter().filter(|token| token.kind == TokenKind::Word).count();
    if words < FEWEST_WORDS {
        return None;
    }
    let parts = folded.tokens().iter().map(|token| match token.kind {
        TokenKind::Word => folded.word(token).as_bytes(),
        TokenKind::Number => b"#",
    });
    Some(Sha256::of_parts(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_ad_with_another_price_is_recognised() {
        let print = |text: &str| fingerprint(&Folded::new(text));
        let first = print("Потрібні дівчата на роботу в Польщу, оплата 1000 євро, дзвоніть Олені");
        assert!(first.is_some());
        assert_eq!(
            first,
            print("ПОТРІБНІ дівчата — на роботу в Польщу! Оплата 2500 євро; дзвоніть Олені")
        );
        assert_ne!(
            first,
            print("Потрібні хлопці на роботу в Польщу, оплата 1000 євро, дзвоніть Олені")
        );
        assert_eq!(print("дзвоніть 067"), None);
    }
}
