//! What a raw TCP connection tells its script and its run, from the dial to the last event; the clock is paused.

use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::engine::ledger::Ledger;
use crate::engine::runtime::mailbox::MAX_MESSAGES;
use crate::metrics::TagSet;
use crate::socket::dial::target::Target;

mod answers;
mod ends;
mod framed;

const MS: Duration = Duration::from_millis(1);
const ID: ReceiverId = 3;

/// A connection in the making, and all that it tells.
struct Rig {
    ledger: Ledger,
    observer: TcpConnectionObserver,
    queue: Arc<TcpQueue>,
    outcome: Arc<OnceLock<Outcome>>,
}

impl Rig {
    fn new() -> Self {
        Self::of(true)
    }

    /// In a run, or outside of one.
    fn of(is_run: bool) -> Self {
        Self::framed(is_run, None)
    }

    /// The same, with a framing if there is one.
    fn framed(is_run: bool, framed: Option<Arc<Framed>>) -> Self {
        let ledger = Ledger::new();
        let labels = TcpLabels {
            metrics: ledger.metrics.clone(),
            vu: ledger.vu.clone(),
            tags: TagSet::new().with("host", "a.example"),
        };
        let target = Target {
            is_tls: false,
            host: "a.example".into(),
            port: 80,
        };
        let queue = Arc::new(TcpQueue::new(1 << 20));
        let outcome = Arc::new(OnceLock::new());
        let attempt = Attempt {
            outcome: outcome.clone(),
            labels: is_run.then_some(labels),
            reached: Reached::new(&target),
            framed,
        };
        let shared = ledger.shared.clone();
        let observer =
            TcpConnectionObserver::new(shared, ID, queue.clone(), attempt, Arc::default());
        Self {
            ledger,
            observer,
            queue,
            outcome,
        }
    }

    /// The same, open since 50 ms after it began; what that told is taken already.
    async fn open() -> Self {
        let mut rig = Self::new();
        rig.opens().await;
        rig.ledger.samples();
        rig.ledger.events();
        rig
    }

    async fn opens(&mut self) {
        let spans = self.passes(&[(Phase::Connect, 30)], 20).await;
        self.observer.dialled(spans, Outcome::Opened(None));
    }

    /// Each of these phases begins after so many milliseconds, and the last one ends after so many.
    async fn passes(&mut self, phases: &[(Phase, u32)], last: u32) -> Spans {
        for (phase, after) in phases {
            advance(*after * MS).await;
            let reached = &mut self.observer.attempt().unwrap().reached;
            reached.enter(*phase);
            reached.resolved = "192.0.2.1".parse().ok();
        }
        advance(last * MS).await;
        self.observer.attempt().unwrap().reached.spans()
    }

    fn connections(&self) -> usize {
        self.ledger.shared.connections.load(Ordering::Relaxed)
    }
}

fn of_open(samples: &[&str]) -> Vec<String> {
    let tagged = |one: &&str| format!("{one} host=a.example ip=192.0.2.1 (7/2)");
    samples.iter().map(tagged).collect()
}

fn broken(phase: Phase) -> SocketError {
    let text = "read tcp A->B: read: connection reset by peer";
    SocketError::new(phase, Cause::Reset, text)
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_succeeds_is_told_once_and_its_phases_are_samples() {
    let mut rig = Rig::new();
    assert_eq!(rig.connections(), 1);
    let spans = rig.passes(&[(Phase::Connect, 30), (Phase::Tls, 20)], 10);
    let spans = spans.await;
    rig.observer.dialled(spans, Outcome::Opened(None));
    assert_eq!(rig.ledger.events(), ["60 ms: 3 Opened"]);
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "30 ms: tcp_socket_resolving 30",
            "60 ms: tcp_socket_connecting 30",
            "60 ms: tcp_socket_tls 10",
            "60 ms: tcp_sockets 1",
        ])
    );
    assert!(matches!(rig.outcome.get(), Some(Outcome::Opened(None))));

    // There is no second outcome.
    rig.observer.dialled(spans, Outcome::Opened(None));
    assert!(rig.ledger.events().is_empty() && rig.ledger.samples().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_fails_is_counted_with_its_cause_and_that_is_the_last_of_it() {
    let mut rig = Rig::new();
    let spans = rig.passes(&[(Phase::Connect, 30)], 20).await;
    let text = "dial tcp 192.0.2.1:80: connect: connection refused";
    let error = SocketError::new(Phase::Connect, Cause::ConnectRefused, text);
    let error = error.with_hint("is the server running there?");
    rig.observer.dialled(spans, Outcome::Refused(error.clone()));
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Refused"]);
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "30 ms: tcp_socket_resolving 30",
            "50 ms: tcp_socket_connecting 20",
            "50 ms: tcp_errors 1",
        ])
    );
    assert_eq!(
        rig.ledger.refusals(),
        [
            "1 x connect_refused: dial tcp 192.0.2.1:80: connect: connection refused \
          (is the server running there?)"
        ]
    );
    let Some(Outcome::Refused(told)) = rig.outcome.get() else {
        panic!("it is refused");
    };
    assert_eq!(told, &error);

    drop(rig.observer);
    assert!(rig.ledger.events().is_empty() && rig.ledger.samples().is_empty());
    assert_eq!(rig.ledger.shared.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_leads_nowhere_has_no_address_and_no_time_of_connecting() {
    let mut rig = Rig::new();
    let spans = rig.passes(&[], 30).await;
    let text = "lookup a.example: no such host";
    let error = SocketError::new(Phase::Resolve, Cause::Dns, text);
    rig.observer.dialled(spans, Outcome::Refused(error));
    assert_eq!(
        rig.ledger.samples(),
        [
            "30 ms: tcp_socket_resolving 30 host=a.example (7/2)",
            "30 ms: tcp_errors 1 host=a.example (7/2)",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_nobody_waits_for_is_counted_as_cut_and_its_times_are_not() {
    let mut rig = Rig::new();
    rig.passes(&[(Phase::Connect, 30)], 20).await;
    drop(rig.observer);
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Refused"]);
    assert_eq!(
        rig.ledger.samples(),
        ["50 ms: tcp_errors 1 error=cut host=a.example ip=192.0.2.1 (7/2)"]
    );
    let Some(Outcome::Refused(told)) = rig.outcome.get() else {
        panic!("it has an outcome");
    };
    assert_eq!(told.cause, Cause::Cut);
    assert_eq!(rig.ledger.shared.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn what_arrives_is_told_in_order_and_counted_as_of_then() {
    let mut rig = Rig::open().await;
    advance(5 * MS).await;
    let first = clock::now();
    // Later than it became known.
    advance(5 * MS).await;
    rig.observer.observe(TcpFact::Data(b"one", first));
    rig.observer.observe(TcpFact::Data(b"two", clock::now()));
    rig.observer.observe(TcpFact::Written);
    rig.observer.observe(TcpFact::Writable);
    assert_eq!(
        rig.ledger.events(),
        [
            "55 ms: 3 Data one",
            "60 ms: 3 Data two",
            "60 ms: 3 Written",
            "60 ms: 3 Writable",
        ]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&["55 ms: tcp_reads 1", "60 ms: tcp_reads 1"])
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_script_does_not_follow_is_not_read_until_it_has_caught_up() {
    let mut rig = Rig::open().await;
    for _ in 0..MAX_MESSAGES {
        assert!(rig.observer.has_room());
        rig.observer.observe(TcpFact::Data(b"x", clock::now()));
    }
    assert!(!rig.observer.has_room());
    let half = MAX_MESSAGES / 2;
    assert!(rig.ledger.delivered(ID, half - 1, 1).is_none());
    assert!(rig.ledger.delivered(ID, 1, 1).is_some(), "read again");
    assert!(rig.observer.has_room());
}

#[tokio::test(start_paused = true)]
async fn the_peers_end_is_answered_behind_the_script_and_not_before() {
    let mut rig = Rig::open().await;
    assert!(rig.observer.is_all_delivered());
    rig.observer.observe(TcpFact::Data(b"last", clock::now()));
    assert!(!rig.observer.is_all_delivered());
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Data last"]);
    assert!(rig.ledger.delivered(ID, 1, 4).is_some(), "told of it");
    assert!(rig.observer.is_all_delivered());
}

#[tokio::test(start_paused = true)]
async fn tls_that_starts_later_has_a_time_and_one_that_fails_is_one_error() {
    let mut rig = Rig::open().await;
    let (error, took) = (None, Some(8 * MS));
    rig.observer.observe(TcpFact::TlsStarted { error, took });
    assert_eq!(rig.ledger.events(), ["50 ms: 3 TlsStarted"]);
    assert_eq!(rig.ledger.samples(), of_open(&["50 ms: tcp_socket_tls 8"]));

    let error = Some(broken(Phase::Tls));
    rig.observer.observe(TcpFact::TlsStarted { error, took });
    rig.observer
        .observe(TcpFact::Closed(Some(broken(Phase::Tls))));
    rig.observer.observe(TcpFact::Ended);
    let why = "(read tcp A->B: read: connection reset by peer)";
    assert_eq!(
        rig.ledger.events(),
        [
            format!("50 ms: 3 TlsStarted {why}"),
            format!("50 ms: 3 Closed {why}"),
            "50 ms: 3 Ended".into(),
        ]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "50 ms: tcp_socket_tls 8",
            "50 ms: tcp_errors 1",
            "50 ms: tcp_socket_duration 50",
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn outside_a_run_events_are_the_same_and_nothing_is_counted() {
    let mut rig = Rig::of(false);
    rig.opens().await;
    rig.observer.observe(TcpFact::Data(b"x", clock::now()));
    rig.observer.observe(TcpFact::Closed(None));
    rig.observer.observe(TcpFact::Ended);
    assert_eq!(
        rig.ledger.events(),
        [
            "50 ms: 3 Opened",
            "50 ms: 3 Data x",
            "50 ms: 3 Closed",
            "50 ms: 3 Ended",
        ]
    );
    assert!(rig.ledger.samples().is_empty());
}
