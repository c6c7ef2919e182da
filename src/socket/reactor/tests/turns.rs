//! Who has a turn, when, and for how long.

use super::*;
use crate::socket::keeper::turn::READS_PER_TURN;

#[tokio::test(start_paused = true)]
async fn who_has_much_to_read_goes_on_behind_the_others_and_without_waiting() {
    let rig = Rig::undriven();
    let (much, mut flooding) = rig.connect(10);
    let (little, mut quiet) = rig.connect(10);
    let shares = 5;
    let all = vec![7; 10 * READS_PER_TURN * shares];
    flooding.write_all(&all).await.unwrap();
    quiet.write_all(b"one").await.unwrap();
    let begin = clock::now();
    assert!(drive_until(&rig.reactor, || little.bytes_heard() > 0).await);
    assert_eq!(
        much.bytes_heard(),
        10 * READS_PER_TURN,
        "its share and no more"
    );
    assert!(drive_until(&rig.reactor, || much.bytes_heard() == all.len()).await);
    assert_eq!(clock::now(), begin);
}

#[tokio::test(start_paused = true)]
async fn more_connections_than_are_told_at_once_are_all_heard_and_heard_again() {
    let rig = Rig::new();
    let mut all: Vec<_> = (0..600).map(|_| rig.connect(100)).collect();
    for round in 1..=3 {
        for (_, peer) in &mut all {
            peer.write_all(b"x").await.unwrap();
        }
        settle().await;
        for (seen, _) in &all {
            assert_eq!(seen.bytes_heard(), round);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_has_no_turns() {
    let rig = Rig::new();
    let (idle, _peer) = rig.connect(100);
    let (_busy, mut other) = rig.connect(100);
    settle().await;
    let before = idle.turns();
    for _ in 0..10 {
        other.write_all(b"x").await.unwrap();
        settle().await;
    }
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(idle.turns(), before);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_a_turn_at_its_time_whoever_sets_it_and_however_it_moves() {
    let rig = Rig::new();
    let second = Duration::from_secs(1);
    let begin = clock::now();
    let (seen, _peer) = rig.connect_with(
        100,
        Seen {
            deadline: Mutex::new(Some(begin + 10 * second)),
            ..Seen::default()
        },
    );
    let due_after = async || {
        while !seen.log().contains(&"due".to_owned()) {
            tokio::time::sleep(second / 10).await;
        }
        seen.log.lock().unwrap().clear();
        clock::now() - begin
    };
    // Nearer, by what the script did.
    *seen.deadline.lock().unwrap() = Some(begin + 2 * second);
    rig.poke(&seen);
    assert_eq!(due_after().await.as_secs(), 2);
    // A new one, then later: at its new time, and only then.
    *seen.deadline.lock().unwrap() = Some(begin + 4 * second);
    rig.poke(&seen);
    *seen.deadline.lock().unwrap() = Some(begin + 20 * second);
    assert_eq!(due_after().await.as_secs(), 20);
    let turns = seen.turns();
    tokio::time::sleep(100 * second).await;
    assert_eq!(seen.turns(), turns, "nothing is left");
}

#[tokio::test(start_paused = true)]
async fn a_paused_connection_is_out_of_the_poll_and_comes_back_with_all_it_missed() {
    let rig = Rig::new();
    let (seen, mut peer) = rig.connect(100);
    settle().await;
    seen.is_paused.store(true, Ordering::Relaxed);
    rig.poke(&seen);
    settle().await;
    let turns = seen.turns();
    for _ in 0..5 {
        peer.write_all(b"ten bytes.").await.unwrap();
        settle().await;
    }
    assert_eq!((seen.turns(), seen.bytes_heard()), (turns, 0));
    seen.is_paused.store(false, Ordering::Relaxed);
    rig.poke(&seen);
    settle().await;
    assert_eq!(seen.bytes_heard(), 50);
    peer.write_all(b"and on").await.unwrap();
    settle().await;
    assert_eq!(seen.bytes_heard(), 56);
}

#[tokio::test(start_paused = true)]
async fn what_was_read_before_comes_first() {
    let rig = Rig::new();
    let (ours, mut peer) = UnixStream::pair().unwrap();
    peer.write_all(b"later").await.unwrap();
    let seen = Arc::new(Seen::default());
    let counted = Counted::new(ours, Arc::default());
    rig.reactor
        .adopt(counted, Ear::new(&seen, 100), b"early!!".to_vec());
    settle().await;
    assert_eq!(seen.log(), ["heard 7", "heard 5"]);
}
