//! Messages of a WebSocket that are a stream, which is cut anew.

use super::*;
use crate::conversation::framing::Framing;

async fn open(framing: Framing) -> Rig {
    let mut rig = Rig::new();
    let framed = Arc::new(Framed::new(Arc::new(framing)));
    let Rig {
        ledger,
        observer,
        outbox,
        handshake,
    } = rig;
    rig = Rig {
        ledger,
        observer: observer.cut_by(Some(framed)),
        outbox,
        handshake,
    };
    rig.opens().await;
    rig.ledger.samples();
    rig.ledger.events();
    rig
}

fn closed(code: u16, error: Option<SocketError>) -> Fact<'static> {
    let status = CloseStatus::new(code, "");
    Fact::Closed { status, error }
}

#[tokio::test(start_paused = true)]
async fn a_message_may_hold_several_or_a_part_and_counts_as_one_that_came() {
    let mut rig = open(Framing::varint(1, 100).unwrap()).await;
    let packets: [&[u8]; 2] = [b"\x31\x02hi\xd0\0\x32", b"\x01x"];
    for packet in packets {
        rig.observer
            .observe(Fact::Binary(packet.into(), clock::now()));
    }
    assert!(rig.observer.objection().is_none());
    assert_eq!(rig.ledger.events().len(), 3);
    assert_eq!(
        rig.ledger.samples(),
        of_open(&["60 ms: ws_msgs_received 1", "60 ms: ws_msgs_received 1"])
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_is_objected_to_with_the_code_for_it() {
    let mut rig = open(Framing::lines("\n", 4, false).unwrap()).await;
    rig.observer.observe(text(b"fine\n12345\n"));
    let (code, error) = rig.observer.objection().unwrap();
    assert_eq!((code, error.cause), (1009, Cause::TooBig));
    assert_eq!(rig.ledger.events(), ["60 ms: 3 Text fine"]);
    let mut rig = open(Framing::varint(0, 100).unwrap()).await;
    rig.observer
        .observe(Fact::Binary(vec![0xff; 11].into(), clock::now()));
    assert_eq!(rig.observer.objection().unwrap().0, 1007);
}

#[tokio::test(start_paused = true)]
async fn a_close_within_a_frame_is_an_error_and_one_behind_it_is_none() {
    let mut rig = open(Framing::lines("\n", 100, false).unwrap()).await;
    rig.observer.observe(text(b"whole\nhal"));
    rig.observer.observe(closed(1000, None));
    let events = rig.ledger.events();
    assert_eq!(events[0], "60 ms: 3 Text whole");
    assert!(
        events[1].contains("within a frame, after 3 bytes"),
        "{events:?}"
    );
    let mut rig = open(Framing::until_close(100).unwrap()).await;
    rig.observer.observe(text(b"all "));
    rig.observer.observe(text(b"of it"));
    rig.observer.observe(closed(1000, None));
    assert_eq!(rig.ledger.events()[0], "60 ms: 3 Binary all of it");
}
