use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a page a declaration is looked for. The HTML standard says 1,024 bytes; pages with
/// long comments on top are common.
const PRESCAN: usize = 4 * 1024;
/// How much is shown to the detector: enough to be sure, and cheap.
const DETECTED: usize = 256 * 1024;

/// Text out of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without byte order mark; U+FFFD stands where bytes made no sense.
    pub text: String,
    /// Name by the WHATWG Encoding Standard, such as `UTF-8` or `windows-1251`.
    pub encoding_name: &'static str,
    /// Whether there were bytes that made no sense.
    pub had_errors: bool,
}

/// Decodes a page or feed: by its byte order mark, its `Content-Type`, its own XML or HTML
/// declaration, and when there is none or it is plainly wrong, by what the bytes look like. Never
/// fails.
pub fn decode(content: &[u8], content_type: Option<&str>) -> Decoded {
    let encoding = encoding_of(content, content_type);
    let (text, encoding, had_errors) = encoding.decode(content);
    Decoded { text: text.into_owned(), encoding_name: encoding.name(), had_errors }
}

fn encoding_of(content: &[u8], content_type: Option<&str>) -> &'static Encoding {
    if let Some(encoding) = by_form(content) {
        return encoding;
    }
    let declared = [content_type.and_then(charset_parameter), declaration(content)];
    for encoding in declared.into_iter().flatten() {
        // Pages moved to a new server are declared UTF-8 by it and are not; browsers show them
        // broken, and their owners don't always notice.
        if encoding != UTF_8 || is_mostly_utf8(content) {
            return encoding;
        }
    }
    guess(content)
}

/// The encoding of text that says nothing about itself.
pub(crate) fn undeclared_encoding(content: &[u8]) -> &'static Encoding {
    by_form(content).unwrap_or_else(|| guess(content))
}

/// What the bytes show without doubt, against any declaration: a byte order mark, UTF-16 (every
/// second byte of a tag is zero), and UTF-8 with several characters that would be nonsense
/// otherwise.
fn by_form(content: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(content) {
        return Some(encoding);
    }
    let start = &content[..content.len().min(512)];
    let zeros =
        |parity: usize| start.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Half of the characters from Latin, digits and blanks are enough; Cyrillic words have none.
    if even + odd > start.len() / 8 && start.len() > 3 {
        if even * 8 < odd {
            return Some(UTF_16LE);
        }
        if odd * 8 < even {
            return Some(UTF_16BE);
        }
    }
    let counts = utf8_counts(content);
    (counts.broken == 0 && counts.multibyte > 2).then_some(UTF_8)
}

fn guess(content: &[u8]) -> &'static Encoding {
    if is_mostly_utf8(content) {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&content[..content.len().min(DETECTED)], true);
    detector.guess(None, Utf8Detection::Deny)
}

/// UTF-8 with a few broken places is still UTF-8: a feed cut in the middle of a letter, an old
/// comment pasted in. In another encoding nearly every non-ASCII byte would be broken.
fn is_mostly_utf8(content: &[u8]) -> bool {
    let counts = utf8_counts(content);
    counts.broken * 2 <= counts.multibyte
}

struct Utf8Counts {
    multibyte: usize,
    broken: usize,
}

fn utf8_counts(content: &[u8]) -> Utf8Counts {
    let mut counts = Utf8Counts { multibyte: 0, broken: 0 };
    let mut chunks = content.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        let continuing = |byte: &&u8| (0x80..0xC0).contains(*byte);
        let starts_and_continues = chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
        let continues = chunk.valid().as_bytes().iter().filter(continuing).count();
        counts.multibyte += starts_and_continues - continues;
        // A letter cut off at the very end is the fault of whoever cut.
        let cut_off = chunks.peek().is_none() && chunk.invalid().first() >= Some(&0xC2);
        if !chunk.invalid().is_empty() && !cut_off {
            counts.broken += 1;
        }
    }
    counts
}

/// `text/html; charset="windows-1251"`
fn charset_parameter(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset")?;
    label(rest)
}

/// `<?xml version="1.0" encoding="..."?>`, `<meta charset="...">`,
/// `<meta http-equiv="Content-Type" content="text/html; charset=...">`.
fn declaration(content: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&content[..content.len().min(PRESCAN)]);
    let start = start.to_ascii_lowercase();
    if let Some(xml) = start.trim_start().strip_prefix("<?xml") {
        let declared = xml.split('>').next()?.split_once("encoding").map(|(_, rest)| label(rest));
        if let Some(Some(encoding)) = declared {
            return Some(encoding);
        }
    }
    let metas = start.split("<meta").skip(1).filter_map(|meta| meta.split('>').next());
    metas.filter_map(|meta| label(meta.split_once("charset")?.1)).next()
}

/// `= "windows-1251" ...` as an encoding.
fn label(after_name: &str) -> Option<&'static Encoding> {
    let value = after_name.trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split([' ', ';', '"', '\'', '?', '/', '\t', '\n']).next()?,
    };
    let encoding = match value.trim() {
        // Not a label of the standard, but written by old Macs.
        "maccyrillic" | "mac-cyrillic" => encoding_rs::X_MAC_CYRILLIC,
        value => Encoding::for_label(value.as_bytes())?,
    };
    // A declaration that can be read as ASCII is not in UTF-16, so says the HTML standard.
    Some(match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => UTF_8,
        "x-user-defined" => WINDOWS_1252,
        _ => encoding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str = "Требуются упаковщицы на склад, проживание за счёт работодателя";

    fn check(content: &[u8], content_type: Option<&str>, encoding: &str, text: &str) {
        let decoded = decode(content, content_type);
        assert_eq!((decoded.encoding_name, decoded.text.as_str()), (encoding, text));
    }

    fn cyrillic(text: &str) -> Vec<u8> {
        encoding_rs::WINDOWS_1251.encode(text).0.into_owned()
    }

    #[test]
    fn the_header_names_the_encoding() {
        let koi8 = encoding_rs::KOI8_U.encode("Їжа є").0.into_owned();
        check(&koi8, Some("text/html; charset=\"KOI8-U\""), "KOI8-U", "Їжа є");
        check("ana are mere".as_bytes(), Some("text/plain"), "UTF-8", "ana are mere");
    }

    #[test]
    fn the_page_names_its_encoding_itself() {
        for declaration in [
            "<?xml version='1.0' encoding='windows-1251'?>",
            "<html><head><META CHARSET=windows-1251>",
            "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
        ] {
            let page = format!("{declaration}За");
            check(&cyrillic(&page), None, "windows-1251", &page);
        }
    }

    #[test]
    fn a_declaration_that_is_plainly_wrong_is_not_believed() {
        check(&cyrillic(RUSSIAN), Some("text/html; charset=utf-8"), "windows-1251", RUSSIAN);
        check(RUSSIAN.as_bytes(), Some("text/html; charset=iso-8859-1"), "UTF-8", RUSSIAN);
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf_8_into_something_else() {
        let mut bytes = RUSSIAN.as_bytes().to_vec();
        bytes.insert(2, 0xFF);
        let decoded = decode(&bytes, None);
        assert_eq!((decoded.encoding_name, decoded.had_errors), ("UTF-8", true));
        let cut = &RUSSIAN.as_bytes()[..41];
        assert_eq!(decode(cut, None).encoding_name, "UTF-8");
    }

    #[test]
    fn byte_order_marks_are_taken_off() {
        check("\u{feff}ї".as_bytes(), Some("text/html; charset=windows-1251"), "UTF-8", "ї");
        check(b"\xFF\xFE\x57\x04", None, "UTF-16LE", "ї");
        check(b"", None, "UTF-8", "");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_decode(bytes: Vec<u8>, header: Option<String>) {
            decode(&bytes, header.as_deref());
        }
    }
}
