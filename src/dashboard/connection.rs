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
use super::progress::Progress;

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// To ask.
    pub(super) request: Duration,
    /// To take what it was given.
    pub(super) patience: Duration,
    /// Until one who looks is told that there is nothing to tell.
    pub(super) silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(5),
            patience: Duration::from_secs(30),
            silence: Duration::from_secs(5),
        }
    }
}

/// Serves a connection until it is over, or takes too long. Once `ending` changes, only who was let in stays.
pub(super) async fn serve<T>(
    stream: TcpStream,
    gate: Arc<Gate>,
    progress: Arc<Progress>,
    limits: Limits,
    mut ending: watch::Receiver<T>,
) {
    bound_kernel(&stream, limits.patience);
    let shared = progress.clone();
    let service = service_fn(move |request| {
        let answer = gate.answer(&request, &shared);
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    let mut connection = http1::Builder::new()
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
    // Whoever breaks off or sends nonsense has its reasons; they are no affair of the run. Nonsense has an answer too.
    let is_answered = tokio::select! {
        _ = std::future::poll_fn(|context| connection.poll_without_shutdown(context)) => true,
        () = progress.end_of_patience(limits.patience) => false,
        () = nobody_asks => false,
    };
    if is_answered {
        part(connection.into_parts().io.into_inner()).await;
    }
}

/// Says that nothing follows, and reads what was sent and not asked for: unread, it would take back what was answered.
async fn part(mut stream: TcpStream) {
    let _ = timeout(PARTING, async {
        stream.shutdown().await?;
        let mut more = vec![0; BUFFER];
        while stream.read(&mut more).await? > 0 {}
        Ok::<_, std::io::Error>(())
    })
    .await;
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
    if let Ok(Ok(())) = timeout(PARTING, stream.write_all(BUSY)).await {
        part(stream).await;
    }
}

const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 5\r\n\
    Content-Length: 43\r\nConnection: close\r\n\r\ntoo many look at this run: close a few tabs";
/// To take the last of it, and to go.
const PARTING: Duration = Duration::from_secs(1);
/// Of a request, and of an answer beside the event that is on its way.
const BUFFER: usize = 16 << 10;
const KERNEL_BUFFER: usize = 256 << 10;
