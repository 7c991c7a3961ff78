//! robots.txt, by RFC 9309: which group speaks to us, and which of its rules fits a path best.
//! Where the RFC leaves room (misspelt keys, a missing colon or slash) it is read as its author
//! meant it, as large search engines do.

/// The name by which groups address us.
pub(crate) const PRODUCT: &str = "fusioncenter";
/// Largest part of a file that is read (RFC 9309, 2.5).
pub(crate) const LARGEST: usize = 500 * 1024;
/// Longest pause that a file can ask for; beyond it a site had better disallow us.
const LONGEST_DELAY_SECONDS: f64 = 60.0;

/// The rules of one host that speak to us.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    /// Seconds between requests, as the file asks; no part of the RFC, but many sites say it.
    pub(crate) delay_seconds: Option<f64>,
}

impl Robots {
    /// Reads a file. What cannot be read in it is passed over, as the RFC says.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let bytes = &bytes[..bytes.len().min(LARGEST)];
        let (mut ours, mut everyones) = (Self::default(), Self::default());
        let mut found_ours = false;
        let (mut to_us, mut to_all, mut in_rules) = (false, false, false);
        for line in bytes.split(|byte| *byte == b'\n' || *byte == b'\r') {
            let Some((key, value)) = key_and_value(line) else { continue };
            if key == Key::UserAgent {
                if in_rules {
                    (to_us, to_all, in_rules) = (false, false, false);
                }
                let name = String::from_utf8_lossy(value).to_ascii_lowercase();
                // The name ends where its version begins.
                let name = name.split(['/', ' ', '\t']).next().unwrap_or_default();
                to_all |= name == "*";
                to_us |= name == PRODUCT;
                found_ours |= to_us;
                continue;
            }
            // Only rules end a list of names; other lines must not (RFC 9309, 2.2.4).
            in_rules |= key != Key::CrawlDelay;
            let groups = [to_us.then_some(&mut ours), to_all.then_some(&mut everyones)];
            groups.into_iter().flatten().for_each(|group| group.add(key, value));
        }
        if found_ours { ours } else { everyones }
    }

    fn add(&mut self, key: Key, value: &[u8]) {
        if key == Key::CrawlDelay {
            let text = String::from_utf8_lossy(value);
            let seconds = text.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
            let seconds = seconds.map(|seconds| seconds.min(LONGEST_DELAY_SECONDS));
            // A group may stand in the file in several places: the longest pause holds.
            self.delay_seconds = self.delay_seconds.into_iter().chain(seconds).reduce(f64::max);
        } else if !value.is_empty() {
            // An empty Disallow allows everything, which is how it is without it.
            self.rules.push(Rule::new(key == Key::Allow, value));
        }
    }

    /// Whether a path, with its query, may be fetched: the longest rule that fits decides, and
    /// `Allow` where two are as long (RFC 9309, 2.2.2).
    pub(crate) fn allows(&self, path_and_query: &str) -> bool {
        let path = normal(path_and_query.as_bytes(), false);
        if path == "/robots.txt" {
            return true;
        }
        let opened = opened(&path);
        let fitting = self.rules.iter().filter(|rule| rule.fits(&path, &opened));
        fitting.max_by_key(|rule| (rule.length, rule.allow)).is_none_or(|rule| rule.allow)
    }
}

/// Whether a robots.txt lets us fetch this path, which may have a query.
pub fn robots_allow(file: &[u8], path_and_query: &str) -> bool {
    Robots::parse(file).allows(path_and_query)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
}

fn key_and_value(line: &[u8]) -> Option<(Key, &[u8])> {
    let line = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
    let end = line.iter().position(|byte| *byte == b':').or_else(|| {
        // `Disallow /path`: two words, and nothing that could be a sentence.
        let blank = line.iter().position(u8::is_ascii_whitespace)?;
        let one_word = !line[blank..].trim_ascii().iter().any(u8::is_ascii_whitespace);
        one_word.then_some(blank)
    })?;
    let key = match line[..end].trim_ascii().to_ascii_lowercase().as_slice() {
        b"user-agent" | b"useragent" | b"user agent" => Key::UserAgent,
        b"allow" => Key::Allow,
        b"disallow" | b"dissallow" | b"dissalow" | b"disalow" | b"diasllow" | b"disallaw" => {
            Key::Disallow
        }
        b"crawl-delay" | b"crawldelay" => Key::CrawlDelay,
        _ => return None,
    };
    Some((key, line[end + 1..].trim_ascii()))
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    allow: bool,
    length: usize,
    pattern: Pattern,
    /// With `:` and `/` in the query open, when that makes a difference.
    opened: Option<Pattern>,
}

impl Rule {
    fn new(allow: bool, path: &[u8]) -> Self {
        let mut path = normal(path, true);
        if !path.starts_with(['/', '*']) {
            path.insert(0, '/');
        }
        let opened = Some(opened(&path)).filter(|opened| *opened != path);
        let opened = opened.as_deref().map(Pattern::new);
        Self { allow, length: path.len(), pattern: Pattern::new(&path), opened }
    }

    fn fits(&self, path: &str, opened: &str) -> bool {
        self.pattern.fits(path) || self.opened.as_ref().unwrap_or(&self.pattern).fits(opened)
    }
}

/// A path with `*` for anything and a closing `$` for its end.
#[derive(Clone, Debug, PartialEq)]
struct Pattern {
    parts: Vec<String>,
    to_the_end: bool,
}

impl Pattern {
    fn new(path: &str) -> Self {
        let (path, to_the_end) = path.strip_suffix('$').map_or((path, false), |path| (path, true));
        Self { parts: path.split('*').map(str::to_owned).collect(), to_the_end }
    }

    /// Each star takes the first place that works; there is no going back, and the search for a
    /// part is linear, so a hostile file costs no more than its length times the path's.
    fn fits(&self, path: &str) -> bool {
        let Some((first, rest)) = self.parts.split_first() else { return false };
        let Some(mut tail) = path.strip_prefix(first.as_str()) else { return false };
        for (index, part) in rest.iter().enumerate() {
            if self.to_the_end && index + 1 == rest.len() {
                return tail.ends_with(part.as_str());
            }
            let Some(at) = tail.find(part.as_str()) else { return false };
            tail = &tail[at + part.len()..];
        }
        !self.to_the_end || tail.is_empty()
    }
}

/// One ASCII form for paths and patterns: percent-signs in upper case, bytes beyond ASCII encoded,
/// letters and digits plain. `*` and `$` are themselves in a pattern only.
fn normal(path: &[u8], is_pattern: bool) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut at = 0;
    while at < path.len() {
        let digit = |at: usize| path.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let encoded = digit(at + 1).zip(digit(at + 2)).filter(|_| path[at] == b'%');
        let (byte, step) = match encoded {
            Some((high, low)) => ((high * 16 + low) as u8, 3),
            None => (path[at], 1),
        };
        let is_last = at + step == path.len();
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let plain = step == 1
            && match byte {
                b'*' => is_pattern,
                b'$' => is_pattern && is_last,
                byte => byte.is_ascii_graphic(),
            };
        if unreserved || plain {
            normal.push(char::from(byte));
        } else {
            normal.push_str(&format!("%{byte:02X}"));
        }
        at += step;
    }
    normal
}

/// Addresses inside a query are written with and without encoding (RFC 9309, 2.2.2, second example).
fn opened(path: &str) -> String {
    match path.split_once('?') {
        Some((path, query)) => {
            format!("{path}?{}", query.replace("%3A", ":").replace("%2F", "/"))
        }
        None => path.to_owned(),
    }
}

#[cfg(test)]
#[path = "robots_tests.rs"]
mod tests;
