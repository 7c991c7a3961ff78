//! The short way to a number in E.164: numbers of the countries that most numbers we see are of, the
//! mobile ones of many and all usual ones of some. Asking the library for the plan takes a thousand
//! times as long, since it keeps only some of its patterns compiled, and one thread at a time may ask.

use std::ops::RangeInclusive;

/// Numbers of a country, those of which nothing but their beginning and length need be known.
struct Plan {
    region: &'static str,
    code: &'static str,
    /// What stands before a number inside the country.
    trunk: &'static str,
    /// Digits behind the country's code.
    lengths: RangeInclusive<usize>,
    beginnings: &'static [&'static str],
}

const PLANS: &[Plan] = &[
    Plan {
        region: "UA",
        code: "380",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &[
            "31", "32", "33", "34", "35", "36", "37", "38", "39", "41", "43", "44", "45", "46",
            "47", "48", "50", "51", "52", "53", "54", "55", "56", "57", "61", "62", "63", "64",
            "65", "66", "67", "68", "69", "71", "72", "73", "75", "77", "91", "92", "93", "94",
            "95", "96", "97", "98", "99",
        ],
    },
    Plan {
        region: "MD",
        code: "373",
        trunk: "0",
        lengths: 8..=8,
        beginnings: &[
            "21", "22", "23", "24", "25", "26", "27", "28", "29", "3", "6", "71", "76", "77", "78",
            "79",
        ],
    },
    Plan {
        region: "RO",
        code: "40",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &[
            "21", "23", "24", "25", "26", "31", "33", "34", "35", "36", "37", "700", "701", "703",
            "704", "705", "706", "707", "708", "709", "710", "711", "712", "713", "72", "73", "74",
            "75", "76", "77", "780", "783", "784", "785", "786", "787", "788", "790", "791", "792",
            "793", "799",
        ],
    },
    Plan { region: "RU", code: "7", trunk: "8", lengths: 10..=10, beginnings: &["9"] },
    Plan {
        region: "PL",
        code: "48",
        trunk: "",
        lengths: 9..=9,
        beginnings: &["45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"],
    },
    Plan {
        region: "DE",
        code: "49",
        trunk: "0",
        lengths: 10..=11,
        beginnings: &["160", "162", "163", "17"],
    },
    Plan {
        region: "DE",
        code: "49",
        trunk: "0",
        lengths: 11..=11,
        beginnings: &["150", "151", "152", "155", "157", "159"],
    },
    Plan {
        region: "GB",
        code: "44",
        trunk: "0",
        lengths: 10..=10,
        beginnings: &[
            "70", "71", "72", "73", "74", "75", "771", "772", "773", "774", "775", "776", "777",
            "778", "779", "78", "790", "792", "793", "794", "795", "796", "797", "798", "799",
        ],
    },
    Plan {
        region: "BG",
        code: "359",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &["87", "88", "89", "98"],
    },
    Plan {
        region: "CZ",
        code: "420",
        trunk: "",
        lengths: 9..=9,
        beginnings: &["601", "602", "603", "604", "605", "606", "607", "608", "72", "73", "77"],
    },
    Plan { region: "IT", code: "39", trunk: "", lengths: 10..=10, beginnings: &["32", "33", "34"] },
    Plan { region: "ES", code: "34", trunk: "", lengths: 9..=9, beginnings: &["6", "71", "72"] },
    Plan {
        region: "TR",
        code: "90",
        trunk: "0",
        lengths: 10..=10,
        beginnings: &["50", "53", "54", "55"],
    },
];

/// What looks like a number of a country and is in no plan of it: digits that people write without
/// meaning a telephone, and numbers of the neighbours, in which they are tried too.
const REFUSED: &[Plan] = &[
    Plan {
        region: "UA",
        code: "380",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &[
            "1", "2", "30", "40", "42", "49", "58", "59", "60", "70", "74", "76", "78", "81", "82",
            "83", "84", "85", "86", "87", "88",
        ],
    },
    Plan {
        region: "MD",
        code: "373",
        trunk: "0",
        lengths: 8..=8,
        beginnings: &[
            "1", "20", "4", "50", "51", "52", "54", "57", "58", "59", "70", "72", "73", "74", "75",
        ],
    },
    Plan {
        region: "MD",
        code: "373",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
    },
    Plan {
        region: "RO",
        code: "40",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &[
            "1", "20", "22", "27", "28", "29", "30", "32", "38", "39", "4", "5", "61", "64", "65",
            "66", "67", "68", "69", "714", "715", "716", "717", "718", "719", "781", "782", "789",
            "794", "795", "796", "797", "798", "81", "82", "83", "84", "85", "86", "87", "88",
            "89", "91", "92", "93", "94", "95", "96", "97", "98", "99",
        ],
    },
];

/// Beginnings of numbers that no country has for its code: Russian numbers as they are written at
/// home (8 9..), to which the plans would be searched in vain.
const NO_COUNTRY: [&str; 2] = ["83", "89"];

/// What the short way finds.
pub(super) enum Told {
    /// A mobile number in E.164.
    Number(String),
    /// No number of any country.
    Nothing,
    /// The plans have to be asked.
    Unknown,
}

/// The number of these digits in this region; without a region they begin with a country's code.
pub(super) fn told(region: Option<&str>, digits: &str) -> Told {
    for plan in PLANS {
        if let Some(national) = plan.national(region, digits) {
            return Told::Number(format!("+{}{national}", plan.code));
        }
    }
    let no_country = || region.is_none() && NO_COUNTRY.iter().any(|none| digits.starts_with(none));
    if no_country() || REFUSED.iter().any(|plan| plan.national(region, digits).is_some()) {
        return Told::Nothing;
    }
    Told::Unknown
}

/// Whether these digits, which begin with a country's code, begin a number of these plans and do not
/// end it.
pub(super) fn lacks_digits(digits: &str) -> bool {
    PLANS.iter().any(|plan| {
        digits.strip_prefix(plan.code).is_some_and(|national| {
            national.len() < *plan.lengths.start()
                && plan.beginnings.iter().any(|beginning| national.starts_with(beginning))
        })
    })
}

impl Plan {
    /// What stands behind the country's code or trunk prefix, if it is a number of this plan.
    fn national<'d>(&self, region: Option<&str>, digits: &'d str) -> Option<&'d str> {
        let national = match region {
            None => digits.strip_prefix(self.code),
            Some(region) if region == self.region => digits.strip_prefix(self.trunk),
            Some(_) => None,
        };
        national.filter(|national| {
            self.lengths.contains(&national.len())
                && self.beginnings.iter().any(|beginning| national.starts_with(beginning))
        })
    }
}

#[cfg(test)]
mod tests {
    use phonenumber::Mode;

    use super::*;

    fn by_the_plans(region: Option<&str>, digits: &str) -> Option<String> {
        let number = match region {
            Some(region) => phonenumber::parse(Some(region.parse().unwrap()), digits).ok()?,
            None => phonenumber::parse(None, format!("+{digits}")).ok()?,
        };
        number.is_valid().then(|| number.format().mode(Mode::E164).to_string())
    }

    /// Some numbers of a plan, as they are written from abroad and at home.
    fn samples(plan: &'static Plan) -> impl Iterator<Item = (Option<&'static str>, String)> {
        plan.beginnings.iter().flat_map(move |beginning| {
            let fills = ["0", "12", "253", "5", "74", "9"].iter();
            fills.zip(plan.lengths.clone().cycle()).flat_map(move |(fill, length)| {
                let mut national = format!("{beginning}{}", fill.repeat(length));
                national.truncate(length);
                [
                    (None, format!("{}{national}", plan.code)),
                    (Some(plan.region), format!("{}{national}", plan.trunk)),
                ]
            })
        })
    }

    #[test]
    fn the_short_way_agrees_with_the_plans() {
        for (region, digits) in PLANS.iter().flat_map(samples) {
            let Told::Number(number) = told(region, &digits) else {
                panic!("{region:?} {digits} is not told");
            };
            assert_eq!(Some(number), by_the_plans(region, &digits));
        }
    }

    #[test]
    fn what_is_refused_is_in_no_plan() {
        for (region, digits) in REFUSED.iter().flat_map(samples) {
            assert!(matches!(told(region, &digits), Told::Nothing), "{region:?} {digits}");
            assert_eq!(by_the_plans(region, &digits), None, "{region:?} {digits}");
        }
    }

    #[test]
    fn what_is_no_number_of_any_country_is_none_by_the_plans() {
        for beginning in NO_COUNTRY {
            for digits in ["0123456789", "123456789", "99999999", "6543210"] {
                assert_eq!(by_the_plans(None, &format!("{beginning}{digits}")), None);
            }
        }
    }
}
