//! Silence, our own pings and reading on a ration, with a clock that the test moves.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn idle(patience: Duration) -> PaceConfig {
    PaceConfig {
        idle_timeout: Some(patience),
        ..PaceConfig::default()
    }
}

fn pinging(interval: Duration, timeout: Duration) -> PaceConfig {
    PaceConfig {
        keep_alive: Some(KeepAlive { interval, timeout }),
        ..PaceConfig::default()
    }
}

async fn pass(rig: &Rig, time: Duration) {
    tokio::time::sleep(time).await;
    rig.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_says_nothing_is_left_with_a_close() {
    let mut rig = paced_rig(4096, 100, idle(3 * SECOND));
    rig.settle().await;
    for _ in 0..4 {
        pass(&rig, 2 * SECOND).await;
        rig.server.write_all(b"\x81\x01a").await.unwrap();
        rig.settle().await;
    }
    assert_eq!(rig.log(), ["text a"; 4], "every byte counts from the start");
    pass(&rig, 2 * SECOND).await;
    assert_eq!(rig.log().len(), 4);
    pass(&rig, SECOND).await;
    let [(opcode, payload)] = &rig.frames(1).await[..] else {
        panic!("one frame")
    };
    assert_eq!(
        (*opcode, &payload[..2]),
        (0x88, &1001_u16.to_be_bytes()[..])
    );
    assert_eq!(rig.log()[4], "closed 1006 (websocket: nothing came for 3s)");
}

#[tokio::test(start_paused = true)]
async fn silence_is_not_the_peers_while_nobody_reads() {
    let mut rig = paced_rig(4096, 100, idle(SECOND));
    rig.outbox.pause_reading(true);
    rig.settle().await;
    rig.server.write_all(b"\x81\x01a").await.unwrap();
    pass(&rig, 5 * SECOND).await;
    assert_eq!(rig.log(), Vec::<String>::new());
    rig.outbox.pause_reading(false);
    rig.settle().await;
    assert_eq!(rig.log(), ["text a"]);
    pass(&rig, SECOND).await;
    assert_eq!(rig.log().len(), 2, "counted from then on");
}

#[tokio::test(start_paused = true)]
async fn what_answers_our_close_is_read_in_spite_of_a_pause() {
    let mut rig = paced_rig(4096, 100, PaceConfig::default());
    rig.outbox.pause_reading(true);
    rig.settle().await;
    rig.server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
    rig.settle().await;
    assert_eq!(rig.log(), Vec::<String>::new());
    rig.outbox.close(1000, "", SECOND);
    rig.settle().await;
    assert_eq!(rig.log(), ["closed 1000"]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_pings_may_be_silent_otherwise() {
    let mut rig = paced_rig(4096, 100, pinging(10 * SECOND, 2 * SECOND));
    rig.settle().await;
    let mut wait = 10 * SECOND;
    for number in 0..3_u8 {
        pass(&rig, wait).await;
        assert_eq!(rig.frames(1).await, [(0x89, vec![b'0' + number])]);
        pass(&rig, SECOND).await;
        let pong = [0x8A, 1, b'0' + number];
        rig.server.write_all(&pong).await.unwrap();
        rig.settle().await;
        assert_eq!(rig.log(), vec!["pong true"; usize::from(number) + 1]);
        // Pings keep their pace, whenever the pong came.
        wait = 9 * SECOND;
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_left() {
    let mut rig = paced_rig(4096, 100, pinging(10 * SECOND, 2 * SECOND));
    rig.settle().await;
    pass(&rig, 10 * SECOND).await;
    assert_eq!(rig.frames(1).await, [(0x89, b"0".to_vec())]);
    pass(&rig, SECOND).await;
    assert_eq!(rig.log(), Vec::<String>::new());
    // Data is no pong, but who sends is there: its pong may be behind that.
    rig.server.write_all(b"\x81\x01a").await.unwrap();
    pass(&rig, SECOND).await;
    assert_eq!(rig.log(), ["text a"]);
    pass(&rig, SECOND).await;
    assert_eq!(
        rig.log(),
        ["text a", "closed 1006 (websocket: no pong within 2s)"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_pong_behind_a_message_that_takes_long_is_in_time() {
    let mut rig = paced_rig(4096, 100, pinging(10 * SECOND, 2 * SECOND));
    rig.settle().await;
    pass(&rig, 10 * SECOND).await;
    assert_eq!(rig.frames(1).await, [(0x89, b"0".to_vec())]);
    // A message of ten bytes, one a second, then one in as many fragments, then the pong.
    rig.server.write_all(b"\x82\x0a").await.unwrap();
    for _ in 0..10 {
        pass(&rig, SECOND).await;
        rig.server.write_all(b"x").await.unwrap();
        rig.settle().await;
    }
    for first in [0x02, 0, 0, 0, 0x80] {
        pass(&rig, SECOND).await;
        rig.server.write_all(&[first, 1, b'y']).await.unwrap();
        rig.settle().await;
    }
    rig.server.write_all(b"\x8a\x010").await.unwrap();
    rig.settle().await;
    assert_eq!(rig.log(), ["binary of 10", "binary of 5", "pong true"]);
}

#[tokio::test(start_paused = true)]
async fn what_we_do_not_read_for_want_of_a_ration_is_no_silence() {
    let pace = PaceConfig {
        recv_rate: Some(2.0),
        idle_timeout: Some(SECOND / 2),
        ..pinging(SECOND, SECOND / 2)
    };
    let rig = paced_rig(4096, 100, pace);
    let mut server = rig.server;
    server.write_all(&b"\x81\x01a".repeat(10)).await.unwrap();
    let log = rig.log.clone();
    tokio::time::sleep(14 * SECOND).await;
    assert_eq!(*log.lock().unwrap(), ["text a"; 9]);
    // All is read, and nothing comes: that is.
    tokio::time::sleep(4 * SECOND).await;
    assert!(log.lock().unwrap()[10].contains("nothing came"));
}

#[tokio::test(start_paused = true)]
async fn a_ration_is_kept_and_nothing_is_lost() {
    let pace = PaceConfig {
        recv_rate: Some(1000.0),
        ..PaceConfig::default()
    };
    let mut rig = paced_rig(1 << 16, 10_000, pace);
    rig.settle().await;
    let message = [&b"\x82\x62"[..], &[7; 98]].concat();
    for _ in 0..50 {
        rig.server.write_all(&message).await.unwrap();
    }
    rig.settle().await;
    let at_once = rig.log().len();
    assert!(at_once <= 1, "a tenth of a second's bytes: {at_once}");
    pass(&rig, SECOND).await;
    let after_a_second = rig.log().len();
    assert!((9..=11).contains(&after_a_second), "{after_a_second}");
    pass(&rig, 4 * SECOND).await;
    assert_eq!(rig.log(), ["binary of 98"; 50]);
}
