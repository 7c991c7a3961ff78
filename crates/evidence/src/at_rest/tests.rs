use std::io::Cursor;

use proptest::prelude::*;

use super::form::{FRAME_HEAD, FileKey, Frame, HEAD, Head, MOST};
use super::index::Index;
use super::keyring::DataKey;

const PLACE: &str = "captures/20261123-000001.warc.gz";

fn data_key() -> DataKey {
    DataKey::of([7; 32])
}

/// A sealed file of these parts, and its key.
fn sealed(parts: &[&[u8]]) -> (Vec<u8>, FileKey) {
    let (head, key) = Head::new(&data_key(), PLACE, None).unwrap();
    let mut bytes = head.to_bytes().to_vec();
    let mut offset = 0;
    for part in parts {
        key.seal(offset, part, &mut bytes).unwrap();
        offset += part.len() as u64;
    }
    (bytes, key)
}

/// What opens of a file, frame by frame, until one does not.
fn opened(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let Some(head) = bytes.first_chunk().and_then(Head::parse) else { return plain };
    let Some(key) = head.open(&data_key(), PLACE) else { return plain };
    let mut index = Index::empty();
    index.walk(Cursor::new(bytes), bytes.len() as u64).unwrap();
    let mut frame = Vec::new();
    let mut near = 0;
    while let Some((number, place)) = index.holding(plain.len() as u64, near) {
        if !key.open(&bytes[place.sealed.0 as usize..place.sealed.1 as usize], &mut frame) {
            return plain;
        }
        plain.extend_from_slice(&frame);
        near = number;
    }
    plain
}

#[test]
fn what_is_sealed_opens_at_any_length() {
    for length in [0, 1, 100, MOST - 1, MOST, MOST + 1, 3 * MOST + 17] {
        let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let (file, _) = sealed(&[&bytes]);
        let frames = length.div_ceil(MOST);
        assert_eq!(file.len(), HEAD + frames * FRAME_HEAD + length);
        assert_eq!(opened(&file), bytes);
    }
}

#[test]
fn zeros_take_no_room_and_read_as_zeros() {
    let (mut file, key) = sealed(&[b"before"]);
    key.seal_zeros(6, 200_000, &mut file).unwrap();
    key.seal(200_006, b"behind", &mut file).unwrap();
    assert!(file.len() < 500, "{} bytes", file.len());
    let plain = opened(&file);
    assert_eq!((&plain[..6], &plain[200_006..]), (&b"before"[..], &b"behind"[..]));
    assert!(plain[6..200_006].iter().all(|byte| *byte == 0));
}

#[test]
fn no_byte_can_be_changed_and_no_frame_moved() {
    let parts: [&[u8]; 3] = [b"the first capture", b"another capture!!", b"and the last one"];
    let (file, _) = sealed(&parts);
    let whole = opened(&file);
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1 << (at % 8);
        let read = opened(&changed);
        assert!(read.len() < whole.len() && whole.starts_with(&read), "byte {at}");
    }
    // Two frames of the same length change places; one is left out; one stands there twice.
    let frame = |number: usize| {
        let length = FRAME_HEAD + parts[0].len();
        &file[HEAD + number * length..HEAD + (number + 1) * length]
    };
    let rest = &file[HEAD + 2 * (FRAME_HEAD + parts[0].len())..];
    for forged in [
        [&file[..HEAD], frame(1), frame(0), rest].concat(),
        [&file[..HEAD], frame(1), rest].concat(),
        [&file[..HEAD], frame(0), frame(0), rest].concat(),
    ] {
        let read = opened(&forged);
        assert!(read.is_empty() || read == parts[0], "{read:?}");
    }
}

#[test]
fn a_file_opens_in_its_place_and_with_its_key_alone() {
    let (file, _) = sealed(&[b"a capture"]);
    let head = file.first_chunk().and_then(Head::parse).unwrap();
    assert!(head.open(&data_key(), PLACE).is_some());
    assert!(head.open(&data_key(), "captures/20261123-000002.warc.gz").is_none());
    assert!(head.open(&DataKey::of([8; 32]), PLACE).is_none());
    assert_eq!(head.key_id(), data_key().id());
}

#[test]
fn the_same_bytes_are_never_sealed_alike() {
    let (first, _) = sealed(&[b"a capture"]);
    let (second, key) = sealed(&[b"a capture"]);
    assert_ne!(first[HEAD..], second[HEAD..]);
    let mut again = Vec::new();
    key.seal(0, b"a capture", &mut again).unwrap();
    assert_ne!(again, second[HEAD..]);
}

#[test]
fn an_index_goes_on_with_a_file_that_grew() {
    let (mut file, key) = sealed(&[b"one", b"two"]);
    let mut index = Index::empty();
    index.walk(Cursor::new(&file), file.len() as u64).unwrap();
    assert_eq!((index.plain, index.boundary(3).is_some(), index.boundary(4)), (6, true, None));
    key.seal(6, b"three", &mut file).unwrap();
    index.walk(Cursor::new(&file), file.len() as u64).unwrap();
    assert_eq!((index.plain, index.sealed), (11, file.len() as u64));
    let mut anew = Index::empty();
    anew.walk(Cursor::new(&file), file.len() as u64).unwrap();
    assert_eq!(anew, index);
    // What is torn off is not counted.
    let mut torn = Index::empty();
    torn.walk(Cursor::new(&file), file.len() as u64 - 1).unwrap();
    assert_eq!(torn.plain, 6);
}

#[test]
fn an_index_of_a_write_that_was_taken_back_is_not_gone_on_with() {
    let (mut file, key) = sealed(&[b"one", b"taken back"]);
    let mut index = Index::empty();
    index.walk(Cursor::new(&file), file.len() as u64).unwrap();
    assert!(index.is_of(Cursor::new(&file)));
    file.truncate(HEAD + FRAME_HEAD + 3);
    key.seal(3, b"in its place and longer", &mut file).unwrap();
    assert!(!index.is_of(Cursor::new(&file)));
}

proptest! {
    #[test]
    fn any_bytes_behind_a_head_are_walked_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let (mut file, _) = sealed(&[b"one", b"two"]);
        file.extend_from_slice(&bytes);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let read = opened(&file);
        prop_assert!(b"onetwo".starts_with(read.as_slice()), "{:?}", read);
        if let Some(head) = bytes.first_chunk() {
            let _ = Frame::parse(head);
        }
    }
}
