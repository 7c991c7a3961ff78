//! What a picture looks like: its hash, which near-copies nearly share. Pure, and in whole numbers
//! from the decoded pixels on, so that it is the same on any machine.
//!
//! The picture is made grey and 64 by 64; of its cosine transform the 16 by 16 lowest frequencies are
//! held against their median, one bit each. That is the way of pHash, in the size of PDQ
//! (<https://github.com/facebook/ThreatExchange/tree/main/pdq>). Nothing in it knows faces.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::ImageHash;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// The most pixels that are decoded; a file of a few bytes can claim billions.
const MOST_PIXELS: u64 = 16 * 1024 * 1024;
/// The most memory that a decoder may take beside the pixels' own, where it counts.
const MOST_MEMORY: u64 = 192 * 1024 * 1024;
/// What is smaller on a side is an icon.
const LEAST_SIDE: u32 = 64;
/// Least sum of steps from one cell to the next, in percent of full contrast: below it a picture is
/// plain, and others look like it by chance. PDQ asks for as much.
const LEAST_DETAIL: i64 = 4_500;

const SIDE: usize = 64;
const FREQUENCIES: usize = 16;

/// What is seen of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// This.
    Detailed(ImageHash),
    /// Too little to be told apart by it: an icon, a surface, a dot that counts visitors.
    Plain,
    /// Nothing, since it cannot be decoded or is too large. Its bytes may still be those of another.
    Unseen,
}

/// Looks at the bytes of a picture: PNG, JPEG, WebP or GIF, of which the first frame. Never panics,
/// and takes a bounded amount of memory, whatever the bytes.
pub fn look_at(bytes: &[u8]) -> Look {
    // The decoders are other people's; what one of them did not think of is one picture unseen.
    let seen = catch_unwind(AssertUnwindSafe(|| decoded(bytes).map(|image| look(&image))));
    seen.ok().flatten().unwrap_or(Look::Unseen)
}

fn decoded(bytes: &[u8]) -> Option<DynamicImage> {
    let format = image::guess_format(bytes).ok()?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    if !known.contains(&format) {
        return None;
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return None;
    }
    DynamicImage::from_decoder(decoder).ok()
}

fn look(image: &DynamicImage) -> Look {
    if image.width() < LEAST_SIDE || image.height() < LEAST_SIDE {
        return Look::Plain;
    }
    let cells = cells(image);
    if detail(&cells) < LEAST_DETAIL {
        return Look::Plain;
    }
    Look::Detailed(hash(&cells))
}

/// A grey picture of 64 by 64, from 0 to 4080.
type Cells = [[i64; SIDE]; SIDE];

/// Each cell is the mean of what lies under it, pixels that it shares with its neighbours in part:
/// so a picture and its copy in another size have nearly the same cells. What is transparent is
/// white.
fn cells(image: &DynamicImage) -> Cells {
    let grey = image.to_luma_alpha8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let mut cells: Cells = [[0; SIDE]; SIDE];
    for (y, row) in grey.rows().enumerate() {
        let mut columns = [0_i64; SIDE];
        for (x, pixel) in row.enumerate() {
            let [luma, alpha] = pixel.0.map(i64::from);
            let luma = luma * alpha + 255 * (255 - alpha);
            spread(x, width, |column, part| columns[column] += luma * part);
        }
        spread(y, height, |row, part| {
            cells[row].iter_mut().zip(columns).for_each(|(cell, column)| *cell += column * part);
        });
    }
    // A cell is as large as the picture, in 64ths of a pixel on each side.
    let area = (width * height) as i64;
    cells.as_flattened_mut().iter_mut().for_each(|cell| *cell = *cell * 16 / (area * 255));
    cells
}

/// On which of 64 cells a pixel lies, and with how many 64ths of itself on each.
fn spread(at: usize, length: usize, mut on: impl FnMut(usize, i64)) {
    let (from, to) = (at * SIDE, (at + 1) * SIDE);
    for cell in from / length..SIDE {
        let (begin, end) = (cell * length, (cell + 1) * length);
        if begin >= to {
            break;
        }
        on(cell, (to.min(end) - from.max(begin)) as i64);
    }
}

fn detail(cells: &Cells) -> i64 {
    let step = |a: i64, b: i64| ((a - b) * 100 / (255 * 16)).abs();
    let across = cells.iter().flat_map(|row| row.windows(2).map(|two| step(two[0], two[1])));
    let down = cells.windows(2).flat_map(|two| two[0].iter().zip(two[1]).map(|(a, b)| step(*a, b)));
    across.sum::<i64>() + down.sum::<i64>()
}

fn hash(cells: &Cells) -> ImageHash {
    let mut waves = [[0_i64; FREQUENCIES]; SIDE];
    for (row, waves) in cells.iter().zip(&mut waves) {
        for (u, wave) in (1..).zip(waves) {
            *wave = row.iter().enumerate().map(|(x, cell)| cell * cosine((2 * x + 1) * u)).sum();
        }
    }
    let mut found = [0_i64; FREQUENCIES * FREQUENCIES];
    for (at, found) in found.iter_mut().enumerate() {
        let (v, u) = (at / FREQUENCIES + 1, at % FREQUENCIES);
        *found = waves.iter().enumerate().map(|(y, row)| row[u] * cosine((2 * y + 1) * v)).sum();
    }
    let mut sorted = found;
    sorted.sort_unstable();
    let median = sorted[sorted.len() / 2 - 1];
    let mut bits = [0_u8; 32];
    for (at, found) in found.iter().enumerate() {
        if *found > median {
            bits[at / 8] |= 0x80 >> (at % 8);
        }
    }
    ImageHash::from_bytes(bits)
}

/// 2^14 times the cosine of so many 128ths of half a turn.
fn cosine(steps: usize) -> i64 {
    match steps % 256 {
        at @ 0..=64 => QUARTER[at],
        at @ 65..=128 => -QUARTER[128 - at],
        at @ 129..=192 => -QUARTER[at - 128],
        at => QUARTER[256 - at],
    }
}

/// Written out, since libraries of mathematics differ in the last digit.
#[rustfmt::skip]
const QUARTER: [i64; 65] = [
    16_384, 16_379, 16_364, 16_340, 16_305, 16_261, 16_207, 16_143, 16_069, 15_986, 15_893,
    15_791, 15_679, 15_557, 15_426, 15_286, 15_137, 14_978, 14_811, 14_635, 14_449, 14_256,
    14_053, 13_842, 13_623, 13_395, 13_160, 12_916, 12_665, 12_406, 12_140, 11_866, 11_585,
    11_297, 11_003, 10_702, 10_394, 10_080, 9_760, 9_434, 9_102, 8_765, 8_423, 8_076,
    7_723, 7_366, 7_005, 6_639, 6_270, 5_897, 5_520, 5_139, 4_756, 4_370, 3_981,
    3_590, 3_196, 2_801, 2_404, 2_006, 1_606, 1_205, 804, 402, 0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_cosines_is_one() {
        for steps in 0..1024 {
            let exact = (steps as f64 / 128.0 * std::f64::consts::PI).cos() * 16_384.0;
            assert!((cosine(steps) as f64 - exact).abs() <= 0.5, "{steps}");
        }
    }

    #[test]
    fn cells_are_means_in_any_size() {
        for (width, height) in [(64, 64), (65, 200), (127, 64), (640, 481)] {
            let image = image::GrayImage::from_pixel(width, height, image::Luma([200]));
            let cells = cells(&DynamicImage::ImageLuma8(image));
            assert!(cells.as_flattened().iter().all(|cell| *cell == 200 * 16), "{width}x{height}");
        }
    }
}
