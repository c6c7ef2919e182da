//! A dial as a whole over a scripted network, from its name to its connection or its refusal: what the script and the
//! run are told, and when. The clock is paused.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;

use super::*;
use crate::engine::ledger::Ledger;
use crate::socket::dial::routes::{NetworkOptions, Routes};
use crate::socket::dial::system::System;
use crate::socket::dial::system::scripted::{Door, Network};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::tls::{RunTls, TlsDefaults};

const MS: Duration = Duration::from_millis(1);
/// Longer than anything here takes: no time at all, with the clock paused.
const FOREVER: Duration = Duration::from_secs(3600);

/// What a dial of `a.example:80` within 100 ms comes to.
struct Made {
    ledger: Ledger,
    outcome: Arc<OnceLock<Outcome>>,
    is_over: bool,
}

/// Dials over this network; nobody waits for it any longer than that.
async fn made(network: Network, is_tls: bool, limit: Duration) -> Made {
    let ledger = Ledger::new();
    let system = System::Scripted(Arc::new(network));
    let routes = Routes::over(system, NetworkOptions::default());
    let tls = RunTls::new(TlsDefaults::default());
    let context = RunContext::new(ledger.metrics.clone(), routes, tls);
    let target = Target {
        is_tls,
        host: "a.example".into(),
        port: 80,
    };
    let outcome = Arc::new(OnceLock::new());
    let attempt = Attempt {
        outcome: outcome.clone(),
        labels: Some(TcpLabels {
            metrics: ledger.metrics.clone(),
            vu: ledger.vu.clone(),
            tags: TagSet::new(),
        }),
        reached: Reached::new(&target),
        framed: None,
    };
    let queue = Arc::new(TcpQueue::new(1 << 20));
    let shared = ledger.shared.clone();
    let observer = TcpConnectionObserver::new(shared, 3, queue, attempt, Arc::default());
    let connect = TcpConnect {
        target,
        tls: TlsSettings {
            insecure_skip_verify: true,
            ..TlsSettings::default()
        },
        framing: None,
        conversation: None,
        socket: SocketOptions::default(),
        timeout: 100 * MS,
        config: TcpConfig {
            read_buffer_size: 1024,
            send_timeout: FOREVER,
            recv_rate: None,
        },
        max_buffered: 1 << 20,
        context: Some(Arc::new(context)),
        labels: None,
    };
    let opening = open(observer, connect);
    let is_over = tokio::time::timeout(limit, opening).await.is_ok();
    Made {
        ledger,
        outcome,
        is_over,
    }
}

/// A name that is found after 30 ms, and somebody who opens 20 ms later.
fn found(door: Door) -> Network {
    Network::new()
        .name("a.example", 30 * MS, Ok(&["192.0.2.1"]))
        .at("192.0.2.1:80", 20 * MS, door)
}

fn nobody() -> Network {
    Network::new().silent_name("a.example")
}

fn refused(made: &Made) -> SocketError {
    match made.outcome.get() {
        Some(Outcome::Refused(error)) => error.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_dial_leads_from_the_name_to_the_last_byte() {
    let door = Door::opens(async |mut stream: UnixStream| {
        tokio::time::sleep(5 * MS).await;
        stream.write_all(b"hello").await.unwrap();
        tokio::time::sleep(5 * MS).await;
    });
    let made = made(found(door), false, FOREVER).await;
    assert!(made.is_over);
    let Some(Outcome::Opened(Some(ends))) = made.outcome.get() else {
        panic!("it is open");
    };
    let expected: [SocketAddr; 2] =
        ["192.0.2.100:50000", "192.0.2.1:80"].map(|end| end.parse().unwrap());
    assert_eq!((ends.0, ends.1), (expected[0], expected[1]));
    tokio::time::sleep(6 * MS).await;
    assert_eq!(
        made.ledger.events(),
        ["50 ms: 3 Opened", "55 ms: 3 Data hello"]
    );
    // The peer ends at 60 ms; its end is answered when the script has had its last words.
    tokio::time::sleep(20 * MS).await;
    let waiting = made.ledger.delivered(3, 1, 5);
    waiting.expect("it waits for that").flush();
    tokio::time::sleep(MS).await;
    assert_eq!(made.ledger.events(), ["76 ms: 3 Closed", "76 ms: 3 Ended"]);
    let samples = [
        "30 ms: tcp_socket_resolving 30",
        "50 ms: tcp_socket_connecting 20",
        "50 ms: tcp_sockets 1",
        "55 ms: tcp_reads 1",
        "76 ms: tcp_socket_duration 76",
    ];
    let samples = samples.map(|one| format!("{one} ip=192.0.2.1 (7/2)"));
    assert_eq!(made.ledger.samples(), samples);
    assert_eq!(made.ledger.vu.traffic.take(), (0, 5));
}

#[tokio::test(start_paused = true)]
async fn the_time_for_all_of_it_names_the_phase_it_struck_in() {
    for (network, phase, cause, text, samples) in [
        (
            nobody(),
            Phase::Resolve,
            Cause::Dns,
            "lookup a.example: i/o timeout",
            &[
                "100 ms: tcp_socket_resolving 100 (7/2)",
                "100 ms: tcp_errors 1 (7/2)",
            ] as &[_],
        ),
        (
            found(Door::Silent),
            Phase::Connect,
            Cause::ConnectTimeout,
            "dial tcp 192.0.2.1:80: i/o timeout",
            &[
                "30 ms: tcp_socket_resolving 30 ip=192.0.2.1 (7/2)",
                "100 ms: tcp_socket_connecting 70 ip=192.0.2.1 (7/2)",
                "100 ms: tcp_errors 1 ip=192.0.2.1 (7/2)",
            ],
        ),
        (
            found(Door::says(b"")),
            Phase::Tls,
            Cause::TlsTimeout,
            "read tcp 192.0.2.100:50000->192.0.2.1:80: i/o timeout",
            &[
                "30 ms: tcp_socket_resolving 30 ip=192.0.2.1 (7/2)",
                "100 ms: tcp_socket_connecting 70 ip=192.0.2.1 (7/2)",
                "100 ms: tcp_socket_tls 50 ip=192.0.2.1 (7/2)",
                "100 ms: tcp_errors 1 ip=192.0.2.1 (7/2)",
            ],
        ),
    ] {
        let made = made(network, phase == Phase::Tls, FOREVER).await;
        let word = phase.as_str();
        let hint = format!("the {word} phase had not ended within 100ms");
        let expected = SocketError::new(phase, cause, text).with_hint(hint.clone());
        assert_eq!(refused(&made), expected);
        assert_eq!(made.ledger.events(), ["100 ms: 3 Refused"]);
        assert_eq!(made.ledger.samples(), samples);
        let told = format!("1 x {}: {text} ({hint})", cause.as_str());
        assert_eq!(made.ledger.refusals(), [told]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_is_given_up_is_counted_as_cut_in_whatever_phase() {
    for (network, phase, ip) in [
        (nobody(), Phase::Resolve, ""),
        (found(Door::Silent), Phase::Connect, "ip=192.0.2.1 "),
        (found(Door::says(b"")), Phase::Tls, "ip=192.0.2.1 "),
    ] {
        let made = made(network, phase == Phase::Tls, 70 * MS).await;
        assert!(!made.is_over);
        let word = phase.as_str();
        let text = format!("cut in the {word} phase, before it had an outcome");
        assert_eq!(refused(&made).text, text);
        assert_eq!(made.ledger.events(), ["70 ms: 3 Refused"]);
        let cut = format!("70 ms: tcp_errors 1 error=cut {ip}(7/2)");
        assert_eq!(made.ledger.samples(), [cut]);
    }
}
