//! From addresses to a connection, and from a path to one: the first that answers is taken (RFC 8305, "Happy Eyeballs").
//!
//! The next address is tried when the one before it failed or has been silent for 250 ms; those under way go
//! on meanwhile. A name with one address costs nothing of this.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::options::SocketOptions;
use super::phases::Reached;
use super::system::{Refusal, System};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::local::{Lease, Pool};
use crate::socket::os_error;
use crate::socket::stream::Wire;

/// How long an address may be silent before the next one is tried beside it (RFC 8305 section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// A connection to the first of `addresses` that answers, from an address of `pool` if there is one. If none
/// does, the error is that of the first of them, whichever failed first.
///
/// # Cancel safety
/// Dropping the future closes all sockets.
pub(super) async fn connect(
    system: &System,
    addresses: &[SocketAddr],
    options: &SocketOptions,
    pool: Option<&Arc<Pool>>,
) -> Result<Connected, SocketError> {
    if let [address] = addresses {
        return connect_to(system, *address, options, pool).await;
    }
    let mut waiting = addresses.iter().enumerate();
    let mut attempts = JoinSet::new();
    let mut first_error: Option<(usize, SocketError)> = None;
    loop {
        if let Some((place, address)) = waiting.next() {
            let (address, system) = (*address, system.clone());
            let (options, pool) = (options.clone(), pool.cloned());
            attempts.spawn(async move {
                let connected = connect_to(&system, address, &options, pool.as_ref()).await;
                connected.map_err(|error| (place, error))
            });
        }
        let ended = if waiting.len() > 0 {
            match tokio::time::timeout(ATTEMPT_DELAY, attempts.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        } else {
            attempts.join_next().await
        };
        let (place, error) = match ended {
            Some(Ok(Ok(connected))) => return Ok(connected),
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => {
                let error = SocketError::new(Phase::Connect, Cause::Io, error.to_string());
                (addresses.len(), error)
            }
            None => {
                let text = "dial tcp: no address";
                let none = || SocketError::new(Phase::Connect, Cause::Io, text);
                let error = first_error.map_or_else(none, |(_, error)| error);
                return Err(error.of_many(addresses.len()));
            }
        };
        if first_error.as_ref().is_none_or(|(first, _)| place < *first) {
            first_error = Some((place, error));
        }
    }
}

/// An open socket, and the right to the address it comes from.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) wire: Wire,
    pub(super) lease: Option<Lease>,
}

async fn connect_to(
    system: &System,
    address: SocketAddr,
    options: &SocketOptions,
    pool: Option<&Arc<Pool>>,
) -> Result<Connected, SocketError> {
    let lease = match pool {
        None => None,
        Some(pool) => Some(
            pool.take(address.is_ipv4())
                .ok_or_else(|| no_source(address))?,
        ),
    };
    let local = lease.as_ref().map(|lease| lease.address);
    let connected = system.connect(address, local, options).await;
    let wire = connected.map_err(|refusal| match refusal {
        Refusal::Bind(local, error) => os_error::bind(address, local, &error),
        Refusal::Connect(error) => os_error::connect(&address.to_string(), &error),
    })?;
    Ok(Connected { wire, lease })
}

/// A connection to the unix socket at `path`, or of that abstract name (`@name`). One whose queue is full is asked again and again.
pub(super) async fn open_unix(
    system: &System,
    path: &str,
    options: &SocketOptions,
    reached: &mut Reached,
) -> Result<Wire, SocketError> {
    reached.enter(Phase::Connect);
    let place = match path.strip_prefix('@') {
        Some(name) => format!("\0{name}").into(),
        None => Cow::Borrowed(path),
    };
    let connecting = Box::pin(async {
        let mut rest = Duration::from_millis(1);
        loop {
            match system.connect_unix(&place).await {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    tokio::time::sleep(rest).await;
                    rest = (rest * 2).min(LONGEST_REST);
                }
                connected => return connected.map_err(|error| os_error::connect(path, &error)),
            }
        }
    });
    reached.within(options.patience.connect, connecting).await
}

/// How long a unix socket whose queue is full is left alone at most.
const LONGEST_REST: Duration = Duration::from_millis(50);

fn no_source(address: SocketAddr) -> SocketError {
    let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
    let text = format!("dial tcp {address}: no source address of {family} was given");
    SocketError::new(Phase::Connect, Cause::Io, text).with_hint("see localIPs or local_address")
}

#[cfg(test)]
mod tests;
