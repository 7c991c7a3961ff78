use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

fn allowed(file: &str, path: &str) -> bool {
    Robots::parse(file.as_bytes()).allows(path)
}

/// Each line: rules to everyone separated by `;`, then paths with `+` or `-` for what is expected.
fn check(rules: &str, paths: &str) {
    let file = format!("User-agent: *\n{}", rules.replace("; ", "\n"));
    for path in paths.split(' ') {
        let (expected, path) = path.split_at(1);
        assert_eq!(allowed(&file, path), expected == "+", "{path} under {rules}");
    }
}

#[test]
fn the_longest_rule_decides_and_allow_breaks_ties() {
    check(
        "Disallow: /private; Allow: /private/ok$",
        "+/ -/private -/private/x +/private/ok -/private/okay",
    );
    check("Allow: /p; Disallow: /", "+/page -/q");
    check("Disallow: /page; Allow: /page", "+/page");
    check(
        "Allow: /example/page/; Disallow: /example/page/disallowed.gif",
        "+/example/page/ -/example/page/disallowed.gif",
    );
    check("Disallow: /", "-/ -/x +/robots.txt");
    check("Disallow:", "+/ +/x");
}

#[test]
fn stars_and_dollars_are_special_only_where_the_rfc_says() {
    check("Disallow: /*.pdf$", "-/a.pdf -/b/a.pdf +/a.pdf?x +/apdf");
    check("Disallow: /this/*/exactly", "-/this/is/exactly -/this/is/exactly/it +/this/exactly");
    check("Disallow: /a%2Ab; Disallow: /c%24", "-/a*b -/a%2ab +/axb -/c$ -/c%24d +/c");
    check("Disallow: /a$b", "-/a$b +/a");
    check("Disallow: *x", "-/x -/y/x +/y");
    check("Disallow: /**$", "-/anything");
}

#[test]
fn paths_are_compared_in_one_form() {
    check("Disallow: /робота", "-/%d1%80%D0%BE%D0%B1%D0%BE%D1%82%D0%B0/1");
    check("Disallow: /foo/bar/%62%61%7A", "-/foo/bar/baz");
    check("Disallow: /foo/bar/ツ", "-/foo/bar/%E3%83%84");
    check("Disallow: /a%3cd", "-/a%3Cd");
    check(
        "Disallow: /foo/bar?baz=https://foo.bar",
        "-/foo/bar?baz=https%3A%2F%2Ffoo.bar -/foo/bar?baz=https://foo.bar",
    );
    check("Disallow: /foo?u=https%3A%2F%2Fx", "-/foo?u=https://x -/foo?u=https%3A%2F%2Fx");
    check("Disallow: /a/b", "+/a%2Fb");
}

#[test]
fn a_group_for_us_takes_the_place_of_everyones() {
    let file = "User-agent: *\nDisallow: /\n\nuser-agent: FusionCenter/1.0\nUser-Agent: other\n\
                Disallow: /no # mine\nCrawl-delay: 90";
    assert!(allowed(file, "/yes") && !allowed(file, "/no"));
    assert_eq!(Robots::parse(file.as_bytes()).delay_seconds, Some(60.0));
    assert!(allowed("User-agent: fusioncenterbot\nDisallow: /", "/"), "another one's name");
    let twice = "User-agent: fusioncenter\nDisallow: /a\nUser-agent: x\nDisallow: /b\n\
                 User-agent: FUSIONCENTER\nDisallow: /c";
    assert!(!allowed(twice, "/a") && allowed(twice, "/b") && !allowed(twice, "/c"));
    assert!(allowed("User-agent: *\nDisallow: /\nUser-agent: FusionCenter", "/x"), "empty group");
}

#[test]
fn other_lines_do_not_end_a_list_of_names() {
    let file = "User-agent: fusioncenter\nSitemap: https://x/s.xml\nCrawl-delay: 3\nUser-agent: b\nDisallow: /x";
    assert!(!allowed(file, "/x"));
    assert_eq!(Robots::parse(file.as_bytes()).delay_seconds, Some(3.0));
    assert!(allowed("Disallow: /x\nUser-agent: *\nDisallow: /y", "/x"), "a rule to nobody");
}

#[test]
fn sloppy_files_are_read_as_they_were_meant() {
    check("disalow: /a; DISALLOW : /b; Disallow /c; Disallow: d", "-/a -/b -/c -/d");
    check("Disallow this site and be gone", "+/this");
    assert!(!allowed("\u{feff}User-agent: *\r\nDisallow: /x\r\n", "/x"));
    assert!(!allowed("user agent: *\rDisallow: /x", "/x"));
}

/// A matcher that goes back over what it matched would not come to an end here.
#[test]
fn stars_do_not_run_away() {
    let file = format!("User-agent: *\nDisallow: /{}b", "*aaaaaaaaaaaaaaaa".repeat(20_000));
    assert!(allowed(&file, &format!("/{}", "a".repeat(100_000))));
}

#[test]
fn real_files_of_large_sites_are_read() {
    let Some(folder) = reference_data() else { return };
    let archive = std::fs::read(folder.join("robots/real_robots_part0of8.tar.gz")).unwrap();
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(archive.as_slice()), &mut tar)
        .unwrap();
    let (mut files, mut with_rules, mut roots_allowed) = (0, 0, 0);
    for (name, content) in tar_files(&tar) {
        let robots = Robots::parse(content);
        files += 1;
        with_rules += usize::from(!robots.rules.is_empty());
        roots_allowed += usize::from(robots.allows("/"));
        for rule in content.split(|byte| *byte == b'\n').filter_map(key_and_value) {
            let _ = robots.allows(&String::from_utf8_lossy(rule.1));
        }
        assert!(robots.allows("/robots.txt"), "{name}");
    }
    eprintln!("{files} files: {with_rules} have rules for everyone, {roots_allowed} allow /");
    assert_eq!(files, 512);
    // Nearly every large site has rules, and lets everyone see its front page.
    assert!(with_rules > 400 && roots_allowed > 450);
}

/// The regular files of a tar archive: name, then content.
fn tar_files(tar: &[u8]) -> Vec<(String, &[u8])> {
    let mut files = Vec::new();
    let mut at = 0;
    while let Some(header) = tar.get(at..at + 512).filter(|header| header[0] != 0) {
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&header[range]).trim_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        if header[156] == b'0' {
            files.push((text(0..100), &tar[at + 512..at + 512 + size]));
        }
        at += 512 + size.next_multiple_of(512);
    }
    files
}

fn reference_data() -> Option<PathBuf> {
    let folder = std::env::var_os("FUSION_REFERENCE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no reference data at {folder:?}");
    eprintln!("skipped: no reference data at {}", folder.display());
    None
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), path in "/\\PC{0,30}") {
        let _ = Robots::parse(&bytes).allows(&path);
    }

    /// A rule of the path itself always fits it, whatever the path.
    #[test]
    fn a_path_can_be_disallowed_by_its_own_name(path in "/[a-zа-я0-9/._~%?=&:!*-]{0,20}") {
        let file = format!("User-agent: *\nDisallow: {path}");
        prop_assert!(!Robots::parse(file.as_bytes()).allows(&path.replace('*', "x")));
    }
}
