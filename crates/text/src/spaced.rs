//! Letters that were parted so that nobody's filter finds the word: `п а с п о р т`, `e.s.c.o.r.t`.

use crate::fold::{Folded, Token, TokenKind};
use crate::words::{Piece, Script, undisguise};

/// Fewest letters with blanks between them; short words of one letter do stand side by side.
const FEWEST_WITH_BLANKS: usize = 5;
/// Fewest letters with any other mark between them.
const FEWEST_WITH_MARKS: usize = 4;
/// Longest word that is put together; more is a list, or an attack.
const MOST: usize = 40;

/// Joins runs of single letters that have one and the same mark between them. The joined word is
/// put behind the end of the folded text, and its token in place of the letters'.
pub(crate) fn join(folded: &mut Folded, original: &str) {
    let mut at = 0;
    // Looking for a run costs nothing where no two single letters stand side by side.
    while at < folded.tokens().len() {
        let length = run_length(folded, original, at);
        if length == 0 {
            at += 1;
            continue;
        }
        let joined = join_run(folded, at, length);
        folded.tokens_mut().splice(at..at + length, joined);
        at += 1;
    }
}

fn is_single_letter(folded: &Folded, token: &Token) -> bool {
    token.kind == TokenKind::Word && folded.word(token).chars().nth(1).is_none()
}

/// How many tokens from `at` on are one word written with gaps; 0 for none.
fn run_length(folded: &Folded, original: &str, at: usize) -> usize {
    let tokens = folded.tokens();
    if !is_single_letter(folded, &tokens[at]) {
        return 0;
    }
    let gap = |left: &Token, right: &Token| original.get(left.to as usize..right.from as usize);
    let Some(mark) = tokens.get(at + 1).and_then(|next| gap(&tokens[at], next)) else { return 0 };
    if mark.chars().count() != 1 || mark == "\n" {
        return 0;
    }
    let more = tokens[at..].windows(2).take(MOST - 1).take_while(|pair| {
        is_single_letter(folded, &pair[1]) && gap(&pair[0], &pair[1]) == Some(mark)
    });
    let length = 1 + more.count();
    let fewest = if mark == " " { FEWEST_WITH_BLANKS } else { FEWEST_WITH_MARKS };
    if length >= fewest { length } else { 0 }
}

fn join_run(folded: &mut Folded, at: usize, length: usize) -> Option<Token> {
    let tokens = folded.tokens()[at..at + length].to_vec();
    let mut pieces: Vec<Piece> = tokens
        .iter()
        .filter_map(|token| {
            let c = folded.word(token).chars().next()?;
            Some(Piece { c, from: token.from, to: token.to })
        })
        .collect();
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return None };
    undisguise(&mut pieces, Script::None);
    // The bytes between the letters belong to the word: each letter reaches to the next.
    for index in 1..pieces.len() {
        pieces[index - 1].to = pieces[index].from;
    }
    folded.put(Piece { c: '\n', from: last.to, to: last.to });
    let start = folded.text().len() as u32;
    for piece in pieces {
        folded.put(piece);
    }
    Some(Token {
        start,
        end: folded.text().len() as u32,
        from: first.from,
        to: last.to,
        sentence: first.sentence,
        kind: TokenKind::Word,
        disguised: true,
    })
}
