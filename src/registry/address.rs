//! Which addresses are public, after the IANA special-purpose registries (RFC 6890 and its updates).
//!
//! The sorting is conservative: an IPv6 address is public only inside 2000::/3, and one that carries an
//! IPv4 address (mapped, NAT64, 6to4) is what that address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anyone on the Internet.
    Public,
    /// This machine or network: private, loopback, link-local, shared (CGNAT), unique local.
    Private,
    /// Nobody should connect there: unspecified, multicast, broadcast, documentation, benchmarks, reserved,
    /// tunnels whose inner address cannot be told. Refused even where private ones are allowed.
    Nowhere,
}

/// Sorts an address.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(v4) => reach_v4(v4),
        IpAddr::V6(v6) => reach_v6(v6),
    }
}

/// True for addresses that are no public host's. A public registry that points there is refused.
pub fn is_private_address(address: IpAddr) -> bool {
    reach(address) != Reach::Public
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // 169.254.169.254, the metadata service of clouds, is link-local.
        [127 | 10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [169, 254, ..] | [100, 64..=127, ..] => {
            Reach::Private
        }
        [0, ..] | [224..=255, ..] => Reach::Nowhere,
        // IETF protocol assignments, documentation, the old 6to4 relays, benchmarks.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Reach::Nowhere
        }
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        // IPv4-mapped (RFC 4291, 2.5.5.2) and NAT64 (RFC 6052, 2.1).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        // 6to4 (RFC 3056, 2).
        [0x2002, high, low, ..] => inner(high, low),
        // Teredo and the other protocol assignments of 2001::/23, documentation, SRv6.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] | [0x5f00, ..] => {
            Reach::Nowhere
        }
        // Unique local, link-local, and site-local, which was withdrawn but is still in use.
        [0xfc00..=0xfdff, ..] | [0xfe80..=0xfeff, ..] => Reach::Private,
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_sorted() {
        for (wanted, addresses) in [
            (
                Reach::Public,
                "140.82.121.34 100.63.0.1 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 198.20.0.1 2606:50c0:8000::153 \
                 ::ffff:140.82.121.34 64:ff9b::8c52:7922 2002:8c52:7922::1",
            ),
            (
                Reach::Private,
                "127.0.0.1 127.255.255.254 10.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1 169.254.169.254 100.64.0.1 \
                 ::1 fc00::1 fd12:3456::1 fe80::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1::",
            ),
            (
                Reach::Nowhere,
                "0.0.0.0 0.1.2.3 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 192.0.0.8 192.0.2.1 192.88.99.1 \
                 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 :: ::2 ::127.0.0.1 ff02::1 2001:db8::1 2001::1 \
                 3fff:fff::1 5f00::1 100::1 64:ff9b:1::1 4000::1 ::ffff:0.0.0.0",
            ),
        ] {
            for address in addresses.split_whitespace() {
                assert_eq!(reach(address.parse().unwrap()), wanted, "{address}");
            }
        }
    }
}
