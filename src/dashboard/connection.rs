//! One connection: a request, its answer, and how long either may take.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::gate::Gate;
use super::viewer::Progress;

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// To ask.
    pub(super) request: Duration,
    /// To take what it was given.
    pub(super) patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(5),
            patience: Duration::from_secs(30),
        }
    }
}

/// Serves a connection until it is over, or takes too long. Once `ending` changes, only who was let in stays.
pub(super) async fn serve<T>(
    stream: TcpStream,
    gate: Arc<Gate>,
    limits: Limits,
    mut ending: watch::Receiver<T>,
) {
    bound_kernel(&stream, limits.patience);
    let progress: Arc<Progress> = Arc::default();
    let shared = progress.clone();
    let service = service_fn(move |request| {
        let answer = gate.answer(&request, &shared);
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    let connection = http1::Builder::new()
        // A page needs two connections, so there is nothing to save, and nobody who lies idle.
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .serve_connection(TokioIo::new(stream), service);
    let nobody_asks = async {
        let _ = ending.changed().await;
        if progress.is_asked() {
            std::future::pending::<()>().await;
        }
    };
    // Whoever breaks off or sends nonsense has its reasons; they are no affair of the run.
    tokio::select! {
        _ = connection => {}
        () = progress.end_of_patience(limits.patience) => {}
        () = nobody_asks => {}
    }
}

/// What the system keeps for a connection, and for how long where nobody confirms it.
fn bound_kernel(stream: &TcpStream, patience: Duration) {
    let milliseconds = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, milliseconds);
    let _ = rustix::net::sockopt::set_socket_send_buffer_size(stream, KERNEL_BUFFER);
    let _ = stream.set_nodelay(true);
}

/// Says that there is no room, to a client that may not have asked yet.
pub(super) async fn refuse(mut stream: TcpStream) {
    let _ = timeout(REFUSING, async {
        stream.write_all(BUSY).await?;
        stream.shutdown().await?;
        // With its request unread, what it was told would be thrown away.
        let mut request = [0; 1024];
        while stream.read(&mut request).await? > 0 {}
        Ok::<_, std::io::Error>(())
    })
    .await;
}

const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 5\r\n\
    Content-Length: 43\r\nConnection: close\r\n\r\ntoo many look at this run: close a few tabs";
const REFUSING: Duration = Duration::from_secs(1);
/// Of a request, and of an answer beside the event that is on its way.
const BUFFER: usize = 16 << 10;
const KERNEL_BUFFER: usize = 256 << 10;
