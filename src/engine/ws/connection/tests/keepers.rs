//! Connections to the built-in target, over real sockets and on a loop that a test drives, whoever keeps them.

use std::collections::BTreeMap;
use std::sync::mpsc;

use tokio::sync::oneshot;

use super::*;
use crate::echo::{EchoConfig, EchoServer, Service};
use crate::engine::runtime::mailbox::EventKind;
use crate::socket::ws::session::PaceConfig;

/// The built-in target, on a thread of its own.
struct Server {
    port: u16,
    _stop: oneshot::Sender<()>,
}

fn server() -> Server {
    let (stop, stopped) = oneshot::channel::<()>();
    let (tell_port, port) = mpsc::channel();
    std::thread::spawn(move || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(async {
            let config = EchoConfig {
                address: ([127, 0, 0, 1], 0).into(),
                tls: None,
                subprotocols: Vec::new(),
                service: Service::Echo,
                is_own: true,
            };
            let server = EchoServer::bind(config).await.unwrap();
            tell_port.send(server.local_addr().port()).unwrap();
            server.run(stopped).await;
        });
    });
    Server {
        port: port.recv().unwrap(),
        _stop: stop,
    }
}

impl Server {
    fn connect(&self, runtime: &Runtime, id: ReceiverId) -> Connection {
        let connect = Connect {
            framing: None,
            conversation: None,
            target: Target {
                is_tls: false,
                host: "127.0.0.1".into(),
                port: self.port,
            },
            request: Request {
                path: "/".into(),
                host: "test".into(),
                user_agent: "test".into(),
                headers: Vec::new(),
                compression: None,
            },
            tls: TlsSettings::default(),
            socket: SocketOptions::default(),
            timeout: PATIENCE,
            config: WsConfig {
                max_message_size: 1 << 20,
                send_timeout: PATIENCE,
                close_timeout: PATIENCE,
                pace: PaceConfig::default(),
                inflate: None,
            },
            compression: (1, 0),
            max_buffered: 1 << 20,
            context: None,
            labels: None,
        };
        Connection::open(runtime, id, connect)
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

/// The next batch, as (receiver, kind, bytes).
fn batch(runtime: &Runtime) -> Vec<(ReceiverId, EventKind, usize)> {
    let mut events = Vec::new();
    runtime.poll(Some(PATIENCE));
    let handed = runtime.hand_out(|event, bytes| {
        events.push((event.receiver, event.kind, bytes.len()));
        Ok::<(), ()>(())
    });
    handed.unwrap();
    events
}

/// A handler that does not give way until the guardian has taken over, as it had not `before`, and for a while after
/// that.
fn hog(runtime: &Runtime, before: u64) {
    let (_never, wait) = mpsc::channel::<()>();
    let begin = clock::now();
    while runtime.takeovers() == before {
        assert!(clock::now() - begin < PATIENCE, "it is not taken over");
        wait.recv_timeout(Duration::from_millis(1)).unwrap_err();
    }
    wait.recv_timeout(Duration::from_millis(5)).unwrap_err();
}

#[test]
fn every_message_comes_back_while_handlers_hog_and_nothing_is_left() {
    const CONNECTIONS: u32 = 40;
    const ROUNDS: usize = 60;
    for is_reactor in [false, true] {
        let server = server();
        let runtime = Runtime::kept_by(is_reactor).unwrap();
        let all: BTreeMap<_, _> = (1..=CONNECTIONS)
            .map(|id| (id, server.connect(&runtime, id)))
            .collect();
        let mut heard = BTreeMap::new();
        let (mut ended, mut has_hogged) = (0, false);
        while ended < all.len() {
            let events = batch(&runtime);
            assert!(!events.is_empty(), "nothing came for long");
            let before = runtime.takeovers();
            for (id, kind, bytes) in events {
                let connection = &all[&id];
                match kind {
                    EventKind::Opened => {
                        connection.send(&runtime, true, b"0").unwrap();
                    }
                    EventKind::Text => {
                        let rounds = heard.entry(id).or_insert(0);
                        *rounds += 1;
                        assert_eq!(bytes, *rounds, "in order, each once");
                        if *rounds < ROUNDS {
                            let more = vec![b'0'; *rounds + 1];
                            connection.send(&runtime, true, &more).unwrap();
                        } else {
                            connection.close(&runtime, 1000, "", PATIENCE);
                        }
                    }
                    EventKind::Ended => ended += 1,
                    EventKind::Closed => {}
                    other => panic!("{other:?}"),
                }
                // In the middle of a batch, so that the guardian writes and reads what is queued before.
                let is_its_turn = heard.get(&id).is_some_and(|rounds| rounds % 20 == 7);
                if id % 8 == 0 && kind == EventKind::Text && is_its_turn {
                    hog(&runtime, before);
                    has_hogged = true;
                }
            }
        }
        assert!(heard.values().all(|rounds| *rounds == ROUNDS));
        assert!(has_hogged);
        assert_eq!(runtime.connections(), 0);
        runtime.close(Duration::ZERO);
    }
}

#[test]
fn a_burst_beyond_a_batch_and_beyond_a_backlog_arrives_whole() {
    for is_reactor in [false, true] {
        let server = server();
        let runtime = Runtime::kept_by(is_reactor).unwrap();
        let connection = server.connect(&runtime, 1);
        // More than may be undelivered, so that reading pauses and goes on.
        let (mut heard, all) = (0, 20_000);
        while heard < all {
            let events = batch(&runtime);
            assert!(!events.is_empty() && events.len() <= 256);
            for (_, kind, _) in events {
                match kind {
                    EventKind::Opened => {
                        for _ in 0..all {
                            connection.send(&runtime, false, b"x").unwrap();
                        }
                    }
                    EventKind::Binary => heard += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
        runtime.close(Duration::ZERO);
    }
}

#[test]
fn a_loop_that_is_closed_says_goodbye_for_a_while_and_leaves_no_connection() {
    for is_reactor in [false, true] {
        let server = server();
        let runtime = Runtime::kept_by(is_reactor).unwrap();
        let all: Vec<_> = (1..=10).map(|id| server.connect(&runtime, id)).collect();
        let mut opened = 0;
        while opened < all.len() {
            opened += batch(&runtime).len();
        }
        assert_eq!(runtime.connections(), 10);
        // Half of them close, the others have nobody who does.
        for connection in &all[..5] {
            connection.close(&runtime, 1001, "", PATIENCE);
        }
        let begin = clock::now();
        runtime.close(Duration::from_millis(200));
        assert_eq!(runtime.connections(), 0);
        assert!(clock::now() - begin < PATIENCE);
        let full = Err(SendError::NotOpen);
        assert_eq!(all[9].send(&runtime, true, b"x"), full);
    }
}
