//! Pictures of pages, by a browser that is installed: `chromium`, or the one in `FUSION_CHROMIUM`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use domain::Capture;
use evidence::{Browser, Sought, Viewed, has_a_picture};
use jiff::Timestamp;

use crate::sample::{Desk, SOFTWARE, assessment, headers, page, posting_of, time};
use crate::tools::{runs, tool};

const AT: &str = "2026-11-23T10:00:00Z";

fn browser() -> Option<Browser> {
    let program =
        std::env::var_os("FUSION_CHROMIUM").map_or("/usr/bin/chromium".into(), PathBuf::from);
    if program.is_file() {
        return Some(Browser::at(&program).unwrap());
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "no browser at {}", program.display());
    eprintln!("skipped: no browser at {}", program.display());
    None
}

/// A server on loopback that notes who asks for what.
fn bystander() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let log = Arc::new(Mutex::new(Vec::new()));
    let seen = log.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut asked = [0; 200];
            let length = stream.read(&mut asked).unwrap_or(0);
            seen.lock().unwrap().push(String::from_utf8_lossy(&asked[..length]).into_owned());
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (port, log)
}

fn width_and_height(png: &[u8]) -> (u32, u32) {
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}

/// The parts of a snapshot's WARC file by address.
fn part(desk: &Desk, file: &str, target: &str) -> Vec<u8> {
    let wacz = std::fs::File::open(desk.path().join("snapshots").join(file)).unwrap();
    let mut zip = zip::ZipArchive::new(wacz).unwrap();
    let mut warc = Vec::new();
    zip.by_name("archive/data.warc.gz").unwrap().read_to_end(&mut warc).unwrap();
    let records = warc::WarcReader::new(warc.as_slice(), 1 << 30).unwrap();
    let record = records.map(Result::unwrap).find(|r| r.field("WARC-Target-URI") == Some(target));
    record.unwrap_or_else(|| panic!("no {target}")).block
}

#[test]
fn a_page_that_wants_the_net_gets_none_and_its_picture_is_taken() {
    let Some(browser) = browser() else { return };
    let (port, asked) = bystander();
    let at = format!("http://127.0.0.1:{port}");
    let body = format!(
        "<!doctype html><meta charset=utf-8><title>x</title>\
         <meta http-equiv=refresh content='0;url={at}/refresh'><base href='{at}/'>\
         <link rel=stylesheet href='{at}/a.css'><link rel=preconnect href='{at}'>\
         <link rel=prefetch href='{at}/p'><link rel=icon href='{at}/favicon'>\
         <img src='{at}/i.png'><img src='file:///etc/hostname'><iframe src='{at}/f'></iframe>\
         <object data='{at}/o'></object><video src='{at}/v.mp4' autoplay></video>\
         <style>@import '{at}/b.css'; body{{background:url({at}/bg.png)}}</style>\
         <script>fetch('{at}/fetch'); location='{at}/left'; new WebSocket('ws://127.0.0.1:{port}')\
         </script><script src='{at}/s.js'></script><body onload=\"location='{at}/onload'\">\
         <form action='{at}/form'><input autofocus onfocus='this.form.submit()'></form>\
         <h1>Робота в теплиці &lt;b&gt; &amp;amp; 😀</h1><div style='height:2500px'></div><p id=end>кінець"
    );
    let page = page("https://jobs.example/ad/7", AT, body.as_bytes());
    assert!(has_a_picture(&page));
    let picture = browser.picture(&page, &[], &[]).unwrap();

    let mut desk = Desk::new();
    let snapshots = desk.path().join("snapshots");
    let (posting, assessment) = (posting_of(&page), assessment());
    let viewed = Viewed {
        posting: &posting,
        assessment: &assessment,
        page: &page,
        beside: &[],
        picture: &picture,
        marks: &[],
        taken_at: time("2026-11-23T10:00:05Z"),
        software: SOFTWARE,
    };
    let (file, _) = viewed.take(&desk.vault).unwrap();
    assert!(Viewed::is_in(&file), "{file}");
    let png = part(&desk, &file, "urn:view:https://jobs.example/ad/7");
    let (width, height) = width_and_height(&png);
    assert_eq!(width, 1280);
    assert!((2500..4000).contains(&height), "the whole page, {height} high");
    let html = String::from_utf8(part(&desk, &file, "urn:dom:https://jobs.example/ad/7")).unwrap();
    assert!(html.contains("Робота в теплиці &lt;b&gt; &amp;amp; 😀"), "{html}");
    assert!(html.contains("кінець"));
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new(), "the page reached the net");
    desk.log.seal().unwrap();

    let Some(wacz) = tool("wacz") else { return };
    let said = runs(&wacz, &["validate", "-f", &file], &snapshots);
    assert!(said.contains("the passed WACZ is valid"), "{said}");
}

/// A picture ten pixels wide and so many high.
fn gif(height: u16) -> Vec<u8> {
    let [low, high] = height.to_le_bytes();
    let head = [b"GIF89a\x0a\x00".as_slice(), &[low, high], b"\x80\0\0\0\0\0\xff\xff\xff"];
    let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    [head.concat().as_slice(), frame].concat()
}

fn part_of(address: &str, kind: &str, body: &[u8]) -> Capture {
    let mut part = page(address, AT, body);
    part.response_headers = headers(&[("content-type", kind)]);
    part
}

/// How high a page is tells which of its parts the browser was given: each adds a number of its own.
#[test]
fn a_page_is_shown_with_what_was_kept_of_it_under_the_addresses_that_it_names() {
    let Some(browser) = browser() else { return };
    let body = "<!doctype html><meta charset=utf-8><title>x</title>\
         <link rel=stylesheet href='../site.css?v=2&amp;x'><link rel=stylesheet href='/lost.css'>\
         <style>body{margin:0} img{display:block} [src*=lost]{display:none}</style>\
         <img src='//cdn.example/poster.gif'><img src='http://cdn.example:8080/plain.gif'>\
         <img src='/moved.gif'><img src='/lost.gif'><p style='margin:0'><p class=tall>робота";
    let mut moved = part_of("https://static.example/here.gif", "image/gif", &gif(300));
    moved.redirects = vec!["https://jobs.example/moved.gif".to_owned()];
    let css = b".tall{height:4000px;margin:0} .tall{background:url(/lost.png)}";
    let parts = [
        part_of("https://jobs.example/site.css?v=2&x", "text/css", css),
        part_of("http://cdn.example/poster.gif", "image/gif", &gif(200)),
        part_of("http://cdn.example:8080/plain.gif", "image/gif", &gif(110)),
        moved,
        // A style that says to be none is none, as on the web.
        part_of("https://jobs.example/lost.css", "text/plain", b".tall{height:9000px}"),
    ];
    for address in ["https://jobs.example/ad/7#here", "http://jobs.example:6000/ad/7"] {
        let page = page(address, AT, body.as_bytes());
        // Of another server than the page of the second address.
        let expected =
            if address.starts_with("https") { 4000 + 200 + 110 + 300 } else { 200 + 110 };
        let picture = browser.picture(&page, &parts, &[sought("", "робота", "")]).unwrap();
        let place = picture.places(0)[0];
        let (width, height) = width_and_height(picture.png());
        assert_eq!((width, height), (1280, expected.max(800)), "{address}");
        assert!((600..640).contains(&place.y) || expected < 800, "{address}: {place:?}");
    }
}

fn sought(before: &str, words: &str, after: &str) -> Sought {
    let [before, words, after] = [before, words, after].map(str::to_owned);
    Sought { before, words, after }
}

/// Every trap for who looks for words on a page from outside.
#[test]
fn words_are_found_where_they_are_seen_and_nowhere_else() {
    let Some(browser) = browser() else { return };
    let body = "<!doctype html><meta charset=utf-8><title>hidden words</title>\
        <style>body{margin:0;font:20px/30px monospace} p,div{margin:0;width:600px}</style>\
        <form id=f name=documentElement><input name=localName><input name=parentElement></form>\
        <img name=body><img name=createTreeWalker><iframe name=defaultView></iframe>\
        <div style='position:absolute;left:0;top:300px'>Робота, <b>пас</b>порт&nbsp;\
          <i>у  координатора</i>, виїзд</div>\
        <p style='display:none'>nothing of this is seen: hidden words</p>\
        <div style='position:absolute;left:0;top:900px;height:60px'>pay twice</div>\
        <div style='position:absolute;left:700px;top:1500px'>another pays twice; pay twice, \
          sir</div>\
        <div style='position:absolute;left:0;top:2000px;width:20000px'>far <span \
          style='margin-left:1300px'>away</span></div>\
        <script>document.body.textContent='taken over'</script>";
    let page = page("https://jobs.example/ad/7", AT, body.as_bytes());
    let all = [
        sought("Робота,\n", "паспорт у координатора", ", виїзд"),
        sought("", "hidden words", ""),
        sought("", "pay twice", ""),
        sought("another pays twice; ", "pay twice", ", sir"),
        sought("", "away", ""),
        sought("", "</script><b>nowhere", "<!--"),
        sought("", "  ", ""),
    ];
    let picture = browser.picture(&page, &[], &all).unwrap();
    let places = |number| picture.places(number);
    let passport = places(0);
    assert!(!passport.is_empty() && passport.len() <= 4, "{passport:?}");
    for place in &passport {
        assert!((300..=330).contains(&place.y) && place.y + place.height <= 335, "{place:?}");
    }
    let [left, right] = [
        passport.iter().map(|place| place.x).min().unwrap(),
        passport.iter().map(|place| place.x + place.width).max().unwrap(),
    ];
    // Letters of one width: 8 before the words, and 22 of them.
    let letter = f64::from(right - left) / 22.0;
    assert!((10.0..14.0).contains(&letter), "{passport:?}");
    assert!((f64::from(left) / letter - 8.0).abs() < 0.7, "{passport:?}");
    assert_eq!(places(1), [], "words that nobody sees");
    assert_eq!(places(2), [], "they stand there twice, and nothing tells which are meant");
    let pay = places(3);
    assert!(pay.len() == 1 && pay[0].y >= 1500 && pay[0].x >= 700, "{pay:?}");
    for nowhere in 4..8 {
        assert_eq!(places(nowhere), [], "{nowhere}");
    }
}

#[test]
fn a_browser_that_fails_or_hangs_is_a_sentence() {
    let at: Timestamp = time(AT);
    let page = page("https://jobs.example/ad/7", &at.to_string(), b"<p>x</p>");
    // These are no browsers, and end at once.
    for (program, words) in [("/bin/test", "does not say"), ("/nowhere/chromium", "does not start")]
    {
        let said = Browser::at(std::path::Path::new(program)).unwrap_err();
        assert!(said.contains(words), "{said}");
    }
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("browser");
    std::fs::write(
        &program,
        "#!/bin/sh\ncase \"$1\" in --version) echo Fake 1;; *) exit 3;; esac\n",
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let browser = Browser::at(&program).unwrap();
        assert_eq!(browser.version(), "Fake 1");
        let said = browser.picture(&page, &[], &[]).unwrap_err();
        assert!(said.contains("ended with exit status: 3"), "{said}");
    }
}

/// Browsers do, now and then, for no reason of the page's.
#[cfg(unix)]
#[test]
fn a_browser_that_breaks_off_once_is_asked_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(_) = browser() else { return };
    let real = std::env::var("FUSION_CHROMIUM").unwrap_or("/usr/bin/chromium".to_owned());
    let dir = tempfile::tempdir().unwrap();
    let (program, broken) = (dir.path().join("browser"), dir.path().join("broken"));
    let script = format!(
        "#!/bin/sh\ncase \"$1\" in --version) echo Fake 1; exit;; esac\n\
         if [ ! -e {0} ]; then touch {0}; exit 3; fi\nexec {real} \"$@\"\n",
        broken.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let page = page("https://jobs.example/ad/7", AT, b"<p>x</p>");
    Browser::at(&program).unwrap().picture(&page, &[], &[]).unwrap();
    assert!(broken.exists(), "it never broke off");
}
