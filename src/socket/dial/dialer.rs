//! From a host name to a byte stream: resolve, connect, TLS.
//!
//! One deadline covers all phases of a dial and the upgrade after it; whoever calls sets it. Errors name
//! the phase they happened in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::connect::{connect, open_unix};
use super::options::SocketOptions;
use super::phases::Reached;
use super::proxy::{Proxy, ProxyChoice};
use super::routes::Routes;
use super::target::Target;
use crate::clock;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::local::{LocalAddresses, Pool};
use crate::socket::os_error;
use crate::socket::stream::{self, Counted, Stream, Traffic};
use crate::socket::tls::{TlsConfigs, TlsSettings};

/// Whom a certificate at the other end of a unix socket is for, unless the settings say otherwise.
const LOCALHOST: &str = "localhost";

/// Pools of parameters that are remembered; a script has few.
const MAX_POOLS: usize = 1024;

/// What all connections of one loop share while dialling.
#[derive(Debug, Default)]
pub struct Dialer {
    routes: Routes,
    tls: Arc<TlsConfigs>,
    /// Those of parameters, by their text.
    pools: Mutex<HashMap<Arc<str>, Arc<Pool>>>,
}

impl Dialer {
    /// Opens a stream to `target` by these routes, the loop's own where there are none; its bytes are counted into
    /// `traffic`.
    ///
    /// # Cancel safety
    /// Dropping the future closes whatever was opened.
    pub async fn dial(
        &self,
        target: &Target,
        routes: Option<&Routes>,
        settings: &TlsSettings,
        options: &SocketOptions,
        traffic: Arc<Traffic>,
        reached: &mut Reached,
    ) -> Result<Stream, SocketError> {
        let routes = routes.unwrap_or(&self.routes);
        let mut counted = match target.unix_path() {
            Some(path) => {
                if matches!(options.proxy, ProxyChoice::Through(_)) {
                    let text = format!("dial unix {path}: no proxy leads to a unix socket");
                    return Err(SocketError::new(Phase::Connect, Cause::Proxy, text));
                }
                let unix = open_unix(routes.system(), path, options, reached).await?;
                let counted = Counted::new(unix, traffic);
                reached.ends = counted.ends();
                counted
            }
            None => self.open(target, routes, options, traffic, reached).await?,
        };
        if let Some(version) = options.proxy_protocol {
            let header = version.header(counted.addresses());
            let written = counted.write_all(&header).await;
            written.map_err(|error| {
                os_error::stream(Phase::Connect, "write", &reached.ends, &error)
            })?;
        }
        if !target.is_tls {
            return Ok(Stream::Plain(counted));
        }
        reached.enter(Phase::Tls);
        let host = target.unix_path().map_or(&*target.host, |_| LOCALHOST);
        let handshake = Box::pin(self.tls.start(settings, host, counted));
        reached.within(options.patience.tls, handshake).await
    }

    /// A TCP connection, through a proxy if need be.
    async fn open(
        &self,
        target: &Target,
        routes: &Routes,
        options: &SocketOptions,
        traffic: Arc<Traffic>,
        reached: &mut Reached,
    ) -> Result<Counted, SocketError> {
        let patience = options.patience;
        let proxy = routes.proxy(target, &options.proxy)?;
        reached.via = proxy.clone().map(|proxy| (proxy, target.clone()));
        let resolving = resolve(routes, target, proxy.as_deref(), patience.resolve, reached);
        let (addresses, behind) = resolving.await?;
        reached.enter(Phase::Connect);
        if let Some(first) = addresses.first() {
            reached.ends = first.to_string();
            reached.resolved = Some(first.ip());
        }
        let began = clock::now();
        let pool = match &options.local_addresses {
            Some(text) => Some(self.pool(text)?),
            None => routes.pool().cloned(),
        };
        let connecting = connect(routes.system(), &addresses, options, pool.as_ref());
        let connecting = Box::pin(connecting);
        let connected = reached.within(patience.connect, connecting).await;
        let connected = connected.map_err(|error| named(proxy.as_deref(), target, error))?;
        let mut counted = Counted::new(connected.wire, traffic).leased(connected.lease);
        if let Some((ours, peer)) = counted.addresses() {
            reached.ends = stream::ends_of(ours, peer);
            reached.resolved = Some(peer.ip());
        }
        if let Some(proxy) = &proxy {
            reached.enter(Phase::Proxy);
            let opening = Box::pin(proxy.open(counted, target, behind));
            let opened = reached.within_since(began, patience.connect, opening).await;
            counted = opened.map_err(|error| proxy.named(target, error))?;
            reached.via = None;
        }
        Ok(counted)
    }

    /// The pool of the addresses in `text`, made at its first use.
    fn pool(&self, text: &Arc<str>) -> Result<Arc<Pool>, SocketError> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(text) {
            return Ok(pool.clone());
        }
        let addresses = LocalAddresses::parse(text)
            .map_err(|why| SocketError::new(Phase::Connect, Cause::Io, why))?;
        if pools.len() >= MAX_POOLS {
            pools.clear();
        }
        let pool = Pool::new(&addresses);
        pools.insert(text.clone(), pool.clone());
        Ok(pool)
    }

    /// The TLS configurations, for streams that start TLS later.
    pub fn tls(&self) -> &Arc<TlsConfigs> {
        &self.tls
    }
}

/// Where to connect to: the target, or the proxy before it. Behind a proxy that wants to be told an address, the
/// target's too. All within `limit`.
///
/// # Cancel safety
/// That of [`Routes::addresses`].
async fn resolve(
    routes: &Routes,
    target: &Target,
    proxy: Option<&Proxy>,
    limit: Option<Duration>,
    reached: &mut Reached,
) -> Result<(Vec<SocketAddr>, Option<SocketAddr>), SocketError> {
    let resolving = |host, port| Box::pin(routes.addresses(host, port));
    let Some(proxy) = proxy else {
        let resolving = resolving(&target.host, target.port);
        return Ok((reached.within(limit, resolving).await?, None));
    };
    let began = clock::now();
    let mut behind = None;
    if proxy.wants_address() {
        let resolving = resolving(&target.host, target.port);
        behind = reached.within(limit, resolving).await?.first().copied();
    }
    reached.ends = proxy.host.to_string();
    let resolving = resolving(&proxy.host, proxy.port);
    let addresses = reached.within_since(began, limit, resolving).await;
    let addresses = addresses.map_err(|error| proxy.named(target, error))?;
    Ok((addresses, behind))
}

fn named(proxy: Option<&Proxy>, target: &Target, error: SocketError) -> SocketError {
    match proxy {
        Some(proxy) => proxy.named(target, error),
        None => error,
    }
}

#[cfg(test)]
mod tests;
