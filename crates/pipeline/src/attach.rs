//! Files that people add to a lead: a letter, a picture, an extract of a register. Each is a capture
//! that belongs to a posting of the lead, is verified and deleted with it, and is never read.

use collect::{attachment_address, attachment_capture};
use domain::{Attachment, LeadId, PostingId, Sha256};
use evidence::{Event, Vault};
use store::Store;

use crate::look::capture_in;
use crate::{Desk, PipelineError};

/// The largest file, in bytes.
pub const LARGEST_ATTACHMENT: usize = 20 * 1024 * 1024;
/// Most files of a posting.
const MOST: u32 = 200;
/// Longest name, in characters.
const LONGEST_NAME: usize = 120;

impl Desk {
    /// Keeps a file with a lead, and notes in the person's name that they added it.
    pub fn attach(
        &mut self,
        id: &LeadId,
        by: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<Attachment, PipelineError> {
        let refused = |what: String| Err(PipelineError::Refused(what));
        if bytes.is_empty() {
            return refused("the file is empty".to_owned());
        }
        if bytes.len() > LARGEST_ATTACHMENT {
            let most = LARGEST_ATTACHMENT / (1024 * 1024);
            return refused(format!("the file has more than {most} MiB: add a part of it"));
        }
        let lead = self.existing(id)?;
        let Some(posting) = lead.postings.first().cloned() else {
            return refused(format!("lead {id} has no posting to keep a file with"));
        };
        let source = self.tip_source()?;
        let sha256 = Sha256::of(&bytes);
        let number = self.free_number(&source.id, &posting)?;
        let name = plain_name(name);
        let attachment = Attachment { posting, number, sha256, bytes: bytes.len() as u64, name };
        let capture = attachment_capture(&source, &attachment, self.clock.now(), bytes);
        self.keep(&capture)?;
        let note = Event::Note { lead: lead.id, text: attachment.to_string() };
        self.record(by, vec![note])?;
        Ok(attachment)
    }

    fn free_number(
        &self,
        source: &domain::SourceId,
        posting: &PostingId,
    ) -> Result<u32, PipelineError> {
        for number in 1..=MOST {
            let address = attachment_address(posting, number);
            if self.store.latest_payload(source, &address)?.is_none() {
                return Ok(number);
            }
        }
        Err(PipelineError::Refused(format!("a posting has at most {MOST} files")))
    }
}

/// A lead's file, byte for byte, out of the index and the desk's vault; `None` if it is gone or is
/// not what the remark says. Whoever shows it to a person logs that first.
pub fn attached(
    store: &dyn Store,
    vault: &Vault,
    attachment: &Attachment,
) -> Result<Option<Vec<u8>>, PipelineError> {
    let address = attachment_address(&attachment.posting, attachment.number);
    let source = crate::tip::source_of_tips();
    let Some((id, _)) = store.latest_payload(&source.id, &address)? else { return Ok(None) };
    let capture = capture_in(store, vault, &id)?;
    Ok(capture.map(|capture| capture.body).filter(|body| Sha256::of(body) == attachment.sha256))
}

/// A name on one line, without a way to anywhere.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String =
        name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_NAME).collect();
    match plain.trim() {
        "" => "file".to_owned(),
        plain => plain.to_owned(),
    }
}
