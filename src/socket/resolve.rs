//! Names become addresses: the system's resolver behind a small cache.
//!
//! The system resolver is asked on tokio's blocking pool, so hosts files, search domains and split DNS
//! work as everywhere else on the machine. An answer is kept for five minutes, k6's default `dns.ttl`: a
//! load test asks about a handful of names, thousands of times.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use super::error::{Cause, Phase, SocketError};
use crate::clock::{self, Instant};

/// How long an answer is kept.
const TTL: Duration = Duration::from_secs(300);
/// Names kept at most; a run that dials more names than this asks again.
const MAX_NAMES: usize = 4096;

/// The resolver of one loop.
#[derive(Debug, Default)]
pub struct Resolver {
    cache: Mutex<HashMap<Box<str>, (Instant, IpAddr)>>,
}

impl Resolver {
    /// The address to dial for `host`, IPv4 preferred as in k6.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the answer; the look-up itself ends on its own thread.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<SocketAddr, SocketError> {
        if let Ok(literal) = host.parse::<IpAddr>() {
            return Ok(SocketAddr::new(literal, port));
        }
        if let Some(known) = self.known(host) {
            return Ok(SocketAddr::new(known, port));
        }
        let found: Vec<IpAddr> = match tokio::net::lookup_host((host, port)).await {
            Ok(addresses) => addresses.map(|address| address.ip()).collect(),
            Err(_) => Vec::new(),
        };
        let preferred = found
            .iter()
            .find(|ip| ip.is_ipv4())
            .or(found.first())
            .copied();
        let Some(ip) = preferred else {
            return Err(SocketError::new(
                Phase::Resolve,
                Cause::Dns,
                format!("lookup {host}: no such host"),
            )
            .with_hint("check the name, or /etc/hosts"));
        };
        self.remember(host, ip);
        Ok(SocketAddr::new(ip, port))
    }

    fn known(&self, host: &str) -> Option<IpAddr> {
        let cache = self.cache.lock().ok()?;
        let (at, ip) = cache.get(host)?;
        (clock::now().duration_since(*at) < TTL).then_some(*ip)
    }

    fn remember(&self, host: &str, ip: IpAddr) {
        if let Ok(mut cache) = self.cache.lock() {
            if cache.len() >= MAX_NAMES {
                cache.clear();
            }
            cache.insert(host.into(), (clock::now(), ip));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_literal_is_its_own_address() {
        let resolver = Resolver::default();
        let address = resolver.resolve("::1", 80).await.unwrap();
        assert_eq!(address.to_string(), "[::1]:80");
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_says_so() {
        let error = Resolver::default()
            .resolve("no-such-host.invalid", 80)
            .await
            .unwrap_err();
        assert_eq!(error.text, "lookup no-such-host.invalid: no such host");
        assert_eq!(error.cause, Cause::Dns);
    }

    #[tokio::test]
    async fn localhost_prefers_ipv4_and_is_remembered() {
        let resolver = Resolver::default();
        assert!(resolver.resolve("localhost", 1).await.unwrap().is_ipv4());
        assert!(resolver.known("localhost").is_some());
    }
}
