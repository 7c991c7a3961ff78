use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Global;

/// A progress bar on stderr; there is none when nobody looks.
pub(crate) struct Progress {
    bar: ProgressBar,
}

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
        Self { bar }
    }

    /// So much is done.
    pub(crate) fn at(&self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
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
