//! Data that is cut into messages before the script is told of it.

use super::*;
use crate::conversation::framing::Framing;
use crate::socket::tls::TlsSettings;

async fn open(framing: Framing) -> (Rig, Arc<Framed>) {
    let framed = Arc::new(Framed::new(Arc::new(framing)));
    let mut rig = Rig::framed(true, Some(framed.clone()));
    rig.opens().await;
    rig.ledger.samples();
    rig.ledger.events();
    (rig, framed)
}

fn lines(max: usize) -> Framing {
    Framing::lines("\n", max, false).unwrap()
}

fn start_tls(seen: u64) -> StartTls {
    StartTls {
        settings: TlsSettings::default(),
        host: "a.example".into(),
        timeout: Duration::from_secs(1),
        seen: Some(seen),
    }
}

#[tokio::test(start_paused = true)]
async fn each_message_is_one_event_and_one_sample_with_the_time_of_its_read() {
    let (mut rig, _) = open(lines(100)).await;
    let first = clock::now();
    advance(5 * MS).await;
    rig.observer
        .observe(TcpFact::Data(b"one\r\ntwo\nth", first));
    advance(5 * MS).await;
    rig.observer.observe(TcpFact::Data(b"ree\n", clock::now()));
    assert!(rig.observer.objection().is_none());
    assert_eq!(
        rig.ledger.events(),
        [
            "50 ms: 3 Text one",
            "50 ms: 3 Text two",
            "60 ms: 3 Text three"
        ]
    );
    assert_eq!(
        rig.ledger.samples(),
        of_open(&[
            "50 ms: tcp_reads 1",
            "50 ms: tcp_msgs_received 1",
            "50 ms: tcp_msgs_received 1",
            "60 ms: tcp_reads 1",
            "60 ms: tcp_msgs_received 1",
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn frames_of_bytes_are_data() {
    let (mut rig, _) = open(Framing::fixed(2).unwrap()).await;
    rig.observer.observe(TcpFact::Data(b"abcd", clock::now()));
    assert_eq!(
        rig.ledger.events(),
        ["50 ms: 3 Data ab", "50 ms: 3 Data cd"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_is_objected_to_once_and_what_follows_it_is_not_told() {
    let (mut rig, _) = open(lines(4)).await;
    rig.observer
        .observe(TcpFact::Data(b"fine\n12345\nfine\n", clock::now()));
    let error = rig.observer.objection().unwrap();
    assert_eq!((error.phase, error.cause), (Phase::Session, Cause::TooBig));
    assert_eq!(error.text, "framing: a message is over the max of 4 bytes");
    assert!(rig.observer.objection().is_none());
    rig.observer.observe(TcpFact::Data(b"fine\n", clock::now()));
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Text fine"]);
}

#[tokio::test(start_paused = true)]
async fn all_until_the_end_is_told_when_the_peer_has_ended() {
    let (mut rig, _) = open(Framing::until_close(100).unwrap()).await;
    rig.observer.observe(TcpFact::Data(b"all ", clock::now()));
    rig.observer.observe(TcpFact::Data(b"of it", clock::now()));
    assert_eq!(rig.ledger.events(), [""; 0]);
    rig.observer.observe(TcpFact::PeerEnded);
    assert!(rig.observer.objection().is_none());
    assert_eq!(rig.ledger.events(), ["50 ms: 3 Data all of it"]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_ends_within_a_message_is_objected_to() {
    let (mut rig, _) = open(lines(100)).await;
    rig.observer.observe(TcpFact::Data(b"hal", clock::now()));
    rig.observer.observe(TcpFact::PeerEnded);
    let error = rig.observer.objection().unwrap();
    assert_eq!(error.cause, Cause::Eof);
    assert_eq!(
        error.text,
        "framing: the peer ended the stream within a frame, after 3 bytes"
    );
}

#[tokio::test(start_paused = true)]
async fn tls_is_objected_to_where_something_before_it_was_not_read() {
    let (mut rig, framed) = open(lines(100)).await;
    rig.observer
        .observe(TcpFact::Data(b"220 go\n250 more\n", clock::now()));
    assert!(rig.observer.objection_to_tls(&start_tls(2)).is_none());
    let error = rig.observer.objection_to_tls(&start_tls(1)).unwrap();
    assert_eq!((error.phase, error.cause), (Phase::Tls, Cause::Framing));
    assert_eq!(
        error.text,
        "framing: 1 messages and 0 bytes of another one came before TLS and were not read"
    );
    rig.observer.observe(TcpFact::Data(b"25", clock::now()));
    assert!(rig.observer.objection_to_tls(&start_tls(2)).is_some());
    assert_eq!(framed.replace(Arc::new(lines(5))), Err(2));
}

#[tokio::test(start_paused = true)]
async fn another_framing_cuts_what_comes_from_then_on() {
    let (mut rig, framed) = open(Framing::fixed(1).unwrap()).await;
    rig.observer.observe(TcpFact::Data(b"S", clock::now()));
    framed.replace(Arc::new(lines(100))).unwrap();
    rig.observer
        .observe(TcpFact::Data(b"hello\n", clock::now()));
    assert_eq!(
        rig.ledger.events(),
        ["50 ms: 3 Data S", "50 ms: 3 Text hello"]
    );
}
