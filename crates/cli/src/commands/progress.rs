use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::args::Global;
use crate::output::remark;

/// A progress bar on stderr; there is none when nobody looks.
pub(crate) struct Progress {
    bar: ProgressBar,
    doing: &'static str,
    /// The hundredths that the next line waits for, where progress is told in lines.
    next_line: Option<AtomicU64>,
}

/// Between two lines, in hundredths.
const BETWEEN_LINES: u64 = 5;

impl Progress {
    /// Counts bytes.
    pub(crate) fn bytes(doing: &'static str, global: &Global) -> Self {
        Self::new(doing, "{msg} {bar:30} {binary_bytes}/{binary_total_bytes} {eta}", 0, global)
    }

    /// Counts things.
    pub(crate) fn things(doing: &'static str, total: u64, global: &Global) -> Self {
        Self::new(doing, "{msg} {bar:30} {pos}/{len}", total, global)
    }

    fn new(doing: &'static str, template: &str, total: u64, global: &Global) -> Self {
        // indicatif itself draws on a terminal alone.
        let bar = if global.quiet { ProgressBar::hidden() } else { ProgressBar::new(total) };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(doing);
        Self { bar, doing, next_line: None }
    }

    /// The same in lines, for who has no terminal and wants to know.
    pub(crate) fn in_lines(self) -> Self {
        let is_drawn = !self.bar.is_hidden();
        Self { next_line: (!is_drawn).then(|| AtomicU64::new(BETWEEN_LINES)), ..self }
    }

    /// So much is done.
    pub(crate) fn at(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        let Some(next) = &self.next_line else { return };
        let hundredths = done.saturating_mul(100) / total.max(1);
        if hundredths >= next.load(Ordering::Relaxed) {
            let (done, total) = (HumanBytes(done), HumanBytes(total));
            remark(&format!("{} {hundredths} %: {done} of {total}", self.doing));
            next.store((hundredths / BETWEEN_LINES + 1) * BETWEEN_LINES, Ordering::Relaxed);
        }
    }

    /// One more thing is done.
    pub(crate) fn one_more(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
