//! Sources that need more said than an address: API keys, selectors.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use flate2::read::MultiGzDecoder;

use crate::desk::{Desk, Said, collect_files};

const KEY: &str = "s3cret-token-0123456789";

/// A server that answers these paths, and notes what it was asked for.
struct Server {
    address: SocketAddr,
    answers: Arc<Mutex<BTreeMap<String, String>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(answers: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (all, asked) = (Arc::default(), Arc::default());
        let server = Self { address, answers: Arc::clone(&all), asked: Arc::clone(&asked) };
        for (path, body) in answers {
            server.put(path, body);
        }
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
                let line = request.next().and_then(Result::ok).unwrap_or_default();
                request.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
                let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                let path = target.split('?').next().unwrap_or_default();
                let found = all.lock().unwrap().get(path).cloned();
                let (status, body) = found.map_or((404, String::new()), |body| (200, body));
                asked.lock().unwrap().push(target);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
            }
        });
        server
    }

    fn put(&self, path: &str, body: &str) {
        self.answers.lock().unwrap().insert(path.to_owned(), body.to_owned());
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

const WALL: &str = r#"{"response": {"count": 1, "items": [{"id": 1, "owner_id": -12, "from_id": -12,
    "date": 1772359200, "text": "Робота в Польщі. Паспорт залишаєте в офісі до кінця сезону, борг за проїзд відпрацюєте."}]}}"#;

/// All bytes of a file, packed or not: as they lie there, unpacked, and the files within an archive.
fn unpacked(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap();
        found.push(plain);
    }
    if let Ok(mut archive) = zip::ZipArchive::new(std::io::Cursor::new(bytes.clone())) {
        for number in 0..archive.len() {
            let mut inner = Vec::new();
            archive.by_index(number).unwrap().read_to_end(&mut inner).unwrap();
            found.extend(unpacked(inner));
        }
    }
    found.push(bytes);
    found
}

fn with_key(desk: &Desk, args: &[&str]) -> Said {
    let output = desk.command(args).env("DESK_VK_TOKEN", KEY).output().unwrap();
    Said {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn an_api_key_reaches_its_server_and_stands_nowhere_in_the_desk() {
    let server = Server::answering(&[("/method/wall.get", WALL)]);
    let desk = Desk::new();
    let url = server.url("/method/wall.get?owner_id=-12");
    let add = [
        "source",
        "add",
        "--id",
        "wall",
        "--kind",
        "vk",
        "--url",
        &url,
        "--basis",
        "public",
        "--allow-private",
        "--key",
        "access_token=DESK_VK_TOKEN",
    ];
    with_key(&desk, &add).ended(0);
    let without = desk.fusion(&["scan"]).ended(0);
    assert!(without.out.contains("fetch.no-key"), "{}", without.out);
    assert_eq!(server.asked(), [""; 0]);

    let scanned = with_key(&desk, &["-v", "-v", "scan"]).ended(0);
    assert!(scanned.out.contains("1 flagged"), "{}", scanned.out);
    let tested = with_key(&desk, &["-v", "source", "test", "wall"]).ended(0);
    let sent = format!("/method/wall.get?owner_id=-12&count=100&v=5.199&access_token={KEY}");
    assert!(server.asked().contains(&sent), "{:?}", server.asked());

    for said in [&scanned, &tested] {
        assert!(!said.out.contains(KEY) && !said.err.contains(KEY), "{}{}", said.out, said.err);
    }
    let (mut files, mut searched) = (Vec::new(), 0);
    collect_files(&desk.dir(), &mut files);
    for file in files {
        for bytes in unpacked(std::fs::read(&file).unwrap()) {
            searched += bytes.len();
            let is_there = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            assert!(!is_there, "the key is in {}", file.display());
        }
    }
    assert!(searched > 10_000, "only {searched} bytes were searched");
}

#[test]
fn what_a_source_needs_and_lacks_is_said_in_one_line() {
    let desk = Desk::new();
    let add = |kind: &str, url: &str, more: &[&str]| {
        let mut args = vec!["source", "add", "--id", "a", "--basis", "public"];
        args.extend(["--kind", kind, "--url", url]);
        args.extend(more);
        desk.fusion(&args)
    };
    let wall = "https://vk.com/robota";
    add("vk", wall, &[]).refused(&["needs an API key `access_token`", "keys.access_token"]);
    let pasted = add("vk", wall, &["--key", "access_token=0a1b2c3d4e5f"]);
    let pasted = pasted.refused(&["the NAME of an environment variable"]);
    assert!(!pasted.err.contains("0a1b2c3d4e5f"), "{}", pasted.err);
    let in_address = format!("{wall}?access_token=0a1b2c3d4e5f");
    let in_address = add("vk", &in_address, &["--key", "access_token=TOKEN"]);
    let in_address = in_address.refused(&["take the API key `access_token` out of the address"]);
    assert!(!in_address.err.contains("0a1b2c3d4e5f"), "{}", in_address.err);
    add("feed", "https://a.example/", &["--key", "x=TOKEN"]).refused(&["sends no API key `x`"]);

    let board = "https://board.example/jobs";
    add("page", board, &[]).refused(&["selectors.text"]);
    add("page", board, &["--selector", "text=div["]).refused(&["selectors.text `div[`"]);
    add("feed", board, &["--selector", "text=p"]).refused(&["for kind `page` alone"]);
    add("page", board, &["--selector", "text=.words", "--selector", "link=a.job"]).ended(0);
    let listed = desk.fusion(&["--format", "json", "source", "list"]).ended(0).json();
    assert_eq!(listed[0]["selectors"], serde_json::json!({"link": "a.job", "text": ".words"}));

    // What people write by hand is looked at in the same way.
    let file = desk.dir().join("sources.toml");
    let own = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, own.replace(".words", ".words[")).unwrap();
    desk.fusion(&["source", "list"]).refused(&["source `a`: selectors.text `.words[`"]);
    std::fs::write(&file, own.replace("text = ", "words = ")).unwrap();
    desk.fusion(&["source", "list"]).refused(&["sources.toml:", "unknown field `words`"]);
}

const LIST: &str = "<h1>Jobs</h1><a class=job href=/v/1>Welder</a>";
const AD: &str = "<h1>Welder</h1><div class=words>Housing given, paid weekly.</div>";

#[test]
fn a_test_goes_on_from_a_list_to_the_first_ad() {
    let server = Server::answering(&[("/jobs", LIST), ("/v/1", AD)]);
    let desk = Desk::new();
    let url = server.url("/jobs");
    let args = [
        "source",
        "test",
        &url,
        "--kind",
        "page",
        "--allow-private",
        "--selector",
        "text=.words",
        "--selector",
        "title=h1",
        "--selector",
        "link=a.job",
    ];
    let tested = desk.fusion(&args).ended(0);
    assert!(tested.out.contains("/v/1: status 200"), "{}", tested.out);
    assert!(tested.out.contains("Welder"), "{}", tested.out);
    assert!(tested.out.contains("a list with 1 links to ads"), "{}", tested.out);
}

/// A channel's preview with these posts.
fn preview(posts: &[(u64, &str)]) -> String {
    let post = |(number, text): &(u64, &str)| {
        format!(
            "<div class=tgme_widget_message data-post='robota/{number}'>\
            <div class=tgme_widget_message_text>{text}</div></div>"
        )
    };
    let posts: String = posts.iter().map(post).collect();
    format!("<section class=tgme_channel_history>{posts}</section>")
}

#[test]
fn what_is_edited_or_taken_away_at_its_source_is_noticed_once() {
    let server = Server::answering(&[]);
    let desk = Desk::new();
    let url = server.url("/s/robota");
    desk.fusion(&[
        "source",
        "add",
        "--id",
        "channel",
        "--kind",
        "telegram",
        "--url",
        &url,
        "--basis",
        "public",
        "--allow-private",
        "--min-delay-ms",
        "0",
    ])
    .ended(0);
    let scan = |posts: &[(u64, &str)]| {
        server.put("/s/robota", &preview(posts));
        desk.fusion(&["scan"]).ended(0).out
    };
    let kept = "Паспорт залишаєте в офісі до кінця сезону, борг за проїзд відпрацюєте.";
    let first = scan(&[(1, "Привіт"), (2, kept), (3, "Бувайте")]);
    assert!(!first.contains("posting.edited") && !first.contains("posting.gone"), "{first}");
    let edited = scan(&[(1, "Привіт усім"), (2, kept), (3, "Бувайте")]);
    assert!(edited.contains("1  posting.edited") && !edited.contains("posting.gone"), "{edited}");
    let gone = scan(&[(1, "Привіт усім"), (3, "Бувайте")]);
    assert!(gone.contains("1  posting.gone"), "{gone}");
    let same = scan(&[(1, "Привіт усім"), (3, "Бувайте"), (4, "Ще")]);
    assert!(!same.contains("posting.gone"), "{same}");
    let back = scan(&[(1, "Привіт усім"), (2, kept), (3, "Бувайте"), (4, "Ще")]);
    assert!(back.contains("1  posting.flagged"), "{back}");

    // The lead stays with its evidence, and all of it comes again out of the log.
    let queue = desk.queue();
    assert_eq!(queue.len(), 1);
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}
