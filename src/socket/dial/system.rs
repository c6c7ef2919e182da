//! What dialling asks of the operating system: the addresses of a name, a connection to one of them or to a path.
//!
//! The only door from here to the network. A test puts a network of its own behind it (`scripted`), which a compiled
//! core does not have: there this is an enum of one variant and no size, and each call of it a plain call. Knows
//! neither phases nor causes: what the system refuses is told as it says it.

use std::io;
use std::net::{IpAddr, SocketAddr};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::IpBindAddressNoPort;
use tokio::net::{TcpSocket, UnixStream};

use super::options::{Adjustment, SocketOptions};
use crate::socket::stream::Wire;

#[cfg(test)]
pub(crate) mod scripted;

/// The system that a dial asks.
#[derive(Clone, Debug, Default)]
pub(crate) enum System {
    /// That of this machine.
    #[default]
    Real,
    /// One that a test plays.
    #[cfg(test)]
    Scripted(std::sync::Arc<scripted::Network>),
}

/// What the system did not do.
#[derive(Debug)]
pub(super) enum Refusal {
    /// To connect from this address.
    Bind(IpAddr, io::Error),
    /// To connect at all.
    Connect(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Connect(error)
    }
}

impl System {
    /// The addresses of `host`, in the order of whoever answered: hosts files, search domains and split DNS count.
    ///
    /// # Cancel safety
    /// Dropping the future forgets the answer; the look-up itself ends on a thread of tokio's blocking pool.
    pub(super) async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::Real => {
                let found = tokio::net::lookup_host((host, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Scripted(network) => network.lookup(host).await,
        }
    }

    /// A connection to `address`, from `local` if one is given, on a socket with these options.
    ///
    /// # Cancel safety
    /// Dropping the future closes the socket.
    pub(super) async fn connect(
        &self,
        address: SocketAddr,
        local: Option<IpAddr>,
        options: &SocketOptions,
    ) -> Result<Wire, Refusal> {
        match self {
            Self::Real => {
                let socket = make(address, options)?;
                if let Some(local) = local {
                    // The port is chosen at the connect, where one can serve connections to many targets.
                    let _ = setsockopt(&socket, IpBindAddressNoPort, &true);
                    let bound = socket.bind(SocketAddr::new(local, 0));
                    bound.map_err(|error| Refusal::Bind(local, error))?;
                }
                let wire = Wire::Tcp(socket.connect(address).await?);
                let wanted = Adjustment {
                    no_delay: Some(options.no_delay),
                    keep_alive: options.keep_alive,
                };
                wanted.apply(&wire)?;
                Ok(wire)
            }
            #[cfg(test)]
            Self::Scripted(network) => {
                if let Some(local) = local {
                    let bound = network.bind(local);
                    bound.map_err(|error| Refusal::Bind(local, error))?;
                }
                Ok(network.connect(address, local).await?)
            }
        }
    }

    /// A connection to the unix socket at `place`, whose abstract name begins with a zero; refused for the moment
    /// while its queue is full.
    ///
    /// # Cancel safety
    /// Dropping the future closes the socket.
    pub(super) async fn connect_unix(&self, place: &str) -> io::Result<Wire> {
        match self {
            Self::Real => UnixStream::connect(place).await.map(Wire::Unix),
            #[cfg(test)]
            Self::Scripted(network) => network.connect_unix(place).await,
        }
    }
}

/// A socket with the options that have to be there before it connects.
fn make(address: SocketAddr, options: &SocketOptions) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(bytes) = options.recv_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(bytes) = options.send_buffer {
        socket.set_send_buffer_size(bytes)?;
    }
    if options.resets {
        socket.set_zero_linger()?;
    }
    Ok(socket)
}
