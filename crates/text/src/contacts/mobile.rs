//! The short way to a number in E.164: mobile numbers of the countries that most numbers we see are
//! of. Asking the library for the plan takes a thousand times as long, since it keeps only some of its
//! patterns compiled, and one thread at a time may ask.

use std::ops::RangeInclusive;

/// Mobile numbers of a country, those of which nothing but their beginning and length need be known.
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
            "39", "50", "63", "66", "67", "68", "73", "91", "93", "95", "96", "97", "98", "99",
        ],
    },
    Plan {
        region: "MD",
        code: "373",
        trunk: "0",
        lengths: 8..=8,
        beginnings: &["68", "69", "78", "79"],
    },
    Plan {
        region: "RO",
        code: "40",
        trunk: "0",
        lengths: 9..=9,
        beginnings: &[
            "700", "701", "703", "704", "705", "706", "707", "708", "709", "710", "711", "712",
            "713", "72", "73", "74", "75", "76", "77", "780", "783", "784", "785", "786", "787",
            "788", "790", "791", "792", "793", "799",
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
            "71", "72", "73", "740", "741", "742", "743", "744", "746", "747", "748", "749", "751",
            "753", "754", "756", "758", "759", "771", "772", "773", "774", "775", "776", "777",
            "778", "780", "784", "785", "786", "787", "788", "789", "790", "792", "794", "795",
            "796", "798", "799",
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
        let national = match region {
            None => digits.strip_prefix(plan.code),
            Some(region) if region == plan.region => digits.strip_prefix(plan.trunk),
            Some(_) => None,
        };
        let is_known = |national: &&str| {
            plan.lengths.contains(&national.len())
                && plan.beginnings.iter().any(|beginning| national.starts_with(beginning))
        };
        if let Some(national) = national.filter(is_known) {
            return Told::Number(format!("+{}{national}", plan.code));
        }
    }
    if region.is_none() && NO_COUNTRY.iter().any(|none| digits.starts_with(none)) {
        return Told::Nothing;
    }
    Told::Unknown
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

    #[test]
    fn the_short_way_agrees_with_the_plans() {
        for plan in PLANS {
            for beginning in plan.beginnings {
                for (fill, length) in
                    ["0", "12", "253", "5", "74", "9"].iter().zip(plan.lengths.clone().cycle())
                {
                    let mut national = format!("{beginning}{}", fill.repeat(length));
                    national.truncate(length);
                    for (region, digits) in [
                        (None, format!("{}{national}", plan.code)),
                        (Some(plan.region), format!("{}{national}", plan.trunk)),
                    ] {
                        let Told::Number(number) = told(region, &digits) else {
                            panic!("{region:?} {digits} is not told");
                        };
                        assert_eq!(Some(number), by_the_plans(region, &digits));
                    }
                }
            }
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
