//! From addresses to a TCP connection: the first that answers is taken (RFC 8305, "Happy Eyeballs").
//!
//! The next address is tried when the one before it failed or has been silent for 250 ms; those under way go
//! on meanwhile. A name with one address costs nothing of this.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::dial::{Adjustment, SocketOptions};
use super::error::{Cause, Phase, SocketError};

/// How long an address may be silent before the next one is tried beside it (RFC 8305 section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// A connection to the first of `addresses` that answers. If none does, the error is that of the first.
///
/// # Cancel safety
/// Dropping the future closes all sockets.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    options: &SocketOptions,
) -> Result<TcpStream, SocketError> {
    if let [address] = addresses {
        return connect_to(*address, options).await;
    }
    let mut waiting = addresses.iter();
    let mut attempts = JoinSet::new();
    let mut first_error: Option<SocketError> = None;
    loop {
        if let Some(address) = waiting.next() {
            let (address, options) = (*address, options.clone());
            attempts.spawn(async move { connect_to(address, &options).await });
        }
        let ended = if waiting.len() > 0 {
            match tokio::time::timeout(ATTEMPT_DELAY, attempts.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        } else {
            attempts.join_next().await
        };
        let error = match ended {
            Some(Ok(Ok(stream))) => return Ok(stream),
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => SocketError::new(Phase::Connect, Cause::Io, error.to_string()),
            None => {
                let text = "dial tcp: no address";
                let none = || SocketError::new(Phase::Connect, Cause::Io, text);
                return Err(first_error.unwrap_or_else(none).of_many(addresses.len()));
            }
        };
        first_error = first_error.or(Some(error));
    }
}

async fn connect_to(
    address: SocketAddr,
    options: &SocketOptions,
) -> Result<TcpStream, SocketError> {
    let connected = open(address, options).await;
    connected.map_err(|error| SocketError::connect(address, &error))
}

async fn open(address: SocketAddr, options: &SocketOptions) -> std::io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(local) = options.local_address {
        socket.bind(SocketAddr::new(local, 0))?;
    }
    let tcp = socket.connect(address).await?;
    let wanted = Adjustment {
        no_delay: Some(options.no_delay),
        keep_alive: options.keep_alive,
    };
    wanted.apply(&tcp)?;
    Ok(tcp)
}

#[cfg(test)]
mod tests;
