//! How an open session ends: in order, broken, cut, or with a task that is gone.

use super::*;

const ENDED_AT_100: &str = "100 ms: ws_session_duration 100";

fn closed(code: u16, reason: &str, error: Option<SocketError>) -> Fact<'static> {
    let status = CloseStatus::new(code, reason);
    Fact::Closed { status, error }
}

fn broken() -> SocketError {
    let text = "read tcp A->B: read: connection reset by peer";
    SocketError::new(Phase::Session, Cause::Reset, text).with_hint("advice")
}

/// The samples of a close, with these tags in front of those of every sample.
fn of_close(at: &str, tags: &str) -> [String; 2] {
    [
        format!("{at}: ws_closes 1 {tags} {TAGS}"),
        format!("{at}: ws_active 0 (7/2)"),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_session_lasts_until_no_message_can_come_and_not_until_its_stream_is_gone() {
    let mut rig = Rig::open().await;
    advance(40 * MS).await;
    rig.observer.observe(closed(close::NORMAL, "bye", None));
    advance(900 * MS).await;
    rig.observer.observe(Fact::Ended { unsent: 0 });
    drop(rig.observer);
    assert_eq!(
        rig.ledger.events(),
        ["100 ms: 3 Closed 1000 bye", "1000 ms: 3 Ended 0"]
    );
    let mut expected = of_close("100 ms", "code=1000").to_vec();
    expected.extend(of_open(&[ENDED_AT_100]));
    assert_eq!(rig.ledger.samples(), expected);
    assert!(rig.ledger.breaks().is_empty() && rig.ledger.ends().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_and_not_written_shows() {
    let mut rig = Rig::open().await;
    rig.observer.observe(closed(close::NORMAL, "", None));
    rig.ledger.samples();
    rig.observer.observe(Fact::Ended { unsent: 2 });
    assert_eq!(
        rig.ledger.samples(),
        of_open(&["60 ms: ws_session_duration 60", "60 ms: ws_msgs_unsent 2"])
    );
}

#[tokio::test(start_paused = true)]
async fn a_session_that_breaks_is_counted_with_its_cause_and_told_in_the_summary() {
    let mut rig = Rig::open().await;
    let fact = closed(close::ABNORMAL, "", Some(broken()));
    rig.observer.observe(fact);
    assert_eq!(
        rig.ledger.events(),
        ["60 ms: 3 Closed 1006  (read tcp A->B: read: connection reset by peer)"]
    );
    let expected = of_close("60 ms", "code=1006 error_code=reset");
    assert_eq!(rig.ledger.samples(), expected);
    assert_eq!(
        rig.ledger.breaks(),
        ["1 x reset: ws://a.example/: read tcp A->B: read: connection reset by peer (advice)"]
    );
    assert_eq!(rig.ledger.ends(), ["1 x 1006 by nobody: "]);
    rig.observer.observe(Fact::Ended { unsent: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_close_that_is_not_answered_is_counted_and_no_error_of_the_script() {
    let mut rig = Rig::open().await;
    rig.observer.closing(close::NORMAL);
    let fact = closed(close::ABNORMAL, "no answer", None);
    rig.observer.observe(fact);
    assert_eq!(rig.ledger.events(), ["60 ms: 3 Closed 1006 no answer"]);
    let expected = of_close("60 ms", "code=1006 error_code=close_timeout");
    assert_eq!(rig.ledger.samples(), expected);
    assert_eq!(
        rig.ledger.breaks(),
        ["1 x close_timeout: ws://a.example/: no answer ()"]
    );
    assert_eq!(rig.ledger.ends(), ["1 x 1006 by us: no answer"]);
    rig.observer.observe(Fact::Ended { unsent: 0 });
}

#[tokio::test(start_paused = true)]
async fn who_sends_whom_away_is_who_spoke_first() {
    let mut rig = Rig::open().await;
    rig.observer.observe(closed(4001, "unauthorized", None));
    assert_eq!(rig.ledger.ends(), ["1 x 4001 by server: unauthorized"]);
    rig.observer.observe(Fact::Ended { unsent: 0 });

    let mut rig = Rig::open().await;
    rig.observer.closing(4002);
    rig.observer.observe(closed(close::NORMAL, "", None));
    assert_eq!(rig.ledger.ends(), ["1 x 4002 by us: "]);
    rig.observer.observe(Fact::Ended { unsent: 0 });
}

#[tokio::test(start_paused = true)]
async fn of_a_vu_that_is_cut_only_the_end_is_recorded_once_it_closes() {
    let mut rig = Rig::open().await;
    rig.ledger.vu.set_cut(true);
    rig.observer.observe(text(b"before its Close"));
    let before = of_open(&["60 ms: ws_msgs_received 1"]);
    assert_eq!(rig.ledger.samples(), before);
    rig.observer.closing(close::GOING_AWAY);
    rig.observer.observe(text(b"behind it"));
    let pong = Fact::Pong(Some(MS), clock::now());
    rig.observer.observe(pong);
    assert!(rig.ledger.samples().is_empty());
    let fact = closed(close::ABNORMAL, "", Some(broken()));
    rig.observer.observe(fact);
    rig.observer.observe(Fact::Ended { unsent: 1 });
    let mut expected = of_close("60 ms", "code=1006 error_code=reset").to_vec();
    let end = ["60 ms: ws_session_duration 60", "60 ms: ws_msgs_unsent 1"];
    expected.extend(of_open(&end));
    assert_eq!(rig.ledger.samples(), expected);
    assert!(rig.ledger.breaks().is_empty(), "its own doing");
}

#[tokio::test(start_paused = true)]
async fn a_session_whose_task_is_gone_ends_all_the_same() {
    let rig = Rig::open().await;
    rig.outbox.send(Opcode::Text, b"never written").unwrap();
    rig.outbox.ping().unwrap();
    advance(40 * MS).await;
    drop(rig.observer);
    assert_eq!(
        rig.ledger.events(),
        [
            "100 ms: 3 Closed 1006  (websocket: the connection was given up)",
            "100 ms: 3 Ended 1",
        ]
    );
    let mut expected = of_close("100 ms", "code=1006 error_code=io").to_vec();
    expected.extend(of_open(&[ENDED_AT_100, "100 ms: ws_msgs_unsent 1"]));
    assert_eq!(rig.ledger.samples(), expected);
    assert_eq!(rig.outbox.send(Opcode::Text, b"x"), Err(SendError::NotOpen));
    let shared = &rig.ledger.shared;
    assert_eq!(shared.connections.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_gone_behind_the_close_is_not_a_second_close() {
    let mut rig = Rig::open().await;
    rig.observer.observe(closed(close::NORMAL, "bye", None));
    advance(40 * MS).await;
    drop(rig.observer);
    assert_eq!(
        rig.ledger.events(),
        ["60 ms: 3 Closed 1000 bye", "100 ms: 3 Ended 0"]
    );
    let mut expected = of_close("60 ms", "code=1000").to_vec();
    expected.extend(of_open(&["60 ms: ws_session_duration 60"]));
    // The sample of the end is as of the close: that is what was measured.
    assert_eq!(rig.ledger.samples(), expected);
    assert!(rig.ledger.breaks().is_empty());
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_room_when_the_task_is_gone_learns_that_there_is_none() {
    let rig = Rig::open().await;
    rig.outbox.send(Opcode::Binary, b"first").unwrap();
    let full = rig.outbox.send(Opcode::Binary, &vec![0; 1 << 20]);
    assert_eq!(full, Err(SendError::Full));
    drop(rig.observer);
    let events = rig.ledger.events();
    assert_eq!(
        events,
        [
            "60 ms: 3 Writable",
            "60 ms: 3 Closed 1006  (websocket: the connection was given up)",
            "60 ms: 3 Ended 1",
        ]
    );
}
