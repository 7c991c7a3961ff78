//! Invented pictures.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

/// Something like a photo, always the same for the same seed.
pub(crate) fn photo(seed: u64, width: u32, height: u32) -> DynamicImage {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut dice = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f32 / (1u64 << 31) as f32
    };
    let blobs: Vec<[f32; 6]> = (0..30).map(|_| std::array::from_fn(|_| dice())).collect();
    let image = RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (x as f32 / width as f32, y as f32 / height as f32);
        let mut light = [0.3 * x + 0.2, 0.3 * y + 0.2, 0.3];
        for [at_x, at_y, size, r, g, b] in &blobs {
            let (dx, dy) = ((x - at_x) * 5.0, (y - at_y) * (3.0 + size * 6.0));
            if dx * dx + dy * dy < 0.1 + size * 0.5 {
                light = [(light[0] + r) / 2.0, (light[1] + g) / 2.0, (light[2] + b) / 2.0];
            }
        }
        image::Rgb(light.map(|part| (part.clamp(0.0, 1.0) * 255.0) as u8))
    });
    DynamicImage::ImageRgb8(image)
}

/// The bytes of a picture in a lossless format.
pub(crate) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The bytes of a picture as JPEG.
pub(crate) fn jpeg(image: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    image.to_rgb8().write_with_encoder(encoder).unwrap();
    bytes
}
