//! From a host name to a byte stream: resolve, connect, TLS.
//!
//! One deadline covers all phases of a dial and the upgrade after it; whoever calls sets it. Errors name
//! the phase they happened in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};

use super::error::{Phase, SocketError};
use super::hosts::HostRules;
use super::phases::{Patience, Reached};
use super::resolve::Resolver;
use super::stream::{Counted, Stream, Traffic};
use super::tls::{TlsConfigs, TlsSettings};

/// Whom to dial.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whether the stream is TLS (`wss`).
    pub is_tls: bool,
    /// Name or literal address, without brackets.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
    /// Where it may lead; none outside a run.
    pub rules: Option<Arc<HostRules>>,
}

/// How the socket is made.
#[derive(Clone, Debug)]
pub struct SocketOptions {
    /// Small pieces leave at once (`TCP_NODELAY`); corking is done above, on purpose.
    pub no_delay: bool,
    /// Idle time before the operating system probes the peer.
    pub keep_alive: Option<Duration>,
    /// The address to connect from.
    pub local_address: Option<IpAddr>,
    /// How long each phase may take.
    pub patience: Patience,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            no_delay: true,
            keep_alive: None,
            local_address: None,
            patience: Patience::default(),
        }
    }
}

/// What may be changed on an open socket; `None` leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adjustment {
    /// See [`SocketOptions::no_delay`].
    pub no_delay: Option<bool>,
    /// See [`SocketOptions::keep_alive`]; zero switches it off.
    pub keep_alive: Option<Duration>,
}

impl Adjustment {
    /// This one, and `newer` where it says something.
    #[must_use]
    pub fn then(self, newer: Self) -> Self {
        Self {
            no_delay: newer.no_delay.or(self.no_delay),
            keep_alive: newer.keep_alive.or(self.keep_alive),
        }
    }

    /// Changes the socket.
    pub(super) fn apply(self, tcp: &TcpStream) -> std::io::Result<()> {
        if let Some(no_delay) = self.no_delay {
            tcp.set_nodelay(no_delay)?;
        }
        let socket = socket2::SockRef::from(tcp);
        match self.keep_alive {
            None => Ok(()),
            Some(Duration::ZERO) => socket.set_keepalive(false),
            Some(idle) => socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(idle)),
        }
    }
}

/// What all connections of one loop share while dialling.
#[derive(Debug, Default)]
pub struct Dialer {
    resolver: Resolver,
    tls: Arc<TlsConfigs>,
}

impl Dialer {
    /// Opens a stream to `target`; its bytes are counted into `traffic`.
    ///
    /// # Cancel safety
    /// Dropping the future closes whatever was opened.
    pub async fn dial(
        &self,
        target: &Target,
        settings: &TlsSettings,
        options: &SocketOptions,
        traffic: Arc<Traffic>,
        reached: &mut Reached,
    ) -> Result<Stream, SocketError> {
        let patience = options.patience;
        let address = reached
            .within(patience.resolve, self.address(target))
            .await?;
        reached.enter(Phase::Connect);
        reached.ends = address.to_string();
        reached.resolved = Some(address.ip());
        let connecting = connect(address, options);
        let tcp = reached.within(patience.connect, connecting).await?;
        let stream = Stream::Plain(Counted::new(tcp, traffic));
        reached.ends = stream.ends();
        let counted = match stream {
            Stream::Plain(counted) if target.is_tls => counted,
            stream => return Ok(stream),
        };
        reached.enter(Phase::Tls);
        let handshake = self.tls.start(settings, &target.host, counted);
        reached.within(patience.tls, handshake).await
    }

    /// The address to dial, as the rules of the run have it.
    async fn address(&self, target: &Target) -> Result<SocketAddr, SocketError> {
        let (host, port) = (&target.host, target.port);
        let Some(rules) = &target.rules else {
            return self.resolver.resolve(host, port).await;
        };
        let address = match rules.route(host, port)? {
            Some(address) => address,
            None => self.resolver.resolve(host, port).await?,
        };
        rules.check(address.ip())?;
        Ok(address)
    }

    /// The TLS configurations, for streams that start TLS later.
    pub fn tls(&self) -> &Arc<TlsConfigs> {
        &self.tls
    }
}

/// # Cancel safety
/// Dropping the future closes the socket.
async fn connect(address: SocketAddr, options: &SocketOptions) -> Result<TcpStream, SocketError> {
    let connected = connect_to(address, options).await;
    connected.map_err(|error| SocketError::connect(address, &error))
}

async fn connect_to(address: SocketAddr, options: &SocketOptions) -> std::io::Result<TcpStream> {
    let tcp = match options.local_address {
        None => TcpStream::connect(address).await?,
        Some(local) => {
            let socket = if address.is_ipv4() {
                TcpSocket::new_v4()?
            } else {
                TcpSocket::new_v6()?
            };
            socket.bind(SocketAddr::new(local, 0))?;
            socket.connect(address).await?
        }
    };
    let wanted = Adjustment {
        no_delay: Some(options.no_delay),
        keep_alive: options.keep_alive,
    };
    wanted.apply(&tcp)?;
    Ok(tcp)
}
