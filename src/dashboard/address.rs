//! Where the page is served, and the URL that leads there.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::str::FromStr;

use super::error::DashboardError;

/// Where it is served when nobody says otherwise.
pub const DEFAULT: Address = Address {
    host: None,
    port: PORT,
};
const PORT: u16 = 5665;

/// A host and a port, as people write them: `HOST:PORT`, `:PORT` or `HOST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Loopback, if none.
    host: Option<String>,
    port: u16,
}

impl FromStr for Address {
    type Err = DashboardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || DashboardError::Address(text.to_owned());
        // An address of IPv6 is full of colons; with a port it stands in brackets.
        let (host, port) = match text.rsplit_once(':') {
            _ if text.parse::<IpAddr>().is_ok() => (text, None),
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (text, None),
        };
        let port = match port {
            None => PORT,
            Some(digits)
                if !digits.is_empty() && digits.bytes().all(|one| one.is_ascii_digit()) =>
            {
                digits.parse().map_err(|_| wrong())?
            }
            Some(_) => return Err(wrong()),
        };
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').ok_or_else(wrong)?,
            None => host,
        };
        let is_ip = bare.parse::<IpAddr>().is_ok();
        let is_name = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '.' | '_');
        // A port alone would be taken for the number of a machine.
        let is_number = !bare.is_empty() && bare.bytes().all(|one| one.is_ascii_digit());
        if is_number || (!is_ip && (host.len() != bare.len() || !bare.chars().all(is_name))) {
            return Err(wrong());
        }
        let is_loopback = bare.is_empty() || bare.eq_ignore_ascii_case("localhost");
        let host = (!is_loopback).then(|| bare.to_owned());
        Ok(Self { host, port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or("127.0.0.1");
        if host.contains(':') {
            write!(f, "[{host}]:{}", self.port)
        } else {
            write!(f, "{host}:{}", self.port)
        }
    }
}

/// Where it is served in fact.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) at: SocketAddr,
    /// The name that was given for it.
    name: Option<String>,
}

impl Bound {
    pub(super) fn new(address: &Address) -> Result<(TcpListener, Self), DashboardError> {
        let refused = |error: std::io::Error| DashboardError::listen(address, &error);
        let listener = match &address.host {
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, address.port)),
            Some(host) => TcpListener::bind((host.as_str(), address.port)),
        };
        let listener = listener.map_err(refused)?;
        let at = listener.local_addr().map_err(refused)?;
        let name = address
            .host
            .clone()
            .filter(|host| host.parse::<IpAddr>().is_err());
        Ok((listener, Self { at, name }))
    }

    /// Whether only this machine reaches it.
    pub(super) fn is_loopback(&self) -> bool {
        self.at.ip().is_loopback()
    }

    /// What a browser is given.
    pub(super) fn url(&self) -> String {
        let port = self.at.port();
        match &self.name {
            Some(name) => format!("http://{name}:{port}/"),
            // Every address of this machine: its name is what others know of it.
            None if self.at.ip().is_unspecified() => format!("http://{}:{port}/", machine()),
            None => format!("http://{}/", self.at),
        }
    }

    /// Whether a browser that was led here by this name or address knew where it went. A name that somebody else has
    /// pointed at this machine is none of ours.
    pub(super) fn is_ours(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return ip.is_loopback() || ip == self.at.ip() || self.at.ip().is_unspecified();
        }
        let names = [Some("localhost"), self.name.as_deref()];
        let is_known = names
            .iter()
            .flatten()
            .any(|one| one.eq_ignore_ascii_case(host));
        is_known || (self.at.ip().is_unspecified() && host.eq_ignore_ascii_case(&machine()))
    }
}

/// The name of this machine.
fn machine() -> String {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    if name.is_empty() {
        "127.0.0.1".into()
    } else {
        name.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        for (text, read) in [
            ("127.0.0.1:5665", "127.0.0.1:5665"),
            ("localhost:0", "127.0.0.1:0"),
            (":80", "127.0.0.1:80"),
            ("0.0.0.0", "0.0.0.0:5665"),
            ("[::1]:9", "[::1]:9"),
            ("[::1]", "[::1]:5665"),
            ("::1", "[::1]:5665"),
            ("host.name:1", "host.name:1"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), read, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "host:",
            "host:x",
            "host:65536",
            "host:-1",
            "http://host:1",
            "a b:1",
            "[::1:9",
            "[host]:9",
            "::1]:9",
            "host:+1",
            "5665",
            "häuser:1",
        ] {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("expected HOST:PORT"), "{text}: {error}");
        }
    }
}
