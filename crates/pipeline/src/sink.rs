use async_trait::async_trait;
use collect::{CaptureSink, KeepError};
use domain::{Capture, OutcomeClass};

use crate::PipelineError;
use crate::scan::SourceReport;
use crate::writer::Writer;

/// Keeps captures as a walk does, for errands that ask for something that is known: that a page does
/// not hold what a collector looks for is no fault then, it is what was asked.
pub(crate) struct Sink<'a> {
    writer: &'a Writer,
    pub(crate) report: SourceReport,
    /// Why the desk could not keep one; `KeepError` carries its words alone.
    pub(crate) failure: Option<PipelineError>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(writer: &'a Writer) -> Self {
        Self { writer, report: SourceReport::default(), failure: None }
    }
}

#[async_trait]
impl CaptureSink for Sink<'_> {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        match self.writer.keep(capture).await {
            Ok(kept) => {
                let all = kept.tally.iter();
                for (outcome, times) in all.filter(|(is, _)| is.class != OutcomeClass::Fault) {
                    self.report.tally.add(outcome, times);
                }
                self.report.flagged.extend(kept.flagged);
                Ok(kept.new)
            }
            Err(error) => {
                let words = error.to_string();
                self.failure = Some(error);
                Err(KeepError(words))
            }
        }
    }
}
