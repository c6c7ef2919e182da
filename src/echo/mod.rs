//! The built-in target: a server that sends every message back, or a chat room.
//!
//! For the demo, for tests and for benchmarks, so it is exact (its counts can be compared with a run's,
//! message by message) and cheap (an idle connection owns no buffer; a busy one costs one read and one
//! write for each batch of messages). It knows nothing of metrics, scenarios or Python.
//!
//! `server` accepts and owns the connections, `handshake` answers their request, `session` echoes WebSocket
//! messages, `tcp` bytes, `chat` tells everybody, `counts` counts. What speaks WebSocket is a `codec`: `witness`
//! wherever no compression is asked for, which is not ours, or else `own`.

mod chat;
mod codec;
mod counts;
mod handshake;
mod own;
mod server;
mod session;
mod tcp;
mod witness;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

pub use counts::{EchoCounters, EchoCounts};
pub use server::EchoServer;

/// What an echo server listens on and speaks.
#[derive(Clone, Debug)]
pub struct EchoConfig {
    /// Where to listen; port 0 means any free one.
    pub address: SocketAddr,
    /// Speak `wss` with this certificate, `ws` without one.
    pub tls: Option<EchoTls>,
    /// Subprotocols to agree to. The first that a client offers of these is chosen.
    pub subprotocols: Vec<String>,
    /// What it does.
    pub service: Service,
    /// Speaks WebSocket through our own frames, also where no compression is asked for.
    pub is_own: bool,
}

/// What the target does with what it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// WebSocket: each message goes back.
    #[default]
    Echo,
    /// WebSocket: a chat room; see `k6ws echo --help`.
    Chat,
    /// Raw TCP: each byte goes back.
    Tcp,
}

/// The identity of a TLS echo server.
#[derive(Clone)]
pub struct EchoTls {
    /// The certificate and those between it and its root, as PEM.
    pub cert_pem: String,
    /// Its private key, as PEM.
    pub key_pem: String,
}

impl fmt::Debug for EchoTls {
    /// Without the key: debug output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EchoTls")
            .field("cert_pem", &self.cert_pem)
            .finish_non_exhaustive()
    }
}

/// Why an echo server could not start. Once it runs, nothing that a peer does ends it.
#[derive(Debug, thiserror::Error)]
pub enum EchoError {
    /// The address is taken, not ours, or not allowed.
    #[error("the echo target cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The certificate or its key is not usable PEM, or they do not belong together.
    #[error("the echo target cannot use its certificate: {0}")]
    Certificate(String),
}

/// How long a peer may take to ask for its upgrade, to read what it was sent, or to say goodbye.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long peers may take to say goodbye when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
