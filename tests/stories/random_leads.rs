//! Leads that nobody thought up: postings drawn and disfigured at random, handed over on random terms,
//! and read by all the programs that are to read them. `FUSION_SEED` draws others.

use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use sha2::Digest as _;

use super::outside_tools::read_by_their_tools;
use crate::authority::{Authority, desk_with_authorities, led};
use crate::desk::{Desk, files_of, fusion, labelled_postings, repository};
use crate::tools::{outside, runs, tool};

/// What breaks pages, tables, JSON, ZIP and typesetting.
const ODD: [&str; 16] = [
    "",
    "👩‍👩‍👧🔥✈️🇺🇦",
    "مرحبا بكم في العمل",
    "עבודה בחוץ לארץ",
    "\u{202e}txet desrever\u{202c}",
    "п\u{200b}а\u{200d}с\u{2060}порт",
    "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}",
    "<script>alert(1)</script>&amp;&#x3c;",
    "#set text(red) $x^2$ @ref *b* _i_ `c`",
    "=cmd|'/c calc'!A1,\"\"\";\t'",
    "日本語 한국어 ไทย हिन्दी",
    "\u{0}\u{7}\u{1b}[31m\u{fffe}\u{e000}",
    "]]>--><!-- {{x}} ${y} %s %n",
    "\r\n\r\nHTTP/1.1 200 OK\r\n\r\nWARC/1.1\r\n",
    "../../../etc/passwd \\\\host\\share C:\\con",
    "𝐏𝐚𝐬𝐬𝐩𝐨𝐫𝐭 ⓟⓐⓢⓢ 𓀀 \u{1f600}",
];

/// How a lead is handed over.
#[derive(Clone, Debug)]
struct Terms {
    language: &'static str,
    redacted: bool,
    tlp: &'static str,
}

#[derive(Clone, Debug)]
struct Drawn {
    rows: Vec<Value>,
    terms: Terms,
}

fn drawn(number: usize, texts: &[String]) -> impl Strategy<Value = Drawn> + use<> {
    let long =
        (20..400_usize).prop_map(|length| "https://x.example/".to_owned() + &"ж".repeat(length));
    let odd = proptest::prop_oneof![
        4 => select(&ODD[..]).prop_map(str::to_owned),
        1 => long,
        1 => "\\PC{0,60}",
    ];
    let posting =
        (odd.clone(), proptest::option::of(odd.clone()), odd, any::<bool>(), 0..400_000_000_i64);
    let terms = (
        select(vec!["uk", "ro", "ru", "en"]),
        any::<bool>(),
        select(vec!["RED", "AMBER", "GREEN"]),
    );
    let terms = terms.prop_map(|(language, redacted, tlp)| Terms { language, redacted, tlp });
    (1..=12_usize)
        .prop_flat_map(move |count| (Just(()), vec(posting.clone(), count), terms.clone()))
        .prop_flat_map({
            let texts = texts.to_vec();
            move |((), postings, terms)| {
                let count = postings.len();
                (subsequence(texts.clone(), count), Just(postings), Just(terms))
            }
        })
        .prop_map(move |(texts, postings, terms)| {
            let rows = texts.into_iter().zip(postings).enumerate();
            let rows = rows.map(|(nth, (text, (odd, title, author, has_url, at)))| {
                let published = jiff::Timestamp::from_second(1_350_000_000 + at).unwrap();
                let id = format!("{number}-{nth}");
                json!({
                    "id": id, "title": title, "author": author, "region": "UA",
                    "text": format!("{text}\n{odd}\n+38067123450{number}"),
                    "url": has_url.then(|| format!("https://jobs.example/{id}?{odd}")),
                    "published_at": published.to_string(),
                })
            });
            Drawn { rows: rows.collect(), terms }
        })
}

fn runner() -> TestRunner {
    let seed = std::env::var("FUSION_SEED").unwrap_or_else(|_| "a seed of this house".to_owned());
    let seed: [u8; 32] = sha2::Sha256::digest(seed.as_bytes()).into();
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// A packet as its reader has it before them.
struct Unpacked {
    bag: PathBuf,
    redacted: bool,
}

fn handed_over(desk: &Desk, lead: &str, nth: usize, terms: &Terms) -> Unpacked {
    let decide = ["queue", "decide", lead, "--verdict", "escalate", "--reason", "x", "--by", "A"];
    desk.fusion(&decide).ended(0);
    let packet = desk.beside(&format!("{nth}.zip"));
    let path = packet.to_str().unwrap();
    let build = ["packet", "build", lead, "--by", "B", "-o", path, "--language", terms.language];
    let redacted = terms.redacted.then_some("--redacted");
    let args: Vec<&str> = build.into_iter().chain(["--tlp", terms.tlp]).chain(redacted).collect();
    desk.fusion(&args).ended(0);
    fusion(&["packet", "verify", path]).ended(0);
    let folder = desk.beside(&nth.to_string());
    std::fs::create_dir(&folder).unwrap();
    zip::ZipArchive::new(std::fs::File::open(&packet).unwrap()).unwrap().extract(&folder).unwrap();
    let bag = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    Unpacked { bag, redacted: terms.redacted }
}

#[test]
fn whatever_a_lead_holds_all_outside_readers_accept_it() {
    let Some(authority) = Authority::start() else { return };
    let desk = desk_with_authorities(&[&authority]);
    let leads = labelled_postings().into_iter().filter(|row| row["label"] == "lead");
    let texts: Vec<String> = leads.map(|row| row["text"].as_str().unwrap().to_owned()).collect();
    let mut runner = runner();
    let drawn: Vec<Drawn> = (0..12)
        .map(|number| drawn(number, &texts).new_tree(&mut runner).unwrap().current())
        .collect();
    let rows = drawn.iter().flat_map(|drawn| &drawn.rows).map(|row| format!("{row}\n"));
    desk.import("drawn.ndjson", rows.collect::<String>().as_bytes(), &[]).ended(0);
    desk.fusion(&["evidence", "stamp"]).ended(0);
    let found = desk.queue();
    assert!(found.len() >= 6, "{} leads", found.len());
    let packets: Vec<Unpacked> = found
        .iter()
        .take(12)
        .enumerate()
        .map(|(nth, row)| {
            let lead = row["lead"]["id"].as_str().unwrap();
            handed_over(&desk, lead, nth, &drawn[nth % drawn.len()].terms)
        })
        .collect();
    assert!(packets.iter().any(|packet| packet.redacted) && packets.iter().any(|p| !p.redacted));

    let mut evidence = files_of(&desk.dir().join("captures"), ".warc.gz");
    evidence.extend(files_of(&desk.dir().join("snapshots"), ".wacz"));
    read_by_their_tools(&evidence);
    let bags: Vec<&str> = packets.iter().map(|packet| packet.bag.to_str().unwrap()).collect();
    outside("bags.py", &bags);
    each_file(&bags, "data/exchange", |folders| {
        let docs = repository().join("docs/exchange");
        outside("exchange.py", &[&[docs.to_str().unwrap(), "-"], folders].concat());
    });
    each_file(&bags, "data/exchange/stix.json", strictly);
    each_file(&bags, "data/report.pdf", |reports| {
        outside("pdf.py", reports);
        let Some(qpdf) = tool("qpdf") else { return };
        reports.iter().for_each(|report| drop(runs(&qpdf, &["--check", report], &desk.dir())));
    });
    let proven: usize = packets.iter().map(|packet| checked_by_hand(packet, &authority)).sum();
    assert!(proven > 0, "no file of any packet is proven by a token");
    desk.fusion(&["evidence", "verify", "--contents"]).ended(0);
}

/// Calls with this file of each bag.
fn each_file(bags: &[&str], name: &str, read: impl Fn(&[&str])) {
    let files: Vec<String> = bags.iter().map(|bag| format!("{bag}/{name}")).collect();
    read(&files.iter().map(String::as_str).collect::<Vec<_>>());
}

fn strictly(bundles: &[&str]) {
    let Some(validator) = tool("stix2_validator") else { return };
    let options = ["--strict", "--version", "2.1", "--disable", "103"];
    let said = runs(&validator, &[&options, bundles].concat(), Path::new("/"));
    assert_eq!(said.matches("STIX JSON: Valid").count(), bundles.len(), "{said}");
}

/// The signatures, and the way of each piece of evidence to the authority's token.
fn checked_by_hand(packet: &Unpacked, authority: &Authority) -> usize {
    if let Some(minisign) = tool("minisign") {
        for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
            runs(&minisign, &["-V", "-p", "desk-key.pub", "-m", manifest], &packet.bag);
        }
    }
    let proofs = files_of(&packet.bag.join("data/time"), ".json");
    assert_eq!(proofs.is_empty(), packet.redacted, "{}", packet.bag.display());
    for proof in &proofs {
        let proof: Value = serde_json::from_slice(&std::fs::read(proof).unwrap()).unwrap();
        let file = std::fs::read(packet.bag.join(proof["file"].as_str().unwrap())).unwrap();
        let token = packet.bag.join("data/time").join(proof["token"].as_str().unwrap());
        let root = led(&proof, &sha2::Sha256::digest(&file));
        assert_eq!(root, led_by_hand(&packet.bag, &proof));
        assert!(authority.verify(&root, &token));
    }
    proofs.len()
}

/// The same way by the commands that the packet's page on checking gives, in the last of its languages.
fn led_by_hand(bag: &Path, proof: &Value) -> String {
    let Some(bash) = tool("bash") else { return String::new() };
    let page = std::fs::read_to_string(bag.join("how-to-check.ro.txt")).unwrap();
    let step = page.lines().find(|line| line.contains("LEFTRIGHT")).unwrap();
    let digits = |said: &str| said.trim_start_matches("sha256:")[..64].to_owned();
    let file = proof["file"].as_str().unwrap();
    let mut at = digits(&runs(&bash, &["-c", &format!("sha256sum {file}")], bag));
    for one in proof["way"].as_array().unwrap() {
        let both = match (one["left"].as_str(), one["right"].as_str()) {
            (Some(left), None) => digits(left) + &at,
            (None, Some(right)) => at + &digits(right),
            _ => panic!("a step has one neighbour: {one}"),
        };
        at = digits(&runs(&bash, &["-c", &step.replace("LEFTRIGHT", &both)], bag));
    }
    at
}
