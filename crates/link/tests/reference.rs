//! Real near-copies that nobody here wrote.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout, reason = "tests")]

mod invented;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use domain::LinkKind;
use link::{KeyDigest, MemoryNetwork, Signs, arrive};
use text::Folded;

fn reference_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let dir = std::env::var_os("FUSION_REFERENCE_DATA").map_or(beside, PathBuf::from);
    if dir.is_dir() {
        return Some(dir);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no reference data at {}", dir.display());
    eprintln!("skipped: no reference data at {}", dir.display());
    None
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// The groups that the words alone make of these texts.
fn groups(texts: &[String]) -> Vec<Vec<u32>> {
    let mut network = MemoryNetwork::new();
    for (number, text) in texts.iter().enumerate() {
        let posting = invented::posting(text.clone(), None, number);
        let keys = link::keys(&posting, &Folded::new(text));
        network.put_words(number as u32, keys.words());
        let of_words = keys.keys.iter().filter(|key| link::ties(key.kind) == link::Ties::Agreeing);
        let digests: Vec<KeyDigest> = of_words.map(KeyDigest::of).collect();
        let Ok(()) = arrive(&mut network, &(number as u32), &digests, &Signs::default());
    }
    network.groups()
}

#[test]
fn news_that_were_copied_are_found_and_no_others() {
    let Some(data) = reference_data() else { return };
    for (size, expected) in [(100, 5), (1_000, 10)] {
        let dir = data.join("neardup");
        let lines = unpacked(&dir.join(format!("articles_{size}.train.gz")));
        let (ids, texts): (Vec<String>, Vec<String>) = lines
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(id, text)| (id.to_owned(), text.to_owned()))
            .unzip();
        assert_eq!(texts.len(), size);
        let truth = std::fs::read_to_string(dir.join(format!("articles_{size}.truth"))).unwrap();
        let truth: BTreeSet<BTreeSet<&str>> =
            truth.lines().map(|line| line.split_whitespace().collect()).collect();
        let found: BTreeSet<BTreeSet<&str>> = groups(&texts)
            .iter()
            .filter(|group| group.len() > 1)
            .map(|group| group.iter().map(|number| ids[*number as usize].as_str()).collect())
            .collect();
        assert_eq!(found, truth);
        assert_eq!(found.len(), expected);
    }
}

/// Of ads by different firms none has the numbers and signs of another by chance.
#[test]
fn real_ads_share_a_layout_only_where_they_share_the_words() {
    let Some(data) = reference_data() else { return };
    let mut of_layout: BTreeMap<String, Vec<link::Words>> = BTreeMap::new();
    let (mut ads, mut with_layout) = (0, 0);
    for (file, parts) in [
        ("superjob_ru_530.csv.gz", ["duties", "requirements", "conditions"]),
        ("emscad_raw_first499_partA.csv.gz", ["description", "requirements", "benefits"]),
    ] {
        let csv = unpacked(&data.join("jobads").join(file));
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
            let text = parts.map(|part| row[part].as_str()).join("\n");
            let posting = invented::posting(text.clone(), None, ads);
            let keys = link::keys(&posting, &Folded::new(&text));
            ads += 1;
            let layout = keys.keys.iter().find(|key| key.kind == LinkKind::Layout);
            if let Some(layout) = layout {
                with_layout += 1;
                of_layout.entry(layout.value.clone()).or_default().push(keys.words());
            }
        }
    }
    let by_chance = |words: &Vec<link::Words>| {
        let (first, others) = words.split_first().unwrap();
        others.iter().filter(|other| !first.agree(other, LinkKind::Template)).count()
    };
    let by_chance: usize = of_layout.values().map(by_chance).sum();
    println!("{ads} ads, {with_layout} with a layout, {by_chance} like another's by chance");
    assert!(with_layout > 100, "{with_layout}");
    assert_eq!(by_chance, 0);
}

/// One text for many cities, by one chain of repair shops.
#[test]
fn the_campaign_among_russian_ads_is_found_whole_and_holds_nothing_else() {
    let Some(data) = reference_data() else { return };
    let csv = unpacked(&data.join("jobads/superjob_ru_530.csv.gz"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let texts: Vec<String> = rows
        .iter()
        .map(|row| {
            let parts = ["duties", "requirements", "conditions"];
            parts.map(|part| row[part].as_str()).join("\n")
        })
        .collect();
    let is_repair =
        |number: &u32| rows[*number as usize]["name"] == "Мастер по ремонту компьютеров";
    let groups = groups(&texts);
    let mut campaign: Vec<Vec<u32>> =
        groups.iter().filter(|group| group.iter().any(is_repair)).cloned().collect();
    campaign.sort_by_key(Vec::len);
    let largest = campaign.pop().unwrap();
    assert_eq!(largest.len(), 34);
    assert!(largest.iter().all(is_repair));
    assert!(campaign.iter().all(|group| group.len() == 1), "{campaign:?}");
    // The others of the 530 are ads of different firms, or the same ad given twice.
    let others: Vec<usize> =
        groups.iter().map(Vec::len).filter(|size| *size > 1 && *size != 34).collect();
    assert!(others.iter().sum::<usize>() < 50, "{others:?}");
}
