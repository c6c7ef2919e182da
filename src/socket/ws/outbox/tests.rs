//! The queue alone: what it takes, what it refuses, and whom it tells.

use std::sync::atomic::AtomicUsize;

use super::*;

fn full() -> Outbox {
    let outbox = Outbox::new(10);
    outbox.send(Opcode::Binary, &[0; 50]).unwrap();
    outbox.take(&mut Frames::default());
    outbox
}

#[test]
fn whoever_waits_for_room_is_told_of_the_end() {
    let outbox = full();
    assert!(outbox.send(Opcode::Binary, b"x").is_err());
    assert!(outbox.refuse_more() && !outbox.refuse_more());
}

#[test]
fn whoever_waits_for_room_hears_that_the_peer_took_nothing_for_too_long() {
    let outbox = full();
    let send = || outbox.send(Opcode::Binary, b"x").unwrap_err();
    assert_eq!(send(), SendError::Full);
    outbox.give_up();
    outbox.refuse_more();
    assert_eq!([send(), send()], [SendError::GivenUp, SendError::NotOpen]);
    // Nobody waits for this one.
    let outbox = full();
    outbox.give_up();
    outbox.refuse_more();
    let refused = outbox.send(Opcode::Binary, b"x");
    assert_eq!(refused, Err(SendError::NotOpen));
}

#[test]
fn a_wish_for_room_stays_while_smaller_messages_still_fit() {
    let outbox = Outbox::new(100);
    outbox.send(Opcode::Binary, &[0; 80]).unwrap();
    assert!(outbox.send(Opcode::Binary, &[0; 50]).is_err());
    outbox.send(Opcode::Binary, b"x").unwrap();
    let mut frames = Frames::default();
    outbox.take(&mut frames);
    assert_eq!(outbox.buffered_payload(), 81);
    assert!(!outbox.written(0, frames.bytes.len()));
    assert!(outbox.written(81, 0) && !outbox.written(0, 0));
    assert_eq!((outbox.buffered_payload(), outbox.buffered()), (0, 0));
}

#[test]
fn whoever_is_refused_while_the_driver_writes_is_told_of_room() {
    const ALL: usize = 100_000;
    let go = AtomicUsize::new(0);
    let outboxes: Vec<_> = (0..ALL).map(|_| full()).collect();
    std::thread::scope(|scope| {
        let driver = scope.spawn(|| {
            let told = outboxes.iter().enumerate().map(|(round, outbox)| {
                while go.load(Ordering::SeqCst) <= round {
                    std::thread::yield_now();
                }
                outbox.written(0, 0)
            });
            told.collect::<Vec<bool>>()
        });
        let refused: Vec<bool> = outboxes
            .iter()
            .enumerate()
            .map(|(round, outbox)| {
                go.store(round + 1, Ordering::SeqCst);
                // Now a little sooner, now a little later than the driver.
                for wait in 0..round % 256 {
                    std::hint::black_box(wait);
                }
                outbox.send(Opcode::Binary, b"x").is_err()
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
