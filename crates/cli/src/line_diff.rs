//! What changed between two texts, line by line, in the unified form that `patch` and reviewers read.

use std::fmt::Write as _;

/// Unchanged lines around each change.
const CONTEXT: usize = 3;

enum Line<'t> {
    Same(&'t str),
    Gone(&'t str),
    New(&'t str),
}

/// The difference as a unified diff; empty if there is none. Meant for files of some hundred lines:
/// it takes time and memory by the product of their lengths.
pub(crate) fn unified(name: &str, old: &str, new: &str) -> String {
    let lines = lines(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let changed: Vec<usize> =
        (0..lines.len()).filter(|at| !matches!(lines[*at], Line::Same(_))).collect();
    let mut diff = String::new();
    for hunk in changed.chunk_by(|a, b| b - a <= 2 * CONTEXT) {
        let from = hunk[0].saturating_sub(CONTEXT);
        let to = (hunk[hunk.len() - 1] + CONTEXT + 1).min(lines.len());
        if diff.is_empty() {
            let _ = writeln!(diff, "--- {name}\n+++ {name}");
        }
        write_hunk(&mut diff, &lines, from, to);
    }
    diff
}

fn write_hunk(diff: &mut String, lines: &[Line<'_>], from: usize, to: usize) {
    let count = |range: std::ops::Range<usize>, old: bool| {
        let other = |line: &&Line<'_>| match line {
            Line::Same(_) => true,
            Line::Gone(_) => old,
            Line::New(_) => !old,
        };
        lines[range].iter().filter(other).count()
    };
    let (old, new) = (count(from..to, true), count(from..to, false));
    let (old_start, new_start) = (count(0..from, true) + 1, count(0..from, false) + 1);
    let _ = writeln!(diff, "@@ -{old_start},{old} +{new_start},{new} @@");
    for line in &lines[from..to] {
        let (mark, text) = match line {
            Line::Same(text) => (' ', text),
            Line::Gone(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        let _ = writeln!(diff, "{mark}{text}");
    }
}

/// By the longest common subsequence: `table[i][j]` is its length from lines `i` and `j` on.
fn lines<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let mut table = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i][j] = if old[i] == new[j] {
                table[i + 1][j + 1] + 1
            } else {
                table[i + 1][j].max(table[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && table[i + 1][j] >= table[i][j + 1]) {
            lines.push(Line::Gone(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_and_an_added_line_are_shown_in_their_surroundings() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\n";
        let expected = "--- w\n+++ w\n@@ -2,7 +2,8 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n+i\n";
        assert_eq!(unified("w", old, new), expected);
        assert_eq!(unified("w", old, old), "");
    }
}
