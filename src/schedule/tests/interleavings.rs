//! Whatever the order in which iterations end, the promised number starts: no more, none late, none twice.
//!
//! A small world plays the engine: it carries out actions, ends a running iteration or lets time pass, and
//! checks the rules of `Action` at every step. The random choices are proptest's, which prints its seed.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::options::Stage;
use crate::schedule::arrival_rate::Timetable;

/// What the world does next.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Time passes, then the n-th of the running iterations ends.
    End { after: Duration, nth: usize },
    /// Time passes, and the executor is woken if its deadline has come.
    Pass { after: Duration },
    /// The test is aborted.
    Stop,
}

/// An engine that only keeps count.
pub(super) struct World {
    pub(super) executor: Box<dyn Executor>,
    now: Duration,
    regular_end: Duration,
    running: BTreeSet<VuSlot>,
    cut: BTreeSet<VuSlot>,
    pub(super) started: u64,
    started_by: Vec<u64>,
    /// Of the iterations, in the whole test.
    pub(super) numbers: Vec<u64>,
    pub(super) dropped: u64,
    is_aborted: bool,
    finished: u32,
}

impl World {
    pub(super) fn new(config: &ExecutorConfig, graceful_stop: Duration, share: &Share) -> Self {
        let executor = executor(config, graceful_stop, share);
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
            numbers: Vec::new(),
            dropped: 0,
            is_aborted: false,
            finished: 0,
        }
    }

    pub(super) fn play(&mut self, events: &[Event]) {
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
    pub(super) fn play_out(&mut self) {
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
                StartIteration {
                    slot,
                    number,
                    number_in_test,
                    due,
                } => {
                    assert!(due <= self.now && due <= self.regular_end, "due at {due:?}");
                    let has_timetable = self.executor.progress(self.now).rate.is_some();
                    let is_late = self.now >= self.regular_end && !has_timetable;
                    assert!(!is_late, "started at {:?}", self.now);
                    assert!(!self.is_aborted, "started after an abort");
                    assert!(self.running.insert(slot), "{slot:?} started twice");
                    assert_eq!(number, self.started);
                    self.started += 1;
                    self.started_by[slot.0 as usize] += 1;
                    self.numbers.push(number_in_test);
                }
                HardStop { slot } => {
                    assert!(self.running.contains(&slot), "{slot:?} cut while idle");
                    assert!(self.cut.insert(slot), "{slot:?} cut twice");
                }
                Drop { count } => {
                    assert!(count > 0 && !self.is_aborted);
                    self.dropped += count;
                }
                Action::Leave { .. } => panic!("an executor has nobody leave"),
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

fn stages() -> impl Strategy<Value = Vec<Stage>> {
    let duration = prop_oneof![4 => 1_u64..5_000, 1 => Just(0)];
    let stage = (duration, 0_u64..8).prop_map(|(millis, target)| Stage {
        duration: Duration::from_millis(millis),
        target,
    });
    prop::collection::vec(stage, 1..5)
}

pub(super) fn configs() -> impl Strategy<Value = ExecutorConfig> {
    let max_duration = (1_u64..20).prop_map(secs);
    let all = (0..6, 1_u32..6, 1_u64..20, max_duration, stages());
    all.prop_map(|(kind, vus, iterations, max_duration, stages)| match kind {
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
        2 => ExecutorConfig::ConstantVus {
            vus,
            duration: max_duration,
        },
        3 => ExecutorConfig::RampingVus {
            start_vus: vus,
            stages,
            graceful_ramp_down: max_duration / 4,
        },
        4 => ExecutorConfig::ConstantArrivalRate {
            rate: iterations,
            time_unit: secs(1),
            duration: max_duration,
            pre_allocated_vus: vus / 2,
            max_vus: vus,
        },
        _ => ExecutorConfig::RampingArrivalRate {
            start_rate: iterations,
            time_unit: secs(1),
            stages,
            pre_allocated_vus: vus / 2,
            max_vus: vus,
        },
    })
}

/// How many starts a timetable promises.
fn promised(config: &ExecutorConfig) -> Option<u64> {
    match config {
        ExecutorConfig::ConstantArrivalRate {
            rate,
            time_unit,
            duration,
            ..
        } => Some(ConstantRate::new(*rate, *time_unit, *duration).starts()),
        ExecutorConfig::RampingArrivalRate {
            start_rate,
            time_unit,
            stages,
            ..
        } => Some(RampingRate::new(*start_rate, *time_unit, stages).starts()),
        _ => None,
    }
}

proptest! {
    #[test]
    fn any_interleaving_starts_or_drops_exactly_what_was_promised(
        config in configs(),
        graceful_stop in durations(),
        events in events(),
    ) {
        let mut world = World::new(&config, graceful_stop, &Share::whole());
        world.play(&events);
        world.play_out();

        prop_assert_eq!(world.finished, 1);
        prop_assert!(world.running.is_empty());
        prop_assert_eq!(world.executor.next_wake(), None);
        match world.executor.progress(world.now).total {
            Some(total) if world.is_aborted => prop_assert!(world.started <= total),
            Some(total) => prop_assert_eq!(world.started + world.dropped, total),
            None => {
                let starts = world.started + world.dropped;
                match promised(&config) {
                    None => prop_assert_eq!(world.dropped, 0),
                    Some(promised) if world.is_aborted => prop_assert!(starts <= promised),
                    // One on the end itself is none if there is no graceful stop to run in.
                    Some(promised) if graceful_stop.is_zero() => {
                        prop_assert!(starts <= promised && starts + 1 >= promised);
                    }
                    Some(promised) => prop_assert_eq!(starts, promised),
                }
            }
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
        let mut world = World::new(&config, secs(30), &Share::whole());
        world.play(&ends);

        prop_assert_eq!(world.finished, 1);
        prop_assert_eq!(world.dropped, 0);
        prop_assert_eq!(Some(world.started), world.executor.progress(world.now).total);
        if !is_shared {
            prop_assert!(world.started_by.iter().all(|count| *count == iterations));
        }
    }
}
