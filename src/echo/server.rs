//! The listening socket and the connections that came through it.
//!
//! One task for each connection, all owned by [`EchoServer::run`]: when it returns, or is dropped, none
//! is left. The server only accepts; it never looks into a connection.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::codec::Codec;
use super::counts::{Counters, EchoCounters, EchoCounts};
use super::handshake::{Answer, Then};
use super::own::Own;
use super::session::Session;
use super::witness::Witness;
use super::{
    EchoConfig, EchoError, EchoTls, PATIENCE, STOP_PATIENCE, Service, chat, handshake, tcp,
};
use crate::socket::stream::{Counted, Stream};

/// An echo server that listens but does not serve yet; [`run`](Self::run) serves.
pub struct EchoServer {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What every connection needs of its server.
struct Shared {
    tls: Option<TlsAcceptor>,
    subprotocols: Vec<String>,
    service: Service,
    is_own: bool,
    room: Arc<chat::Room>,
    counters: Arc<Counters>,
}

impl EchoServer {
    /// Starts to listen: from here on peers can connect, and wait until the server runs.
    #[expect(clippy::unused_async, reason = "needs a runtime; a future says so")]
    pub async fn bind(config: EchoConfig) -> Result<Self, EchoError> {
        let tls = config.tls.as_ref().map(acceptor).transpose()?;
        let failed = |source| EchoError::Listen {
            address: config.address,
            source,
        };
        let listener = listen(config.address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared {
            tls,
            subprotocols: config.subprotocols,
            service: config.service,
            is_own: config.is_own,
            room: Arc::default(),
            counters: Arc::default(),
        });
        Ok(Self {
            listener,
            address,
            shared,
        })
    }

    /// Where it listens, with the port that was chosen.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The URL to dial from this machine.
    pub fn url(&self) -> String {
        let mut address = self.address;
        match address.ip() {
            ip if !ip.is_unspecified() => {}
            IpAddr::V4(_) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(_) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        }
        let is_tls = self.shared.tls.is_some();
        match self.shared.service {
            // Who dials it says whether it is TLS.
            Service::Tcp => format!("tcp://{address}"),
            Service::Echo | Service::Chat if is_tls => format!("wss://{address}/"),
            Service::Echo | Service::Chat => format!("ws://{address}/"),
        }
    }

    /// A handle to read the counts with while the server runs, and after.
    pub fn counters(&self) -> EchoCounters {
        EchoCounters(self.shared.counters.clone())
    }

    /// Serves until `stop` resolves, then says Close 1001 to every peer and gives them a second to
    /// answer. Returns what was counted in all.
    ///
    /// # Panics
    /// When a connection did: that is a bug here, and a target that hides it would falsify a test.
    ///
    /// # Cancel safety
    /// Dropping the future cuts all connections without a Close.
    pub async fn run(self, stop: impl Future) -> EchoCounts {
        let Self {
            listener, shared, ..
        } = self;
        let mut stop = pin!(stop);
        let (stopping, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                _ = &mut stop => break,
                Some(ended) = connections.join_next() => check(ended),
                tcp = accept(&listener) => {
                    connections.spawn(serve(tcp, shared.clone(), stopped.clone()));
                }
            }
        }
        drop(listener);
        stopping.send_replace(());
        let goodbyes = async {
            while let Some(ended) = connections.join_next().await {
                check(ended);
            }
        };
        // Who has not answered by now is cut off.
        let _ = timeout(STOP_PATIENCE, goodbyes).await;
        connections.shutdown().await;
        shared.counters.read()
    }
}

/// Serves one connection from its first byte to its last.
async fn serve(tcp: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<()>) {
    // Boxed: the handshake's state is large and must not stay with the session.
    let greeting = Box::pin(timeout(PATIENCE, greet(tcp, &shared)));
    let greeted = tokio::select! {
        biased;
        _ = stop.changed() => return,
        greeted = greeting => match greeted {
            Ok(Ok(greeted)) => greeted,
            // Gone, not speaking TLS, or silent: there is nobody to serve.
            Ok(Err(_)) | Err(_) => return,
        },
    };
    let counters = shared.counters.clone();
    // A peer that has gone is no news to a target.
    let _: io::Result<()> = match greeted {
        Greeted::Echo(session) => {
            drop(shared);
            session.run(stop).await;
            Ok(())
        }
        Greeted::Tcp(stream) => tcp::serve(stream, counters, stop).await,
        Greeted::Chat(stream, codec, greeting, input) => {
            let room = shared.room.clone();
            let served = chat::serve(stream, codec, greeting, input, room, counters, stop);
            Box::pin(served).await
        }
    };
}

/// A connection whose first words are exchanged.
enum Greeted {
    Echo(Session),
    Tcp(Stream),
    Chat(Stream, Box<dyn Codec>, Vec<u8>, Vec<u8>),
}

async fn greet(tcp: TcpStream, shared: &Shared) -> io::Result<Greeted> {
    // Replies are written in batches already.
    tcp.set_nodelay(true)?;
    let counted = Counted::new(tcp, shared.counters.traffic.clone());
    let mut stream = match &shared.tls {
        None => Stream::Plain(counted),
        Some(acceptor) => Stream::TlsServer(Box::new(acceptor.accept(counted).await?)),
    };
    if shared.service == Service::Tcp {
        return Ok(Greeted::Tcp(stream));
    }
    let compresses = shared.service == Service::Echo;
    let (answer, input) = handshake::read(&mut stream, &shared.subprotocols, compresses).await?;
    let codec = codec(&answer, shared);
    if shared.service == Service::Chat && answer.then == Then::Echo {
        return Ok(Greeted::Chat(stream, codec, answer.bytes, input));
    }
    let session = Session::new(stream, codec, answer, input, shared.counters.clone());
    Ok(Greeted::Echo(session))
}

/// What a session speaks through. tungstenite knows no compression.
fn codec(answer: &Answer, shared: &Shared) -> Box<dyn Codec> {
    let is_own = shared.is_own || answer.compression.is_some();
    if is_own || answer.then == Then::HangUp {
        return Box::new(Own::new(answer.compression));
    }
    shared.counters.session_witnessed();
    Box::new(Witness::new())
}

/// The next connection.
///
/// # Cancel safety
/// No connection is lost. A pause is cut short: whoever cancels has seen a connection end, and with it a
/// file descriptor come free.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => return tcp,
            // The peer had gone before we looked; the next may be waiting.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // No file descriptor or no memory. The connection stays in the queue, so asking again at once
            // would spin.
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// A connection's task has ended.
fn check(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && let Ok(panic) = error.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A server that was just stopped must be able to come back on its port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(ACCEPT_QUEUE)
}

fn acceptor(tls: &EchoTls) -> Result<TlsAcceptor, EchoError> {
    let bad = |what: &str, error: &dyn std::fmt::Display| {
        EchoError::Certificate(format!("{what}: {error}"))
    };
    let chain = CertificateDer::pem_slice_iter(tls.cert_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| bad("the certificate is not valid PEM", &error))?;
    let key = PrivateKeyDer::from_pem_slice(tls.key_pem.as_bytes())
        .map_err(|error| bad("the key is not valid PEM", &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad("no TLS version", &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| bad("the certificate and the key are not usable", &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Connections that may wait to be accepted; the system's own limit may be lower.
const ACCEPT_QUEUE: u32 = 4096;
/// How long to wait when a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
