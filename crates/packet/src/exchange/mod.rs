//! The dossier for other programs: STIX 2.1, a MISP event, HTCDS rows, and tables of postings and
//! contacts. All of it is written from what is disclosed, and the same dossier gives the same bytes.
//! `docs/exchange/` describes the forms and holds their schemas.

mod htcds;
mod misp;
mod stix;
mod tables;
mod uri;

use uuid::Uuid;

use crate::dossier::Dossier;
use crate::{Handover, PacketError, PacketRequest};

/// The files, by their names in the bag.
pub(crate) fn files(
    dossier: &Dossier<'_>,
    handover: &Handover<'_>,
    request: &PacketRequest<'_>,
) -> Result<Vec<(String, Vec<u8>)>, PacketError> {
    let files = [
        ("stix.json", stix::bundle(dossier, handover, request)),
        ("misp-event.json", misp::event(dossier, handover)),
        ("htcds.csv", htcds::rows(dossier, handover)?),
        ("postings.csv", tables::postings(dossier)?),
        ("contacts.csv", tables::contacts(dossier)?),
    ];
    Ok(files.map(|(name, bytes)| (format!("data/exchange/{name}"), bytes)).into())
}

/// The name space of our deterministic ids (RFC 9562, version 5).
fn name_space() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, b"fusion center packet")
}

/// An id made from what a thing is: the same thing has the same id in every packet.
fn id_of(parts: &[&str]) -> String {
    Uuid::new_v5(&name_space(), parts.join("\u{1f}").as_bytes()).to_string()
}

/// Rows as a spreadsheet reads them: UTF-8, quoted where needed.
fn table(head: &[&str], rows: Vec<Vec<String>>) -> Result<Vec<u8>, PacketError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| PacketError::Table(error.to_string());
    writer.write_record(head).map_err(failed)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| spreadsheet_cell(cell))).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| PacketError::Table(error.to_string()))
}

/// A cell of a table for spreadsheets: one that would be taken for a formula gets an apostrophe before
/// it.
pub fn spreadsheet_cell(cell: &str) -> String {
    let acts = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if acts { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        let cells = ["=1+1", "+380671234567", "-5", "@name", "\tx", "1500", "Київ"];
        let harmless = cells.map(spreadsheet_cell);
        assert_eq!(harmless, ["'=1+1", "'+380671234567", "'-5", "'@name", "'\tx", "1500", "Київ"]);
    }
}
