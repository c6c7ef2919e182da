//! Ages of stamps, and what a clock that is set does to them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use std::future::poll_fn;
use std::sync::Arc;

use super::*;
use crate::socket::stream::Counted;

const DATE: Duration = Duration::from_secs(1_700_000_000);

fn after(start: Instant, ms: u64) -> Clocks {
    let passed = Duration::from_millis(ms);
    Clocks {
        date: DATE + passed,
        at: start + passed,
    }
}

#[test]
fn a_stamp_is_as_old_as_the_wall_clock_says() {
    let start = clock::now();
    let now = after(start, 80);
    let at = |ms| now.instant_of(DATE + Duration::from_millis(ms), start);
    assert_eq!(at(30), Some(start + Duration::from_millis(30)));
    // Younger than the reading of the clock: not in the future.
    assert_eq!(at(90), Some(now.at));
    assert_eq!(now.instant_of(Duration::ZERO, start), None);
    // From a time of which nothing is known.
    assert_eq!(now.instant_of(DATE, start + Duration::from_millis(1)), None);
}

#[test]
fn a_clock_that_is_set_is_noticed_whichever_way() {
    let start = clock::now();
    let (first, second) = (after(start, 0), after(start, 500));
    assert!(first.agrees_with(second));
    for step in [1, 3_600_000].map(Duration::from_millis) {
        for date in [second.date + step, second.date.saturating_sub(step)] {
            assert!(!first.agrees_with(Clocks { date, ..second }));
        }
    }
}

#[test]
fn from_when_a_clock_was_set_no_stamp_before_is_believed() {
    let start = clock::now();
    let steady = Steady(Mutex::default());
    assert_eq!(steady.since(after(start, 0)), start);
    assert_eq!(steady.since(after(start, 10)), start);
    let set = Clocks {
        date: DATE + Duration::from_secs(60),
        ..after(start, 20)
    };
    assert_eq!(steady.since(set), set.at);
    let later = Clocks {
        date: set.date + Duration::from_millis(5),
        at: set.at + Duration::from_millis(5),
    };
    assert_eq!(steady.since(later), set.at);
}

/// A counted socket over the loopback, and its peer.
async fn pair() -> (Counted, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let connected = TcpStream::connect(listener.local_addr().unwrap()).await;
    let (peer, _) = listener.accept().await.unwrap();
    (Counted::new(connected.unwrap(), Arc::default()), peer)
}

async fn read(stream: &mut Counted) -> (Vec<u8>, Option<Instant>) {
    let mut bytes = [0; 64];
    let mut space = ReadBuf::new(&mut bytes);
    let at = poll_fn(|cx| Pin::new(&mut *stream).poll_read_arrived(cx, &mut space)).await;
    (space.filled().to_vec(), at.unwrap())
}

#[tokio::test]
async fn what_waits_in_the_socket_arrived_before_it_is_read() {
    let (mut ours, mut peer) = pair().await;
    ours.stamp_arrivals();
    // The kernel begins to stamp a little after the first socket of the machine asks for it.
    for _ in 0..100 {
        let before = clock::now();
        peer.write_all(b"reply").await.unwrap();
        let written = clock::now();
        // A handler that burns: nobody reads meanwhile.
        while written.elapsed() < Duration::from_millis(50) {}
        let (bytes, at) = read(&mut ours).await;
        assert_eq!(bytes, b"reply");
        let Some(at) = at else { continue };
        let slack = Duration::from_millis(1);
        assert!(at + slack >= before && at <= written + slack, "{at:?}");
        return;
    }
    panic!("nothing was stamped");
}

#[tokio::test]
async fn without_being_asked_nothing_is_stamped_and_the_end_is_an_end() {
    let (mut ours, mut peer) = pair().await;
    peer.write_all(b"reply").await.unwrap();
    assert_eq!(read(&mut ours).await, (b"reply".to_vec(), None));
    ours.stamp_arrivals();
    drop(peer);
    assert_eq!(read(&mut ours).await, (Vec::new(), None));
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
}
