//! How connections end, and what is left of them: nothing.

use std::os::fd::AsFd;

use tokio::net::{TcpListener, TcpStream};

use super::*;

#[tokio::test(start_paused = true)]
async fn what_came_before_the_end_is_read_before_it() {
    let rig = Rig::new();
    // Each read fills less than it could, and no other news will come.
    let (seen, mut peer) = rig.connect(1000);
    peer.write_all(&[7; 300]).await.unwrap();
    drop(peer);
    settle().await;
    assert_eq!(seen.log(), ["heard 300", "ended", "finished"]);
    assert!(seen.is_dropped.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_comes_later_is_heard() {
    let rig = Rig::new();
    let (seen, mut peer) = rig.connect(1000);
    peer.write_all(&[7; 300]).await.unwrap();
    settle().await;
    drop(peer);
    settle().await;
    assert_eq!(seen.log(), ["heard 300", "ended", "finished"]);
}

#[tokio::test(start_paused = true)]
async fn a_half_that_is_closed_is_an_end_although_the_socket_is_open() {
    let rig = Rig::new();
    let (seen, mut peer) = rig.connect(1000);
    peer.write_all(&[7; 30]).await.unwrap();
    peer.shutdown().await.unwrap();
    settle().await;
    assert_eq!(seen.log(), ["heard 30", "ended", "finished"]);
    // Our side says goodbye too.
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_reset_is_told_as_what_it_is() {
    let rig = Rig::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (peer, _) = listener.accept().await.unwrap();
    let seen = Arc::new(Seen::default());
    let counted = Counted::new(ours, Arc::default());
    rig.reactor.adopt(counted, Ear::new(&seen, 100), Vec::new());
    settle().await;
    socket2::SockRef::from(&peer)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
    drop(peer);
    settle().await;
    assert_eq!(seen.log(), ["not read: connection reset", "finished"]);
}

#[tokio::test(start_paused = true)]
async fn the_next_connection_has_the_place_and_the_number_and_none_of_the_news() {
    let rig = Rig::new();
    let (first, peer) = rig.connect(100);
    let old = first.key();
    drop(peer);
    settle().await;
    let (second, mut peer) = rig.connect(100);
    let new = second.key();
    assert_eq!((new.index, new.generation), (old.index, old.generation + 1));
    settle().await;
    let turns = second.turns();
    rig.poke(&first);
    settle().await;
    assert_eq!(second.turns(), turns, "that was for the one before");
    peer.write_all(b"x").await.unwrap();
    settle().await;
    assert_eq!((first.bytes_heard(), second.bytes_heard()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_in_another_process_keeps_nothing_in_the_poll() {
    let rig = Rig::new();
    let (ours, mut peer) = UnixStream::pair().unwrap();
    // As a forked child has one.
    let duplicate = ours.as_fd().try_clone_to_owned().unwrap();
    let seen = Arc::new(Seen::default());
    let counted = Counted::new(ours, Arc::default());
    rig.reactor.adopt(counted, Ear::new(&seen, 100), Vec::new());
    settle().await;
    seen.is_leaving.store(true, Ordering::Relaxed);
    rig.poke(&seen);
    settle().await;
    assert_eq!(seen.log(), ["finished"]);
    let (next, _peer) = rig.connect(100);
    settle().await;
    let turns = (seen.turns(), next.turns());
    peer.write_all(b"x").await.unwrap();
    settle().await;
    assert_eq!((seen.turns(), next.turns()), turns);
    drop(duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_the_end_of_one_connection_only() {
    let rig = Rig::new();
    let (broken, mut bad) = rig.connect(100);
    let (whole, mut good) = rig.connect(100);
    bad.write_all(b"!").await.unwrap();
    good.write_all(b"x").await.unwrap();
    settle().await;
    assert!(broken.is_dropped.load(Ordering::SeqCst));
    assert_eq!(bad.read(&mut [0; 8]).await.unwrap(), 0, "it is closed");
    good.write_all(b"yz").await.unwrap();
    settle().await;
    assert_eq!(whole.bytes_heard(), 3);
}

#[tokio::test(start_paused = true)]
async fn with_its_task_every_connection_is_gone_and_none_is_taken() {
    let rig = Rig::new();
    let (seen, mut peer) = rig.connect(100);
    settle().await;
    rig.open.abort();
    settle().await;
    assert!(seen.is_dropped.load(Ordering::SeqCst));
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
    let (late, mut peer) = rig.connect(100);
    assert!(late.is_dropped.load(Ordering::SeqCst));
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0);
    rig.poke(&seen);
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_peer_left_behind_is_read_to_its_end_also_where_it_hung_up_while_nobody_read() {
    let rig = Rig::new();
    let (seen, mut peer) = rig.connect(100);
    settle().await;
    seen.is_paused.store(true, Ordering::Relaxed);
    rig.poke(&seen);
    settle().await;
    // Both directions are gone then: the poller tells of that together with what can be read.
    peer.write_all(&[7; 250]).await.unwrap();
    drop(peer);
    settle().await;
    assert_eq!(seen.log(), [""; 0]);
    seen.is_paused.store(false, Ordering::Relaxed);
    rig.poke(&seen);
    settle().await;
    let all = ["heard 100", "heard 100", "heard 50", "ended", "finished"];
    assert_eq!(seen.log(), all);
}

#[tokio::test(start_paused = true)]
async fn one_that_the_poller_refuses_is_told_so_and_ends_and_the_others_go_on() {
    let rig = Rig::new();
    let (whole, mut good) = rig.connect(100);
    let (ours, mut peer) = UnixStream::pair().unwrap();
    let seen = Arc::new(Seen::default());
    // Nothing is watched twice.
    rig.reactor.occupy(ours.as_fd());
    let counted = Counted::new(ours, Arc::default());
    rig.reactor.adopt(counted, Ear::new(&seen, 100), Vec::new());
    settle().await;
    assert_eq!(seen.log(), ["not read: entity already exists", "finished"]);
    assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 0, "it is closed");
    good.write_all(b"x").await.unwrap();
    settle().await;
    assert_eq!(whole.bytes_heard(), 1);
}
