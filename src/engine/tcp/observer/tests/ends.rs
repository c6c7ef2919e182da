//! How an open connection ends: in order, broken, cut, or with a task that is gone.

use super::*;
use crate::socket::queue::SendError;

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_is_an_error_and_one_that_ends_is_none() {
    let mut rig = Rig::open().await;
    advance(50 * MS).await;
    rig.observer
        .observe(TcpFact::Closed(Some(broken(Phase::Session))));
    rig.observer.observe(TcpFact::WriteFailed {
        writes: 3,
        partial: 2,
        error: broken(Phase::Session),
    });
    advance(100 * MS).await;
    rig.observer.observe(TcpFact::Ended);
    let why = "(read tcp A->B: read: connection reset by peer)";
    assert_eq!(
        rig.ledger.events(),
        [
            format!("100 ms: 3 Closed {why}"),
            format!("100 ms: 3 WriteFailed 3 from byte 2 {why}"),
            "200 ms: 3 Ended".into(),
        ]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "100 ms: tcp_errors 1",
            "100 ms: tcp_writes_unsent 3",
            "100 ms: tcp_partial_writes 1",
            "200 ms: tcp_socket_duration 200",
        ])
    );

    let mut rig = Rig::open().await;
    rig.observer.observe(TcpFact::Closed(None));
    rig.observer.observe(TcpFact::Ended);
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Closed", "50 ms: 3 Ended"]);
    let end = of_open(&["50 ms: tcp_socket_duration 50"]);
    assert_eq!(rig.ledger.samples(), end);
}

#[tokio::test(start_paused = true)]
async fn of_a_vu_that_is_cut_only_the_end_is_recorded() {
    let mut rig = Rig::open().await;
    rig.ledger.vu.set_cut(true);
    rig.observer.observe(TcpFact::Data(b"x", clock::now()));
    rig.observer
        .observe(TcpFact::Closed(Some(broken(Phase::Session))));
    assert!(rig.ledger.samples().is_empty());
    rig.observer.observe(TcpFact::WriteFailed {
        writes: 1,
        partial: 1,
        error: broken(Phase::Session),
    });
    rig.observer.observe(TcpFact::Ended);
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "50 ms: tcp_writes_unsent 1",
            "50 ms: tcp_socket_duration 50",
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_task_is_gone_ends_all_the_same() {
    let rig = Rig::open().await;
    advance(50 * MS).await;
    drop(rig.observer);
    assert_eq!(
        rig.ledger.events(),
        ["100 ms: 3 Closed (socket destroyed)", "100 ms: 3 Ended"]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&["100 ms: tcp_errors 1", "100 ms: tcp_socket_duration 100",])
    );
    assert_eq!(rig.ledger.shared.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_gone_behind_the_close_is_not_a_second_close() {
    let mut rig = Rig::open().await;
    rig.observer.observe(TcpFact::Closed(None));
    advance(50 * MS).await;
    drop(rig.observer);
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Closed", "100 ms: 3 Ended"]);
    let end = of_open(&["100 ms: tcp_socket_duration 100"]);
    assert_eq!(rig.ledger.samples(), end);
}

#[tokio::test(start_paused = true)]
async fn what_a_task_that_is_gone_had_not_written_is_told_and_counted() {
    let rig = Rig::open().await;
    rig.queue.write(b"one").unwrap();
    rig.queue.write(b"two").unwrap();
    let full = rig.queue.write(&vec![0; 1 << 20]);
    assert_eq!(full.unwrap_err(), SendError::Full);
    drop(rig.observer);
    assert_eq!(
        rig.ledger.events(),
        [
            "50 ms: 3 Closed (socket destroyed)",
            "50 ms: 3 Writable",
            "50 ms: 3 WriteFailed 2 from byte 0 (socket destroyed)",
            "50 ms: 3 Ended",
        ]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "50 ms: tcp_errors 1",
            "50 ms: tcp_writes_unsent 2",
            "50 ms: tcp_socket_duration 50",
        ])
    );
    let late = rig.queue.write(b"x");
    assert_eq!(late.unwrap_err(), SendError::NotOpen);
}
