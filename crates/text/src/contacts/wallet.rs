//! Cryptocurrency addresses, taken only when their checksum is right.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Fewest letters and digits that an address has.
pub(super) const SHORTEST: usize = 26;

static WALLET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?-u:\b)(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{11,71}|[13T][1-9A-HJ-NP-Za-km-z]{25,34})(?-u:\b)",
    )
    .expect("a fixed pattern")
});

/// The addresses of a text with their places.
pub(super) fn wallets(text: &str) -> Vec<(Range<usize>, String)> {
    let found = WALLET.find_iter(text).take(50);
    found.filter_map(|found| Some((found.range(), canonical(found.as_str())?))).collect()
}

fn canonical(address: &str) -> Option<String> {
    if let Some(hex) = address.strip_prefix("0x") {
        return Some(format!("eth:0x{}", hex.to_lowercase()));
    }
    if address.starts_with("bc1") {
        return bech32::segwit::decode(address).ok().map(|_| format!("btc:{address}"));
    }
    let (version, kind) = if address.starts_with('T') {
        (0x41, "tron")
    } else if address.starts_with('1') {
        (0, "btc")
    } else {
        (5, "btc")
    };
    let bytes = bs58::decode(address).with_check(Some(version)).into_vec().ok()?;
    (bytes.len() == 21).then(|| format!("{kind}:{address}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_checksum_is_no_wallet() {
        let values = |text| wallets(text).into_iter().map(|(_, value)| value).collect::<Vec<_>>();
        // The first address ever used, and the example of BIP 173.
        assert_eq!(
            values("BTC 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa!"),
            ["btc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]
        );
        assert_eq!(values("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), [""; 0]);
        assert_eq!(values("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4").len(), 1);
        assert_eq!(values("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5").len(), 0);
    }
}
