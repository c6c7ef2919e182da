//! The ways to the targets of a run: where names lead, who resolves them, which addresses are forbidden, and
//! what the environment says of proxies, which is read when the run begins.

use std::net::SocketAddr;
use std::sync::Arc;

use super::dns::DnsOptions;
use super::proxy::environment::ProxyEnvironment;
use super::proxy::{Proxy, ProxyChoice};
use super::resolve::Resolver;
use super::system::System;
use super::target::Target;
use crate::socket::error::SocketError;
use crate::socket::hosts::HostRules;
use crate::socket::local::{LocalAddresses, Pool};

/// What a user says of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkOptions {
    /// Which hosts may be reached, and where their names lead.
    pub hosts: HostRules,
    /// How names are resolved.
    pub dns: DnsOptions,
    /// Where connections come from, if that is not the system's choice.
    pub local: Option<LocalAddresses>,
}

/// The ways of one run, or of a loop without one.
#[derive(Debug)]
pub struct Routes {
    rules: HostRules,
    system: System,
    resolver: Resolver,
    proxies: ProxyEnvironment,
    pool: Option<Arc<Pool>>,
}

impl Default for Routes {
    fn default() -> Self {
        Self::new(NetworkOptions::default())
    }
}

impl Routes {
    /// As the options have it.
    pub fn new(options: NetworkOptions) -> Self {
        Self::over(System::default(), options)
    }

    /// The same, where this system is asked.
    pub(crate) fn over(system: System, options: NetworkOptions) -> Self {
        Self {
            rules: options.hosts,
            resolver: Resolver::asking(system.clone(), options.dns),
            system,
            proxies: ProxyEnvironment::of_process(),
            pool: options.local.as_ref().map(Pool::new),
        }
    }

    /// Who is asked for connections.
    pub(super) fn system(&self) -> &System {
        &self.system
    }

    /// Where connections come from, if that is not the system's choice.
    pub(super) fn pool(&self) -> Option<&Arc<Pool>> {
        self.pool.as_ref()
    }

    /// The proxy for `target`, if it is not dialled directly. Its name must not be blocked either way.
    pub(super) fn proxy(
        &self,
        target: &Target,
        choice: &ProxyChoice,
    ) -> Result<Option<Arc<Proxy>>, SocketError> {
        let Target { host, port, .. } = target;
        let proxy = match choice {
            ProxyChoice::Direct => None,
            ProxyChoice::Through(proxy) => Some(proxy.clone()),
            ProxyChoice::Environment => self.proxies.proxy(target.is_tls, host, *port)?,
        };
        if proxy.is_some() {
            self.rules.route(host, *port)?;
        }
        Ok(proxy)
    }

    /// Where to dial for `host:port`, in the order of trying; never nowhere.
    ///
    /// # Cancel safety
    /// That of [`Resolver::resolve`].
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, SocketError> {
        let found = if let Some(address) = self.rules.route(host, port)? {
            vec![address]
        } else {
            let found = self.resolver.resolve(host).await?.into_iter();
            found.map(|ip| SocketAddr::new(ip, port)).collect()
        };
        // Each address that may be tried is checked; one that is forbidden is an error if no other is left.
        let mut forbidden = None;
        let mut allowed = Vec::with_capacity(found.len());
        for address in found {
            match self.rules.check(address.ip()) {
                Ok(()) => allowed.push(address),
                Err(error) => forbidden = forbidden.or(Some(error)),
            }
        }
        match forbidden {
            Some(error) if allowed.is_empty() => Err(error),
            _ => Ok(allowed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::socket::dial::dns::{Policy, Select};
    use crate::socket::dial::system::scripted;
    use crate::socket::error::Cause;
    use crate::socket::hosts::{HostPattern, HostTarget, Network};

    /// Where `a.example` leads that has these addresses.
    async fn addresses(answers: &[&str], blacklisted: &[&str]) -> Result<Vec<String>, SocketError> {
        let dns = DnsOptions {
            select: Select::First,
            policy: Policy::PreferIpv4,
            ..DnsOptions::default()
        };
        let parsed = blacklisted.iter().map(|one| Network::parse(one).unwrap());
        let hosts = HostRules {
            blacklisted: parsed.collect(),
            ..HostRules::default()
        };
        let network = scripted::Network::new().name("a.example", Duration::ZERO, Ok(answers));
        let options = NetworkOptions {
            hosts,
            dns,
            local: None,
        };
        let routes = Routes::over(System::Scripted(Arc::new(network)), options);
        let found = routes.addresses("a.example", 80).await?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[tokio::test]
    async fn every_address_that_may_be_tried_is_checked() {
        let found = addresses(
            &["10.0.0.1", "2001:db8::1", "192.0.2.1"],
            &["10.0.0.0/8", "2001:db8::/32"],
        );
        assert_eq!(found.await.unwrap(), ["192.0.2.1:80"]);
    }

    #[tokio::test]
    async fn an_address_that_is_mapped_into_ipv6_is_forbidden_as_itself() {
        let answered = addresses(&["::ffff:10.0.0.1"], &["10.0.0.0/8"]).await;
        let hosts = HostRules {
            hosts: vec![(
                HostPattern::parse("named.example").unwrap(),
                HostTarget::parse("::ffff:10.0.0.1").unwrap(),
            )],
            blacklisted: vec![Network::parse("10.0.0.0/8").unwrap()],
            ..HostRules::default()
        };
        let routes = Routes::new(NetworkOptions {
            hosts,
            ..NetworkOptions::default()
        });
        let written = routes.addresses("::ffff:10.0.0.1", 80).await;
        let named = routes.addresses("named.example", 80).await;
        for error in [
            answered.unwrap_err(),
            written.unwrap_err(),
            named.unwrap_err(),
        ] {
            assert_eq!(error.cause, Cause::BlacklistedIp);
        }
    }

    #[tokio::test]
    async fn a_zone_is_that_of_an_interface() {
        let routes = Routes::default();
        let found = routes.addresses("fe80::7%1", 80).await.unwrap();
        assert_eq!(found[0].to_string(), "[fe80::7%1]:80");
        let named = routes.addresses("fe80::7%lo", 80).await.unwrap();
        let SocketAddr::V6(named) = named[0] else {
            panic!("{named:?}");
        };
        assert!(named.scope_id() > 0);
        let error = routes.addresses("fe80::7%nowhere", 80).await.unwrap_err();
        assert_eq!(error.cause, Cause::Dns);
        assert_eq!(
            error.text,
            "lookup fe80::7%nowhere: no such network interface"
        );
    }

    #[tokio::test]
    async fn a_name_that_leads_to_forbidden_addresses_alone_is_forbidden() {
        let found = addresses(&["10.0.0.1", "10.0.0.2"], &["10.0.0.0/8"]);
        let error = found.await.unwrap_err();
        assert_eq!(error.cause, Cause::BlacklistedIp);
        assert_eq!(
            error.text,
            "IP (10.0.0.1) is in a blacklisted range (10.0.0.0/8)"
        );
    }
}
