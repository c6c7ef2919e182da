//! The header of the PROXY protocol, which tells a server behind a load balancer who connects.
//!
//! It is the first thing on the connection, before TLS. It names the two ends of our own connection; where
//! these are no addresses of IP it says that nothing is known.

use std::net::{IpAddr, SocketAddr};

/// Which form of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyProtocol {
    /// A line of text.
    V1,
    /// Binary.
    V2,
}

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2; the connection is somebody's, or our own.
const PROXY: u8 = 0x21;
const LOCAL: u8 = 0x20;
const TCP4: u8 = 0x11;
const TCP6: u8 = 0x21;

impl ProxyProtocol {
    /// Reads `v1` or `v2`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "v1" => Some(Self::V1),
            "v2" => Some(Self::V2),
            _ => None,
        }
    }

    /// The header for a connection from `ours` to `theirs`.
    pub fn header(self, ends: Option<(SocketAddr, SocketAddr)>) -> Vec<u8> {
        match self {
            Self::V1 => v1(ends),
            Self::V2 => v2(ends),
        }
    }
}

fn v1(ends: Option<(SocketAddr, SocketAddr)>) -> Vec<u8> {
    let Some((ours, theirs)) = ends else {
        return b"PROXY UNKNOWN\r\n".to_vec();
    };
    let family = if ours.is_ipv4() { "TCP4" } else { "TCP6" };
    let (from, to) = (ours.ip(), theirs.ip());
    format!(
        "PROXY {family} {from} {to} {} {}\r\n",
        ours.port(),
        theirs.port()
    )
    .into_bytes()
}

fn v2(ends: Option<(SocketAddr, SocketAddr)>) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    let Some((ours, theirs)) = ends else {
        header.extend([LOCAL, 0, 0, 0]);
        return header;
    };
    let (family, length) = if ours.is_ipv4() {
        (TCP4, 12)
    } else {
        (TCP6, 36)
    };
    header.extend([PROXY, family, 0, length]);
    for end in [ours, theirs] {
        match end.ip() {
            IpAddr::V4(ip) => header.extend(ip.octets()),
            IpAddr::V6(ip) => header.extend(ip.octets()),
        }
    }
    for end in [ours, theirs] {
        header.extend(end.port().to_be_bytes());
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: ProxyProtocol, ours: &str, theirs: &str) -> Vec<u8> {
        version.header(Some((ours.parse().unwrap(), theirs.parse().unwrap())))
    }

    #[test]
    fn version_1_is_a_line_of_text() {
        let line =
            |ours, theirs| String::from_utf8(header(ProxyProtocol::V1, ours, theirs)).unwrap();
        assert_eq!(
            line("192.0.2.1:5000", "192.0.2.2:80"),
            "PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\n"
        );
        assert_eq!(
            line("[2001:db8::1]:5000", "[2001:db8::2]:80"),
            "PROXY TCP6 2001:db8::1 2001:db8::2 5000 80\r\n"
        );
        assert_eq!(ProxyProtocol::V1.header(None), b"PROXY UNKNOWN\r\n");
    }

    #[test]
    fn version_2_is_binary() {
        let short = header(ProxyProtocol::V2, "192.0.2.1:4660", "192.0.2.2:80");
        assert_eq!(
            short[..12],
            *b"\x0D\x0A\x0D\x0A\x00\x0D\x0A\x51\x55\x49\x54\x0A"
        );
        assert_eq!(
            short[12..],
            [
                0x21, 0x11, 0, 12, 192, 0, 2, 1, 192, 0, 2, 2, 0x12, 0x34, 0, 80
            ]
        );
        let long = header(ProxyProtocol::V2, "[2001:db8::1]:1", "[2001:db8::2]:2");
        assert_eq!((long.len(), &long[12..16]), (52, &[0x21, 0x21, 0, 36][..]));
        assert_eq!(ProxyProtocol::V2.header(None)[12..], [0x20, 0, 0, 0]);
    }
}
