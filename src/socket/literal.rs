//! A host that is an address already: of IPv4, of IPv6, and of IPv6 with the zone it lies in.
//!
//! A link-local address (`fe80::1%eth0`) means nothing without the interface that leads to it (RFC 4007). The zone
//! is this machine's own affair: the peer never hears of it, in no header and in no name of TLS.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use super::error::{Cause, Phase, SocketError};

/// The address that `host` is, if it is one.
pub(super) fn parse(host: &str, port: u16) -> Result<Option<SocketAddr>, SocketError> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(Some(SocketAddr::new(ip, port)));
    }
    let Some((ip, zone)) = split(host) else {
        return Ok(None);
    };
    let known = zone.parse().ok();
    let Some(scope) = known.or_else(|| nix::net::if_::if_nametoindex(zone).ok()) else {
        let text = format!("lookup {host}: no such network interface");
        return Err(SocketError::new(Phase::Resolve, Cause::Dns, text)
            .with_hint("behind the % stands an interface of this machine: see `ip link`"));
    };
    Ok(Some(SocketAddrV6::new(ip, port, 0, scope).into()))
}

/// The host as the peer may know it: without the zone.
pub(super) fn without_zone(host: &str) -> &str {
    split(host).map_or(host, |(_, zone)| &host[..host.len() - zone.len() - 1])
}

fn split(host: &str) -> Option<(Ipv6Addr, &str)> {
    let (ip, zone) = host.split_once('%')?;
    let ip = ip.parse().ok().filter(|_| !zone.is_empty())?;
    Some((ip, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_stays_on_this_machine() {
        for (host, bare) in [
            ("fe80::7%eth0", "fe80::7"),
            ("fe80::7", "fe80::7"),
            ("name%eth0", "name%eth0"),
            ("127.0.0.1%lo", "127.0.0.1%lo"),
            ("fe80::7%", "fe80::7%"),
        ] {
            assert_eq!(without_zone(host), bare);
        }
    }
}
