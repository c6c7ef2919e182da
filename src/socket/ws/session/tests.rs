//! The session against scripted streams: what it reports, and what it writes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};

use super::*;
use crate::clock;
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::keeper::task::keep;
use crate::socket::queue::Flush;
use crate::socket::reactor::Reactor;
use crate::socket::ws::frame::Opcode;

mod closing;
mod keepers;
mod pace;
mod reply_times;

type Log = Arc<Mutex<Vec<String>>>;

struct Recorder {
    log: Log,
    /// Tells that it was dropped, and the session with it.
    _gone: Option<tokio::sync::oneshot::Sender<()>>,
    room: Arc<AtomicUsize>,
    is_behind: Arc<AtomicBool>,
}

impl Observer for Recorder {
    fn observe(&mut self, fact: Fact<'_>) {
        let room = self.room.load(Ordering::Relaxed);
        self.room.store(room.saturating_sub(1), Ordering::Relaxed);
        self.log.lock().unwrap().push(match fact {
            Fact::Text(data, _) => format!("text {}", String::from_utf8_lossy(&data)),
            Fact::Binary(data, _) => format!("binary of {}", data.len()),
            Fact::Sent(messages, written) => {
                assert_eq!(written.messages().count() as u64, messages);
                format!("sent({messages})")
            }
            Fact::Ping(_) => "ping".into(),
            Fact::Pong(time, _) => format!("pong {}", time.is_some()),
            Fact::Closed { status, error } => match error {
                Some(error) => format!("closed {} ({error})", status.code),
                None => format!("closed {}", status.code),
            },
            other => format!("{other:?}").to_lowercase(),
        });
    }

    fn objection(&mut self) -> Option<(u16, SocketError)> {
        let is_bad = self.log.lock().unwrap().last()? == "text bad";
        let error = || SocketError::new(Phase::Session, Cause::Framing, "no frame");
        is_bad.then(|| (1007, error()))
    }

    fn is_all_delivered(&mut self) -> bool {
        !self.is_behind.load(Ordering::Relaxed)
    }

    fn has_room(&mut self) -> bool {
        self.room.load(Ordering::Relaxed) > 0
    }
}

struct Rig<S = DuplexStream> {
    outbox: Arc<Outbox>,
    log: Log,
    room: Arc<AtomicUsize>,
    is_behind: Arc<AtomicBool>,
    server: S,
    /// Ends with the session.
    task: tokio::task::JoinHandle<()>,
    reactor: Option<Arc<Reactor>>,
}

const CONFIG: WsConfig = WsConfig {
    max_message_size: 1 << 20,
    send_timeout: Duration::from_secs(10),
    close_timeout: Duration::from_secs(1),
    pace: PaceConfig {
        idle_timeout: None,
        keep_alive: None,
        recv_rate: None,
    },
    inflate: None,
};

fn rig(pipe: usize, room: usize) -> Rig {
    paced_rig(pipe, room, PaceConfig::default())
}

fn paced_rig(pipe: usize, room: usize, pace: PaceConfig) -> Rig {
    let config = WsConfig { pace, ..CONFIG };
    let (client, server) = duplex(pipe);
    let outbox = Arc::new(Outbox::new(1 << 20));
    let log = Log::default();
    let room = Arc::new(AtomicUsize::new(room));
    let is_behind = Arc::new(AtomicBool::new(false));
    let observer = Recorder {
        log: log.clone(),
        _gone: None,
        room: room.clone(),
        is_behind: is_behind.clone(),
    };
    let session = Session::new("A->B", outbox.clone(), observer, config);
    Rig {
        outbox,
        log,
        room,
        is_behind,
        server,
        task: tokio::spawn(keep(client, session, Vec::new())),
        reactor: None,
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Rig<S> {
    /// Lets the session run until it has nothing to do.
    async fn settle(&self) {
        match (&self.reactor, self.outbox.key()) {
            (Some(reactor), Some(key)) => {
                reactor.mark_dirty(key);
                reactor.wake();
            }
            _ => self.outbox.flush(),
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The next `count` frames of the client, as (first byte, unmasked payload).
    async fn frames(&mut self, count: usize) -> Vec<(u8, Vec<u8>)> {
        let mut out = Vec::new();
        for _ in 0..count {
            let mut head = [0; 6];
            self.server.read_exact(&mut head).await.unwrap();
            let mut payload = vec![0; usize::from(head[1] & 0x7F)];
            self.server.read_exact(&mut payload).await.unwrap();
            let key = [head[2], head[3], head[4], head[5]];
            crate::socket::ws::frame::apply_mask(&mut payload, key, 0);
            out.push((head[0], payload));
        }
        out
    }
}

#[tokio::test(start_paused = true)]
async fn sends_leave_in_order_and_are_counted_when_written() {
    let mut rig = rig(4096, 100);
    assert!(rig.outbox.send(Opcode::Text, b"a").unwrap().is_first);
    assert!(!rig.outbox.send(Opcode::Binary, b"b").unwrap().is_first);
    assert!(!rig.outbox.ping().unwrap().is_first);
    assert_eq!(
        rig.log(),
        Vec::<String>::new(),
        "nothing is sent before it is written"
    );
    rig.settle().await;
    let frames = rig.frames(3).await;
    assert_eq!(
        frames,
        [
            (0x81, b"a".to_vec()),
            (0x82, b"b".to_vec()),
            (0x89, b"0".to_vec())
        ]
    );
    assert_eq!(rig.log(), ["sent(2)"]);
}

#[tokio::test(start_paused = true)]
async fn one_pong_settles_one_ping_and_a_second_none() {
    let mut rig = rig(4096, 100);
    rig.outbox.ping().unwrap();
    rig.settle().await;
    rig.frames(1).await;
    rig.server
        .write_all(b"\x8a\x010\x8a\x010\x8a\x01x")
        .await
        .unwrap();
    rig.settle().await;
    assert_eq!(rig.log(), ["pong true", "pong false", "pong false"]);
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered_with_its_payload() {
    let mut rig = rig(4096, 100);
    rig.server.write_all(b"\x89\x02hi\x89\x00").await.unwrap();
    rig.settle().await;
    assert_eq!(
        rig.frames(2).await,
        [(0x8A, b"hi".to_vec()), (0x8A, vec![])]
    );
    assert_eq!(rig.log(), ["ping", "ping"]);
}

#[tokio::test(start_paused = true)]
async fn the_peers_close_is_echoed_and_the_stream_left_to_it() {
    let mut rig = rig(4096, 100);
    rig.server.write_all(b"\x88\x05\x0f\xa1bye").await.unwrap();
    rig.settle().await;
    assert_eq!(rig.frames(1).await, [(0x88, vec![0x0F, 0xA1])]);
    assert_eq!(rig.log(), ["closed 4001"]);
    assert_eq!(
        rig.outbox.send(Opcode::Text, b"x"),
        Err(crate::socket::queue::SendError::NotOpen)
    );
    drop(rig.server);
    rig.task.await.unwrap();
    assert_eq!(
        rig.log.lock().unwrap().last().unwrap(),
        "ended { unsent: 0 }"
    );
}

#[tokio::test(start_paused = true)]
async fn our_close_waits_for_the_answer_no_longer_than_it_may() {
    let mut rig = rig(4096, 100);
    assert!(rig.outbox.close(1001, "", Duration::from_secs(1)));
    assert!(
        !rig.outbox.close(1000, "", Duration::from_secs(1)),
        "the second close does nothing"
    );
    rig.settle().await;
    assert_eq!(rig.frames(1).await, [(0x88, vec![0x03, 0xE9])]);
    let before = clock::now();
    rig.task.await.unwrap();
    assert_eq!((clock::now() - before).as_secs(), 1);
    assert_eq!(
        *rig.log.lock().unwrap(),
        ["closed 1006", "ended { unsent: 0 }"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_violation_is_answered_with_its_code_and_told_with_its_cause() {
    let mut rig = rig(4096, 100);
    rig.server.write_all(b"\x83\x00").await.unwrap();
    rig.settle().await;
    assert_eq!(
        rig.frames(1).await,
        [(0x88, b"\x03\xeaunknown opcode 3".to_vec())]
    );
    assert_eq!(
        rig.log(),
        ["closed 1002 (websocket: close 1002 (protocol error): unknown opcode 3)"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_observer_objects_to_is_answered_with_its_code() {
    let mut rig = rig(4096, 100);
    rig.server.write_all(b"\x81\x03bad").await.unwrap();
    rig.settle().await;
    // What comes behind it is nobody's.
    rig.server.write_all(b"\x81\x04more").await.unwrap();
    rig.settle().await;
    assert_eq!(rig.frames(1).await, [(0x88, b"\x03\xef".to_vec())]);
    assert_eq!(rig.log(), ["text bad", "closed 1007 (no frame)"]);
}

#[tokio::test(start_paused = true)]
async fn messages_before_a_violation_may_still_be_answered() {
    let mut rig = rig(4096, 100);
    rig.is_behind.store(true, Ordering::Relaxed);
    // The ping behind the violation is not read any more.
    rig.server
        .write_all(b"\x81\x01a\x83\x00\x89\x00")
        .await
        .unwrap();
    rig.settle().await;
    assert_eq!(rig.log(), ["text a"]);
    rig.outbox.send(Opcode::Text, b"answer").unwrap();
    rig.is_behind.store(false, Ordering::Relaxed);
    rig.settle().await;
    assert_eq!(
        rig.frames(2).await,
        [
            (0x81, b"answer".to_vec()),
            (0x88, b"\x03\xeaunknown opcode 3".to_vec())
        ]
    );
    let told = "closed 1002 (websocket: close 1002 (protocol error): unknown opcode 3)";
    assert_eq!(rig.log()[..2], ["text a", told]);
}

#[tokio::test(start_paused = true)]
async fn a_violation_does_not_wait_for_ever() {
    let mut rig = rig(4096, 100);
    rig.is_behind.store(true, Ordering::Relaxed);
    rig.server.write_all(b"\x81\x01a\x83\x00").await.unwrap();
    let before = clock::now();
    assert_eq!(
        rig.frames(1).await,
        [(0x88, b"\x03\xeaunknown opcode 3".to_vec())]
    );
    assert_eq!(clock::now() - before, CONFIG.close_timeout);
}

#[tokio::test(start_paused = true)]
async fn an_end_without_close_is_1006() {
    let rig = rig(4096, 100);
    drop(rig.server);
    rig.task.await.unwrap();
    assert_eq!(
        *rig.log.lock().unwrap(),
        [
            "closed 1006 (websocket: close 1006 (abnormal closure): unexpected EOF)",
            "ended { unsent: 0 }"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_is_given_up_after_the_send_timeout() {
    let rig = rig(64, 100);
    rig.outbox.send(Opcode::Binary, &[0; 1000]).unwrap();
    rig.outbox.send(Opcode::Binary, b"later").unwrap();
    let before = clock::now();
    rig.settle().await;
    rig.task.await.unwrap();
    assert_eq!((clock::now() - before).as_secs(), 10);
    assert_eq!(
        *rig.log.lock().unwrap(),
        [
            "closed 1006 (write tcp A->B: i/o timeout)",
            "ended { unsent: 2 }"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_room_nothing_is_read_until_there_is_room() {
    let mut rig = rig(4096, 1);
    rig.server.write_all(b"\x81\x01a").await.unwrap();
    rig.settle().await;
    rig.server.write_all(b"\x81\x01b").await.unwrap();
    rig.settle().await;
    assert_eq!(rig.log(), ["text a"]);
    // The script has caught up: whoever made room has the session look again.
    rig.room.store(5, Ordering::Relaxed);
    rig.settle().await;
    assert_eq!(rig.log(), ["text a", "text b"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_outbox_refuses_and_tells_when_there_is_room() {
    let mut rig = rig(4096, 100);
    let half = vec![0; 600 << 10];
    rig.outbox.send(Opcode::Binary, &half).unwrap();
    let full = crate::socket::queue::SendError::Full;
    assert_eq!(rig.outbox.send(Opcode::Binary, &half), Err(full));
    rig.settle().await;
    let mut taken = vec![0; half.len()];
    rig.server.read_exact(&mut taken).await.unwrap();
    rig.settle().await;
    assert!(
        rig.log().contains(&"writable".to_owned()),
        "{:?}",
        rig.log()
    );
}

#[test]
fn an_idle_session_is_small() {
    let size = size_of::<Session<Recorder>>();
    assert!(size <= 640, "{size} bytes for each connection");
}
