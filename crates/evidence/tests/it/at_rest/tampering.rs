//! What somebody changed in an encrypted desk is found, and the file named.

use super::*;

fn is_named(desk: &Desk, file: &Path) -> bool {
    desk.verify().faults.iter().any(|fault| Path::new(&fault.file) == file)
}

#[test]
fn every_flipped_byte_and_every_cut_is_found_and_its_file_named() {
    let key = Outside::new();
    let mut desk = key.desk();
    let one = page("https://jobs.example/1", "2026-11-23T09:00:00Z", b"one");
    desk.keep(&one);
    desk.snapshot(std::slice::from_ref(&one));
    desk.keep(&page("https://jobs.example/2", "2026-11-23T09:00:01Z", b"two"));
    desk.log.seal().unwrap();
    for (file, whole) in contents(desk.path()) {
        let path = desk.path().join(&file);
        // All that says where things lie; of what is encrypted, and opens as a whole, some.
        for at in (0..130).chain((130..whole.len()).step_by(29)) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, changed).unwrap();
            assert!(is_named(&desk, &file), "byte {at} of {}", file.display());
        }
        for length in (0..whole.len()).step_by(61).chain([whole.len() - 1]) {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(is_named(&desk, &file), "{} cut to {length}", file.display());
        }
        fs::write(&path, [whole.as_slice(), b"more"].concat()).unwrap();
        assert!(is_named(&desk, &file), "bytes behind {}", file.display());
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(desk.verify().faults, []);
}

#[test]
fn files_and_pieces_that_changed_places_are_named() {
    let key = Outside::new();
    let desk = key.encrypted();
    let all = contents(desk.path());
    assert!(all.len() > 2);
    for (a, b) in all.iter().zip(&all[1..]) {
        fs::write(desk.path().join(&a.0), &b.1).unwrap();
        assert!(is_named(&desk, &a.0), "{} in the place of {}", b.0.display(), a.0.display());
        fs::write(desk.path().join(&a.0), &a.1).unwrap();
    }
    // The frames of one file, among each other.
    let mut desk = key.desk();
    for (number, second) in [(1, "00"), (2, "01")] {
        let at = format!("2026-11-23T09:00:{second}Z");
        desk.keep(&page(&format!("https://jobs.example/{number}"), &at, b"one"));
    }
    desk.log.seal().unwrap();
    let (file, whole) = contents(desk.path()).remove(0);
    let entries = evidence::entries(&desk.path().join("custody"), 0).unwrap();
    let lengths = entries.filter_map(|entry| match entry.unwrap().event {
        Event::Capture { length, .. } => Some(40 + length as usize),
        _ => None,
    });
    let lengths: Vec<usize> = lengths.collect();
    let (head, frames) = whole.split_at(80);
    let (first, second) = frames.split_at(lengths[0]);
    assert_eq!(second.len(), lengths[1], "a capture has its own frame");
    fs::write(desk.path().join(&file), [head, second, first].concat()).unwrap();
    assert!(is_named(&desk, &file));
}

/// Plain bytes that somebody puts in the place of encrypted ones have to be the right ones.
#[test]
fn a_forged_plain_file_is_named() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let mut other = Desk::new();
    let forged = page("https://jobs.example/forged", "2026-11-23T09:00:00Z", b"forged");
    other.keep(&forged);
    let (_, bytes) = contents(other.path()).remove(0);
    let (file, _) = contents(desk.path()).remove(0);
    fs::write(desk.path().join(&file), bytes).unwrap();
    assert!(is_named(&desk, &file));
}
