//! Those parts of a page's picture on which quoted words stand, with a frame around the words and the
//! number of their sign. The whole picture lies in the evidence; a page can be ten times as high as a
//! sheet of paper, and most of it is others' business.

use std::io::Cursor;

use evidence::{PagePicture, Rectangle};
use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};
use serde::Serialize;

/// So much of the page is shown above and below the words.
const AROUND: u32 = 120;
/// No part is higher: it has to stand on a page of the report, with its heading.
const HIGHEST: u32 = 1400;
/// What is shown of a page on which no words are marked.
const TOP: u32 = 800;
/// Most parts of one picture.
const MOST: usize = 12;
/// The most memory that a row of the picture, and what its format needs, may take.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A part of a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Strip {
    /// As PNG.
    #[serde(skip)]
    pub(crate) png: Vec<u8>,
    /// Its number among all pictures of a report; told by whoever sets that.
    pub(crate) nth: usize,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frames: Vec<Frame>,
}

/// A frame around words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Frame {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The number of the sign; of words in several lines it stands at the first alone.
    pub(crate) number: Option<usize>,
}

/// The parts of a picture on which these words stand, each with the number of its sign. The error says
/// what cannot be read.
pub(crate) fn strips(
    picture: &PagePicture,
    marks: &[(usize, &[Rectangle])],
) -> Result<Vec<Strip>, String> {
    let told = |error: png::DecodingError| error.to_string();
    let limits = Limits { bytes: MOST_BYTES };
    let mut decoder = Decoder::new_with_limits(Cursor::new(picture.png.as_slice()), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut rows = decoder.read_info().map_err(told)?;
    let (width, height) = (rows.info().width, rows.info().height);
    if rows.info().interlaced {
        return Err("its rows do not stand in order".to_owned());
    }
    let (kind, _) = rows.output_color_type();
    let mut strips = parts(marks, width, height);
    let mut pixels: Vec<Vec<u8>> = vec![Vec::new(); strips.len()];
    let mut y = 0;
    while let Some(row) = rows.next_row().map_err(told)? {
        for ((from, strip), pixels) in strips.iter().zip(&mut pixels) {
            if (*from..from + strip.height).contains(&y) {
                in_colour(row.data(), kind, pixels);
            }
        }
        y += 1;
    }
    for ((_, strip), pixels) in strips.iter_mut().zip(pixels) {
        strip.png = packed(&pixels, strip.width, strip.height)?;
    }
    Ok(strips.into_iter().map(|(_, strip)| strip).collect())
}

/// What is to be cut out, each with its first row.
fn parts(marks: &[(usize, &[Rectangle])], width: u32, height: u32) -> Vec<(u32, Strip)> {
    let numbered = marks.iter().flat_map(|(number, places)| {
        let numbers = std::iter::once(Some(*number)).chain(std::iter::repeat(None));
        places.iter().copied().zip(numbers)
    });
    let mut numbered: Vec<(Rectangle, Option<usize>)> = numbered
        .filter(|(at, _)| at.x.saturating_add(at.width) <= width && at.height <= HIGHEST / 2)
        .filter(|(at, _)| at.y.saturating_add(at.height) <= height)
        .collect();
    numbered.sort_by_key(|(at, number)| (at.y, at.x, number.is_none(), *number));
    let empty = |from: u32, to: u32| {
        let frames = Vec::new();
        (from, Strip { png: Vec::new(), nth: 0, width, height: to - from, frames })
    };
    if numbered.is_empty() {
        return vec![empty(0, height.min(TOP))];
    }
    let mut parts: Vec<(u32, Strip)> = Vec::new();
    for (at, number) in numbered {
        let to = (at.y + at.height).saturating_add(AROUND).min(height);
        let from = at.y.saturating_sub(AROUND);
        let is_full = parts.len() == MOST;
        match parts.last_mut() {
            Some((start, strip)) if from <= *start + strip.height && to - *start <= HIGHEST => {
                strip.height = strip.height.max(to - *start);
            }
            _ if is_full => break,
            _ => parts.push(empty(from, to)),
        }
        if let Some((start, strip)) = parts.last_mut() {
            let Rectangle { x, y, width, height } = at;
            strip.frames.push(Frame { x, y: y - *start, width, height, number });
        }
    }
    parts
}

/// A row as red, green and blue: what is not there is seen through to white.
fn in_colour(row: &[u8], kind: ColorType, pixels: &mut Vec<u8>) {
    let on_white = |value: u8, there: u8| {
        let (value, there) = (u16::from(value), u16::from(there));
        ((value * there + 255 * (255 - there)) / 255) as u8
    };
    match kind {
        ColorType::Rgb => pixels.extend_from_slice(row),
        ColorType::Rgba => pixels.extend(
            row.chunks_exact(4).flat_map(|dot| [0, 1, 2].map(|part| on_white(dot[part], dot[3]))),
        ),
        ColorType::GrayscaleAlpha => {
            pixels.extend(row.chunks_exact(2).flat_map(|dot| [on_white(dot[0], dot[1]); 3]))
        }
        // With the transformations that were asked for a palette is unfolded.
        ColorType::Grayscale | ColorType::Indexed => {
            pixels.extend(row.iter().flat_map(|grey| [*grey; 3]));
        }
    }
}

fn packed(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, String> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(pixels)?;
        writer.finish()
    });
    written.map_err(|error| error.to_string())?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture whose rows tell by their colour where they are.
    fn picture(height: u32, kind: ColorType) -> PagePicture {
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, 100, height);
        encoder.set_color(kind);
        let mut writer = encoder.write_header().unwrap();
        let dot = |y: u32| {
            let dot = [(y / 256) as u8, (y % 256) as u8, 7, 255];
            dot[..kind.samples()].to_vec()
        };
        let pixels: Vec<u8> = (0..height).flat_map(|y| dot(y).repeat(100)).collect();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        let taken_at = jiff::Timestamp::UNIX_EPOCH;
        PagePicture { png, taken_at, browser: "invented".to_owned(), marks: Vec::new() }
    }

    fn at(y: u32) -> Rectangle {
        Rectangle { x: 10, y, width: 50, height: 20 }
    }

    /// The rows that a strip shows, by the colours in it.
    fn rows(strip: &Strip) -> (u32, u32) {
        let mut decoder = Decoder::new(Cursor::new(strip.png.as_slice()));
        decoder.set_transformations(Transformations::IDENTITY);
        let mut reader = decoder.read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (strip.width, strip.height));
        let mut found = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            found.push(u32::from(row.data()[0]) * 256 + u32::from(row.data()[1]));
        }
        (found[0], *found.last().unwrap())
    }

    #[test]
    fn words_are_framed_on_the_part_of_the_page_where_they_stand() {
        for kind in [ColorType::Rgb, ColorType::Rgba] {
            let far = [at(3000)];
            let two_lines = [at(200), at(230)];
            let marks: [(usize, &[Rectangle]); 3] = [(1, &far), (2, &two_lines), (3, &[])];
            let strips = strips(&picture(5000, kind), &marks).unwrap();
            let shown: Vec<_> = strips.iter().map(rows).collect();
            assert_eq!(shown, [(80, 369), (2880, 3139)], "{kind:?}");
            let frames: Vec<_> = strips[0].frames.iter().map(|f| (f.y, f.number)).collect();
            assert_eq!(frames, [(120, Some(2)), (150, None)]);
            assert_eq!(strips[1].frames[0].number, Some(1));
        }
    }

    #[test]
    fn a_page_full_of_marks_is_cut_into_sheets_and_one_without_shows_its_top() {
        let all: Vec<Rectangle> = (0..400).map(|n| at(n * 100)).collect();
        let marks: Vec<(usize, &[Rectangle])> =
            all.iter().enumerate().map(|(number, at)| (number, std::slice::from_ref(at))).collect();
        let strips_of_all = strips(&picture(50_000, ColorType::Rgb), &marks).unwrap();
        assert_eq!(strips_of_all.len(), MOST);
        assert!(strips_of_all.iter().all(|strip| strip.height <= HIGHEST));
        let top = strips(&picture(3000, ColorType::Rgb), &[(1, &[])]).unwrap();
        assert_eq!(top.iter().map(rows).collect::<Vec<_>>(), [(0, TOP - 1)]);
        let low = strips(&picture(300, ColorType::Rgb), &[]).unwrap();
        assert_eq!(low.iter().map(rows).collect::<Vec<_>>(), [(0, 299)]);
    }

    #[test]
    fn what_is_no_picture_is_a_sentence_and_frames_outside_of_it_are_none() {
        let whole = picture(300, ColorType::Rgb);
        for length in [0, 8, 40, whole.png.len() / 2] {
            let cut = PagePicture { png: whole.png[..length].to_vec(), ..whole.clone() };
            assert!(strips(&cut, &[]).is_err(), "{length} bytes");
        }
        let outside = [
            at(5000),
            at(u32::MAX),
            Rectangle { x: 90, ..at(10) },
            Rectangle { width: u32::MAX, height: u32::MAX, ..at(10) },
        ];
        let strips = strips(&whole, &[(1, &outside)]).unwrap();
        assert_eq!((strips.len(), strips[0].frames.len()), (1, 0));
    }
}
