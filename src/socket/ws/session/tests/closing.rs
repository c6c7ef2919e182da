//! How long an end may take once everything is said, and once nobody waits for it.

use super::*;

/// How long the session lives on.
async fn rest(rig: &mut Rig) -> Duration {
    let begin = clock::now();
    (&mut rig.task).await.unwrap();
    clock::now() - begin
}

#[tokio::test(start_paused = true)]
async fn when_both_closes_are_through_the_stream_is_not_waited_for_long() {
    let mut rig = rig(4096, 100);
    rig.server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
    rig.settle().await;
    assert_eq!(rest(&mut rig).await, GOODBYE);
    assert_eq!(rig.log(), ["closed 1000", "ended { unsent: 0 }"]);
}

#[tokio::test(start_paused = true)]
async fn nor_when_ours_was_first() {
    let mut rig = rig(4096, 100);
    rig.outbox.close(1000, "", Duration::from_secs(60));
    rig.settle().await;
    rig.server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
    rig.settle().await;
    assert_eq!(rest(&mut rig).await, GOODBYE);
    assert_eq!(rig.log(), ["closed 1000", "ended { unsent: 0 }"]);
}

#[tokio::test(start_paused = true)]
async fn nor_when_the_answer_to_ours_is_broken() {
    let mut rig = rig(4096, 100);
    rig.outbox.close(1000, "", Duration::from_secs(60));
    rig.settle().await;
    rig.server.write_all(b"\x8f\x00").await.unwrap();
    rig.settle().await;
    assert_eq!(rest(&mut rig).await, GOODBYE);
    assert!(rig.log()[0].starts_with("closed 1002"), "{:?}", rig.log());
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_before_our_close_has_its_time() {
    let mut rig = rig(64, 100);
    rig.outbox.send(Opcode::Binary, &[7; 1000]).unwrap();
    rig.settle().await;
    rig.server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
    tokio::time::sleep(GOODBYE * 5).await;
    let mut taken = vec![0; 1008 + 8];
    rig.server.read_exact(&mut taken).await.unwrap();
    rig.settle().await;
    assert_eq!(rest(&mut rig).await, GOODBYE);
    assert_eq!(rig.log(), ["closed 1000", "sent(1)", "ended { unsent: 0 }"]);
}

#[tokio::test(start_paused = true)]
async fn a_cut_shortens_a_close_that_is_under_way() {
    let mut rig = rig(4096, 100);
    rig.outbox.close(1000, "", Duration::from_secs(60));
    rig.settle().await;
    assert!(!rig.outbox.cut(1001, GOODBYE), "not the first");
    rig.settle().await;
    assert_eq!(rest(&mut rig).await, GOODBYE);
    assert_eq!(rig.log(), ["closed 1006", "ended { unsent: 0 }"]);
}

#[tokio::test(start_paused = true)]
async fn a_cut_does_not_wait_for_a_peer_that_takes_nothing() {
    let mut rig = rig(64, 100);
    rig.outbox.send(Opcode::Binary, &[7; 1000]).unwrap();
    rig.settle().await;
    rig.outbox.cut(1001, GOODBYE);
    rig.settle().await;
    assert_eq!(rest(&mut rig).await, GOODBYE);
    assert_eq!(rig.log(), ["closed 1006", "ended { unsent: 1 }"]);
}
