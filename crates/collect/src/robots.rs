//! robots.txt, by RFC 9309: which group speaks to us, and which of its rules fits a path best.

/// The name by which groups address us.
pub(crate) const PRODUCT: &str = "fusioncenter";
/// Largest part of a file that is read (RFC 9309, 2.5).
pub(crate) const LARGEST: usize = 500 * 1024;
/// Longest pause that a file can ask for; beyond it a site had better disallow us.
const LONGEST_DELAY_SECONDS: f64 = 60.0;
/// Longest rule; nobody writes longer paths by hand.
const LONGEST_RULE: usize = 2048;

/// The rules of one host that speak to us.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    /// Seconds between requests, as the file asks; no part of the RFC, but many sites say it.
    pub(crate) delay_seconds: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    allow: bool,
    path: Vec<u8>,
}

impl Robots {
    /// Nothing is allowed: the file could not be reached.
    pub(crate) fn disallow_all() -> Self {
        Self { rules: vec![Rule { allow: false, path: b"/".to_vec() }], delay_seconds: None }
    }

    /// Reads a file. What cannot be read in it is passed over, as the RFC says.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let bytes = &bytes[..bytes.len().min(LARGEST)];
        let (mut ours, mut everyones) = (Self::default(), Self::default());
        let mut found_ours = false;
        let (mut to_us, mut to_all, mut in_rules) = (false, false, false);
        for line in bytes.split(|byte| *byte == b'\n' || *byte == b'\r') {
            let Some((key, value)) = key_and_value(line) else { continue };
            if key == "user-agent" {
                if in_rules {
                    (to_us, to_all, in_rules) = (false, false, false);
                }
                let name = String::from_utf8_lossy(value).to_ascii_lowercase();
                to_all |= name == "*";
                // The name ends where its version begins.
                to_us |= name.split(['/', ' ']).next() == Some(PRODUCT);
                found_ours |= to_us;
                continue;
            }
            if !matches!(key.as_str(), "allow" | "disallow" | "crawl-delay") {
                continue;
            }
            in_rules = true;
            for group in [to_us.then_some(&mut ours), to_all.then_some(&mut everyones)].into_iter().flatten() {
                group.add(&key, value);
            }
        }
        if found_ours { ours } else { everyones }
    }

    fn add(&mut self, key: &str, value: &[u8]) {
        if key == "crawl-delay" {
            let seconds = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
            self.delay_seconds = seconds.filter(|s| s.is_finite() && *s >= 0.0).map(|s| s.min(LONGEST_DELAY_SECONDS));
            return;
        }
        // An empty Disallow allows everything, which is how it is without it.
        if !value.is_empty() && value.len() <= LONGEST_RULE {
            self.rules.push(Rule { allow: key == "allow", path: normal(value) });
        }
    }

    /// Whether a path, with its query, may be fetched: the longest rule that fits decides, and
    /// `Allow` where two are as long (RFC 9309, 2.2.2).
    pub(crate) fn allows(&self, path_and_query: &str) -> bool {
        let path = normal(path_and_query.as_bytes());
        if path == b"/robots.txt" {
            return true;
        }
        let fitting = self.rules.iter().filter(|rule| fits(&rule.path, &path));
        fitting.max_by_key(|rule| (rule.path.len(), rule.allow)).is_none_or(|rule| rule.allow)
    }
}

fn key_and_value(line: &[u8]) -> Option<(String, &[u8])> {
    let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
    let colon = line.iter().position(|byte| *byte == b':')?;
    let key = String::from_utf8_lossy(line[..colon].trim_ascii()).to_ascii_lowercase();
    Some((key, line[colon + 1..].trim_ascii()))
}

/// One form for paths and rules: percent-signs in upper case, bytes beyond ASCII encoded, and
/// nothing encoded that need not be.
fn normal(path: &[u8]) -> Vec<u8> {
    let mut normal = Vec::with_capacity(path.len());
    let mut at = 0;
    while at < path.len() {
        let encoded = path.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        let encoded = encoded.filter(|_| path[at] == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let (byte, was_encoded, step) = encoded.map_or((path[at], false, 1), |byte| (byte, true, 3));
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if plain || (!was_encoded && byte.is_ascii_graphic()) {
            normal.push(byte);
        } else {
            normal.extend(format!("%{byte:02X}").bytes());
        }
        at += step;
    }
    normal
}

/// Whether a rule with `*` and a closing `$` fits the beginning of a path. Each star takes the first
/// place that works, which needs no going back but to the last star.
fn fits(rule: &[u8], path: &[u8]) -> bool {
    let (rule, to_the_end) = rule.strip_suffix(b"$").map_or((rule, false), |rule| (rule, true));
    let (mut r, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if r == rule.len() && (!to_the_end || p == path.len()) {
            return true;
        }
        if r < rule.len() && rule[r] == b'*' {
            star = Some((r + 1, p));
            r += 1;
        } else if r < rule.len() && p < path.len() && rule[r] == path[p] {
            (r, p) = (r + 1, p + 1);
        } else {
            match star {
                Some((after, from)) if from < path.len() => {
                    star = Some((after, from + 1));
                    (r, p) = (after, from + 1);
                }
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(file: &str, path: &str) -> bool {
        Robots::parse(file.as_bytes()).allows(path)
    }

    #[test]
    fn the_rules_of_the_rfc_hold() {
        let file = "User-agent: *\nDisallow: /private\nAllow: /private/ok$\nDisallow: /*.pdf$\n";
        for (path, expected) in [
            ("/", true),
            ("/private", false),
            ("/private/x", false),
            ("/private/ok", true),
            ("/private/okay", false),
            ("/a.pdf", false),
            ("/a.pdf?x", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(allowed(file, path), expected, "{path}");
        }
    }

    #[test]
    fn a_group_for_us_takes_the_place_of_everyones() {
        let file = "User-agent: *\nDisallow: /\n\nuser-agent: FusionCenter/1.0\nUser-Agent: other\nDisallow: /no # mine\nCrawl-delay: 90";
        assert!(allowed(file, "/yes"));
        assert!(!allowed(file, "/no"));
        assert_eq!(Robots::parse(file.as_bytes()).delay_seconds, Some(60.0));
        assert!(allowed("User-agent: fusioncenterbot\nDisallow: /", "/"), "another one's name");
    }

    #[test]
    fn paths_are_compared_in_one_form() {
        assert!(!allowed("User-agent: *\nDisallow: /робота", "/%d1%80%D0%BE%D0%B1%D0%BE%D1%82%D0%B0/1"));
        assert!(!allowed("User-agent: *\nDisallow: /a%3cd", "/a%3Cd"));
        assert!(!allowed("\u{feff}User-agent: *\r\nDisallow: /x\r\n", "/x"));
        assert!(allowed("User-agent: *\nDisallow:", "/x"));
        assert!(!allowed("User-agent: *\nAllow: /p\nDisallow: /", "/q"));
        assert!(allowed("User-agent: *\nDisallow: /page\nAllow: /page", "/page"));
    }

    #[test]
    fn stars_do_not_run_away() {
        let rule = format!("User-agent: *\nDisallow: /{}b", "*a".repeat(1000));
        assert!(allowed(&rule, &format!("/{}", "a".repeat(20_000))));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), path in "/\\PC{0,30}") {
            let _ = Robots::parse(&bytes).allows(&path);
        }
    }
}
