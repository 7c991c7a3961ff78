//! JSON taken apart while it is read, so that a file of any size passes through little memory: the
//! way down by keys and items, and whole values as the bytes that they are. Nothing is nested in
//! our own stack, however deep the text is.

use std::io::BufRead;

/// The longest key; those that are looked for are short.
const LONGEST_KEY: usize = 1024;

/// JSON text and the line that reading is at.
pub(crate) struct JsonCut<R> {
    reader: R,
    line: u64,
}

/// Whether a value was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Whole,
    /// It is longer than was asked for; passed over.
    TooLong,
}

impl<R: BufRead> JsonCut<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, line: 1 }
    }

    /// The line of the next byte, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The first byte of what comes next, blanks and a byte order mark passed over.
    pub(crate) fn peek(&mut self) -> std::io::Result<Option<u8>> {
        loop {
            let Some(byte) = self.reader.fill_buf()?.first().copied() else { return Ok(None) };
            if !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(&byte) {
                return Ok(Some(byte));
            }
            self.consume_one(byte);
        }
    }

    /// Goes into an object (`{`) or a list (`[`). `false`: something else comes next.
    pub(crate) fn enter(&mut self, open: u8) -> std::io::Result<bool> {
        let is_there = self.peek()? == Some(open);
        if is_there {
            self.consume_one(open);
        }
        Ok(is_there)
    }

    /// The next key of the object that we are in; `None` behind its last.
    pub(crate) fn next_key(&mut self) -> std::io::Result<Option<String>> {
        if !self.goes_on(b'}')? {
            return Ok(None);
        }
        if self.peek()? != Some(b'"') {
            return Err(self.wrong("a key was expected"));
        }
        let mut key = Vec::new();
        self.value(&mut key, LONGEST_KEY)?;
        if self.peek()? != Some(b':') {
            return Err(self.wrong("a colon was expected"));
        }
        self.consume_one(b':');
        Ok(Some(serde_json::from_slice(&key).unwrap_or_default()))
    }

    /// Whether the list that we are in has another item; it comes next then.
    pub(crate) fn next_item(&mut self) -> std::io::Result<bool> {
        self.goes_on(b']')
    }

    /// Appends the value that comes next to `into`, unless it is longer than `most`.
    pub(crate) fn value(&mut self, into: &mut Vec<u8>, most: usize) -> std::io::Result<Taken> {
        let start = into.len();
        let mut taken = Taken::Whole;
        self.peek()?;
        let mut state = Value::default();
        while !state.ended {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return match state.is_bare() && state.any {
                    true => Ok(taken),
                    false => Err(self.wrong("the text ends inside a value")),
                };
            }
            let mut used = 0;
            let mut lines = 0;
            for byte in buffer {
                if !state.takes(*byte) {
                    break;
                }
                used += 1;
                lines += u64::from(*byte == b'\n');
                if state.ended {
                    break;
                }
            }
            if taken == Taken::Whole && into.len() - start + used <= most {
                into.extend_from_slice(&buffer[..used]);
            } else {
                into.truncate(start);
                taken = Taken::TooLong;
            }
            self.reader.consume(used);
            self.line += lines;
        }
        if !state.any {
            return Err(self.wrong("a value was expected"));
        }
        Ok(taken)
    }

    /// Passes the value that comes next over.
    pub(crate) fn skip(&mut self) -> std::io::Result<()> {
        self.value(&mut Vec::new(), 0).map(|_| ())
    }

    /// Takes the comma before the next key or item, or the end of the object or list.
    fn goes_on(&mut self, close: u8) -> std::io::Result<bool> {
        match self.peek()? {
            Some(byte) if byte == close => {
                self.consume_one(byte);
                Ok(false)
            }
            Some(b',') => {
                self.consume_one(b',');
                Ok(true)
            }
            Some(_) => Ok(true),
            None => Err(self.wrong("the text ends inside an object or list")),
        }
    }

    fn consume_one(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\n');
        self.reader.consume(1);
    }

    fn wrong(&self, what: &str) -> std::io::Error {
        let words = format!("line {} is no JSON: {what}", self.line);
        std::io::Error::new(std::io::ErrorKind::InvalidData, words)
    }
}

/// How far into a value the bytes are.
#[derive(Default)]
struct Value {
    depth: u64,
    in_string: bool,
    escaped: bool,
    any: bool,
    ended: bool,
}

impl Value {
    fn is_bare(&self) -> bool {
        self.depth == 0 && !self.in_string
    }

    /// Whether the byte belongs to the value; sets `ended` when it is the last, or comes behind it.
    fn takes(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    self.ended = self.depth == 0;
                }
                _ => {}
            }
            return true;
        }
        let ends_bare = self.depth == 0 && (b",]}:".contains(&byte) || byte.is_ascii_whitespace());
        if ends_bare {
            self.ended = true;
            return false;
        }
        // `1"a"`: a string that begins where a number stands ends the number.
        if self.depth == 0 && self.any && b"\"{[".contains(&byte) {
            self.ended = true;
            return false;
        }
        self.any = true;
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                self.ended = self.depth == 0;
            }
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(json: &[u8]) -> JsonCut<std::io::BufReader<std::io::Cursor<Vec<u8>>>> {
        // Small reads, so that every state is met at a border.
        JsonCut::new(std::io::BufReader::with_capacity(3, std::io::Cursor::new(json.to_vec())))
    }

    /// Everything that a list holds, as text.
    fn items(json: &str) -> std::io::Result<Vec<String>> {
        let mut cut = cut(json.as_bytes());
        assert!(cut.enter(b'[')?);
        let mut items = Vec::new();
        while cut.next_item()? {
            let mut value = Vec::new();
            match cut.value(&mut value, 30)? {
                Taken::Whole => items.push(String::from_utf8(value).unwrap()),
                Taken::TooLong => items.push("too long".to_owned()),
            }
        }
        Ok(items)
    }

    #[test]
    fn values_are_cut_at_their_ends_and_kept_as_they_are() {
        let list =
            r#" [1, "a]\"\\" ,{"b":[ 2,{}]},null, [[]],"0123456789012345678901234567890", -1.5e3]"#;
        let expected =
            ["1", r#""a]\"\\""#, r#"{"b":[ 2,{}]}"#, "null", "[[]]", "too long", "-1.5e3"];
        assert_eq!(items(list).unwrap(), expected);
        assert_eq!(items("[]").unwrap().len(), 0);
    }

    #[test]
    fn keys_lead_down_and_lines_are_counted() {
        let mut cut = cut("\u{feff}{\n \"a\\u0062\": [1,\n2],\n\"c\":3}".as_bytes());
        assert!(cut.enter(b'{').unwrap());
        assert_eq!(cut.next_key().unwrap().as_deref(), Some("ab"));
        cut.skip().unwrap();
        assert_eq!(cut.next_key().unwrap().as_deref(), Some("c"));
        assert_eq!(cut.line(), 4);
        cut.skip().unwrap();
        assert_eq!(cut.next_key().unwrap(), None);
    }

    #[test]
    fn what_breaks_off_is_said_with_its_line() {
        for (json, line) in [
            ("[1,\n\"a", "line 2"),
            ("[1\n", "line 2"),
            ("[{\"a\":\n\n[", "line 3"),
            ("[,,", "line 1"),
        ] {
            let error = items(json).unwrap_err().to_string();
            assert!(error.starts_with(line), "{json}: {error}");
        }
    }

    #[test]
    fn a_million_brackets_are_one_value() {
        let deep = format!("[{}{}]", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(items(&deep).unwrap(), ["too long"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_or_refused(json in "[\\[\\]{},:\"\\\\ \n1a]{0,60}") {
            let _ = items(&format!("[{json}"));
            let mut cut = cut(json.as_bytes());
            if cut.enter(b'{').unwrap() {
                while let Ok(Some(_)) = cut.next_key() {
                    if cut.skip().is_err() {
                        break;
                    }
                }
            }
        }

        /// What the JSON library wrote is cut where it wrote it.
        #[test]
        fn written_lists_come_back(words in prop::collection::vec("\\PC{0,8}", 0..6)) {
            let written: Vec<String> =
                words.iter().map(|word| serde_json::to_string(word).unwrap()).collect();
            let found = items(&serde_json::to_string(&words).unwrap()).unwrap();
            let expected: Vec<String> = written
                .into_iter()
                .map(|word| if word.len() > 30 { "too long".to_owned() } else { word })
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
