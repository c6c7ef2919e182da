//! Two threads that drive in turn, as the VU thread and the guardian do: each in the future that it has the runtime run.

use std::sync::atomic::AtomicU64;

use super::*;

const CONNECTIONS: usize = 700;

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

fn heard(all: &[(Arc<Seen>, UnixStream)]) -> usize {
    all.iter().map(|(seen, _)| seen.bytes_heard()).sum()
}

#[test]
fn what_one_driver_leaves_the_next_one_finds() {
    let runtime = runtime();
    let (rig, mut all) = runtime.block_on(async {
        let rig = Rig::undriven();
        let all: Vec<_> = (0..CONNECTIONS).map(|_| rig.connect(100)).collect();
        (rig, all)
    });
    for round in 0..20 {
        let before = round * CONNECTIONS;
        runtime.block_on(async {
            for (_, peer) in &mut all {
                peer.write_all(b"x").await.unwrap();
            }
            // Let go as soon as something is there: news is left in the poller, and in the queue of the reactor.
            assert!(drive_until(&rig.reactor, || heard(&all) > before + round).await);
        });
        std::thread::scope(|scope| {
            let rest = drive_until(&rig.reactor, || heard(&all) == before + CONNECTIONS);
            let other = scope.spawn(|| runtime.block_on(rest));
            assert!(other.join().unwrap(), "it is heard without other news");
        });
    }
}

#[test]
fn news_and_deadlines_wake_whoever_drives_and_nobody_who_drove_before() {
    let runtime = runtime();
    let (rig, seen, peer) = runtime.block_on(async {
        let rig = Rig::undriven();
        let (seen, peer) = rig.connect(100);
        (rig, seen, peer)
    });
    for round in 1..=100 {
        // Comes, has nothing to do, and goes: the reactor has its waker.
        runtime.block_on(poll_fn(|cx| {
            rig.reactor.drive(cx);
            Poll::Ready(())
        }));
        let at = clock::now() + Duration::from_millis(1);
        *seen.deadline.lock().unwrap() = (round % 2 == 0).then_some(at);
        rig.reactor.mark_dirty(seen.key());
        std::thread::scope(|scope| {
            let is_so = || {
                let is_due = seen.log().contains(&"due".to_owned());
                seen.bytes_heard() == round && (is_due || round % 2 == 1)
            };
            let driving = drive_until(&rig.reactor, is_so);
            let other = scope.spawn(|| runtime.block_on(driving));
            // From outside of the runtime, as a peer's bytes come.
            while peer.try_write(b"x").is_err() {}
            assert!(other.join().unwrap(), "{round}");
        });
        seen.log.lock().unwrap().retain(|line| line != "due");
    }
}

#[test]
fn two_that_come_and_go_lose_nothing_between_them() {
    const ROUNDS: u64 = 2000;
    let runtime = runtime();
    let (rig, seen, peer) = runtime.block_on(async {
        let rig = Rig::undriven();
        let (seen, peer) = rig.connect(100);
        (rig, seen, peer)
    });
    // What `Watch` is in a loop: odd while the thread of the script is away, and then the guardian drives.
    let phase = AtomicU64::new(1);
    let turn = Mutex::new(None::<std::task::Waker>);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                let away = phase.load(Ordering::SeqCst);
                if away.is_multiple_of(2) {
                    std::thread::yield_now();
                    continue;
                }
                runtime.block_on(poll_fn(|cx| {
                    *turn.lock().unwrap() = Some(cx.waker().clone());
                    if phase.load(Ordering::SeqCst) != away || is_over.load(Ordering::SeqCst) {
                        return Poll::Ready(());
                    }
                    rig.reactor.drive(cx);
                    Poll::Pending
                }));
                *turn.lock().unwrap() = None;
            }
        });
        let nudge = || {
            if let Some(waker) = turn.lock().unwrap().clone() {
                waker.wake();
            }
        };
        let mut expected = 0;
        for round in 0..ROUNDS {
            // Some of it while the other drives, some while this one does.
            for _ in 0..round % 3 {
                while peer.try_write(b"x").is_err() {}
                expected += 1;
                // Now and then long enough for the other to wait for news.
                for _ in 0..(round % 7) * 10 {
                    std::thread::yield_now();
                }
            }
            rig.reactor.mark_dirty(seen.key());
            nudge();
            phase.fetch_add(1, Ordering::SeqCst);
            nudge();
            let all = drive_until(&rig.reactor, || seen.bytes_heard() == expected);
            assert!(runtime.block_on(all), "{round}");
            phase.fetch_add(1, Ordering::SeqCst);
        }
        is_over.store(true, Ordering::SeqCst);
        nudge();
    });
}
