//! Values packed: the JSON of a posting says its words several times over, and that of a lead with
//! hundreds of postings is mostly names that come again. The index is read and written in pages, and
//! what is a third as long is in the cache three times as often.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};

/// Shorter values gain nothing.
const WORTH_PACKING: usize = 256;
/// The quickest level: higher ones save a tenth more and take three times as long.
const LEVEL: i32 = 1;
/// No value is longer; a longer one is damage.
const LONGEST: u32 = 1 << 30;

struct Packer {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
}

impl Packer {
    fn new() -> io::Result<Self> {
        Ok(Self { compressor: Compressor::new(LEVEL)?, decompressor: Decompressor::new()? })
    }
}

thread_local! {
    /// What the library works with takes longer to make than a value to pack.
    static PACKER: RefCell<Option<Packer>> = const { RefCell::new(None) };
}

fn with_packer<T>(work: impl FnOnce(&mut Packer) -> io::Result<T>) -> Option<T> {
    PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            None => packer.insert(Packer::new().ok()?),
        };
        work(packer).ok()
    })
}

/// The length of the bytes, then the bytes as a Zstandard frame (RFC 8878); `None` when that would not
/// be shorter. Same bytes, same result.
pub(crate) fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= LONGEST)?;
    if bytes.len() < WORTH_PACKING {
        return None;
    }
    let frame = with_packer(|packer| packer.compressor.compress(bytes))?;
    let packed = [&length.to_be_bytes(), &*frame].concat();
    (packed.len() < bytes.len()).then_some(packed)
}

/// The bytes again; `None` for what [`packed`] did not make.
pub(crate) fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let (length, frame) = packed.split_first_chunk()?;
    let length = u32::from_be_bytes(*length);
    if length > LONGEST {
        return None;
    }
    let bytes = with_packer(|packer| packer.decompressor.decompress(frame, length as usize))?;
    (bytes.len() == length as usize).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_is_shorter_and_comes_back(word in ".{1,40}", times in 0_usize..400) {
            let bytes = word.repeat(times).into_bytes();
            if let Some(packed) = packed(&bytes) {
                prop_assert!(packed.len() < bytes.len());
                prop_assert_eq!(unpacked(&packed).unwrap(), bytes);
            } else {
                prop_assert!(bytes.len() < 4 * WORTH_PACKING);
            }
        }

        #[test]
        fn foreign_bytes_are_never_taken_for_packed_ones(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..60,
        ) {
            prop_assert!(unpacked(&bytes).is_none_or(|unpacked| unpacked.is_empty()));
            // Cut anywhere, or of another length.
            bytes = packed(&b"work abroad, no papers needed ".repeat(40)).unwrap();
            let whole = bytes.len();
            bytes.truncate(whole.saturating_sub(cut));
            prop_assert_eq!(unpacked(&bytes).is_some(), cut == 0);
            bytes = packed(&b"work abroad, no papers needed ".repeat(40)).unwrap();
            bytes[2] ^= 1 << (cut % 8);
            prop_assert_eq!(unpacked(&bytes), None);
        }
    }
}
