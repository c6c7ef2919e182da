//! Which hosts a run may reach and where their names lead: `hosts`, `blockHostnames`, `blacklistIPs`.
//!
//! Pure rules, asked in this order: is the name blocked, does `hosts` send it elsewhere (`host:port` first, then
//! `host`), is it an address already, else the resolver is asked; then: is the address blacklisted. Only the
//! route changes: the Host header, SNI and tags keep the name.

use std::net::{IpAddr, SocketAddr};

use super::error::{Cause, Phase, SocketError};
use super::literal;

/// The rules of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostRules {
    /// Where names lead; asked in this order.
    pub hosts: Vec<(HostPattern, HostTarget)>,
    /// Names that may not be dialled.
    pub blocked: Vec<HostPattern>,
    /// Addresses that may not be dialled.
    pub blacklisted: Vec<Network>,
}

/// A name, or all that end alike: `example.com`, `*.example.com`, `*`; perhaps with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    text: String,
    /// What a name ends with, or all of it.
    name: String,
    is_wildcard: bool,
    port: Option<u16>,
}

/// Where a name leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostTarget {
    /// The address to dial.
    pub ip: IpAddr,
    /// The port to dial, if it is another one.
    pub port: Option<u16>,
}

/// A range of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    ip: IpAddr,
    prefix: u8,
}

impl HostPattern {
    /// Reads a pattern; ports belong to `hosts` alone.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, port) = split_port(text)?;
        let (is_wildcard, name) = match name.strip_prefix('*') {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        if name.contains('*') {
            return Err("a `*` may only stand at the start".into());
        }
        if name.is_empty() && !is_wildcard {
            return Err("expected a name".into());
        }
        Ok(Self {
            text: text.to_owned(),
            name: name.to_ascii_lowercase(),
            is_wildcard,
            port,
        })
    }

    pub(super) fn matches(&self, host: &str, port: u16) -> bool {
        let host = host.trim_end_matches('.');
        let is_named = if self.is_wildcard {
            // `*.example.com` is below example.com, not example.com itself.
            host.len() > self.name.len() && ends_with(host, &self.name)
        } else {
            host.eq_ignore_ascii_case(&self.name)
        };
        is_named && self.port.is_none_or(|own| own == port)
    }

    /// How closely it names what it matches: the closest one wins.
    pub(super) fn rank(&self) -> (bool, bool, usize) {
        (!self.is_wildcard, self.port.is_some(), self.name.len())
    }
}

impl HostTarget {
    /// Reads `ip` or `ip:port`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(ip) = text.parse() {
            return Ok(Self { ip, port: None });
        }
        match text.parse::<SocketAddr>() {
            Ok(address) => Ok(Self {
                ip: address.ip(),
                port: Some(address.port()),
            }),
            Err(_) => Err("expected an IP address, perhaps with a port".into()),
        }
    }
}

impl Network {
    /// Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (ip, prefix) = match text.split_once('/') {
            Some((ip, prefix)) => (ip, Some(prefix)),
            None => (text, None),
        };
        let refuse = || "expected an address range such as 10.0.0.0/8".to_owned();
        let ip: IpAddr = ip.parse().map_err(|_| refuse())?;
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().ok().filter(|prefix| *prefix <= most),
            None => Some(most),
        };
        let prefix = prefix.ok_or_else(refuse)?;
        Ok(Self { ip, prefix })
    }

    /// Whether it holds an address. `::ffff:10.0.0.1` is 10.0.0.1 by another name, as address and as range.
    pub(super) fn contains(&self, ip: IpAddr) -> bool {
        self.covers(ip) || self.to_canonical().covers(ip.to_canonical())
    }

    fn to_canonical(self) -> Self {
        match (
            self.ip.to_canonical(),
            self.prefix.checked_sub(MAPPED_PREFIX),
        ) {
            (ip @ IpAddr::V4(_), Some(prefix)) if self.ip.is_ipv6() => Self { ip, prefix },
            _ => self,
        }
    }

    fn covers(&self, ip: IpAddr) -> bool {
        let shift = |most: u32| most - u32::from(self.prefix);
        match (self.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => {
                (own.to_bits() ^ ip.to_bits())
                    .checked_shr(shift(32))
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(own), IpAddr::V6(ip)) => {
                (own.to_bits() ^ ip.to_bits())
                    .checked_shr(shift(128))
                    .unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

/// How many bits of `::ffff:10.0.0.1` say that an address of IPv4 follows.
const MAPPED_PREFIX: u8 = 96;

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

impl HostRules {
    /// Where to dial for `host:port`, or nothing: then the resolver is to be asked.
    pub fn route(&self, host: &str, port: u16) -> Result<Option<SocketAddr>, SocketError> {
        let literal = literal::parse(host, port)?;
        if literal.is_none()
            && let Some(pattern) = self.blocked.iter().find(|one| one.matches(host, port))
        {
            let text = format!(
                "hostname ({host}) is in a blocked pattern ({})",
                pattern.text
            );
            return Err(SocketError::new(Phase::Resolve, Cause::BlockedHost, text)
                .with_hint("blockHostnames of this run forbids it"));
        }
        let mapped = self.hosts.iter().filter(|(one, _)| one.matches(host, port));
        if let Some((_, target)) = mapped.max_by_key(|(one, _)| one.rank()) {
            return Ok(Some(SocketAddr::new(
                target.ip,
                target.port.unwrap_or(port),
            )));
        }
        Ok(literal)
    }

    /// Whether this address may be dialled.
    pub fn check(&self, ip: IpAddr) -> Result<(), SocketError> {
        match self.blacklisted.iter().find(|network| network.contains(ip)) {
            None => Ok(()),
            Some(network) => {
                let text = format!("IP ({ip}) is in a blacklisted range ({network})");
                Err(SocketError::new(Phase::Resolve, Cause::BlacklistedIp, text)
                    .with_hint("blacklistIPs of this run forbids it"))
            }
        }
    }
}

fn ends_with(host: &str, suffix: &str) -> bool {
    let start = host.len() - suffix.len();
    host.is_char_boundary(start) && host[start..].eq_ignore_ascii_case(suffix)
}

/// `host`, `host:port` and `[::1]:port`; an address of IPv6 without brackets has no port.
fn split_port(text: &str) -> Result<(&str, Option<u16>), String> {
    if text.parse::<IpAddr>().is_ok() {
        return Ok((text, None));
    }
    match text.rsplit_once(':') {
        None => Ok((text, None)),
        Some((host, port)) => {
            let port = port.parse().map_err(|_| format!("{port:?} is no port"))?;
            let host = host.trim_start_matches('[').trim_end_matches(']');
            Ok((host, Some(port)))
        }
    }
}

#[cfg(test)]
mod tests;
