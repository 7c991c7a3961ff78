use std::sync::Arc;

use collect::{Collector, PageReader};
use domain::{Clock, SourceKind};

use crate::pages::PageReaders;

/// All kinds of sources that this program can read.
pub struct Collectors {
    all: Vec<Box<dyn Collector>>,
}

impl Collectors {
    /// Job sources, social sources, files. The clock dates what is read from files; the pages in
    /// files are read by the collectors that know their form.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let mut all = collect_jobs::collectors();
        all.extend(collect_social::collectors());
        let readers = PageReaders::new();
        let pages: PageReader = Arc::new(move |source, page| readers.read(source, page));
        all.extend(collect::file_collectors(clock, &pages));
        Self { all }
    }

    /// The collector of this kind.
    pub fn of(&self, kind: &SourceKind) -> Option<&dyn Collector> {
        self.all.iter().find(|collector| collector.kind() == kind.0).map(AsRef::as_ref)
    }

    /// The names of all kinds, as written in `sources.toml`.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.all.iter().map(|collector| collector.kind()).collect()
    }
}
