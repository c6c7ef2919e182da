//! Numbers, bounds and ends of a queue, without a connection.

use super::*;

#[test]
fn writes_are_numbered_and_the_first_of_them_asks_for_the_driver() {
    let queue = TcpQueue::new(100);
    let (first, told) = queue.write(b"ab").unwrap();
    assert_eq!((first, told.is_first, queue.buffered()), (1, true, 2));
    let (second, told) = queue.write(b"c").unwrap();
    assert_eq!((second, told.is_first, queue.buffered()), (2, false, 3));
    let mut taken = Taken::default();
    queue.take(&mut taken);
    assert_eq!(
        (taken.bytes.as_slice(), taken.ends.as_slice()),
        (&b"abc"[..], &[2, 3][..])
    );
    assert_eq!(queue.buffered(), 3);
}

#[test]
fn what_waits_is_bounded_and_one_write_is_always_admitted() {
    let queue = TcpQueue::new(10);
    assert!(queue.write(&[0; 50]).is_ok(), "alone");
    assert_eq!(queue.write(b"x").unwrap_err(), SendError::Full);
    queue.take(&mut Taken::default());
    assert_eq!(queue.progressed(0, 40, 10), (false, false));
    // Half empty: whoever was refused is told, once.
    assert_eq!(queue.progressed(1, 45, 5), (false, true));
    assert_eq!(queue.progressed(0, 0, 0), (false, false));
    assert!(queue.write(b"x").is_ok());
}

#[test]
fn who_waits_for_a_write_is_told_when_it_is_done() {
    let queue = TcpQueue::new(100);
    for _ in 0..3 {
        queue.write(b"x").unwrap();
    }
    queue.want(2);
    assert_eq!(queue.progressed(1, 1, 2), (false, false));
    assert_eq!(queue.progressed(1, 1, 1), (true, false));
    assert_eq!(queue.progressed(1, 1, 0), (false, false));
    assert_eq!((queue.done(), queue.bytes()), (3, (0, 3)));
}

#[test]
fn writes_behind_a_start_of_tls_wait_for_it() {
    let queue = TcpQueue::new(100);
    let request = || StartTls {
        settings: TlsSettings::default(),
        host: "example.com".into(),
        timeout: Duration::from_secs(1),
        seen: None,
    };
    queue.write(b"plain").unwrap();
    assert!(queue.start_tls(request()) && !queue.start_tls(request()));
    queue.write(b"secret").unwrap();
    // What is not even taken yet must not be overtaken.
    assert!(queue.take_start_tls().is_none() && queue.wants_tls());
    let mut taken = Taken::default();
    queue.take(&mut taken);
    assert_eq!(taken.bytes, b"plain");
    assert!(queue.wants_tls() && queue.take_start_tls().is_some());
    queue.upgraded();
    let mut taken = Taken::default();
    queue.take(&mut taken);
    assert_eq!(taken.bytes, b"secret");
}

#[test]
fn a_closed_queue_takes_nothing_and_says_what_was_lost() {
    let queue = TcpQueue::new(100);
    queue.write(b"a").unwrap();
    queue.write(b"b").unwrap();
    queue.progressed(1, 1, 0);
    assert_eq!(queue.close(), (1, false));
    assert_eq!(queue.write(b"c").unwrap_err(), SendError::NotOpen);
    assert!(!queue.end());
}

#[test]
fn whoever_waits_for_room_is_told_of_the_end() {
    let queue = full();
    assert_eq!(queue.write(b"x").unwrap_err(), SendError::Full);
    assert_eq!(queue.close(), (1, true));
    assert_eq!(queue.close(), (1, false));
}

fn full() -> TcpQueue {
    let queue = TcpQueue::new(10);
    queue.write(&[0; 50]).unwrap();
    queue.take(&mut Taken::default());
    queue
}

#[test]
fn whoever_is_refused_while_the_driver_writes_is_told_of_room() {
    const ALL: usize = 100_000;
    let go = AtomicUsize::new(0);
    let queues: Vec<_> = (0..ALL).map(|_| full()).collect();
    std::thread::scope(|scope| {
        let driver = scope.spawn(|| {
            let told = queues.iter().enumerate().map(|(round, queue)| {
                while go.load(Ordering::SeqCst) <= round {
                    std::thread::yield_now();
                }
                queue.progressed(1, 50, 0).1
            });
            told.collect::<Vec<bool>>()
        });
        let refused: Vec<bool> = queues
            .iter()
            .enumerate()
            .map(|(round, queue)| {
                go.store(round + 1, Ordering::SeqCst);
                // Now a little sooner, now a little later than the driver.
                for wait in 0..round % 256 {
                    std::hint::black_box(wait);
                }
                queue.write(b"x").is_err()
            })
            .collect();
        let told = driver.join().unwrap();
        let lost = refused
            .iter()
            .zip(told)
            .position(|(refused, told)| *refused && !told);
        assert_eq!(lost, None);
    });
}
