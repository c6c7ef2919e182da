//! One connection against a peer that the test plays itself, on loopback.

use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::socket::queue::{Flush, Origin};
use crate::socket::stream::Counted;

/// Facts as text, in order, for a test to wait for.
struct Told {
    facts: mpsc::UnboundedSender<String>,
    room: Arc<Mutex<bool>>,
    /// The last data was this one, to which it objects.
    has_bad: bool,
}

const BAD: &[u8] = b"bad";

fn bad() -> SocketError {
    SocketError::new(Phase::Session, Cause::Framing, "bad")
}

impl TcpObserver for Told {
    fn observe(&mut self, fact: TcpFact<'_>) {
        let text = match fact {
            TcpFact::Data(data, _) => {
                self.has_bad = data == BAD;
                format!("data {}", data.len())
            }
            TcpFact::PeerEnded => "peer ended".into(),
            TcpFact::Written => "written".into(),
            TcpFact::Wrote(number, _) => format!("wrote {number}"),
            TcpFact::Answered(writes) => format!("answered {}", writes.all),
            TcpFact::Writable => "writable".into(),
            TcpFact::TlsStarted { error, .. } => format!("tls {}", error.is_none()),
            TcpFact::Closed(None) => "closed".into(),
            TcpFact::Closed(Some(error)) => format!("closed {}", error.cause.as_str()),
            TcpFact::WriteFailed {
                writes, partial, ..
            } => format!("{writes} failed, partly {}", partial > 0),
            TcpFact::Ended => "ended".into(),
        };
        // The test may have ended.
        let _ = self.facts.send(text);
    }

    fn objection(&mut self) -> Option<SocketError> {
        self.has_bad.then(bad)
    }

    fn objection_to_tls(&mut self, request: &StartTls) -> Option<SocketError> {
        request.seen.map(|_| bad())
    }

    fn has_room(&mut self) -> bool {
        *self.room.lock().unwrap()
    }
}

struct Connected {
    peer: TcpStream,
    queue: Arc<TcpQueue>,
    facts: mpsc::UnboundedReceiver<String>,
    room: Arc<Mutex<bool>>,
    task: JoinHandle<()>,
}

async fn connected(read_buffer_size: usize, max_buffered: usize) -> Connected {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (ours, accepted) = tokio::join!(
        TcpStream::connect(listener.local_addr().unwrap()),
        listener.accept()
    );
    let queue = Arc::new(TcpQueue::new(max_buffered));
    let (sender, facts) = mpsc::unbounded_channel();
    let room = Arc::new(Mutex::new(true));
    let told = Told {
        facts: sender,
        room: room.clone(),
        has_bad: false,
    };
    let config = TcpConfig {
        read_buffer_size,
        send_timeout: Duration::from_secs(10),
        recv_rate: None,
    };
    let stream = Stream::Plain(Counted::new(ours.unwrap(), Arc::default()));
    let task = tokio::spawn(drive(stream, &queue, told, config, Arc::default()));
    // Polled once: from now on a flush writes.
    tokio::task::yield_now().await;
    Connected {
        peer: accepted.unwrap().0,
        queue,
        facts,
        room,
        task,
    }
}

impl Connected {
    async fn fact(&mut self) -> String {
        let next = tokio::time::timeout(Duration::from_secs(60), self.facts.recv());
        next.await.expect("a fact in time").expect("not over yet")
    }

    fn write(&self, data: &[u8]) -> u64 {
        let (number, _) = self.queue.write(data).unwrap();
        self.queue.flush();
        number
    }
}

#[tokio::test]
async fn data_comes_in_pieces_and_the_peers_end_is_told() {
    let mut c = connected(4096, 1 << 20).await;
    c.peer.write_all(&vec![7; 20_000]).await.unwrap();
    c.peer.shutdown().await.unwrap();
    let mut bytes = 0;
    loop {
        let fact = c.fact().await;
        let Some(size) = fact.strip_prefix("data ") else {
            assert_eq!(fact, "peer ended");
            break;
        };
        let size: usize = size.parse().unwrap();
        assert!(size <= 4096);
        bytes += size;
    }
    assert_eq!(bytes, 20_000);
    assert_eq!(c.fact().await, "closed");
    assert_eq!(c.fact().await, "ended");
    c.task.await.unwrap();
    assert_eq!(c.queue.bytes(), (20_000, 0));
}

#[tokio::test]
async fn writes_leave_in_order_and_are_told_only_to_who_asks() {
    let mut c = connected(4096, 1 << 20).await;
    assert_eq!([c.write(b"a"), c.write(b""), c.write(b"bc")], [1, 2, 3]);
    let mut got = [0; 3];
    c.peer.read_exact(&mut got).await.unwrap();
    assert_eq!((&got, c.queue.done()), (b"abc", 3));
    c.queue.want(4);
    assert_eq!(c.write(b"d"), 4);
    assert_eq!(c.fact().await, "written");
    assert_eq!(c.queue.bytes(), (0, 4));
}

#[tokio::test]
async fn half_close_ends_our_side_behind_the_writes_and_reads_on() {
    let mut c = connected(4096, 1 << 20).await;
    c.queue.write(b"all").unwrap();
    assert!(c.queue.end() && !c.queue.end());
    assert!(c.queue.write(b"more").is_err());
    c.queue.flush();
    let mut got = Vec::new();
    c.peer.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, b"all");
    c.peer.write_all(b"late").await.unwrap();
    assert_eq!(c.fact().await, "data 4");
    drop(c.peer);
    assert_eq!(c.facts.recv().await.unwrap(), "peer ended");
    assert_eq!(c.facts.recv().await.unwrap(), "closed");
    assert_eq!(c.facts.recv().await.unwrap(), "ended");
}

#[tokio::test]
async fn destroy_closes_at_once_and_says_what_never_left() {
    let mut c = connected(4096, 1 << 30).await;
    // More than the system takes for a peer that does not read.
    let big = vec![0; 32 << 20];
    c.write(b"x");
    c.write(&big);
    c.write(b"y");
    c.queue.destroy();
    c.queue.flush();
    assert_eq!(c.fact().await, "2 failed, partly true");
    assert_eq!(c.fact().await, "ended");
    assert!(c.queue.write(b"late").is_err());
}

#[tokio::test]
async fn a_reset_is_an_error_with_its_cause() {
    let mut c = connected(4096, 1 << 20).await;
    socket2::SockRef::from(&c.peer)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(c.peer);
    assert_eq!(c.facts.recv().await.unwrap(), "closed reset");
    assert_eq!(c.facts.recv().await.unwrap(), "ended");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_is_given_up_in_time() {
    let mut c = connected(4096, 1 << 30).await;
    let began = clock::now();
    c.write(&vec![0; 32 << 20]);
    assert_eq!(c.fact().await, "closed send_blocked");
    assert!(clock::now() - began >= Duration::from_secs(10));
    assert_eq!(c.fact().await, "1 failed, partly true");
    assert_eq!(c.fact().await, "ended");
}

#[tokio::test]
async fn nothing_is_read_while_the_observer_has_no_room() {
    let mut c = connected(4096, 1 << 20).await;
    *c.room.lock().unwrap() = false;
    c.peer.write_all(b"one").await.unwrap();
    // The connection finds out that there is no room when it is readable, and then waits to be flushed.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(c.facts.try_recv().is_err());
    *c.room.lock().unwrap() = true;
    c.queue.flush();
    assert_eq!(c.fact().await, "data 3");
}

#[tokio::test]
async fn nothing_is_read_while_reading_is_paused() {
    let mut c = connected(4096, 1 << 20).await;
    c.queue.pause_reading(true);
    c.peer.write_all(b"one").await.unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(c.facts.try_recv().is_err());
    c.queue.pause_reading(false);
    c.queue.flush();
    assert_eq!(c.fact().await, "data 3");
}

#[tokio::test]
async fn what_the_observer_objects_to_ends_the_connection_with_its_error() {
    let mut c = connected(4096, 1 << 20).await;
    c.peer.write_all(BAD).await.unwrap();
    assert_eq!(c.fact().await, "data 3");
    assert_eq!(c.fact().await, "closed framing");
    assert_eq!(c.fact().await, "ended");
    let mut rest = Vec::new();
    c.peer.read_to_end(&mut rest).await.unwrap();
}

#[tokio::test]
async fn tls_that_the_observer_objects_to_is_not_begun() {
    let mut c = connected(4096, 1 << 20).await;
    c.queue.start_tls(StartTls {
        settings: crate::socket::tls::TlsSettings::default(),
        host: "example.com".into(),
        timeout: Duration::from_secs(60),
        seen: Some(0),
    });
    c.queue.flush();
    assert_eq!(c.fact().await, "tls false");
    assert_eq!(c.fact().await, "closed framing");
    assert_eq!(c.fact().await, "ended");
    // Not one byte of a handshake.
    let mut sent = Vec::new();
    c.peer.read_to_end(&mut sent).await.unwrap();
    assert_eq!(sent, b"");
}

#[tokio::test]
async fn what_rules_have_written_is_told_apart() {
    let mut c = connected(4096, 1 << 20).await;
    c.queue.write(b"a").unwrap();
    for _ in 0..2 {
        c.queue
            .write_as(b"b", Origin::Rule { by_script: false })
            .unwrap();
    }
    c.queue.write_as(b"c", Origin::Request(7)).unwrap();
    c.queue.flush();
    let mut taken = [0; 4];
    c.peer.read_exact(&mut taken).await.unwrap();
    assert_eq!(&taken, b"abbc");
    assert_eq!(c.fact().await, "wrote 7");
    assert_eq!(c.fact().await, "answered 2");
    assert_eq!(c.queue.done(), 4);
}
