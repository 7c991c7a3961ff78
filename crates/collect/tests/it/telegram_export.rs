//! Chats as Telegram Desktop exports them.

use domain::PostingKind;
use serde_json::json;

use crate::desk::{Imported, import, import_bytes, named};

fn message(id: i64, text: serde_json::Value) -> serde_json::Value {
    json!({"id": id, "type": "message", "date": "2026-03-01T12:00:00", "date_unixtime": "1772359200",
        "from": "Робота в Європі", "from_id": "channel12", "text": text, "text_entities": []})
}

/// A chat as Telegram writes it: what it is stands before its messages.
fn chat(sort: &str, messages: &[serde_json::Value]) -> String {
    let messages: Vec<String> = messages.iter().map(|message| format!("  {message}")).collect();
    format!(
        "{{\n \"name\": \"Робота в Європі\",\n \"type\": \"{sort}\",\n \"id\": 12,\n \"messages\": [\n{}\n ]\n}}",
        messages.join(",\n")
    )
}

async fn exported(json: &str) -> Imported {
    import_bytes("result.json", json, &[]).await
}

#[tokio::test]
async fn messages_are_read_with_all_that_the_screen_shows() {
    let mut passed_on = message(2, json!("Водії в Польщу"));
    passed_on["forwarded_from"] = json!("Інше агентство");
    passed_on["edited_unixtime"] = json!("1772360000");
    let mut file = message(4, json!(""));
    file["file_name"] = json!("Вакансії.pdf");
    file["media_type"] = json!("document");
    let mut card = message(5, json!(""));
    card["contact_information"] =
        json!({"first_name": "Олена", "last_name": "", "phone_number": "+380 67 000 00 01"});
    let mut poll = message(6, json!(""));
    poll["poll"] = json!({"question": "Куди?", "answers": [{"text": "Польща"}, {"text": "Чехія"}]});
    let mut buttons = message(
        7,
        json!([
            "Анкета ", {"type": "text_link", "text": "тут", "href": "https://form.example/1"}, {"type": "bold", "text": "!"}
        ]),
    );
    buttons["inline_bot_buttons"] = json!([[{"type": "url", "text": "Писати", "data": "https://t.me/invented"}, {"type": "callback", "data": "x"}]]);
    let messages = vec![
        message(1, json!(["Склад, ", {"type": "phone", "text": "+380 67 000 00 02"}])),
        passed_on,
        json!({"id": 3, "type": "service", "action": "pin_message", "text": ""}),
        file,
        card,
        poll,
        buttons,
        message(8, json!("")),
        json!({"type": "message", "text": "no number"}),
    ];
    let imported = exported(&chat("public_channel", &messages)).await;
    assert_eq!(
        imported.texts(),
        [
            "Склад, +380 67 000 00 02",
            "Водії в Польщу",
            "Вакансії.pdf",
            "Олена +380 67 000 00 01",
            "Куди?\n\nПольща\n\nЧехія",
            "Анкета тут!",
        ]
    );
    let first = &imported.postings[0];
    assert_eq!((first.key.as_str(), first.kind), ("12/1", PostingKind::SocialPost));
    assert_eq!(first.author.as_deref(), Some("Робота в Європі"));
    assert_eq!(first.published_at.unwrap().to_string(), "2026-03-01T10:00:00Z");
    assert_eq!(imported.postings[1].author.as_deref(), Some("Інше агентство"));
    assert_eq!(
        imported.postings[5].hidden_links,
        ["https://form.example/1", "https://t.me/invented"]
    );
    let names: Vec<_> = imported.row_problems.iter().map(|p| p.outcome.name).collect();
    assert_eq!(names, ["post.service-message", "post.no-text", "post.no-number"]);
}

#[tokio::test]
async fn a_posting_is_cut_to_its_own_message() {
    let imported =
        exported(&chat("public_supergroup", &[message(1, json!("one")), message(2, json!("two"))]))
            .await;
    let capture = &imported.captures[0];
    assert_eq!(capture.url, "file:///result.json#chat=12&rows=1-2&line=6");
    let row = imported.postings[1].row.unwrap();
    let cut: serde_json::Value = serde_json::from_slice(&capture.body[row.start..row.end]).unwrap();
    assert_eq!(cut["text"], "two");
    let header: serde_json::Value = serde_json::from_slice(&capture.body[..row.header]).unwrap();
    assert_eq!(header, json!({"name": "Робота в Європі", "type": "public_supergroup", "id": 12}));
    assert_eq!(row.line, 7);
}

#[tokio::test]
async fn a_private_chat_is_refused_with_one_sentence_unless_it_is_given_as_a_tip() {
    for sort in ["personal_chat", "bot_chat", "saved_messages", "a_new_sort"] {
        let export = chat(sort, &[message(1, json!("private words"))]);
        let imported = exported(&export).await;
        let problem = imported.incomplete.unwrap();
        assert_eq!(problem.outcome.name, "file.private-chat");
        assert!(problem.detail.contains("fusion tip"), "{}", problem.detail);
        assert!(imported.captures.is_empty(), "nothing of it is kept");

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        std::fs::write(&path, &export).unwrap();
        let tip = import("telegram-tip", &path, &[]).await;
        assert_eq!((tip.texts(), tip.postings[0].kind), (vec!["private words"], PostingKind::Tip));
    }
}

#[tokio::test]
async fn of_a_whole_account_the_shared_chats_alone_are_taken() {
    let private = "слова приватної особи";
    let chats = [
        chat("personal_chat", &[message(1, json!(private))]),
        chat("public_supergroup", &[message(1, json!("one"))]),
        chat("private_group", &[]),
    ];
    let left = chat("private_supergroup", &[message(2, json!("two"))]);
    let export = format!(
        r#"{{"about": "Here is the data you requested.",
        "personal_information": {{"user_id": 1, "first_name": "{private}"}},
        "contacts": {{"list": [{{"first_name": "{private}"}}]}},
        "chats": {{"about": "x", "list": [{}]}},
        "left_chats": {{"about": "x", "list": [{left}]}},
        "frequent_contacts": {{"list": ["{private}"]}}}}"#,
        chats.join(",")
    );
    let imported = exported(&export).await;
    assert_eq!(imported.texts(), ["one", "two"]);
    assert_eq!(imported.incomplete, None);
    assert_eq!(imported.tally.of("chat.private"), 1);
    let kept: Vec<u8> = imported.captures.iter().flat_map(|capture| capture.body.clone()).collect();
    assert!(!String::from_utf8(kept).unwrap().contains(private));
}

#[tokio::test]
async fn a_file_that_breaks_off_gives_what_stood_before() {
    let messages: Vec<_> = (1..=20).map(|id| message(id, json!("слово"))).collect();
    let whole = chat("public_channel", &messages);
    let cut = &whole[..whole.floor_char_boundary(whole.len() * 3 / 4)];
    let imported = import_bytes("result.json", cut, &[]).await;
    let problem = imported.incomplete.as_ref().unwrap();
    assert!(problem.detail.starts_with("cannot read result.json to its end: line "), "{problem}");
    assert!(imported.postings.len() > 10, "{}", imported.postings.len());
}

#[tokio::test]
async fn what_is_no_export_is_told_in_one_sentence() {
    for content in ["{}", "[1]", "\"x\"", "{\"messages\": 1}", "{\"a\": [}"] {
        let problem = import_bytes("result.json", content, &[]).await.incomplete;
        let problem = problem.unwrap_or_else(|| panic!("{content}"));
        assert!(problem.outcome.name.starts_with("file."), "{problem}");
        assert!(!problem.detail.contains('\n'));
    }
    let sorted = r#"{"messages": [{"id": 1, "text": "x"}], "type": "public_channel"}"#;
    let problem = import_bytes("result.json", sorted, &[]).await.incomplete.unwrap();
    assert_eq!(problem.outcome.name, "file.unknown-chat", "nothing is read by mistake");
}

#[tokio::test]
async fn parts_stay_small_and_a_giant_message_is_named() {
    let mut messages: Vec<_> = (1..=1500).map(|id| message(id, json!("x"))).collect();
    messages.insert(700, message(9000, json!("y".repeat(2 << 20))));
    let imported = exported(&chat("public_channel", &messages)).await;
    assert_eq!((imported.postings.len(), imported.tally.of("row.too-long")), (1500, 1));
    assert!(imported.captures.len() == 2);
    assert!(imported.captures.iter().all(|part| part.body.len() <= 1024 * 1024 + 200));
    assert_eq!(imported.problems.iter().map(named).count(), 1);
}
