//! Two threads that drive the runtime in turn, as the VU thread and the guardian do.

use super::*;

const CONNECTIONS: usize = 700;

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

async fn until_heard(all: &[(Arc<Seen>, UnixStream)], wanted: usize) {
    let heard = || {
        all.iter()
            .map(|(seen, _)| seen.bytes_heard())
            .sum::<usize>()
    };
    while heard() < wanted {
        tokio::task::yield_now().await;
    }
}

#[test]
fn what_one_driver_leaves_the_next_one_finds() {
    let runtime = runtime();
    let rig = runtime.block_on(async { Rig::new() });
    let mut all = runtime.block_on(async {
        let all: Vec<_> = (0..CONNECTIONS).map(|_| rig.connect(100)).collect();
        settle().await;
        all
    });
    for round in 0..20 {
        let before = round * CONNECTIONS;
        runtime.block_on(async {
            for (_, peer) in &mut all {
                peer.write_all(b"x").await.unwrap();
            }
            // Let go as soon as something is there: in the poller, or in the queue of the reactor.
            until_heard(&all, before + 1 + round).await;
        });
        let patience = Duration::from_secs(30);
        let rest = until_heard(&all, before + CONNECTIONS);
        std::thread::scope(|scope| {
            let rest = async { tokio::time::timeout(patience, rest).await };
            let other = scope.spawn(|| runtime.block_on(rest));
            other
                .join()
                .unwrap()
                .expect("all is heard without other news");
        });
    }
}

#[test]
fn a_driver_that_comes_back_while_another_drives_may_write_and_read_on() {
    let runtime = runtime();
    let rig = runtime.block_on(async { Rig::new() });
    let (seen, peer) = runtime.block_on(async { rig.connect(100) });
    let (_from_peer, mut to_peer) = peer.into_split();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            runtime.block_on(async {
                while !is_done.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
        });
        for sent in 1..=500 {
            // What was queued is written by whoever comes, beside the one that has the runtime.
            rig.poke(&seen);
            let wait = async {
                to_peer.write_all(b"x").await.unwrap();
                while seen.bytes_heard() < sent {
                    tokio::task::yield_now().await;
                }
            };
            let patience = Duration::from_secs(30);
            runtime
                .block_on(async { tokio::time::timeout(patience, wait).await })
                .unwrap();
        }
        is_done.store(true, Ordering::SeqCst);
    });
}
