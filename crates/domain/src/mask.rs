use crate::{Posting, PostingKind};

impl Posting {
    /// Whether it may tell of a possible victim: a tip is told by, or about, somebody who may be one, where
    /// adverts are public and their authors' own. What it says is masked until a person says why they need
    /// to see it.
    pub fn may_be_of_a_victim(&self) -> bool {
        self.kind == PostingKind::Tip
    }
}

/// What is left to see of something that is masked: its first signs, and how long it is.
///
/// ```
/// assert_eq!(domain::masked("+380671234567"), "+38••••••••••");
/// assert_eq!(domain::masked("Оля"), "О••");
/// ```
pub fn masked(value: &str) -> String {
    let letters = value.chars().count();
    let kept = if letters > 8 { 3 } else { 1 };
    let hidden = std::iter::repeat_n('•', letters.saturating_sub(kept).min(12));
    value.chars().take(kept).chain(hidden).collect()
}
