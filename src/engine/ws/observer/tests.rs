//! What a WebSocket connection tells its script and its run, from the attempt to the last event; the clock is paused.

use tokio::time::advance;

use super::*;
use crate::engine::ledger::Ledger;
use crate::engine::runtime::mailbox::MAX_MESSAGES;
use crate::metrics::TagSet;
use crate::socket::dial::target::Target;
use crate::socket::queue::SendError;
use crate::socket::ws::fact::Written;
use crate::socket::ws::frame::Opcode;

mod answers;
mod ends;
mod framed;
mod sizes;

const MS: Duration = Duration::from_millis(1);
const ID: ReceiverId = 3;

/// A connection in the making, and all that it tells.
struct Rig {
    ledger: Ledger,
    observer: ConnectionObserver,
    outbox: Arc<Outbox>,
    handshake: Arc<Handshake>,
}

impl Rig {
    fn new() -> Self {
        Self::of(true)
    }

    /// In a run, or outside of one.
    fn of(is_run: bool) -> Self {
        let ledger = Ledger::new();
        let labels = ConnectionLabels {
            metrics: ledger.metrics.clone(),
            vu: ledger.vu.clone(),
            tags: TagSet::new(),
            url: "ws://a.example/?token=1".into(),
            is_named: false,
        };
        let target = Target {
            is_tls: false,
            host: "a.example".into(),
            port: 80,
        };
        let outbox = Arc::new(Outbox::new(1 << 20));
        let handshake = Arc::new(Handshake::default());
        let attempt = Attempt {
            handshake: handshake.clone(),
            labels: is_run.then_some(labels),
            reached: Reached::new(&target),
        };
        let shared = ledger.shared.clone();
        let observer = ConnectionObserver::new(shared, ID, outbox.clone(), attempt, Arc::default());
        Self {
            ledger,
            observer,
            outbox,
            handshake,
        }
    }

    /// The same, open since 60 ms after it began; what that told is taken already.
    async fn open() -> Self {
        let mut rig = Self::new();
        rig.opens().await;
        rig.ledger.samples();
        rig.ledger.events();
        rig
    }

    async fn opens(&mut self) {
        let spans = self.passes(&[(Phase::Connect, 30), (Phase::Upgrade, 20)], 10);
        let spans = spans.await;
        let answer = Answer {
            status: 101,
            ..Answer::default()
        };
        self.observer.opened(&spans, answer, Some("192.0.2.1"));
    }

    /// Each of these phases begins after so many milliseconds, and the last one ends after so many.
    async fn passes(&mut self, phases: &[(Phase, u32)], last: u32) -> Spans {
        for (phase, after) in phases {
            advance(*after * MS).await;
            self.observer.attempt().unwrap().reached.enter(*phase);
        }
        advance(last * MS).await;
        self.observer.attempt().unwrap().reached.spans()
    }

    fn outcome(&self) -> Option<Outcome> {
        self.handshake.take()
    }

    fn connections(&self) -> usize {
        self.ledger.shared.connections.load(Ordering::Relaxed)
    }
}

fn text(bytes: &[u8]) -> Fact<'_> {
    Fact::Text(bytes.into(), clock::now())
}

const TAGS: &str = "ip=192.0.2.1 status=101 subproto= url=ws://a.example/ (7/2)";

/// Samples of an open connection: the time, the metric and the value of each.
fn of_open(samples: &[&str]) -> Vec<String> {
    samples.iter().map(|one| format!("{one} {TAGS}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_session_that_opens_is_told_once_and_its_phases_are_samples() {
    let mut rig = Rig::new();
    assert_eq!(rig.connections(), 1);
    rig.opens().await;
    assert_eq!(rig.ledger.events(), ["60 ms: 3 Opened"]);
    let mut expected = of_open(&[
        "60 ms: ws_sessions 1",
        "60 ms: ws_connecting 60",
        "60 ms: ws_dns 30",
        "60 ms: ws_tcp 20",
        "60 ms: ws_upgrade 10",
    ]);
    expected.push("60 ms: ws_active 1 (7/2)".into());
    assert_eq!(rig.ledger.samples(), expected);
    let Some(Outcome::Opened(answer)) = rig.outcome() else {
        panic!("it is open");
    };
    assert_eq!(answer.status, 101);
    assert!(rig.outcome().is_none(), "taken once");

    // There is no second outcome.
    rig.observer
        .opened(&Spans::none(clock::now()), answer, None);
    assert!(rig.ledger.events().is_empty() && rig.ledger.samples().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_is_counted_with_its_cause_and_that_is_the_last_of_it() {
    let mut rig = Rig::new();
    let spans = rig.passes(&[(Phase::Connect, 30)], 20).await;
    let text = "dial tcp 192.0.2.1:80: connect: connection refused";
    let error = SocketError::new(Phase::Connect, Cause::ConnectRefused, text);
    let error = error.with_hint("is the server running there?");
    rig.observer.refused(&spans, error.clone().into());
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Refused"]);
    assert_eq!(
        rig.ledger.samples(),
        [
            "50 ms: ws_sessions 1 url=ws://a.example/ (7/2)",
            "50 ms: ws_connecting 50 url=ws://a.example/ (7/2)",
            "50 ms: ws_dns 30 url=ws://a.example/ (7/2)",
            "50 ms: ws_tcp 20 url=ws://a.example/ (7/2)",
            "50 ms: ws_connect_failed 1 error=connect_refused error_code=connect_refused \
             url=ws://a.example/ (7/2)",
            "50 ms: ws_session_duration 50 url=ws://a.example/ (7/2)",
        ]
    );
    assert_eq!(
        rig.ledger.refusals(),
        [
            "1 x connect_refused: ws://a.example/: dial tcp 192.0.2.1:80: connect: connection refused \
          (is the server running there?)"
        ]
    );
    let Some(Outcome::Refused(refused)) = rig.outcome() else {
        panic!("it is refused");
    };
    assert_eq!(refused.error, error);
    assert_eq!(rig.outbox.send(Opcode::Text, b"x"), Err(SendError::NotOpen));

    drop(rig.observer);
    assert!(rig.ledger.events().is_empty() && rig.ledger.samples().is_empty());
    assert_eq!(rig.ledger.shared.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_server_has_its_status_and_its_first_line() {
    let mut rig = Rig::new();
    let phases = [(Phase::Connect, 1), (Phase::Upgrade, 1)];
    let spans = rig.passes(&phases, 1).await;
    let text = "websocket: bad handshake";
    let refused = Refused {
        error: SocketError::new(Phase::Upgrade, Cause::HandshakeStatus, text),
        answer: Some(Answer {
            status: 503,
            body: "too busy\nreally".into(),
            ..Answer::default()
        }),
        ended: None,
    };
    rig.observer.refused(&spans, refused);
    assert_eq!(
        rig.ledger.refusals(),
        ["1 x handshake_status 503: ws://a.example/: websocket: bad handshake ()too busy"]
    );
    let samples = rig.ledger.samples();
    let failed = samples.iter().find(|one| one.contains("ws_connect_failed"));
    assert_eq!(
        failed.map(String::as_str),
        Some(
            "3 ms: ws_connect_failed 1 error=handshake_status error_code=handshake_status status=503 \
             subproto= url=ws://a.example/ (7/2)"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_nobody_waits_for_is_counted_as_cut_and_its_times_are_not() {
    let mut rig = Rig::new();
    rig.passes(&[(Phase::Connect, 30)], 20).await;
    drop(rig.observer);
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Refused"]);
    assert_eq!(
        rig.ledger.samples(),
        [
            "50 ms: ws_sessions 1 url=ws://a.example/ (7/2)",
            "50 ms: ws_connect_failed 1 error=cut error_code=cut url=ws://a.example/ (7/2)",
            "50 ms: ws_session_duration 50 url=ws://a.example/ (7/2)",
        ]
    );
    let Some(Outcome::Refused(refused)) = rig.handshake.take() else {
        panic!("it has an outcome");
    };
    assert_eq!(refused.error.cause, Cause::Cut);
    assert_eq!(rig.ledger.shared.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn what_arrives_is_told_in_order_and_counted_as_of_then() {
    let mut rig = Rig::open().await;
    advance(5 * MS).await;
    rig.observer.observe(text(b"hello"));
    advance(5 * MS).await;
    let pong = clock::now();
    let facts = [
        Fact::Binary(b"bytes"[..].into(), pong),
        Fact::Ping(pong),
        Fact::Pong(Some(8 * MS), pong),
        Fact::Pong(None, pong),
        Fact::Text(b"owned".to_vec().into(), pong),
    ];
    // Later than they became known.
    advance(5 * MS).await;
    for fact in facts {
        rig.observer.observe(fact);
    }
    assert_eq!(
        rig.ledger.events(),
        [
            "65 ms: 3 Text hello",
            "70 ms: 3 Binary bytes",
            "70 ms: 3 Ping",
            "70 ms: 3 Pong",
            "70 ms: 3 Pong",
            "70 ms: 3 Text owned",
        ]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "65 ms: ws_msgs_received 1",
            "70 ms: ws_msgs_received 1",
            "70 ms: ws_ping 8",
            "70 ms: ws_msgs_received 1",
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_written_counts_and_room_for_more_is_an_event_alone() {
    let mut rig = Rig::open().await;
    rig.observer.observe(Fact::Sent(3, Written::default()));
    rig.observer.observe(Fact::Writable);
    assert_eq!(rig.ledger.events(), ["60 ms: 3 Writable"]);
    assert_eq!(rig.ledger.samples(), of_open(&["60 ms: ws_msgs_sent 3"]));
}

/// Whatever fills the bound, up to which the connection is read.
fn fill(rig: &mut Rig, what: impl Fn() -> Fact<'static>) {
    for _ in 0..MAX_MESSAGES {
        assert!(rig.observer.has_room());
        rig.observer.observe(what());
    }
    assert!(!rig.observer.has_room());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_script_does_not_follow_is_paused_and_that_is_counted_once() {
    let mut rig = Rig::open().await;
    fill(&mut rig, || text(b"x"));
    // What one read brought is taken, over the bound as well.
    rig.observer.observe(text(b"x"));
    let mut samples = rig.ledger.samples();
    samples.retain(|one| one.contains("ws_paused"));
    assert_eq!(samples, of_open(&["60 ms: ws_paused 1"]));

    let half = MAX_MESSAGES / 2;
    assert!(rig.ledger.delivered(ID, half, half as usize).is_none());
    let waiting = rig.ledger.delivered(ID, 1, 1);
    assert!(waiting.is_some(), "it is to be read again");
    assert!(rig.observer.has_room());

    for _ in 0..=half {
        rig.observer.observe(text(b"x"));
    }
    let mut samples = rig.ledger.samples();
    samples.retain(|one| one.contains("ws_paused"));
    assert_eq!(samples, of_open(&["60 ms: ws_paused 1"]), "the second time");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_that_is_not_read_any_more_shows_as_well() {
    let mut rig = Rig::open().await;
    fill(&mut rig, || Fact::Ping(clock::now()));
    // Over the bound already: this was read with the last of them.
    rig.observer.observe(Fact::Pong(None, clock::now()));
    rig.observer.observe(text(b"x"));
    let paused = "60 ms: ws_paused 1";
    let received = "60 ms: ws_msgs_received 1";
    assert_eq!(rig.ledger.samples(), of_open(&[paused, received]));
}

#[tokio::test(start_paused = true)]
async fn the_peer_is_closed_behind_the_script_and_not_before() {
    let mut rig = Rig::open().await;
    assert!(rig.observer.is_all_delivered());
    rig.observer.observe(text(b"last"));
    assert!(!rig.observer.is_all_delivered());
    assert_eq!(rig.ledger.events(), ["60 ms: 3 Text last"]);
    assert!(rig.ledger.delivered(ID, 1, 4).is_some(), "told of it");
    assert!(rig.observer.is_all_delivered());
}

#[tokio::test(start_paused = true)]
async fn outside_a_run_events_are_the_same_and_nothing_is_counted() {
    let mut rig = Rig::of(false);
    rig.opens().await;
    rig.observer.observe(text(b"hello"));
    rig.observer.observe(Fact::Sent(1, Written::default()));
    let status = CloseStatus::new(close::NORMAL, "bye");
    rig.observer.observe(Fact::Closed {
        status,
        error: None,
    });
    rig.observer.observe(Fact::Ended { unsent: 2 });
    assert_eq!(
        rig.ledger.events(),
        [
            "60 ms: 3 Opened",
            "60 ms: 3 Text hello",
            "60 ms: 3 Closed 1000 bye",
            "60 ms: 3 Ended 2",
        ]
    );
    assert!(rig.ledger.samples().is_empty());
}
