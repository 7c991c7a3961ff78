use domain::PostMarks;
use scraper::ElementRef;

use crate::telegram_page::with_class;

/// What a message's preview shows beside its words. The class names are Telegram's own.
pub(crate) fn marks(message: ElementRef<'_>) -> PostMarks {
    let line = |class: &str| {
        let element = with_class(message, class).next()?;
        let line = element.text().collect::<String>();
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        (!line.is_empty()).then_some(line)
    };
    PostMarks {
        views: line("tgme_widget_message_views").as_deref().and_then(views),
        media: media(message),
        edited: is_edited(message),
        forwarded_from: line("tgme_widget_message_forwarded_from_name"),
    }
}

/// `934`, `1.1K`, `2M`: rounded by Telegram.
fn views(shown: &str) -> Option<u64> {
    let (number, unit) = match shown.strip_suffix(['K', 'k']) {
        Some(number) => (number, 3),
        None => match shown.strip_suffix(['M', 'm']) {
            Some(number) => (number, 6),
            None => (shown, 0),
        },
    };
    let (whole, tenths) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(tenths) || tenths.len() > unit {
        return None;
    }
    format!("{whole}{tenths:0<unit$}").parse().ok()
}

fn media(message: ElementRef<'_>) -> Vec<String> {
    const KINDS: [(&str, &str); 11] = [
        ("tgme_widget_message_photo_wrap", "photo"),
        ("tgme_widget_message_video_player", "video"),
        ("tgme_widget_message_video_wrap", "video"),
        ("tgme_widget_message_roundvideo_player", "video"),
        ("tgme_widget_message_voice_player", "voice"),
        ("tgme_widget_message_document_wrap", "document"),
        ("tgme_widget_message_sticker_wrap", "sticker"),
        ("tgme_widget_message_poll", "poll"),
        ("tgme_widget_message_location_wrap", "location"),
        ("tgme_widget_message_contact_wrap", "contact"),
        ("tgme_widget_message_invoice", "invoice"),
    ];
    let mut found: Vec<String> = Vec::new();
    for (class, kind) in KINDS {
        let Some(element) = with_class(message, class).next() else { continue };
        // A song is a document with another picture beside its name.
        let is_song = kind == "document"
            && with_class(element, "tgme_widget_message_document_icon")
                .any(|icon| icon.value().classes().any(|class| class == "audio"));
        let kind = if is_song { "audio" } else { kind };
        if !found.iter().any(|known| known == kind) {
            found.push(kind.to_owned());
        }
    }
    found
}

/// "edited" stands before the time, as words of Telegram's own.
fn is_edited(message: ElementRef<'_>) -> bool {
    with_class(message, "tgme_widget_message_meta").any(|meta| {
        // The name of who signed the message stands in an element.
        let own = meta.children().filter_map(|child| child.value().as_text());
        own.flat_map(|text| text.split(|c: char| !c.is_alphabetic())).any(|word| word == "edited")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_read_as_telegram_rounds_them() {
        for (shown, expected) in [
            ("934", Some(934)),
            ("1.1K", Some(1_100)),
            ("12K", Some(12_000)),
            ("2.05M", Some(2_050_000)),
            ("", None),
            ("K", None),
            ("1.5", None),
            ("-1", None),
            ("99999999999999999999M", None),
        ] {
            assert_eq!(views(shown), expected, "{shown}");
        }
    }
}
