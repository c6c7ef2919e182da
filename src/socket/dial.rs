//! From a host name to a byte stream: resolve, connect, TLS.
//!
//! One deadline covers all phases of a dial and the upgrade after it; whoever calls sets it. Errors name
//! the phase they happened in.

use std::sync::Arc;

use tokio::net::TcpStream;

use super::error::{Cause, Phase, SocketError};
use super::resolve::Resolver;
use super::stream::{Counted, Stream, Traffic};
use super::tls::{self, TlsConfigs, TlsSettings};

/// Whom to dial.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whether the stream is TLS (`wss`).
    pub is_tls: bool,
    /// Name or literal address, without brackets.
    pub host: Arc<str>,
    /// TCP port.
    pub port: u16,
}

/// How far a dial has come, so that a deadline can say where it struck.
#[derive(Debug)]
pub struct Reached {
    /// The phase under way.
    pub phase: Phase,
    /// Whom it is with, as error texts name it: an address, or both ends once connected.
    pub ends: String,
}

impl Reached {
    /// Before the first phase.
    pub fn new(target: &Target) -> Self {
        Self {
            phase: Phase::Resolve,
            ends: target.host.to_string(),
        }
    }

    /// The error of a dial whose time ran out here.
    pub fn timed_out(&self) -> SocketError {
        let ends = &self.ends;
        let (cause, text) = match self.phase {
            Phase::Resolve => (Cause::Dns, format!("lookup {ends}: i/o timeout")),
            Phase::Connect => (
                Cause::ConnectTimeout,
                format!("dial tcp {ends}: i/o timeout"),
            ),
            Phase::Tls => (Cause::TlsTimeout, format!("read tcp {ends}: i/o timeout")),
            Phase::Upgrade | Phase::Session => (
                Cause::HandshakeTimeout,
                format!("read tcp {ends}: i/o timeout"),
            ),
        };
        let hint = format!(
            "the {} phase had not ended within the timeout",
            self.phase.as_str()
        );
        SocketError::new(self.phase, cause, text).with_hint(hint)
    }
}

/// What all connections of one loop share while dialling.
#[derive(Debug, Default)]
pub struct Dialer {
    resolver: Resolver,
    tls: TlsConfigs,
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
        traffic: Arc<Traffic>,
        reached: &mut Reached,
    ) -> Result<Stream, SocketError> {
        reached.phase = Phase::Resolve;
        let address = self.resolver.resolve(&target.host, target.port).await?;
        reached.phase = Phase::Connect;
        reached.ends = address.to_string();
        let tcp = TcpStream::connect(address)
            .await
            .map_err(|error| SocketError::connect(address, &error))?;
        // Small messages must leave at once; corking is done above, on purpose.
        tcp.set_nodelay(true)
            .map_err(|error| SocketError::connect(address, &error))?;
        let stream = Stream::Plain(Counted::new(tcp, traffic));
        reached.ends = stream.ends();
        let counted = match stream {
            Stream::Plain(counted) if target.is_tls => counted,
            stream => return Ok(stream),
        };
        reached.phase = Phase::Tls;
        let name = tls::server_name(settings, &target.host)?;
        let connector = tokio_rustls::TlsConnector::from(self.tls.config(settings)?);
        let stream = connector
            .connect(name, counted)
            .await
            .map_err(|error| tls::handshake_error(&error))?;
        Ok(Stream::Tls(Box::new(stream)))
    }
}
