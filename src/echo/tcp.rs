//! Raw TCP: every byte comes back. The target of `examples/tcp_echo.py`.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use super::PATIENCE;
use super::counts::{Counters, Tally};
use crate::socket::stream::Stream;

/// Bytes echoed at once.
const PIECE: usize = 16 * 1024;

/// Echoes until the peer ends its side or the server stops. Each read and each write counts as a message.
///
/// # Cancel safety
/// Dropping the future cuts the connection.
pub(super) async fn serve(
    mut stream: Stream,
    counters: Arc<Counters>,
    mut stop: watch::Receiver<()>,
) -> io::Result<()> {
    counters.session_opened();
    let _open = Open(counters.clone());
    let mut buffer = vec![0; PIECE];
    loop {
        let count = tokio::select! {
            read = stream.read(&mut buffer) => read?,
            _ = stop.changed() => 0,
        };
        if count == 0 {
            return stream.shutdown().await;
        }
        let mut tally = Tally::default();
        tally.add(&buffer[..count]);
        counters.received(tally);
        // A peer that does not read for so long is gone.
        tokio::time::timeout(PATIENCE, stream.write_all(&buffer[..count])).await??;
        stream.flush().await?;
        counters.sending(tally);
    }
}

/// Counts a connection as open until it is dropped.
struct Open(Arc<Counters>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.session_ended();
    }
}
