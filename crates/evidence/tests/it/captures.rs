use domain::{Capture, Peer};
use evidence::CaptureArchive;
use proptest::prelude::*;

use crate::sample::{Desk, headers, packed_page, page, robots, rows, sample_captures, vault};

/// Keeps the captures one after another and reads all of them back.
fn kept_and_read_back(captures: &[Capture]) -> Vec<Capture> {
    let dir = tempfile::tempdir().unwrap();
    let (mut archive, _) = CaptureArchive::open(&vault(dir.path()), None).unwrap();
    let stored: Vec<_> = captures.iter().map(|capture| archive.append(capture).unwrap()).collect();
    stored
        .iter()
        .map(|at| CaptureArchive::read(&vault(dir.path()), &at.file, at.offset, at.length).unwrap())
        .collect()
}

#[test]
fn exactly_what_was_kept_is_read_back() {
    let at = "2026-11-23T10:00:00.5Z";
    let mut odd = page(
        "https://jobs.example/a b?x=\u{456}\r\nWARC-Type: forged",
        at,
        b"HTTP/1.1 200\r\n\r\n",
    );
    odd.status = 7;
    odd.response_headers = headers(&[
        ("Set-Cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("X-Empty", ""),
        (" spaced : name", " spaced value "),
        ("X-Break", "one\r\nContent-Length: 9"),
        ("Content-Length", "99999"),
        ("X-Ukrainian", "ї"),
    ]);
    odd.request_headers = headers(&[("", ""), ("x", "\u{0}\t")]);
    let mut untyped = rows("file:///x", at, b"\x00\xff\x1f\x8b");
    untyped.response_headers = Vec::new();
    let mut not_gzip = page("https://jobs.example/broken", at, b"no gzip at all");
    not_gzip.response_headers = headers(&[("Content-Encoding", "gzip")]);
    let empty = page("https://jobs.example/empty", at, b"");
    let mut by_name = page("https://jobs.example/by-name", at, b"x");
    by_name.peer = Peer { address: "2001:db8::7".parse().ok(), certificate: None };
    let mut over_tls = page("https://jobs.example/tls", at, b"");
    over_tls.peer =
        Peer { address: "192.0.2.7".parse().ok(), certificate: Some(b"\x30\x00\r\n\r\n".to_vec()) };
    let mut captures = sample_captures();
    captures.extend([odd, untyped, not_gzip, empty, by_name, over_tls]);
    assert_eq!(kept_and_read_back(&captures), captures);
}

#[test]
fn a_new_day_or_a_full_file_starts_a_new_file_and_late_captures_do_not_go_back() {
    let mut desk = Desk::new();
    desk.archive = desk.archive.with_file_bytes(4000);
    for (number, at) in [
        "2026-11-23T23:59:58Z",
        "2026-11-23T23:59:59Z",
        "2026-11-24T00:00:00Z",
        "2026-11-23T23:59:59.9Z",
    ]
    .iter()
    .enumerate()
    {
        desk.keep(&page(&format!("https://jobs.example/{number}"), at, b"short"));
    }
    let noise: Vec<u8> =
        (0..3000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    desk.keep(&page("https://jobs.example/long", "2026-11-24T00:00:01Z", &noise));
    desk.keep(&page("https://jobs.example/next", "2026-11-24T00:00:02Z", b"short"));
    let names = crate::sample::files(&desk.path().join("captures"));
    let names: Vec<_> = names.iter().map(|name| name.to_str().unwrap()).collect();
    assert_eq!(
        names,
        ["20261123-000001.warc.gz", "20261124-000001.warc.gz", "20261124-000002.warc.gz"]
    );
    desk.log.seal().unwrap();
    assert_eq!(desk.verify().faults, []);
}

#[test]
fn a_batch_is_kept_with_its_spans_side_by_side() {
    let dir = tempfile::tempdir().unwrap();
    let (mut archive, _) = CaptureArchive::open(&vault(dir.path()), None).unwrap();
    let captures = sample_captures();
    let stored = archive.append_batch(&captures.iter().collect::<Vec<_>>()).unwrap();
    let mut end = 0;
    for (at, capture) in stored.iter().zip(&captures) {
        assert_eq!(at.offset, end);
        end += at.length;
        let read =
            CaptureArchive::read(&vault(dir.path()), &at.file, at.offset, at.length).unwrap();
        assert_eq!(&read, capture);
    }
    assert_eq!(
        std::fs::metadata(dir.path().join("captures").join(&stored[0].file)).unwrap().len(),
        end
    );
    assert!(archive.append_batch(&[]).unwrap().is_empty());
}

#[test]
fn a_capture_that_does_not_agree_with_itself_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut archive, _) = CaptureArchive::open(&vault(dir.path()), None).unwrap();
    let mut other_body = packed_page();
    other_body.body.push(0);
    let mut other_url = packed_page();
    other_url.url.push('x');
    for capture in [other_body, other_url] {
        let error = archive.append(&capture).unwrap_err();
        assert!(error.to_string().starts_with("cannot keep capture c-"), "{error}");
    }
    assert!(crate::sample::files(dir.path()).is_empty(), "something was written");
}

#[test]
fn a_name_that_leaves_the_folder_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["../secret", "/etc/passwd", "20261123-1.warc.gz", "", "20261123-000001.warc.gz/x"]
    {
        assert!(CaptureArchive::read(&vault(dir.path()), file, 0, 1).is_err(), "{file}");
        assert!(
            CaptureArchive::open(&vault(dir.path()), Some((file.into(), 1))).is_err(),
            "{file}"
        );
    }
}

fn any_headers() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(
        (
            "[ -~]{0,12}|\\PC{0,4}|(?i)(content-length|transfer-encoding|content-type)",
            "\\PC{0,20}|[\\x00-\\x20]{0,4}|[0-9]{1,3}",
        ),
        0..6,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_capture_is_read_back_as_it_was(
        url in "https://[a-z]{1,8}\\.example/\\PC{0,20}|file:///\\PC{0,20}|\\PC{0,20}",
        body in prop::collection::vec(any::<u8>(), 0..200),
        response_headers in any_headers(),
        request_headers in any_headers(),
        status in any::<u16>(),
        nanoseconds in -377705000000000000000_i128..253402000000000000000,
        file in any::<bool>(),
    ) {
        let at = jiff::Timestamp::from_nanosecond(nanoseconds).unwrap().to_string();
        let mut capture = if file { rows(&url, &at, &body) } else { page(&url, &at, &body) };
        capture.response_headers = response_headers;
        capture.request_headers = request_headers;
        capture.status = status;
        capture.redirects = vec![url];
        let robots = robots("https://jobs.example/robots.txt", "2026-11-23T10:00:00Z");
        let captures = [robots, capture];
        prop_assert_eq!(kept_and_read_back(&captures), captures);
    }
}
