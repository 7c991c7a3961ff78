use domain::{CaptureMethod, CaptureRole, Source, SourceId};
use proptest::prelude::*;

use super::*;
use crate::file_capture::capture_of_file;

/// What pages do to run something, to tell somebody that they are looked at, or to lead away. The
/// stories in a browser show each of them at work in a page that is not written anew.
const HOSTILE: &str = include_str!("../../../../fixtures/hostile-page/page.html");

const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn page(kind: &str, bytes: &[u8]) -> Capture {
    let id = SourceId::new("saved").unwrap();
    let source = Source::new(id, "html", "page.html", "a test");
    let at = "2026-11-28T10:00:00Z".parse().unwrap();
    capture_of_file(&source, "file:///page.html".to_owned(), at, kind, bytes.to_vec())
}

fn shown(html: &str, pictures: Pictures) -> InertPage {
    inert_page(&page("text/html; charset=utf-8", html.as_bytes()), BTreeMap::new(), pictures)
        .unwrap()
        .unwrap()
}

fn body(html: &str) -> String {
    let page = shown(html, Pictures::Veiled).html;
    page.split_once("<body>").unwrap().1.split_once("</body>").unwrap().0.to_owned()
}

/// What of a page would do more than be looked at, by how a browser reads it.
fn life_in(page: &str) -> Vec<String> {
    let html = parse_html(page).unwrap();
    let mut found = Vec::new();
    for node in html.tree.nodes() {
        let Some(element) = scraper::ElementRef::wrap(node) else { continue };
        let name = element.value().name();
        let own = matches!(name, "html" | "head" | "body" | "meta" | "style" | "img");
        if !own && lists::becomes(name) != lists::Becomes::Same {
            found.push(format!("<{name}>"));
        }
        for (key, value) in element.value().attrs() {
            let is_ours = (name, key, value) == ("meta", "charset", "utf-8")
                || (name, key) == ("img", "src") && value.starts_with("data:image/");
            let is_known = key == "style" || lists::ATTRIBUTES.contains(&key);
            if !is_ours && !is_known || key == "style" && asks(value) {
                found.push(format!("<{name} {key}={value}>"));
            }
        }
        if name == "style" {
            let css: String = element.text().collect();
            found.extend(asks(&css).then(|| css.clone()));
        }
    }
    found
}

/// Whether a style asks for anything, by a reading of its own: escapes are resolved one by one.
fn asks(css: &str) -> bool {
    let plain = regex_free_unescape(css).to_ascii_lowercase();
    let mut addresses = plain.split("url(").skip(1);
    addresses.any(|rest| !rest.trim_start_matches(['"', '\'', ' ']).starts_with("data:"))
        || plain.contains("@import")
        || plain.contains("image-set(")
}

fn regex_free_unescape(css: &str) -> String {
    let mut out = String::new();
    let mut letters = css.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        let mut code = String::new();
        while code.len() < 6 && letters.peek().is_some_and(char::is_ascii_hexdigit) {
            code.extend(letters.next());
        }
        if code.is_empty() {
            out.extend(letters.next().map(|c| if c == '(' { '_' } else { c }));
            continue;
        }
        letters.next_if(|c| c.is_ascii_whitespace());
        let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        // An escaped bracket opens no function.
        out.extend(c.map(|c| if c == '(' { '_' } else { c }));
    }
    out
}

#[test]
fn a_hostile_page_is_written_anew_without_its_life_and_with_its_words() {
    assert!(life_in(HOSTILE).len() > 60, "{:?}", life_in(HOSTILE));
    for pictures in [Pictures::Veiled, Pictures::Clear] {
        let page = shown(HOSTILE, pictures);
        assert_eq!(life_in(&page.html), Vec::<String>::new());
        assert!(page.html.contains("Паспорт залишається у координатора"), "{}", page.html);
        assert!(page.left_out > 10, "{}", page.left_out);
    }
}

#[test]
fn words_and_layout_stay_and_links_say_where_they_led() {
    assert_eq!(
        body(
            "<table width=90%><tr><td bgcolor=red onclick=x() data-x=1>Їжак &amp; &lt;b&gt;</table>"
        ),
        "<table width=\"90%\"><tbody><tr><td bgcolor=\"red\">Їжак &amp; &lt;b&gt;</td></tr></tbody></table>"
    );
    assert_eq!(
        body("<base href=https://a.example/b/><a href=c title=x>1</a><a href=javascript:x()>2</a>"),
        "<a title=\"\u{2192} https://a.example/b/c\">1</a><a>2</a>"
    );
    assert_eq!(
        body(
            "<form action=/x><label>Ім’я<input value='a\"b'></label><button>Далі</button></form><x-card>1</x-card>"
        ),
        "<div><span>Ім’я<span value=\"a&quot;b\">a&quot;b</span></span><span>Далі</span></div><span>1</span>"
    );
    assert_eq!(
        body("<script>x</script><noscript>y</noscript><!-- z --><plaintext>a<b>"),
        "<span>a&lt;b&gt;</span>"
    );
}

#[test]
fn pictures_that_were_captured_are_blurred_until_somebody_asks() {
    let html = format!(
        "<img alt=a style='filter:none!important' src='data:image/png;base64,{PNG}'><img alt=b src=/b.png>"
    );
    let veiled = shown(&html, Pictures::Veiled);
    assert_eq!((veiled.pictures, veiled.left_out), (1, 1));
    assert!(
        veiled.html.contains("filter:noneimportant;filter:blur(20px) grayscale(1)!important"),
        "{}",
        veiled.html
    );
    let clear = shown(&html, Pictures::Clear);
    assert!(!clear.html.contains("blur") && clear.html.contains(PNG), "{}", clear.html);
    assert!(clear.html.contains("\u{25a2} b</span>"), "{}", clear.html);
}

#[test]
fn a_page_that_was_saved_with_its_pictures_is_shown_with_them() {
    let message = format!(
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; type=\"text/html\"; boundary=\"X\"\r\n\r\n\
         --X\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: https://a.example/ad/1\r\n\r\n\
         <img src=\"../p.png\"><img src=\"cid:two\"><img src=\"https://b.example/3.png\"><div style=\"background:url(/p.png)\">x</div>\r\n\
         --X\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-Location: https://a.example/p.png\r\n\r\n{PNG}\r\n\
         --X\r\nContent-Type: text/html\r\nContent-ID: <two>\r\nContent-Transfer-Encoding: base64\r\nContent-Location: cid:two\r\n\r\n{PNG}\r\n--X--\r\n"
    );
    let capture = page("multipart/related", message.as_bytes());
    let page = inert_page(&capture, BTreeMap::new(), Pictures::Clear).unwrap().unwrap();
    assert_eq!(page.html.matches(PNG).count(), 2, "{}", page.html);
    assert_eq!((page.pictures, page.left_out), (1, 2));
}

#[test]
fn what_is_no_page_is_not_shown_as_one() {
    for (kind, bytes) in [
        ("application/json", "{\"a\": \"<b>\"}"),
        ("text/html", "{\"a\": \"<b>\"}"),
        ("text/html", "<?xml version='1.0'?><rss><channel/></rss>"),
        ("text/html", "words alone"),
        ("multipart/related", "no message"),
        ("application/warc", "no record"),
        ("", "<p>"),
    ] {
        assert_eq!(
            inert_page(&page(kind, bytes.as_bytes()), BTreeMap::new(), Pictures::Clear),
            Ok(None),
            "{kind} {bytes}"
        );
    }
    let deep = page("text/html", "<div>".repeat(200_000).as_bytes());
    assert!(inert_page(&deep, BTreeMap::new(), Pictures::Clear).is_err());
    let fetched = Capture {
        method: CaptureMethod::Http,
        role: CaptureRole::Page,
        status: 200,
        ..page("text/html", b"<p>x")
    };
    assert!(inert_page(&fetched, BTreeMap::new(), Pictures::Clear).unwrap().is_some());
}

proptest! {
    #[test]
    fn whatever_a_page_is_made_of_it_is_still(page in proptest::collection::vec(prop_oneof![
        Just("<a href=//x.example>"), Just("<img src=//x.example onerror=x()>"), Just("<style>"), Just("</style>"),
        Just("a{background:u\\72l("), Just("url("), Just("@im\\70ort '"), Just("<svg><script>"), Just("<math><mi>"),
        Just("<table><form>"), Just("<p style='background:url(//x)'>"), Just("</p>"), Just("<script>"), Just("</script>"),
        Just("<textarea>"), Just("</textarea>"), Just("<!--"), Just("-->"), Just("\""), Just("'"), Just(">"), Just("\\"),
        Just("/*"), Just("*/"), Just("<noscript>"), Just("<template>"), Just("<select><option>"), Just("<frameset>"),
        Just("<foreignObject>"), Just("<title>"), Just("&lt;script&gt;"), Just("\0"), Just("слово"), Just(";"), Just("}"),
        Just("<annotation-xml encoding=text/html>"), Just("<mglyph>"), Just("</br>"), Just("<plaintext>"), Just("<base href=//x>"),
    ], 0..40)) {
        // Enough words that zeros among them are no sign of UTF-16.
        let page = format!("<p>{}{}", "words ".repeat(80), page.concat());
        let shown = shown(&page, Pictures::Clear);
        prop_assert_eq!(life_in(&shown.html), Vec::<String>::new(), "{}", shown.html);
    }
}
