//! The pages and data of a packet, as bytes.

use std::fmt::Write as _;

use domain::{Decision, Lead, Link, Sha256};
use serde::Serialize;
use store::StoredPosting;

use crate::PacketRequest;

/// `lead.json`: the lead as decided, with who made the packet.
#[derive(Serialize)]
struct LeadDocument<'a> {
    packet_format: u32,
    desk: &'a str,
    built_at: jiff::Timestamp,
    prepared_by: &'a str,
    approved_by: &'a str,
    rule_set: &'a Sha256,
    decision: Option<&'a Decision>,
    lead: &'a Lead,
    links: &'a [Link],
    caution: &'a str,
}

/// Said on every page that leaves the desk.
pub(crate) const CAUTION: &str = "An indicator is a reason to look and no proof. It is a reading of public words by rules, \
     checked by the persons named here; it accuses nobody. Possible victims come first: do not \
     contact the people in these postings on the strength of this packet alone.";

pub(crate) fn lead_json(request: &PacketRequest<'_>) -> Vec<u8> {
    pretty(&LeadDocument {
        packet_format: crate::PACKET_FORMAT,
        desk: request.desk,
        built_at: request.built_at,
        prepared_by: request.prepared_by,
        approved_by: request.approved_by,
        rule_set: &request.rule_set,
        decision: request.lead.decisions.last(),
        lead: request.lead,
        links: request.links,
        caution: CAUTION,
    })
}

pub(crate) fn postings_json(postings: &[StoredPosting]) -> Vec<u8> {
    pretty(&postings)
}

fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("plain structs with string keys serialise");
    bytes.push(b'\n');
    bytes
}

/// `bagit.txt` (RFC 8493, 2.1.1).
pub(crate) const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// `bag-info.txt` (RFC 8493, 2.2.2).
pub(crate) fn bag_info(request: &PacketRequest<'_>, octets: u64, files: usize) -> String {
    let date = request.built_at.strftime("%Y-%m-%d");
    let one_line = |text: &str| text.replace(['\n', '\r'], " ");
    format!(
        "Source-Organization: {}\nExternal-Identifier: {}\nBagging-Date: {date}\nPayload-Oxum: {octets}.{files}\n\
         Bag-Software-Agent: fusion {}\nFusion-Packet-Format: {}\nPrepared-By: {}\nApproved-By: {}\n",
        one_line(request.desk),
        request.lead.id,
        env!("CARGO_PKG_VERSION"),
        crate::PACKET_FORMAT,
        one_line(request.prepared_by),
        one_line(request.approved_by),
    )
}

/// A manifest as `sha256sum -c` reads it.
pub(crate) fn manifest(files: &[(String, Sha256)]) -> String {
    files.iter().fold(String::new(), |mut lines, (name, digest)| {
        let _ = writeln!(lines, "{}  {name}", digest.to_hex());
        lines
    })
}

/// `how-to-check.txt`.
pub(crate) fn how_to_check(folder: &str) -> String {
    format!(
        "How to check this packet
========================

You need no special program: any computer with the usual command-line tools will do.

1. Every byte of the packet

   The last 64 characters of the ZIP file are the SHA-256 of all bytes before them.
   These two lines must print the same:

       head -c -64 PACKET.zip | sha256sum
       tail -c 64 PACKET.zip; echo

2. Every file in the packet

       unzip PACKET.zip
       cd {folder}
       sha256sum -c manifest-sha256.txt
       sha256sum -c tagmanifest-sha256.txt

   Each line must end with OK. The folder is a BagIt bag (RFC 8493): any BagIt validator reads it.

3. The evidence

   data/evidence/*.wacz are the pages as they were captured: WACZ 1.1.1 around WARC 1.1
   (ISO 28500). Of a file with many rows, such as a list of ads, it holds the posting's own row;
   \"extract_of\" in its metadata record says which bytes of which capture that is, and the
   capture's line in data/custody.ndjson has the SHA-256 of the whole. A .wacz file is a ZIP; archive/data.warc.gz in it is plain text under gzip.
   Open one with any WACZ viewer, or check it:

       unzip -p data/evidence/NAME.wacz archive/data.warc.gz | zcat | less

   The SHA-256 of each .wacz file stands in data/custody.ndjson, in the line with
   \"event\":\"snapshot\", written when the evidence was taken.

4. The custody log

   data/custody.ndjson are the lines of the desk's custody log that concern this lead, as they
   were written. In each line \"hash\" is the SHA-256 of the line up to (not including)
   ,\"hash\": and \"prev\" is the \"hash\" of the line before it in the desk's whole log:

       head -n 1 data/custody.ndjson | sed 's/,\"hash\":.*//' | tr -d '\\n' | sha256sum

{CAUTION}
"
    )
}
