//! An attempt as a whole over a scripted network, from its name to its session or its refusal: what the script and the
//! run are told, and when. The clock is paused.

use futures_util::SinkExt;
use tokio::net::UnixStream;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::engine::ledger::Ledger;
use crate::metrics::TagSet;
use crate::socket::dial::routes::{NetworkOptions, Routes};
use crate::socket::dial::system::System;
use crate::socket::dial::system::scripted::{Door, Network};
use crate::socket::error::{Cause, SocketError};
use crate::socket::tls::{RunTls, TlsDefaults};
use crate::socket::ws::session::PaceConfig;

mod keepers;

const MS: Duration = Duration::from_millis(1);
/// Longer than anything here takes: no time at all, with the clock paused.
const FOREVER: Duration = Duration::from_secs(3600);
const PEER: &str = "192.0.2.1:80";

/// An attempt that is about to be made, and all that it tells.
struct Rig {
    ledger: Ledger,
    network: Arc<Network>,
    observer: ConnectionObserver,
    handshake: Arc<Handshake>,
    connect: Connect,
}

impl Rig {
    /// To `ws://a.example/`, in a run, within 100 ms.
    fn over(network: Network) -> Self {
        let ledger = Ledger::new();
        let network = Arc::new(network);
        let system = System::Scripted(network.clone());
        let routes = Routes::over(system, NetworkOptions::default());
        let tls = RunTls::new(TlsDefaults::default());
        let context = RunContext::new(ledger.metrics.clone(), routes, tls);
        let target = Target {
            is_tls: false,
            host: "a.example".into(),
            port: 80,
        };
        let handshake = Arc::new(Handshake::default());
        let attempt = Attempt {
            handshake: handshake.clone(),
            labels: Some(ConnectionLabels {
                metrics: ledger.metrics.clone(),
                vu: ledger.vu.clone(),
                tags: TagSet::new(),
                url: "ws://a.example/".into(),
                is_named: false,
            }),
            reached: Reached::new(&target),
        };
        let outbox = Arc::new(Outbox::new(1 << 20));
        let shared = ledger.shared.clone();
        let observer = ConnectionObserver::new(shared, 3, outbox, attempt, Arc::default());
        let connect = Connect {
            framing: None,
            conversation: None,
            target,
            request: Request {
                path: "/".into(),
                host: "a.example".into(),
                user_agent: "k6ws".into(),
                headers: Vec::new(),
                compression: None,
            },
            tls: TlsSettings::default(),
            socket: SocketOptions::default(),
            timeout: 100 * MS,
            config: WsConfig {
                max_message_size: 1 << 20,
                send_timeout: FOREVER,
                close_timeout: FOREVER,
                pace: PaceConfig::default(),
                inflate: None,
            },
            compression: (1, 0),
            max_buffered: 1 << 20,
            context: Some(Arc::new(context)),
            labels: None,
        };
        Self {
            ledger,
            network,
            observer,
            handshake,
            connect,
        }
    }

    /// Makes the attempt; nobody waits for it any longer than this.
    async fn made_within(self, limit: Duration) -> Made {
        let opening = open(self.observer, self.connect);
        let is_over = tokio::time::timeout(limit, opening).await.is_ok();
        Made {
            ledger: self.ledger,
            network: self.network,
            outcome: self.handshake.take(),
            is_over,
        }
    }

    async fn made(self) -> Made {
        let made = self.made_within(FOREVER).await;
        assert!(made.is_over, "an attempt that has no end");
        made
    }
}

/// An attempt that was made, or given up.
struct Made {
    ledger: Ledger,
    network: Arc<Network>,
    outcome: Option<Outcome>,
    is_over: bool,
}

impl Made {
    fn error(&self) -> SocketError {
        match &self.outcome {
            Some(Outcome::Refused(refused)) => refused.error.clone(),
            other => panic!("not refused: {other:?}"),
        }
    }
}

/// A name that is found after 30 ms, and somebody who opens 20 ms later.
fn found(door: Door) -> Network {
    Network::new()
        .name("a.example", 30 * MS, Ok(&["192.0.2.1"]))
        .at(PEER, 20 * MS, door)
}

fn error(phase: Phase, cause: Cause, text: &str, hint: &'static str) -> SocketError {
    SocketError::new(phase, cause, text).with_hint(hint)
}

#[tokio::test(start_paused = true)]
async fn an_attempt_leads_from_the_name_to_the_first_message() {
    let door = Door::opens(async |stream: UnixStream| {
        tokio::time::sleep(10 * MS).await;
        let mut peer = accept_async(stream).await.unwrap();
        tokio::time::sleep(5 * MS).await;
        peer.send(Message::text("hello")).await.unwrap();
        std::future::pending::<()>().await;
    });
    let made = Rig::over(found(door)).made().await;
    assert!(matches!(made.outcome, Some(Outcome::Opened(_))));
    tokio::time::sleep(6 * MS).await;
    assert_eq!(
        made.ledger.events(),
        ["60 ms: 3 Opened", "65 ms: 3 Text hello"]
    );
    let tags = "ip=192.0.2.1 status=101 subproto= url=ws://a.example/ (7/2)";
    assert_eq!(
        made.ledger.samples(),
        [
            format!("60 ms: ws_sessions 1 {tags}"),
            format!("60 ms: ws_connecting 60 {tags}"),
            format!("60 ms: ws_dns 30 {tags}"),
            format!("60 ms: ws_tcp 20 {tags}"),
            format!("60 ms: ws_upgrade 10 {tags}"),
            "60 ms: ws_active 1 (7/2)".into(),
            format!("65 ms: ws_msgs_received 1 {tags}"),
        ]
    );
    let (sent, received) = made.ledger.vu.traffic.take();
    assert!(sent > 100 && received > 100, "{sent} {received}");
}

#[tokio::test(start_paused = true)]
async fn the_time_for_all_of_it_names_the_phase_it_struck_in_and_its_spans_add_up() {
    for (network, phase, cause, text, hint, spans) in [
        (
            Network::new().silent_name("a.example"),
            Phase::Resolve,
            Cause::Dns,
            "lookup a.example: i/o timeout",
            "the resolve phase had not ended within 100ms",
            &["ws_dns 100"] as &[_],
        ),
        (
            found(Door::Silent),
            Phase::Connect,
            Cause::ConnectTimeout,
            "dial tcp 192.0.2.1:80: i/o timeout",
            "the connect phase had not ended within 100ms",
            &["ws_dns 30", "ws_tcp 70"],
        ),
        (
            found(Door::says(b"HTTP/1.1 101 Switching")),
            Phase::Upgrade,
            Cause::HandshakeTimeout,
            "read tcp 192.0.2.100:50000->192.0.2.1:80: i/o timeout",
            "the upgrade phase had not ended within 100ms",
            &["ws_dns 30", "ws_tcp 20", "ws_upgrade 50"],
        ),
    ] {
        let made = Rig::over(network).made().await;
        assert_eq!(made.error(), error(phase, cause, text, hint));
        assert_eq!(made.ledger.events(), ["100 ms: 3 Refused"]);
        let url = "url=ws://a.example/ (7/2)";
        let (word, mut expected) = (cause.as_str(), Vec::new());
        for sample in ["ws_sessions 1", "ws_connecting 100"].iter().chain(spans) {
            expected.push(format!("100 ms: {sample} {url}"));
        }
        let failed = format!("ws_connect_failed 1 error={word} error_code={word}");
        expected.push(format!("100 ms: {failed} {url}"));
        expected.push(format!("100 ms: ws_session_duration 100 {url}"));
        assert_eq!(made.ledger.samples(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_upgrade_has_a_limit_of_its_own() {
    let mut rig = Rig::over(found(Door::says(b"")));
    rig.connect.socket.patience.upgrade = Some(10 * MS);
    let made = rig.made().await;
    let text = "read tcp 192.0.2.100:50000->192.0.2.1:80: i/o timeout";
    let hint = "the upgrade phase had not ended within 10ms";
    let expected = error(Phase::Upgrade, Cause::HandshakeTimeout, text, hint);
    assert_eq!(made.error(), expected);
    assert_eq!(made.ledger.events(), ["60 ms: 3 Refused"]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_instead_of_answering_is_asked_whether_it_speaks_tls() {
    let hint = "the server left without an answer: is it wss:// ?";
    for (door, cause, text) in [
        (Door::ends(), Cause::Eof, "unexpected EOF"),
        (
            Door::resets(),
            Cause::Reset,
            "read tcp 192.0.2.100:50000->192.0.2.1:80: read: connection reset by peer",
        ),
    ] {
        let made = Rig::over(found(door)).made().await;
        assert_eq!(made.error(), error(Phase::Upgrade, cause, text, hint));
        assert_eq!(made.ledger.events(), ["50 ms: 3 Refused"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_ends_with_its_answer_though_its_body_is_waited_for() {
    let refusal = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\ntoo busy";
    for limit in [None, Some(10 * MS)] {
        let mut rig = Rig::over(found(Door::says(refusal)));
        rig.connect.timeout = FOREVER;
        rig.connect.socket.patience.upgrade = limit;
        let made = rig.made().await;
        let Some(Outcome::Refused(refused)) = &made.outcome else {
            panic!("it is refused");
        };
        assert_eq!(refused.error.cause, Cause::HandshakeStatus);
        let answer = refused.answer.as_ref().unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (503, "too busy"));
        // What came later was our own waiting for the rest of the body.
        let samples = made.ledger.samples();
        let connecting = samples.iter().find(|one| one.contains("ws_connecting"));
        let tags = "status=503 subproto= url=ws://a.example/ (7/2)";
        let expected = format!("50 ms: ws_connecting 50 {tags}");
        assert_eq!(connecting, Some(&expected));
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_given_up_is_counted_as_cut_in_whatever_phase() {
    for (door, phase, left) in [
        (None, "resolve", "70 ms: no longer lookup a.example"),
        (
            Some(Door::Silent),
            "connect",
            "70 ms: no longer connect 192.0.2.1:80",
        ),
        (
            Some(Door::says(b"")),
            "upgrade",
            "30 ms: connect 192.0.2.1:80",
        ),
    ] {
        let nobody = || Network::new().silent_name("a.example");
        let network = door.map_or_else(nobody, found);
        let made = Rig::over(network).made_within(70 * MS).await;
        assert!(!made.is_over);
        let text = format!("cut in the {phase} phase, before it had an outcome");
        assert_eq!(made.error().text, text);
        assert_eq!(made.ledger.events(), ["70 ms: 3 Refused"]);
        assert_eq!(
            made.network.journal().last().map(String::as_str),
            Some(left)
        );
        assert_eq!(
            made.ledger.samples(),
            [
                "70 ms: ws_sessions 1 url=ws://a.example/ (7/2)",
                "70 ms: ws_connect_failed 1 error=cut error_code=cut url=ws://a.example/ (7/2)",
                "70 ms: ws_session_duration 70 url=ws://a.example/ (7/2)",
            ]
        );
    }
}

fn size<A, B, R>(_: fn(A, B) -> R) -> usize {
    size_of::<R>()
}

#[test]
fn a_connection_in_the_making_has_room_for_one_phase_only() {
    // With all phases side by side the two were over 6 KiB.
    assert!(size(open) < 2400, "{}", size(open));
    let dial = |dialer: &'static Dialer, connect: &'static Connect| {
        let reached = Box::leak(Box::new(Reached::new(&connect.target)));
        dial_and_upgrade(dialer, connect, Arc::default(), reached, None, clock::now())
    };
    assert!(size(dial) < 1200, "{}", size(dial));
}

#[test]
fn an_open_connection_is_small() {
    let size = size_of::<Session<ConnectionObserver>>();
    assert!(size <= 600, "{size} bytes of each session");
}
