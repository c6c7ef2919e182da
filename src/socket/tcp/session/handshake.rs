//! TLS on a stream that is open already.

use std::sync::Arc;
use std::time::Duration;

use crate::clock;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::stream::{Counted, Stream};
use crate::socket::tcp::queue::StartTls;
use crate::socket::tls::TlsConfigs;

/// The stream with TLS on it, and how long that took.
///
/// # Cancel safety
/// Dropping it closes the connection.
pub(super) async fn handshake(
    tls: Arc<TlsConfigs>,
    request: StartTls,
    counted: Counted,
) -> (Result<Stream, SocketError>, Duration) {
    let StartTls {
        settings,
        host,
        timeout,
        seen: _,
    } = request;
    tls.prepare(&settings).await;
    let began = clock::now();
    let started = tls.start(&settings, &host, counted);
    let result = match tokio::time::timeout(timeout, started).await {
        Ok(stream) => stream,
        Err(_) => Err(SocketError::new(
            Phase::Tls,
            Cause::TlsTimeout,
            "tls: handshake: i/o timeout",
        )),
    };
    (result, clock::now() - began)
}
