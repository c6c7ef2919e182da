//! Whatever the order in which iterations end, the promised number starts: no more, none late, none twice.
//!
//! A small world plays the engine: it carries out actions, ends a running iteration or lets time pass, and
//! checks the rules of `Action` at every step. The random choices are proptest's, which prints its seed.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What the world does next.
#[derive(Debug, Clone)]
enum Event {
    /// Time passes, then the n-th of the running iterations ends.
    End { after: Duration, nth: usize },
    /// Time passes, and the executor is woken if its deadline has come.
    Pass { after: Duration },
    /// The test is aborted.
    Stop,
}

/// An engine that only keeps count.
struct World {
    executor: Box<dyn Executor>,
    now: Duration,
    regular_end: Duration,
    running: BTreeSet<VuSlot>,
    cut: BTreeSet<VuSlot>,
    started: u64,
    started_by: Vec<u64>,
    dropped: u64,
    is_aborted: bool,
    finished: u32,
}

impl World {
    fn new(config: &ExecutorConfig, graceful_stop: Duration) -> Self {
        let executor = executor(config, graceful_stop);
        let regular_end = executor.progress(Duration::ZERO).regular_end;
        let vus = executor.vus() as usize;
        Self {
            executor,
            now: Duration::ZERO,
            regular_end,
            running: BTreeSet::new(),
            cut: BTreeSet::new(),
            started: 0,
            started_by: vec![0; vus],
            dropped: 0,
            is_aborted: false,
            finished: 0,
        }
    }

    fn play(&mut self, events: &[Event]) {
        let actions = started(&mut *self.executor);
        self.carry_out(&actions);
        for event in events {
            match *event {
                Event::End { after, nth } => {
                    self.now += after;
                    if let Some(slot) = self.running.iter().nth(nth % self.running.len().max(1)) {
                        self.end(*slot);
                    }
                }
                Event::Pass { after } => {
                    self.now += after;
                    self.wake_if_due();
                }
                Event::Stop => {
                    let actions = stopped(&mut *self.executor, self.now);
                    let starts = actions
                        .iter()
                        .any(|action| matches!(action, StartIteration { .. }));
                    assert!(!starts, "an abort started an iteration");
                    self.carry_out(&actions);
                    self.is_aborted = true;
                }
            }
        }
    }

    /// Time goes on and what is running ends, until nothing is left.
    fn play_out(&mut self) {
        while self.finished == 0 {
            if let Some(deadline) = self.executor.next_wake() {
                self.now = self.now.max(deadline);
                self.wake_if_due();
            }
            if let Some(slot) = self.running.first().copied() {
                self.end(slot);
            }
        }
    }

    fn end(&mut self, slot: VuSlot) {
        self.running.remove(&slot);
        self.cut.remove(&slot);
        let actions = ended(&mut *self.executor, slot.0, self.now);
        self.carry_out(&actions);
    }

    fn wake_if_due(&mut self) {
        if self
            .executor
            .next_wake()
            .is_some_and(|deadline| deadline <= self.now)
        {
            let actions = woken(&mut *self.executor, self.now);
            self.carry_out(&actions);
        }
    }

    fn carry_out(&mut self, actions: &[Action]) {
        for action in actions {
            assert_eq!(self.finished, 0, "{action:?} after Finished");
            match *action {
                StartIteration { slot, number } => {
                    assert!(self.now < self.regular_end, "started at {:?}", self.now);
                    assert!(!self.is_aborted, "started after an abort");
                    assert!(self.running.insert(slot), "{slot:?} started twice");
                    assert_eq!(number, self.started);
                    self.started += 1;
                    self.started_by[slot.0 as usize] += 1;
                }
                HardStop { slot } => {
                    assert!(self.running.contains(&slot), "{slot:?} cut while idle");
                    assert!(self.cut.insert(slot), "{slot:?} cut twice");
                }
                Drop { count } => {
                    assert!(count > 0 && !self.is_aborted);
                    self.dropped += count;
                }
                Finished => {
                    assert!(self.running.is_empty());
                    self.finished += 1;
                }
            }
        }
        let progress = self.executor.progress(self.now);
        assert_eq!(progress.active_vus as usize, self.running.len());
        assert_eq!(progress.started, self.started);
        assert_eq!(progress.phase == Phase::Done, self.finished == 1);
    }
}

fn durations() -> impl Strategy<Value = Duration> {
    (0_u64..1_500).prop_map(Duration::from_millis)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let end = (durations(), 0_usize..8).prop_map(|(after, nth)| Event::End { after, nth });
    let pass = durations().prop_map(|after| Event::Pass { after });
    let event = prop_oneof![40 => end, 10 => pass, 1 => Just(Event::Stop)];
    prop::collection::vec(event, 0..60)
}

fn configs() -> impl Strategy<Value = ExecutorConfig> {
    let max_duration = (1_u64..20).prop_map(secs);
    (0..3, 1_u32..6, 1_u64..20, max_duration).prop_map(|(kind, vus, iterations, max_duration)| {
        match kind {
            0 => ExecutorConfig::SharedIterations {
                vus,
                iterations,
                max_duration,
            },
            1 => ExecutorConfig::PerVuIterations {
                vus,
                iterations,
                max_duration,
            },
            _ => ExecutorConfig::ConstantVus {
                vus,
                duration: max_duration,
            },
        }
    })
}

proptest! {
    #[test]
    fn any_interleaving_starts_or_drops_exactly_what_was_promised(
        config in configs(),
        graceful_stop in durations(),
        events in events(),
    ) {
        let mut world = World::new(&config, graceful_stop);
        world.play(&events);
        world.play_out();

        prop_assert_eq!(world.finished, 1);
        prop_assert!(world.running.is_empty());
        prop_assert_eq!(world.executor.next_wake(), None);
        match world.executor.progress(world.now).total {
            Some(total) if world.is_aborted => prop_assert!(world.started <= total),
            Some(total) => prop_assert_eq!(world.started + world.dropped, total),
            None => prop_assert_eq!(world.dropped, 0),
        }
        if let ExecutorConfig::PerVuIterations { iterations, .. } = config {
            prop_assert!(world.started_by.iter().all(|count| *count <= iterations));
        }
    }

    #[test]
    fn with_time_enough_every_promised_iteration_starts(
        vus in 1_u32..6,
        iterations in 1_u64..20,
        is_shared in any::<bool>(),
        order in prop::collection::vec(0_usize..8, 200),
    ) {
        let max_duration = secs(600);
        let config = if is_shared {
            ExecutorConfig::SharedIterations { vus, iterations, max_duration }
        } else {
            ExecutorConfig::PerVuIterations { vus, iterations, max_duration }
        };
        let after = Duration::from_millis(10);
        let ends: Vec<_> = order.into_iter().map(|nth| Event::End { after, nth }).collect();
        let mut world = World::new(&config, secs(30));
        world.play(&ends);

        prop_assert_eq!(world.finished, 1);
        prop_assert_eq!(world.dropped, 0);
        prop_assert_eq!(Some(world.started), world.executor.progress(world.now).total);
        if !is_shared {
            prop_assert!(world.started_by.iter().all(|count| *count == iterations));
        }
    }
}
