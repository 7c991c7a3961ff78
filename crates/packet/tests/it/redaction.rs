//! A redacted packet tells what was masked and holds no byte of it, however deep one looks.

use std::io::Read as _;

use packet::{ReportLanguage, Variant};

use crate::sample::{SECRETS, SampleDesk, files, text_of, without_digests};

/// Each file of a packet, unpacked as far as it goes: ZIP in ZIP, gzip, the streams of PDF.
pub fn unpacked(name: &str, bytes: &[u8], found: &mut Vec<(String, Vec<u8>)>) {
    found.push((name.to_owned(), bytes.to_vec()));
    if bytes.starts_with(b"PK\x03\x04") {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).unwrap();
            let inside = format!("{name}!{}", file.name().unwrap());
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            drop(file);
            unpacked(&inside, &bytes, found);
        }
    } else if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        unpacked(&format!("{name}!gz"), &plain, found);
    } else if bytes.starts_with(b"%PDF") {
        let mut rest = bytes;
        while let Some(at) = find(rest, b"stream\n").or_else(|| find(rest, b"stream\r\n")) {
            rest = &rest[at + 7..];
            let mut plain = Vec::new();
            // Not every stream is packed; what is not stands in the file as it is.
            let _ = flate2::read::ZlibDecoder::new(rest).read_to_end(&mut plain);
            if !plain.is_empty() {
                found.push((format!("{name}!stream"), plain));
            }
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// The forms in which a text can stand in a file: as it is, in capitals and small letters, with
/// JSON's or an address's escapes, as UTF-16 and in hex digits as PDF may have it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let escaped: String = secret
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let percent: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let hex: String = utf16.iter().map(|byte| format!("{byte:02X}")).collect();
    let mut forms: Vec<Vec<u8>> = [
        secret.to_owned(),
        secret.to_lowercase(),
        secret.to_uppercase(),
        escaped,
        percent,
        hex.to_lowercase(),
        hex,
    ]
    .map(String::into_bytes)
    .to_vec();
    forms.push(utf16);
    forms
}

fn secrets_in(packet: &std::path::Path) -> Vec<String> {
    let mut parts = Vec::new();
    unpacked("packet", &std::fs::read(packet).unwrap(), &mut parts);
    let mut found = Vec::new();
    for (name, bytes) in &parts {
        for secret in SECRETS {
            if forms(secret).iter().any(|form| find(bytes, form).is_some()) {
                found.push(format!("{secret} in {name}"));
            }
        }
    }
    found
}

#[test]
fn no_byte_of_what_was_masked_is_in_a_redacted_packet() {
    let desk = SampleDesk::new();
    for language in ReportLanguage::ALL {
        let mut handover = desk.handover(language, Variant::Redacted);
        handover.pdf = true;
        let packet = desk.build(&handover, "r.zip");
        assert_eq!(secrets_in(&packet), Vec::<String>::new(), "{}", language.code());
        assert!(packet::verify(&packet).unwrap().faults.is_empty());
    }
}

/// Or the search would find nothing anywhere.
#[test]
fn the_same_search_finds_every_secret_in_the_full_packet() {
    let desk = SampleDesk::new();
    let packet = desk.build(&desk.handover(ReportLanguage::Uk, Variant::Full), "f.zip");
    let found = secrets_in(&packet);
    for secret in SECRETS {
        assert!(found.iter().any(|place| place.starts_with(secret)), "{secret} was not found");
    }
    assert!(found.iter().any(|place| place.contains(".wacz!archive/data.warc.gz!gz")), "{found:?}");
}

#[test]
fn a_redacted_packet_lists_what_was_masked_by_kind_and_count() {
    let desk = SampleDesk::new();
    let packet = desk.build(&desk.handover(ReportLanguage::En, Variant::Redacted), "r.zip");
    let lead: serde_json::Value =
        serde_json::from_str(&text_of(&packet, "data/lead.json")).unwrap();
    insta::assert_json_snapshot!("masked_by_kind", lead["masked"]);
    let html = text_of(&packet, "data/report.html");
    assert!(html.contains("What was masked") && html.contains("Redacted version"));
    let body = html.split_once("<body>").unwrap().1;
    insta::assert_snapshot!("report_redacted", without_digests(body));
    let names: Vec<String> = files(&packet).into_iter().map(|(name, _)| name).collect();
    assert!(!names.iter().any(|name| name.ends_with(".wacz")), "{names:?}");
}

#[test]
fn quotes_of_a_redacted_posting_still_agree_with_its_text() {
    let desk = SampleDesk::new();
    let packet = desk.build(&desk.handover(ReportLanguage::En, Variant::Redacted), "r.zip");
    let postings: Vec<store::StoredPosting> =
        serde_json::from_str(&text_of(&packet, "data/postings.json")).unwrap();
    assert_eq!(postings.len(), 3);
    for stored in postings {
        let findings = stored.assessment.findings.iter().chain(&stored.assessment.mitigations);
        let spans = findings.flat_map(|finding| finding.spans());
        let contacts = stored.posting.contacts.iter().map(|contact| &contact.span);
        let mut count = 0;
        for span in spans.chain(contacts) {
            let field = match span.field {
                domain::Field::Text => stored.posting.text.as_str(),
                domain::Field::Title => stored.posting.title.as_deref().unwrap(),
            };
            assert_eq!(&field[span.start..span.end], span.quote);
            count += 1;
        }
        assert!(count > 0);
    }
}
