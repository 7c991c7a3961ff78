//! What stands around the deflated bytes of a gzip member (RFC 1952).

use flate2::Crc;

/// Before them: of no name, no time, and no system.
pub(crate) const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// How many bytes stand behind them.
pub(crate) const END: usize = 8;

/// Behind them: the sum and the length of what was deflated.
pub(crate) fn end(deflated: &Crc) -> [u8; END] {
    let mut end = [0; END];
    end[..4].copy_from_slice(&deflated.sum().to_le_bytes());
    end[4..].copy_from_slice(&deflated.amount().to_le_bytes());
    end
}
