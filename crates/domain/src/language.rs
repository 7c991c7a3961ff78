use std::fmt;

use serde::{Deserialize, Serialize};

/// A language that is told apart. It labels and weighs, it never decides which rules run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Ukrainian
    Uk,
    /// Russian
    Ru,
    /// Romanian
    Ro,
    /// English
    En,
    /// Polish
    Pl,
    /// German
    De,
    /// Bulgarian
    Bg,
    /// Belarusian
    Be,
}

impl Language {
    /// All of them, in the order of the project's priority.
    pub const ALL: [Language; 8] =
        [Self::Uk, Self::Ru, Self::Ro, Self::En, Self::Pl, Self::De, Self::Bg, Self::Be];

    /// The ISO 639-1 code, lower case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Uk => "uk",
            Self::Ru => "ru",
            Self::Ro => "ro",
            Self::En => "en",
            Self::Pl => "pl",
            Self::De => "de",
            Self::Bg => "bg",
            Self::Be => "be",
        }
    }

    /// The language with this ISO 639-1 code; region suffixes (`uk-UA`) are cut off.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// An ISO 3166-1 alpha-2 country code in upper case: whose national phone formats to expect.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region([u8; 2]);

impl Region {
    /// Two ASCII letters; `None` for anything else.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// The code, upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Region {
    type Error = String;
    fn try_from(code: String) -> Result<Self, String> {
        Self::new(&code)
            .ok_or_else(|| format!("`{code}` is no country code: expected two letters, as in UA"))
    }
}

impl From<Region> for String {
    fn from(region: Region) -> String {
        region.as_str().to_owned()
    }
}
