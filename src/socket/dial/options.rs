//! How a socket is made, what may be changed of it later, and how long each phase may take.

use std::sync::Arc;
use std::time::Duration;

use super::proxy::ProxyChoice;
use super::proxy::header::ProxyProtocol;
use crate::socket::stream::Wire;

/// How the socket is made.
#[derive(Clone, Debug)]
pub struct SocketOptions {
    /// Small pieces leave at once (`TCP_NODELAY`); corking is done above, on purpose.
    pub no_delay: bool,
    /// Idle time before the operating system probes the peer.
    pub keep_alive: Option<Duration>,
    /// Bytes of the operating system's receive buffer, if not its own choice.
    pub recv_buffer: Option<u32>,
    /// Bytes of its send buffer.
    pub send_buffer: Option<u32>,
    /// Closing resets the connection: nothing stays behind on this machine (`SO_LINGER` of 0).
    pub resets: bool,
    /// The addresses to connect from, as they were written; otherwise those of the run.
    pub local_addresses: Option<Arc<str>>,
    /// Who stands between.
    pub proxy: ProxyChoice,
    /// The header that tells a server who connects, if any.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// How long each phase may take.
    pub patience: Patience,
}

impl Default for SocketOptions {
    fn default() -> Self {
        Self {
            no_delay: true,
            keep_alive: None,
            recv_buffer: None,
            send_buffer: None,
            resets: false,
            local_addresses: None,
            proxy: ProxyChoice::default(),
            proxy_protocol: None,
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
    pub(in crate::socket) fn apply(self, wire: &Wire) -> std::io::Result<()> {
        // A unix socket has none of these.
        let Wire::Tcp(tcp) = wire else {
            return Ok(());
        };
        if let Some(no_delay) = self.no_delay {
            tcp.set_nodelay(no_delay)?;
        }
        let socket = socket2::SockRef::from(tcp);
        match self.keep_alive {
            None => Ok(()),
            Some(Duration::ZERO) => socket.set_keepalive(false),
            Some(idle) => {
                // The system takes whole seconds, and not all of them.
                let seconds = idle.as_secs() + u64::from(idle.subsec_nanos() > 0);
                let idle = Duration::from_secs(seconds);
                let idle = idle.clamp(Duration::from_secs(1), LONGEST_KEEP_ALIVE);
                socket.set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(idle))
            }
        }
    }
}

/// How long each phase may take, within the time for all of them; `None` sets no limit of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Patience {
    /// Name to addresses.
    pub resolve: Option<Duration>,
    /// TCP handshake, with the next address tried where the first is silent, and the way through a proxy.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// HTTP upgrade.
    pub upgrade: Option<Duration>,
}

/// The longest idle time that Linux takes before it probes a peer.
const LONGEST_KEEP_ALIVE: Duration = Duration::from_secs(32_767);
