//! No way into private networks: literal addresses are looked at in the URL, resolved ones inside
//! the resolver, so that no answer can change between the look and the connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why a host was not asked, told through the HTTP library's error chain.
#[derive(Debug, thiserror::Error)]
#[error("it leads to {0}, which is no public address")]
pub(crate) struct PrivateAddress(pub(crate) IpAddr);

/// Whether the address belongs to the public internet. All special ranges of RFC 6890 and the ways
/// to write an IPv4 address inside IPv6 are looked through.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // IPv4-mapped and the old IPv4-compatible form.
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => embedded(high, low) && segments[5] == 0xffff,
        // NAT64 (RFC 6052) and its local form.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x64, 0xff9b, ..] => false,
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, documentation, benchmarking, ORCHID.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, ..] => false,
        // Only 2000::/3 is handed out.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Looks at a literal address in the URL; names are looked at when they are resolved.
pub(crate) fn check_literal(url: &Url) -> Result<(), PrivateAddress> {
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return Ok(()),
    };
    if is_public(literal) { Ok(()) } else { Err(PrivateAddress(literal)) }
}

/// The name is not known, or its servers do not answer.
#[derive(Debug, thiserror::Error)]
#[error("its name cannot be resolved: {0}")]
pub(crate) struct NoSuchHost(std::io::Error);

/// The system's resolver, with a look at what it says. Connections are made to what is handed out
/// here and nothing else, so an answer that changes later changes nothing.
#[derive(Clone)]
pub(crate) struct Resolver {
    /// Which addresses may be handed out. One that may not spoils all answers: an honest name has
    /// none.
    pub(crate) may_reach: fn(IpAddr) -> bool,
    /// Stands in for the system's resolver in tests.
    pub(crate) names: Option<Arc<Names>>,
}

pub(crate) type Names = dyn Fn(&str) -> Vec<SocketAddr> + Send + Sync;

impl Resolver {
    /// Hands out public addresses alone, or all.
    pub(crate) fn of_system(public_only: bool) -> Self {
        Self { may_reach: if public_only { is_public } else { |_| true }, names: None }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { may_reach, names } = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = match names {
                Some(names) => names(name.as_str()),
                None => {
                    let found = tokio::net::lookup_host((name.as_str(), 0)).await;
                    found.map_err(NoSuchHost)?.collect()
                }
            };
            match found.iter().find(|address| !may_reach(address.ip())) {
                Some(private) => Err(PrivateAddress(private.ip()).into()),
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_seen_through_every_disguise() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "240.0.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["1.1.1.1", "193.0.6.139", "2606:4700::1", "::ffff:1.1.1.1", "2a00:1450::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn odd_spellings_of_an_address_are_seen_through() {
        for url in [
            "http://127.1/",
            "http://0x7f.0.0.1/",
            "http://2130706433/",
            "http://[::ffff:7f00:1]/",
            "http://0177.0.0.1/",
        ] {
            assert!(check_literal(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        assert!(check_literal(&Url::parse("http://example.org/").unwrap()).is_ok());
    }
}
