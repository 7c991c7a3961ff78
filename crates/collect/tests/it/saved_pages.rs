//! Pages that a person saved in a browser.

use domain::PostingKind;

use crate::desk::{import_bytes, named, reference_data};

const WORDS: &str = "Пакувальниці на склад, житло безкоштовно, паспорт здати.";

fn page(top: &str) -> String {
    format!(
        "{top}<html lang=uk><head><meta charset=utf-8><title>Робота</title></head>\
         <body><nav>Увійти</nav><p>{WORDS}</p><a href='/form'>Анкета</a></body></html>"
    )
}

#[tokio::test]
async fn a_page_keeps_its_own_address_and_the_time_when_it_was_saved() {
    let single_file = page(
        "<!DOCTYPE html> <!--\n Page saved with SingleFile \n url: https://board.example/ad/1 \n saved date: Thu Nov 26 2026 14:03:11 GMT+0200 (EET)\n-->",
    );
    let complete =
        page("<!DOCTYPE html>\r\n<!-- saved from url=(0028)https://board.example/ad/1 -->\r\n");
    let canonical = page("<link rel=canonical href='https://board.example/ad/1'>");
    for (name, content, saved_at) in [
        ("ad.html", single_file, Some("2026-11-26T12:03:11Z")),
        ("Робота.htm", complete, None),
        ("ad.xhtml", canonical, None),
    ] {
        let imported = import_bytes(name, &content, &[]).await;
        let [posting] = imported.postings.as_slice() else { panic!("{:?}", imported.row_problems) };
        assert_eq!(posting.url.as_deref(), Some("https://board.example/ad/1"));
        assert_eq!(posting.key, "https://board.example/ad/1");
        assert_eq!(posting.saved_at.map(|time| time.to_string()).as_deref(), saved_at);
        assert_eq!(posting.title.as_deref(), Some("Робота"));
        assert!(posting.text.starts_with(WORDS) && !posting.text.contains("Увійти"));
        assert_eq!(posting.hidden_links, ["https://board.example/form"]);
        assert_eq!(imported.captures[0].body, content.as_bytes(), "kept as it was saved");
    }
}

#[tokio::test]
async fn a_page_that_says_nothing_of_itself_has_no_address() {
    let imported = import_bytes("ad.html", page(""), &[]).await;
    let [posting] = imported.postings.as_slice() else { panic!() };
    assert_eq!((posting.url.as_deref(), posting.saved_at), (None, None));
    assert_eq!(posting.key, "file:///ad.html");
    assert_eq!(posting.hidden_links, ["/form"], "as it stands: nobody can tell where it leads");
}

#[tokio::test]
async fn a_page_that_a_collector_knows_is_the_collectors() {
    let page = "<!-- saved from url=(0022)https://board.example/ -->known-to-a-collector: Packers";
    let imported = import_bytes("ad.html", page, &[]).await;
    assert_eq!(
        (imported.texts(), imported.postings[0].kind),
        (vec!["Packers"], PostingKind::JobAd)
    );
    assert_eq!(imported.postings[0].url.as_deref(), Some("https://board.example/"));
    // An address in the file's name is none.
    let imported = import_bytes("ad.html", "known-to-a-collector: Packers", &[]).await;
    assert_eq!(imported.postings[0].url, None);
}

/// Quoted-printable and base64, in the charset of the part, as Chromium and Internet Explorer write.
fn mhtml(part: &str) -> String {
    format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://board.example/ad/1\r\n\
         Subject: =?utf-8?Q?Robota?=\r\nDate: Thu, 26 Nov 2026 12:03:11 -0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----B\"\r\n\r\n\r\n\
         ------B\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n\
         ------B\r\n{part}\r\n------B--\r\n"
    )
}

fn quoted_printable(text: &str) -> String {
    let letters = text.bytes().enumerate().map(|(at, byte)| {
        let soft = if at % 20 == 19 { "=\r\n" } else { "" };
        format!("={byte:02X}{soft}")
    });
    letters.collect()
}

#[tokio::test]
async fn mhtml_is_read_in_every_encoding() {
    let html = format!("<title>Робота</title><p>{WORDS}</p>");
    let cyrillic = encoding_rs::WINDOWS_1251.encode(&html).0.into_owned();
    let base64 = |bytes: &[u8]| {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::new();
        for three in bytes.chunks(3) {
            let bits = three.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - three.len()));
            for place in 0..=three.len() {
                let letter = (bits >> (18 - 6 * place)) & 63;
                text.push(char::from(LETTERS[letter as usize]));
            }
            text.push_str(&"=".repeat(3 - three.len()));
        }
        text
    };
    for part in [
        format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://elsewhere.example/\r\n\r\n{}",
            quoted_printable(&html)
        ),
        format!(
            "Content-Type: text/html; charset=\"windows-1251\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
            base64(&cyrillic)
        ),
        format!("Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}"),
    ] {
        let imported = import_bytes("ad.mhtml", mhtml(&part), &[]).await;
        let [posting] = imported.postings.as_slice() else {
            panic!("{part}: {:?}", imported.row_problems)
        };
        assert_eq!((posting.text.as_str(), posting.title.as_deref()), (WORDS, Some("Робота")));
        assert_eq!(posting.url.as_deref(), Some("https://board.example/ad/1"));
        assert_eq!(posting.saved_at.unwrap().to_string(), "2026-11-26T12:03:11Z");
    }
}

#[tokio::test]
async fn what_is_no_saved_page_is_told_in_one_sentence() {
    for (name, content, sentence) in [
        ("a.html", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "a.html is no text: it is no saved page"),
        ("a.html", b"  \n", "a.html is empty"),
        ("a.mhtml", b"", "a.mhtml is empty"),
    ] {
        let problem = import_bytes(name, content, &[]).await.incomplete.unwrap();
        assert_eq!(problem.detail, sentence);
    }
    for (name, content, outcome) in [
        ("a.html", "<p>Menu</p>", "page.no-text at file:///a.html"),
        (
            "a.html",
            "not a page at all, only some words in a row",
            "page.no-reader at file:///a.html",
        ),
        ("a.mhtml", "<html><p>not a mail message</p></html>", "file.not-mhtml at file:///a.mhtml"),
        ("a.mht", "Content-Type: text/plain\r\n\r\nhello", "file.not-mhtml at file:///a.mht"),
    ] {
        let imported = import_bytes(name, content, &[]).await;
        assert_eq!(imported.row_problems.iter().map(named).collect::<Vec<_>>(), [outcome]);
    }
    let deep = "<div>".repeat(10_000);
    let imported = import_bytes("a.html", deep, &[]).await;
    assert_eq!(
        imported.row_problems.iter().map(named).collect::<Vec<_>>(),
        ["page.too-complex at file:///a.html"]
    );
}

/// Real pages in fifty encodings: each is read as a page of its words.
#[tokio::test]
async fn real_pages_in_many_encodings_are_read() {
    let Some(data) = reference_data() else { return };
    let (mut read, mut problems) = (0, std::collections::BTreeMap::<String, Vec<String>>::new());
    for folder in std::fs::read_dir(data.join("charsets")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let imported = crate::desk::import("html", &path, &[]).await;
            let named = imported.row_problems.iter().chain(&imported.incomplete);
            for problem in named {
                problems
                    .entry(problem.outcome.name.to_owned())
                    .or_default()
                    .push(path.display().to_string());
            }
            read += imported.postings.len();
        }
    }
    eprintln!("{read} pages read; {problems:?}");
    // XML feeds are among them: they are the feed collector's, which is not here.
    let expected = ["page.no-reader", "page.no-text"];
    assert!(problems.keys().all(|name| expected.contains(&name.as_str())), "{problems:?}");
    assert!(read > 30, "{read}");
}
