//! Which proxy the environment names for a target, by the rules that k6 has from Go.
//!
//! | variable | for |
//! | --- | --- |
//! | `HTTP_PROXY`, `http_proxy` | `ws` |
//! | `HTTPS_PROXY`, `https_proxy` | `wss` |
//! | `NO_PROXY`, `no_proxy` | those that are dialled directly |
//!
//! `localhost` and loopback addresses are always dialled directly. `NO_PROXY` has commas between: `*` is
//! everything; an address or a range such as `10.0.0.0/8`; `example.com` is that host and all below it,
//! `.example.com` and `*.example.com` those below it. Any but a range may have a port.

use std::net::IpAddr;
use std::sync::Arc;

use super::Proxy;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::hosts::Network;

/// What the environment says, read once.
#[derive(Clone, Debug, Default)]
pub struct ProxyEnvironment {
    http: Option<Named>,
    https: Option<Named>,
    direct: Vec<Exception>,
}

/// A proxy, or why its variable names none.
type Named = Result<Arc<Proxy>, String>;

/// Targets that are dialled directly.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    Everything,
    Range(Network),
    Address(IpAddr, Option<u16>),
    /// Behind a dot; with the name itself, or only those below it.
    Domain {
        suffix: String,
        has_itself: bool,
        port: Option<u16>,
    },
}

impl ProxyEnvironment {
    /// That of this process.
    pub fn of_process() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// That of whoever knows the variables.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&'static str; 2]| {
            let given = |name| {
                get(name)
                    .filter(|value| !value.is_empty())
                    .map(|value| (name, value))
            };
            names.into_iter().find_map(given)
        };
        let proxy = |names| first(names).map(|(name, value)| named(name, &value));
        let direct = first(["NO_PROXY", "no_proxy"]);
        Self {
            http: proxy(["HTTP_PROXY", "http_proxy"]),
            https: proxy(["HTTPS_PROXY", "https_proxy"]),
            direct: direct.map_or_else(Vec::new, |(_, value)| exceptions(&value)),
        }
    }

    /// The proxy for a target, if it is not to be dialled directly.
    pub fn proxy(
        &self,
        is_tls: bool,
        host: &str,
        port: u16,
    ) -> Result<Option<Arc<Proxy>>, SocketError> {
        let named = if is_tls { &self.https } else { &self.http };
        let Some(named) = named else {
            return Ok(None);
        };
        if self.is_direct(host, port) {
            return Ok(None);
        }
        match named {
            Ok(proxy) => Ok(Some(proxy.clone())),
            Err(why) => Err(SocketError::new(Phase::Proxy, Cause::Proxy, why.clone())
                .with_hint("mend the variable, or set NO_PROXY")),
        }
    }

    fn is_direct(&self, host: &str, port: u16) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let ip = host.parse::<IpAddr>().ok();
        if host == "localhost" || ip.is_some_and(|ip| ip.to_canonical().is_loopback()) {
            return true;
        }
        self.direct.iter().any(|one| one.matches(&host, ip, port))
    }
}

impl Exception {
    fn matches(&self, host: &str, ip: Option<IpAddr>, port: u16) -> bool {
        let is_there = |own: &Option<u16>| own.is_none_or(|own| own == port);
        match self {
            Self::Everything => true,
            Self::Range(network) => ip.is_some_and(|ip| network.contains(ip)),
            Self::Address(own, at) => ip == Some(*own) && is_there(at),
            Self::Domain {
                suffix,
                has_itself,
                port: at,
            } => {
                let is_it = *has_itself && host == &suffix[1..];
                (is_it || host.ends_with(suffix.as_str())) && is_there(at)
            }
        }
    }
}

fn named(variable: &str, value: &str) -> Named {
    let given = Proxy::parse(value);
    // A value without a scheme is an HTTP proxy.
    let read = match given {
        Err(_) if !value.contains("://") => Proxy::parse(&format!("http://{value}")),
        given => given,
    };
    read.map(|proxy| Arc::new(proxy.resolving_there()))
        .map_err(|why| format!("the environment variable {variable} names no proxy: {why}"))
}

fn exceptions(text: &str) -> Vec<Exception> {
    let words = text.split(',').map(|word| word.trim().to_ascii_lowercase());
    let words = words.filter(|word| !word.is_empty());
    words.filter_map(|word| exception(&word)).collect()
}

/// One word of `NO_PROXY`; what makes no sense is no exception.
fn exception(word: &str) -> Option<Exception> {
    if word == "*" {
        return Some(Exception::Everything);
    }
    if word.contains('/')
        && let Ok(network) = Network::parse(word)
    {
        return Some(Exception::Range(network));
    }
    let (host, port) = match word.parse::<IpAddr>() {
        Ok(_) => (word, None),
        Err(_) => match word.rsplit_once(':') {
            Some((host, port)) => {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                (host, Some(port.parse().ok()?))
            }
            None => (word, None),
        },
    };
    if let Ok(ip) = host.parse() {
        return Some(Exception::Address(ip, port));
    }
    let host = host
        .strip_prefix('*')
        .filter(|rest| rest.starts_with('.'))
        .unwrap_or(host);
    if host.is_empty() {
        return None;
    }
    let has_itself = !host.starts_with('.');
    let suffix = if has_itself {
        format!(".{host}")
    } else {
        host.to_owned()
    };
    Some(Exception::Domain {
        suffix,
        has_itself,
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> ProxyEnvironment {
        ProxyEnvironment::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn proxy_of(variables: &[(&str, &str)], is_tls: bool, host: &str, port: u16) -> String {
        match environment(variables).proxy(is_tls, host, port) {
            Ok(Some(proxy)) => proxy.to_string(),
            Ok(None) => "direct".into(),
            Err(error) => error.text,
        }
    }

    #[test]
    fn each_scheme_has_its_variable_and_capitals_come_first() {
        let both = [
            ("HTTP_PROXY", "http://a:1"),
            ("http_proxy", "http://b:2"),
            ("https_proxy", "http://c:3"),
            ("ALL_PROXY", "http://d:4"),
        ];
        assert_eq!(proxy_of(&both, false, "x.test", 80), "http://a:1");
        assert_eq!(proxy_of(&both, true, "x.test", 443), "http://c:3");
        assert_eq!(proxy_of(&both[3..], true, "x.test", 443), "direct");
        assert_eq!(
            proxy_of(&[("HTTP_PROXY", "")], false, "x.test", 80),
            "direct"
        );
    }

    #[test]
    fn a_value_without_a_scheme_is_an_http_proxy_and_socks5_resolves_there() {
        let of = |value| proxy_of(&[("HTTP_PROXY", value)], false, "x.test", 80);
        assert_eq!(of("proxy.test:3128"), "http://proxy.test:3128");
        assert_eq!(of("proxy.test"), "http://proxy.test:80");
        assert_eq!(of("user:secret@proxy.test:3128"), "http://proxy.test:3128");
        assert_eq!(of("socks5://proxy.test"), "socks5h://proxy.test:1080");
        let refused = of("ftp://user:secret@proxy.test");
        assert_eq!(
            refused,
            "the environment variable HTTP_PROXY names no proxy: proxy: unknown scheme: ftp; \
             known are http, socks5 and socks5h"
        );
    }

    #[test]
    fn loopback_is_never_proxied() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            let given = [("HTTP_PROXY", "http://p:1")];
            assert_eq!(proxy_of(&given, false, host, 80), "direct", "{host}");
        }
    }

    #[test]
    fn no_proxy_has_names_addresses_ranges_and_ports() {
        let is_direct = |exceptions: &str, host: &str, port: u16| {
            let given = [("HTTP_PROXY", "http://p:1"), ("NO_PROXY", exceptions)];
            proxy_of(&given, false, host, port) == "direct"
        };
        for (exceptions, host, port, expected) in [
            ("example.com", "example.com", 80, true),
            ("example.com", "Sub.Example.com", 80, true),
            ("example.com", "notexample.com", 80, false),
            (".example.com", "example.com", 80, false),
            (".example.com", "a.example.com", 80, true),
            ("*.example.com", "a.example.com", 80, true),
            ("*.example.com", "example.com", 80, false),
            ("example.com:8080", "example.com", 8080, true),
            ("example.com:8080", "example.com", 80, false),
            ("10.0.0.0/8", "10.9.8.7", 80, true),
            ("10.0.0.0/8", "11.0.0.1", 80, false),
            ("10.0.0.0/8", "ten.example", 80, false),
            ("2001:db8::/32", "2001:db8::7", 80, true),
            ("192.0.2.1", "192.0.2.1", 80, true),
            ("192.0.2.1:81", "192.0.2.1", 80, false),
            ("192.0.2.1:81", "192.0.2.1", 81, true),
            ("2001:db8::1", "2001:db8::1", 80, true),
            ("[2001:db8::1]:81", "2001:db8::1", 81, true),
            ("[2001:db8::1]:81", "2001:db8::1", 80, false),
            ("*", "anything.example", 80, true),
            (" a.test , b.test ", "b.test", 80, true),
            (":80,,bad:port", "bad", 80, false),
            ("", "a.test", 80, false),
        ] {
            assert_eq!(
                is_direct(exceptions, host, port),
                expected,
                "{exceptions} {host} {port}"
            );
        }
    }
}
