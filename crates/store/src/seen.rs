//! The postings that were ever read, in 65,536 shelves by the first two bytes of their ids. The
//! database keeps some hundred bytes of memory for every page of sixteen entries: with an entry for
//! each posting its memory would grow with their number, with shelves it does not.

use domain::PostingId;

use crate::keys::{Kind, RawId, SHELF_BYTES};
use crate::values::{VERSION, versioned};
use crate::{ContentMark, StoreError};

/// The rest of an id, then the mark.
const ENTRY: usize = size_of::<RawId>() - SHELF_BYTES + size_of::<ContentMark>();
const REST: usize = size_of::<RawId>() - SHELF_BYTES;

/// The mark of this posting on its shelf.
pub(crate) fn mark_of(id: &RawId, shelf: &[u8]) -> Option<ContentMark> {
    let entries = versioned(shelf)?;
    let place = place_of(&id[SHELF_BYTES..], entries).ok()?;
    mark(entries.get(place + REST..place + ENTRY)?)
}

/// The shelf with the posting on it, in the order of the ids.
pub(crate) fn put(
    id: &RawId,
    content: ContentMark,
    shelf: Option<&[u8]>,
) -> Result<Vec<u8>, StoreError> {
    let mut bytes = shelf.map_or_else(|| vec![VERSION], <[u8]>::to_vec);
    let rest = &id[SHELF_BYTES..];
    let entries = versioned(&bytes).filter(|entries| entries.len() % ENTRY == 0);
    let entries = entries.ok_or_else(|| StoreError::Unstorable {
        what: format!("seen posting {}", PostingId::from_bytes(*id)),
        reason: "what is kept beside it does not read back".to_owned(),
    })?;
    match place_of(rest, entries) {
        Ok(place) => bytes[1 + place + REST..1 + place + ENTRY].copy_from_slice(&content.0),
        Err(place) => {
            let at = 1 + place;
            bytes.splice(at..at, rest.iter().chain(&content.0).copied());
        }
    }
    Ok(bytes)
}

/// All postings of a shelf, by id; `None` if it is not one that this program wrote.
pub(crate) fn read(key: &[u8], value: &[u8]) -> Option<Vec<(PostingId, ContentMark)>> {
    let head: &[u8; SHELF_BYTES] = key.strip_prefix(&[Kind::Seen as u8])?.try_into().ok()?;
    let (entries, left) = versioned(value)?.as_chunks::<ENTRY>();
    let in_order = entries.is_sorted_by(|a, b| a[..REST] < b[..REST]);
    if entries.is_empty() || !left.is_empty() || !in_order {
        return None;
    }
    let read = entries.iter().map(|entry| {
        let mut id = RawId::default();
        id[..SHELF_BYTES].copy_from_slice(head);
        id[SHELF_BYTES..].copy_from_slice(&entry[..REST]);
        Some((PostingId::from_bytes(id), mark(&entry[REST..])?))
    });
    read.collect()
}

/// How many postings a shelf holds.
pub(crate) fn count(shelf: &[u8]) -> u64 {
    (shelf.len().saturating_sub(1) / ENTRY) as u64
}

/// The byte at which the entry begins, or would have to.
fn place_of(rest: &[u8], entries: &[u8]) -> Result<usize, usize> {
    let (entries, _) = entries.as_chunks::<ENTRY>();
    let found = entries.binary_search_by(|entry| entry[..REST].cmp(rest));
    found.map(|index| index * ENTRY).map_err(|index| index * ENTRY)
}

fn mark(bytes: &[u8]) -> Option<ContentMark> {
    Some(ContentMark(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys;

    #[test]
    fn a_shelf_keeps_its_postings_in_order_whatever_the_order_they_came_in() {
        let id = |last: u8| RawId::from([7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
        let mut shelf: Option<Vec<u8>> = None;
        for last in [9, 3, 5, 3, 200] {
            shelf = Some(put(&id(last), ContentMark([last; 16]), shelf.as_deref()).unwrap());
        }
        let again = put(&id(5), ContentMark([55; 16]), shelf.as_deref()).unwrap();
        let read = read(&keys::shelf(&id(5)), &again).unwrap();
        let marks: Vec<u8> = read.iter().map(|(_, mark)| mark.0[0]).collect();
        assert_eq!(marks, [3, 55, 9, 200]);
        assert_eq!(count(&again), 4);
        assert_eq!(mark_of(&id(9), &again), Some(ContentMark([9; 16])));
        assert_eq!(mark_of(&id(8), &again), None);
    }

    #[test]
    fn what_is_no_shelf_is_refused() {
        let id = RawId::from([1; 12]);
        let shelf = put(&id, ContentMark([1; 16]), None).unwrap();
        let key = keys::shelf(&id);
        assert!(read(&key, &shelf).is_some());
        assert!(read(&key, &shelf[..shelf.len() - 1]).is_none());
        assert!(read(&key, &[VERSION]).is_none(), "an empty shelf is never kept");
        assert!(read(&key[..2], &shelf).is_none());
        let doubled = [shelf.as_slice(), &shelf[1..]].concat();
        assert!(read(&key, &doubled).is_none(), "the same posting twice");
        assert!(put(&id, ContentMark([1; 16]), Some(&shelf[..5])).is_err());
    }
}
