//! The export of Telegram Desktop, `result.json`: one chat, or all of an account. Only messages are
//! taken, of channels and groups; the account's contacts, sessions and private chats are passed
//! over unread.

use std::io::BufRead;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, PostingKind, Problem, RowPlace, Source};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::file_opening::{self, FileName};
use crate::file_parts::{self, LONGEST_ROW, NextRow, PartForm, RowReader};
use crate::json_cut::{JsonCut, Taken};
use crate::telegram_message::message;
use crate::{Collector, Reading, Scan, ScanError};

const NOT_EXPORT: Outcome = Outcome::fault("file.not-telegram-export");
const UNKNOWN: Outcome = Outcome::fault("file.unknown-chat");
const PRIVATE_FILE: Outcome = Outcome::intended("file.private-chat");
const PRIVATE: Outcome = Outcome::intended("chat.private");
const BROKEN: Outcome = Outcome::fault("row.not-json");

/// Chats that more people than two can read.
const SHARED: [&str; 5] = [
    "public_channel",
    "private_channel",
    "public_supergroup",
    "private_supergroup",
    "private_group",
];

/// Exports of Telegram Desktop. As tips, private chats are read too: somebody in them gave them.
pub(crate) struct TelegramExport {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) as_tips: bool,
}

/// What the export says of a chat before its messages.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Chat {
    name: Option<String>,
    #[serde(rename = "type")]
    sort: Option<String>,
    id: Option<Value>,
}

impl Chat {
    fn id(&self) -> String {
        let id = match &self.id {
            Some(Value::Number(id)) => id.to_string(),
            _ => String::new(),
        };
        if id.is_empty() { "unnumbered".to_owned() } else { id }
    }

    fn set(&mut self, key: &str, value: &[u8]) {
        let word = || serde_json::from_slice::<Value>(value).ok();
        match key {
            "name" => self.name = word().and_then(|name| name.as_str().map(str::to_owned)),
            "type" => self.sort = word().and_then(|sort| sort.as_str().map(str::to_owned)),
            "id" => self.id = word(),
            _ => {}
        }
    }

    fn is_shared(&self) -> bool {
        self.sort.as_deref().is_some_and(|sort| SHARED.contains(&sort))
    }
}

#[async_trait]
impl Collector for TelegramExport {
    fn kind(&self) -> &'static str {
        if self.as_tips { "telegram-tip" } else { "telegram-export" }
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let file = file_opening::open(scan.source)?;
        let mut json = JsonCut::new(file.reader);
        let mut walk = Walk { export: self, name: file.name, met: 0, refused: 0, untold: 0 };
        let ended = walk.account(scan, &mut json).await;
        ended.map_err(|error| match error {
            Broken::Read(error) => walk.name.broken_off(&error),
            Broken::Scan(error) => error,
        })?;
        if walk.met == 0 {
            let what =
                "is no export of Telegram Desktop in JSON: it has neither `messages` nor `chats`";
            return Err(walk.name.problem(NOT_EXPORT, what));
        }
        if walk.met == walk.refused && walk.untold > 0 {
            let what = "does not say before its messages what sort of chat they are of, as Telegram's own export does";
            return Err(walk.name.problem(UNKNOWN, what));
        }
        if walk.met == walk.refused {
            let what = "holds private chats alone, which are not read; if somebody in them gave it to you, hand it in with `fusion tip`";
            return Err(walk.name.problem(PRIVATE_FILE, what));
        }
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let (file, first_line) = file_parts::place_of(capture);
        let content = capture.content();
        let header = content.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let chat: Chat = serde_json::from_slice(&content[..header]).unwrap_or_default();
        let kind = if self.as_tips { PostingKind::Tip } else { PostingKind::SocialPost };
        let mut json = JsonCut::new(&content[header..]);
        let mut reading = Reading::default();
        let mut end = header;
        while let Ok(Some(_)) = json.peek() {
            let line = first_line + json.line() - 1;
            let place = format!("{file} line {line}");
            let mut value = Vec::new();
            let Ok(Taken::Whole) = json.value(&mut value, LONGEST_ROW) else {
                let detail = "the message cannot be taken apart";
                reading.problems.push(Problem::new(BROKEN, place, detail));
                return reading;
            };
            // Blanks between messages belong to none.
            let blanks = content[end..].iter().take_while(|byte| byte.is_ascii_whitespace());
            let start = end + blanks.count();
            end = start + value.len();
            let row = RowPlace { header, start, end, line };
            let (name, id) = (chat.name.as_deref(), chat.id());
            match message(source, capture, kind, &id, name, &value) {
                Ok(posting) => {
                    reading.postings.push(domain::Posting { row: Some(row), ..posting });
                }
                Err((outcome, detail)) => {
                    reading.problems.push(Problem::new(outcome, place, detail));
                }
            }
        }
        reading
    }
}

/// Why a walk through the file was broken off.
enum Broken {
    Read(std::io::Error),
    Scan(ScanError),
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error)
    }
}

struct Walk<'a> {
    export: &'a TelegramExport,
    name: FileName,
    /// Chats that were met, and those of them that were refused.
    met: u64,
    refused: u64,
    /// Those of them of which it was not said what they are.
    untold: u64,
}

impl Walk<'_> {
    /// The outermost object: a chat itself, or an account with lists of chats.
    async fn account<R: BufRead + Send>(
        &mut self,
        scan: &mut Scan<'_>,
        json: &mut JsonCut<R>,
    ) -> Result<(), Broken> {
        if !json.enter(b'{')? {
            return Ok(());
        }
        let mut chat = Chat::default();
        while let Some(key) = json.next_key()? {
            match key.as_str() {
                "messages" => self.messages(scan, json, &chat).await?,
                "chats" | "left_chats" => self.chats(scan, json).await?,
                key => Self::about(json, key, &mut chat)?,
            }
        }
        Ok(())
    }

    /// `{"about": "...", "list": [chat, chat]}`
    async fn chats<R: BufRead + Send>(
        &mut self,
        scan: &mut Scan<'_>,
        json: &mut JsonCut<R>,
    ) -> Result<(), Broken> {
        if !json.enter(b'{')? {
            return Ok(json.skip()?);
        }
        while let Some(key) = json.next_key()? {
            if key != "list" || !json.enter(b'[')? {
                json.skip()?;
                continue;
            }
            while json.next_item()? {
                if !json.enter(b'{')? {
                    json.skip()?;
                    continue;
                }
                let mut chat = Chat::default();
                while let Some(key) = json.next_key()? {
                    match key.as_str() {
                        "messages" => self.messages(scan, json, &chat).await?,
                        key => Self::about(json, key, &mut chat)?,
                    }
                }
            }
        }
        Ok(())
    }

    fn about<R: BufRead>(json: &mut JsonCut<R>, key: &str, chat: &mut Chat) -> Result<(), Broken> {
        if !["name", "type", "id"].contains(&key) {
            return Ok(json.skip()?);
        }
        let mut value = Vec::new();
        if json.value(&mut value, 4096)? == Taken::Whole {
            chat.set(key, &value);
        }
        Ok(())
    }

    async fn messages<R: BufRead + Send>(
        &mut self,
        scan: &mut Scan<'_>,
        json: &mut JsonCut<R>,
        chat: &Chat,
    ) -> Result<(), Broken> {
        self.met += 1;
        if !chat.is_shared() && !self.export.as_tips {
            self.refused += 1;
            self.untold += u64::from(chat.sort.is_none());
            scan.tally.count(PRIVATE);
            return Ok(json.skip()?);
        }
        if !json.enter(b'[')? {
            return Ok(json.skip()?);
        }
        let mut header = serde_json::to_vec(chat).unwrap_or_default();
        header.push(b'\n');
        let form = PartForm {
            header,
            content_type: "application/x-telegram-export".to_owned(),
            list: format!("chat={}&", chat.id()),
        };
        let mut rows = Messages::of(json);
        let kept =
            file_parts::keep_all(scan, &*self.export.clock, &self.name, &mut rows, &form).await;
        kept.map_err(Broken::Scan)
    }
}

/// The messages of a chat as they stand in the file, each followed by a line break.
struct Messages<'j, R> {
    json: &'j mut JsonCut<R>,
    /// Whether another comes; reading stands at its first byte then, so that its line is known.
    next: std::io::Result<bool>,
}

impl<'j, R: BufRead> Messages<'j, R> {
    fn of(json: &'j mut JsonCut<R>) -> Self {
        let mut messages = Self { json, next: Ok(false) };
        messages.next = messages.advance();
        messages
    }

    fn advance(&mut self) -> std::io::Result<bool> {
        let is_there = self.json.next_item()?;
        if is_there {
            self.json.peek()?;
        }
        Ok(is_there)
    }
}

impl<R: BufRead + Send> RowReader for Messages<'_, R> {
    fn next_row(&mut self, row: &mut Vec<u8>) -> std::io::Result<NextRow> {
        if !std::mem::replace(&mut self.next, Ok(false))? {
            return Ok(NextRow::End);
        }
        let taken = self.json.value(row, LONGEST_ROW - 1)?;
        self.next = self.advance();
        match taken {
            Taken::Whole => {
                row.push(b'\n');
                Ok(NextRow::Row)
            }
            Taken::TooLong => Ok(NextRow::TooLong),
        }
    }

    fn line(&self) -> u64 {
        self.json.line()
    }

    fn rows_are_lines(&self) -> bool {
        false
    }
}
