//! What is seen of pictures: copies nearly the same, others not, and nothing worse than nothing of
//! bytes that mean harm.
#![allow(clippy::unwrap_used, reason = "tests")]

mod photos;

use domain::{ImageHash, LinkKind, Sha256};
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, RgbImage, Rgba, RgbaImage};
use link::{Look, image_keys, look_at};
use photos::{encoded, jpeg, photo};
use proptest::prelude::*;

#[track_caller]
fn hash_of(bytes: &[u8]) -> ImageHash {
    match look_at(bytes) {
        Look::Detailed(hash) => hash,
        other => panic!("{other:?}"),
    }
}

/// Two that share no band are never compared, however near they are.
fn share_a_band(a: &ImageHash, b: &ImageHash) -> bool {
    let digest = Sha256::of(b"x");
    let (a, b) = (image_keys(&digest, Some(a)), image_keys(&digest, Some(b)));
    a.iter().any(|key| key.kind == LinkKind::Likeness && b.contains(key))
}

#[test]
fn copies_differ_in_few_bits_and_other_pictures_in_many() {
    let mut worst_copy = 0;
    let mut nearest_other = 256;
    let mut originals: Vec<ImageHash> = Vec::new();
    for seed in 0..40 {
        let original = photo(seed, 480, 360);
        let hash = hash_of(&jpeg(&original, 90));
        let half = original.resize_exact(240, 180, FilterType::Triangle);
        let small = original.resize_exact(150, 112, FilterType::Lanczos3);
        for (name, copy) in [
            ("recompressed", jpeg(&original, 35)),
            ("half", jpeg(&half, 70)),
            ("small", jpeg(&small, 80)),
            ("png", encoded(&original, ImageFormat::Png)),
            ("webp", encoded(&original, ImageFormat::WebP)),
        ] {
            let copy = hash_of(&copy);
            let distance = hash.distance(&copy);
            assert!(distance <= 31, "{seed} {name}: {distance}");
            assert!(share_a_band(&hash, &copy), "{seed} {name}: {distance}");
            worst_copy = worst_copy.max(distance);
        }
        let nearest = originals.iter().map(|other| hash.distance(other)).min().unwrap_or(256);
        nearest_other = nearest_other.min(nearest);
        originals.push(hash);
    }
    assert!(nearest_other > 60, "copies up to {worst_copy}, others from {nearest_other}");
}

#[test]
fn what_is_plain_small_or_transparent_is_told_apart_by_nothing() {
    let plain = |width, height| {
        let image = RgbImage::from_pixel(width, height, image::Rgb([90, 120, 60]));
        DynamicImage::ImageRgb8(image)
    };
    let slope = RgbImage::from_fn(300, 300, |x, _| image::Rgb([(x / 12) as u8; 3]));
    let clear = RgbaImage::from_fn(200, 200, |x, y| Rgba([(x * y) as u8, x as u8, y as u8, 0]));
    for (name, image) in [
        ("a dot", plain(1, 1)),
        ("an icon", photo(1, 48, 48)),
        ("a line", photo(1, 900, 20)),
        ("a surface", plain(400, 300)),
        ("a slope", DynamicImage::ImageRgb8(slope)),
        ("nothing at all", DynamicImage::ImageRgba8(clear)),
    ] {
        assert_eq!(look_at(&encoded(&image, ImageFormat::Png)), Look::Plain, "{name}");
    }
}

#[test]
fn pictures_that_mean_harm_are_not_seen() {
    let small = encoded(&photo(1, 100, 80), ImageFormat::Png);
    let claims = |width: u32, height: u32| {
        let mut bomb = small.clone();
        bomb[16..20].copy_from_slice(&width.to_be_bytes());
        bomb[20..24].copy_from_slice(&height.to_be_bytes());
        bomb
    };
    let gif = |width: u16, height: u16| {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
        bytes.extend([0, 0, 0, 0x2c, 0, 0, 0, 0]);
        bytes.extend([width.to_le_bytes(), height.to_le_bytes()].concat());
        bytes.extend([0, 2, 1, 0x44, 0, 0x3b]);
        bytes
    };
    let mut flat = RgbImage::new(4000, 4000);
    flat.put_pixel(0, 0, image::Rgb([1, 2, 3]));
    let within = encoded(&DynamicImage::ImageRgb8(flat), ImageFormat::Png);
    for (name, bytes, expected) in [
        ("nothing", Vec::new(), Look::Unseen),
        ("a page", b"<html></html>".to_vec(), Look::Unseen),
        ("65,535 by 65,535", claims(65_535, 65_535), Look::Unseen),
        ("4 billion wide", claims(u32::MAX, 1), Look::Unseen),
        ("no pixel", claims(0, 0), Look::Unseen),
        ("a GIF of 4 billion pixels", gif(65_535, 65_535), Look::Unseen),
        ("cut off in its head", small[..20].to_vec(), Look::Unseen),
        ("another format", b"BM\0\0\0\0".to_vec(), Look::Unseen),
        ("large, flat, and within what is decoded", within, Look::Plain),
    ] {
        assert_eq!(look_at(&bytes), expected, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_behind_the_signs_of_a_picture_do_no_harm(
        kind in 0_usize..4,
        at in 0_usize..4_000,
        junk in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
        let mut bytes = encoded(&photo(3, 96, 72), formats[kind]);
        let at = at % bytes.len();
        let end = (at + junk.len()).min(bytes.len());
        bytes[at..end].copy_from_slice(&junk[..end - at]);
        look_at(&bytes);
        look_at(&bytes[..at]);
        look_at(&junk);
    }
}
