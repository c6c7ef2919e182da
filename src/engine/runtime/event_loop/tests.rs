//! The loop with its clock paused: what a poll waits for, in which order things happen in it, and how it ends.
//!
//! Time passes in `poll` only, and in no time: to the next timer, of ours or of a task. The guardian does not tick; a test
//! that wants it calls it.

use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use super::*;
use crate::engine::measure::RunMetrics;
use crate::engine::runtime::mailbox::{EventKind, MAX_MESSAGES, Payload};
use crate::metrics::{SystemTags, TagSet, builtin};
use crate::socket::ws::outbox::Outbox;

const MS: Duration = Duration::from_millis(1);

/// A loop whose clock stands still, and the clock.
struct Rig {
    // Before `tokio` goes.
    runtime: Runtime,
    clock: tokio::runtime::Handle,
    began: Instant,
}

impl Rig {
    fn new() -> Self {
        let (runtime, clock) = Runtime::paused();
        let entered = clock.enter();
        let began = clock::now();
        drop(entered);
        Self {
            runtime,
            clock,
            began,
        }
    }

    /// Does this by the clock of the loop; when it is done, in milliseconds since the beginning.
    fn by_clock<T>(&self, doing: impl FnOnce(&Runtime) -> T) -> (T, u128) {
        let _entered = self.clock.enter();
        let done = doing(&self.runtime);
        (done, (clock::now() - self.began).as_millis())
    }

    /// How many events a poll of at most this long finds, and when.
    fn poll(&self, patience: Option<Duration>) -> (usize, u128) {
        self.by_clock(|runtime| runtime.poll(patience))
    }

    /// What is handed out: the text of a message, the kind of another event.
    fn handed(&self) -> Vec<String> {
        let _entered = self.clock.enter();
        let mut told = Vec::new();
        let handed = self.runtime.hand_out(|event, bytes| {
            told.push(match event.payload {
                Payload::Inline { .. } => String::from_utf8_lossy(bytes).into_owned(),
                _ => format!("{:?} {}", event.kind, event.receiver),
            });
            Ok::<(), ()>(())
        });
        handed.unwrap();
        told
    }

    fn push(&self, receiver: ReceiverId) {
        let kind = EventKind::Writable;
        let event = |_: &Runtime| Event::bare(receiver, kind, clock::now());
        self.runtime.push(self.by_clock(event).0);
    }

    /// A task that posts a message after this time.
    fn posts(&self, after: Duration, receiver: ReceiverId, text: &'static str) {
        let shared = self.runtime.shared().clone();
        self.runtime.spawn(async move {
            tokio::time::sleep(after).await;
            post(&shared, receiver, text);
        });
    }
}

fn post(shared: &Shared, receiver: ReceiverId, text: &str) {
    shared.post(|arrivals| {
        let (bytes, at) = (text.as_bytes().into(), clock::now());
        let mailbox = &mut arrivals.mailbox;
        mailbox.push_message(receiver, EventKind::Text, bytes, at)
    });
}

/// As a run measures how long events wait; only then holds are counted.
fn meter() -> LagMeter {
    let metrics = RunMetrics::new(SystemTags::default(), &TagSet::new());
    let series = |metric| metrics.catalog().series(metric, &TagSet::new());
    LagMeter {
        lag: series(builtin::VU_LOOP_LAG),
        driver: series(builtin::DRIVER_LAG),
        lateness: metrics.lateness().clone(),
    }
}

/// A connection that notes when it is to write.
struct Noted(Arc<Mutex<Vec<&'static str>>>, &'static str);

impl Flush for Noted {
    fn flush(&self) {
        lock(&self.0).push(self.1);
    }
}

#[test]
fn a_poll_without_news_ends_when_its_patience_does() {
    let rig = Rig::new();
    assert_eq!(rig.poll(Some(50 * MS)), (0, 50));
    assert_eq!(rig.poll(Some(Duration::ZERO)), (0, 50), "at once");
    assert_eq!(rig.poll(Some(7 * MS)), (0, 57));
}

#[test]
fn a_poll_ends_with_the_first_news_of_a_task_or_of_a_timer() {
    let rig = Rig::new();
    rig.posts(30 * MS, 1, "hello");
    rig.by_clock(|runtime| runtime.add_timer(40 * MS, None));
    assert_eq!(rig.poll(None), (1, 30));
    assert_eq!(rig.handed(), ["hello"]);
    assert_eq!(rig.poll(Some(20 * MS)), (1, 40), "before its patience ends");
    assert_eq!(rig.handed(), ["Timer 0"]);
    assert_eq!(rig.poll(Some(20 * MS)), (0, 60), "it was the last time");
    rig.by_clock(|runtime| runtime.add_timer(40 * MS, None));
    assert_eq!(rig.poll(Some(20 * MS)), (0, 80), "patience ends first");
    assert_eq!(rig.poll(None), (1, 100));
}

#[test]
fn timers_are_due_at_their_instants_in_whatever_order_they_were_armed() {
    let rig = Rig::new();
    let ids = rig.by_clock(|runtime| {
        let late = runtime.add_timer(90 * MS, None);
        let every = runtime.add_timer(40 * MS, Some(40 * MS));
        let never = runtime.add_timer(10 * MS, None);
        assert!(runtime.cancel_timer(never));
        (late, every)
    });
    let (_, every) = ids.0;
    assert_eq!(rig.poll(None), (1, 40));
    // Not handed out yet, an event is news still.
    assert_eq!(rig.poll(None), (1, 40));
    rig.handed();
    assert_eq!(rig.poll(None), (1, 80));
    rig.handed();
    assert!(rig.runtime.cancel_timer(every));
    assert_eq!(rig.poll(None), (1, 90));
    rig.handed();
    assert_eq!(rig.poll(Some(MS)), (0, 91));
}

#[test]
fn a_timer_shorter_than_what_is_waited_for_wakes_the_poll_as_soon_as_it_is_told() {
    let rig = Rig::new();
    rig.by_clock(|runtime| runtime.add_timer(500 * MS, None));
    let armed = Arc::new(AtomicU32::new(0));
    let (sides, seen) = (rig.runtime.sides.clone(), armed.clone());
    rig.runtime.spawn(async move {
        tokio::time::sleep(10 * MS).await;
        // As another thread does, which then wakes whoever drives.
        sides.handover.add_timer(20 * MS, None);
        seen.store(1, Ordering::SeqCst);
        let consumer = lock(&sides.shared.arrivals).consumer.take();
        consumer.unwrap().wake();
    });
    assert_eq!(rig.poll(None), (1, 30));
    assert_eq!(armed.load(Ordering::SeqCst), 1);
}

#[test]
fn the_sockets_get_a_turn_even_when_the_script_never_runs_out_of_events() {
    let rig = Rig::new();
    rig.posts(Duration::ZERO, 1, "of a socket");
    rig.push(2);
    assert_eq!(rig.poll(Some(Duration::ZERO)), (2, 0));
    assert_eq!(rig.handed(), ["Writable 2", "of a socket"]);
}

#[test]
fn what_is_dirty_is_written_before_the_sockets_are_read_and_in_the_order_it_was_said() {
    let rig = Rig::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    let read = log.clone();
    rig.runtime.spawn(async move { lock(&read).push("read") });
    for name in ["first", "second", "first"] {
        rig.runtime.mark_dirty(&Arc::new(Noted(log.clone(), name)));
    }
    assert!(lock(&log).is_empty(), "not before the poll");
    rig.poll(Some(Duration::ZERO));
    assert_eq!(*lock(&log), ["first", "second", "first", "read"]);
    rig.poll(Some(Duration::ZERO));
    assert_eq!(lock(&log).len(), 4, "once");
}

#[test]
fn a_turn_writes_and_reads_and_keeps_what_it_brings_for_the_next_poll() {
    let rig = Rig::new();
    let log = Arc::new(Mutex::new(Vec::new()));
    rig.runtime
        .mark_dirty(&Arc::new(Noted(log.clone(), "written")));
    rig.posts(Duration::ZERO, 1, "hello");
    rig.by_clock(Runtime::turn);
    assert_eq!(*lock(&log), ["written"]);
    assert!(rig.handed().is_empty());
    assert_eq!(rig.poll(None), (1, 0));
    assert_eq!(rig.handed(), ["hello"]);
}

#[test]
fn a_peer_that_was_paused_is_told_to_read_on_when_what_was_kept_back_is_released() {
    let rig = Rig::new();
    let outbox = Arc::new(Outbox::new(1));
    for _ in 0..MAX_MESSAGES {
        rig.runtime.held(1, 1);
    }
    let has_room = || {
        lock(&rig.runtime.shared().arrivals)
            .mailbox
            .has_room(1, &outbox)
    };
    assert!(!has_room());
    let is_dirty = || !lock(&rig.runtime.shared().dirty).is_empty();
    for _ in 1..MAX_MESSAGES / 2 {
        rig.runtime.released(1, 1);
    }
    assert!(!is_dirty());
    rig.runtime.released(1, 1);
    assert!(is_dirty() && has_room());
}

#[test]
fn the_guardian_drives_the_same_loop_while_a_handler_runs_and_counts_it() {
    let rig = Rig::new();
    let (tell, told) = std::sync::mpsc::channel();
    rig.runtime.measure_lag(Some(meter()));
    rig.push(1);
    assert_eq!(rig.poll(None), (1, 0));
    rig.handed();
    // A handler runs from here on. It sends, and a socket has something to say.
    rig.runtime.spawn(async move { tell.send("read").unwrap() });
    assert_eq!(rig.runtime.takeovers(), 0);
    assert_eq!(rig.runtime.hold(), 0);
    // The first tick may show it an absence that it has not seen before: then it takes the second.
    let mut ticks = 0;
    while told.recv_timeout(10 * MS) != Ok("read") {
        rig.runtime.guardian.ticks();
        ticks += 1;
        assert!(ticks < 1000, "it does not take over");
    }
    assert_eq!(rig.runtime.takeovers(), 1);
    assert_eq!(rig.runtime.hold(), 1, "a handler holds the loop");
    // Back again: it lets go, or this would have no end.
    assert_eq!(rig.poll(Some(Duration::ZERO)).0, 0);
    assert_eq!(rig.runtime.hold(), 0);
}

#[test]
fn a_loop_that_closes_waits_for_goodbyes_as_long_as_there_are_any_and_as_it_is_told() {
    let rig = Rig::new();
    assert_eq!(rig.by_clock(|runtime| runtime.close(90 * MS)).1, 0);

    let rig = Rig::new();
    let shared = rig.runtime.shared().clone();
    shared.connections.fetch_add(1, Ordering::SeqCst);
    rig.runtime.spawn(async move {
        tokio::time::sleep(25 * MS).await;
        post(&shared, 1, "bye");
        shared.connections.fetch_sub(1, Ordering::SeqCst);
    });
    assert_eq!(rig.by_clock(|runtime| runtime.close(90 * MS)).1, 25);
    assert!(rig.handed().is_empty(), "nobody is there to be told");

    let rig = Rig::new();
    rig.runtime
        .shared()
        .connections
        .fetch_add(1, Ordering::SeqCst);
    assert_eq!(rig.by_clock(|runtime| runtime.close(95 * MS)).1, 100);
    assert_eq!(rig.runtime.connections(), 1, "closed without");
}

#[test]
fn a_loop_that_is_closed_drops_its_tasks_takes_none_and_waits_for_nothing() {
    struct Dropped(Arc<AtomicU32>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let rig = Rig::new();
    let dropped = Arc::new(AtomicU32::new(0));
    let task = || {
        let dropped = Dropped(dropped.clone());
        async move {
            let _held = dropped;
            std::future::pending::<()>().await;
        }
    };
    assert!(rig.runtime.spawn(task()).is_some());
    rig.poll(Some(Duration::ZERO));
    rig.by_clock(|runtime| runtime.close(Duration::ZERO));
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    assert!(rig.runtime.spawn(task()).is_none());
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
    let fd = rustix::event::eventfd(0, rustix::event::EventfdFlags::CLOEXEC);
    let refused = rig.runtime.register(fd.unwrap()).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::NotConnected);
    assert_eq!(rig.poll(None).0, 0, "at once");
    rig.runtime.turn();
    rig.by_clock(|runtime| runtime.close(Duration::from_secs(9)));
}
