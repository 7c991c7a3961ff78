//! Whatever is done to a file of a desk is found, and the file named. Each case and its outcome is
//! printed.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::authority::{Authority, desk_with_authorities};
use crate::desk::{Desk, collect_files};

/// The folders whose files are evidence or speak for it. The rest of a desk are its settings, which
/// people change, and the index, which is made anew out of these.
const FOLDERS: [&str; 6] = ["captures", "custody", "snapshots", "time", "keys", "data/packets"];

const ADS: [&str; 3] = [
    "Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні, документи не потрібні",
    "Pașaportul rămâne la manager, fete 18-25, fără acte, plecare azi, biletul se scade din salariu",
    "Your passport stays with the boss, girls 18-25, no documents needed, leave tonight",
];

/// A desk with something in each folder.
fn desk(authority: &Authority, words: &str) -> Desk {
    let desk = desk_with_authorities(&[authority]);
    for (number, ad) in ADS.iter().enumerate() {
        let row = json!({"id": number.to_string(), "text": format!("{ad} {words}")});
        let name = format!("{words}-{number}.ndjson");
        desk.import(&name, format!("{row}\n").as_bytes(), &[]).ended(0);
        desk.fusion(&["evidence", "stamp"]).ended(0);
    }
    let lead = desk.top_lead();
    let decide =
        ["queue", "decide", &lead, "--verdict", "escalate", "--reason", words, "--by", "A"];
    desk.fusion(&decide).ended(0);
    let to = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    for how in [&["--to", to][..], &[], &["--redacted"]] {
        desk.fusion(&[&["packet", "build", &lead, "--by", "B"], how].concat()).ended(0);
    }
    desk.fusion(&["evidence", "verify"]).ended(0);
    desk
}

/// The files, from the desk's folder.
fn files(desk: &Desk) -> Vec<PathBuf> {
    let mut files = Vec::new();
    FOLDERS.iter().for_each(|folder| collect_files(&desk.dir().join(folder), &mut files));
    files.sort();
    files.iter().map(|file| file.strip_prefix(desk.dir()).unwrap().to_owned()).collect()
}

struct Table<'a> {
    desk: &'a Desk,
    rows: Vec<String>,
    missed: usize,
}

impl Table<'_> {
    /// What verification says; it must name one of these files.
    fn case(&mut self, what: &str, named: &[&Path]) {
        let said = self.desk.fusion(&["evidence", "verify"]);
        let names: Vec<&str> = named.iter().map(|file| file.to_str().unwrap()).collect();
        let fault = said.out.lines().find(|line| {
            line.strip_prefix("FAULT ")
                .is_some_and(|line| names.iter().any(|name| line.starts_with(name)))
        });
        let found = fault.filter(|_| said.status == 1);
        self.missed += usize::from(found.is_none());
        let outcome = found.map_or_else(|| format!("NOT FOUND: {}", said.out), str::to_owned);
        self.rows.push(format!("{what:<24} {:<90} {outcome}", names.join(" or ")));
    }
}

#[test]
fn a_new_desk_with_a_key_and_nothing_to_sign_has_no_fault() {
    let desk = Desk::new();
    desk.fusion(&["packet", "key"]).ended(0);
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn everything_done_to_a_desk_is_found_and_named() {
    let Some(authority) = Authority::start() else { return };
    let (desk, twin) = (desk(&authority, "one"), desk(&authority, "two"));
    let all = files(&desk);
    let at = |file: &Path| desk.dir().join(file);
    let mut table = Table { desk: &desk, rows: Vec::new(), missed: 0 };
    for file in &all {
        let path = at(file);
        let whole = std::fs::read(&path).unwrap();
        let mut write = |what: &str, bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            table.case(what, &[file]);
        };
        for place in [0, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[place] ^= 0x10;
            write(&format!("byte {place} flipped"), &flipped);
        }
        write("cut in half", &whole[..whole.len() / 2]);
        write("its last byte cut off", &whole[..whole.len() - 1]);
        write("emptied", b"");
        write("a byte added", &[&whole[..], b"\n"].concat());
        // What another desk has in its place: valid, and not ours.
        let folder = file.parent().unwrap();
        let beside = |of: &Path| of.parent() == Some(folder);
        let nth = all.iter().filter(|of| beside(of)).position(|of| of == file).unwrap();
        let theirs = files(&twin).into_iter().filter(|of| beside(of)).nth(nth).unwrap();
        write("another desk's file", &std::fs::read(twin.dir().join(theirs)).unwrap());
        std::fs::remove_file(&path).unwrap();
        if folder == Path::new("data/packets") {
            // A packet that was taken along is no fault.
            desk.fusion(&["evidence", "verify"]).ended(0);
        } else {
            table.case("removed", &[file]);
        }
        std::fs::write(&path, &whole).unwrap();
        for other in all.iter().filter(|of| beside(of) && *of > file) {
            let others = std::fs::read(at(other)).unwrap();
            if others != whole {
                std::fs::write(&path, &others).unwrap();
                std::fs::write(at(other), &whole).unwrap();
                table.case("changed places", &[file, other]);
                std::fs::write(&path, &whole).unwrap();
                std::fs::write(at(other), &others).unwrap();
            }
        }
        let name = file.file_name().unwrap().to_str().unwrap();
        let added = folder.join(name.replacen(['0', '1', 'd', 'h'], "9", 1));
        std::fs::write(at(&added), &whole).unwrap();
        table.case("a copy added", &[&added]);
        std::fs::remove_file(at(&added)).unwrap();
    }
    desk.fusion(&["evidence", "verify"]).ended(0);
    println!("{}", table.rows.join("\n"));
    println!("{} files, {} cases, {} not found", all.len(), table.rows.len(), table.missed);
    assert!(FOLDERS.iter().all(|folder| all.iter().any(|file| file.starts_with(folder))));
    assert_eq!(table.missed, 0);
}
