//! Real pages in the encodings of our languages; the folder's name is the true one.

use std::collections::BTreeMap;

use encoding_rs::Encoding;

use crate::desk::reference_data;

/// Pages read right. The rest say nothing about themselves and are short, or in encodings between
/// which only a few letters differ.
const FLOOR: usize = 75;

#[test]
fn real_pages_are_read_in_their_encoding() {
    let Some(folder) = reference_data() else { return };
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("charsets")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let label = match name.as_str() {
            "MacCyrillic" => "x-mac-cyrillic".to_owned(),
            // `iso-8859-5-russian`: the language comes last.
            name => name
                .trim_end_matches("-russian")
                .trim_end_matches("-bulgarian")
                .trim_end_matches("-polish")
                .trim_end_matches("-romanian")
                .to_owned(),
        };
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        for page in std::fs::read_dir(entry.path()).unwrap() {
            pages.insert(page.unwrap().path(), encoding);
        }
    }
    let mut right = 0;
    for (path, encoding) in &pages {
        let bytes = std::fs::read(path).unwrap();
        let decoded = collect::decode(&bytes, None);
        let (expected, ..) = encoding.decode(&bytes);
        if decoded.text == expected {
            right += 1;
        } else {
            let path = path.strip_prefix(&folder).unwrap();
            eprintln!("{}: taken for {}", path.display(), decoded.encoding_name);
        }
    }
    eprintln!("{right} of {} pages read right", pages.len());
    assert_eq!(pages.len(), 80);
    assert!(right >= FLOOR, "{right} of {}", pages.len());
}
