//! VUs that enter and leave, behind each kind of executor; and VUs that could not begin.

use super::*;

fn leave_of(slot: u32) -> Action {
    Action::Leave { slot: VuSlot(slot) }
}

fn drop_of(count: u64) -> Action {
    Drop { count }
}

fn ramping(stages: &[(u64, u64)]) -> Box<dyn Executor> {
    let stages = stages
        .iter()
        .map(|(duration, target)| crate::options::Stage {
            duration: secs(*duration),
            target: *target,
        })
        .collect();
    let config = ExecutorConfig::RampingVus {
        start_vus: 2,
        stages,
        graceful_ramp_down: secs(30),
    };
    executor(&config, secs(5), &Share::whole())
}

fn arrival(vus: u32) -> Box<dyn Executor> {
    let config = ExecutorConfig::ConstantArrivalRate {
        rate: 1,
        time_unit: secs(1),
        duration: secs(10),
        pre_allocated_vus: vus,
        max_vus: vus,
    };
    executor(&config, secs(5), &Share::whole())
}

/// A scenario with its members.
struct Scenario {
    executor: Box<dyn Executor>,
    members: Members,
}

impl Scenario {
    /// All of whose first `vus` have entered: in their iterations, or before those.
    fn of(executor: Box<dyn Executor>, vus: u32, has_timetable: bool) -> (Self, Vec<Action>) {
        let members = Members::new(secs(5), secs(15), has_timetable);
        let mut new = Self { executor, members };
        if has_timetable {
            (0..vus).for_each(|slot| new.members.entered(VuSlot(slot), false));
        }
        let wanted = started(&mut *new.executor);
        let out = new.follow(Duration::ZERO, None, wanted);
        if !has_timetable {
            (0..vus).for_each(|slot| new.members.entered(VuSlot(slot), true));
        }
        (new, out)
    }

    fn follow(&mut self, now: Duration, ended: Option<u32>, wanted: Vec<Action>) -> Vec<Action> {
        self.members
            .follow(&mut *self.executor, now, ended.map(VuSlot), wanted)
    }

    fn ended(&mut self, slot: u32, now: Duration) -> Vec<Action> {
        let wanted = ended(&mut *self.executor, slot, now);
        self.follow(now, Some(slot), wanted)
    }

    fn woken(&mut self, now: Duration) -> Vec<Action> {
        let wanted = woken(&mut *self.executor, now);
        self.follow(now, None, wanted)
    }

    fn left(&mut self, slot: u32, now: Duration) -> Vec<Action> {
        self.members.left(&mut *self.executor, VuSlot(slot), now)
    }

    fn stopped(&mut self, now: Duration) -> Vec<Action> {
        self.members.stop();
        let wanted = stopped(&mut *self.executor, now);
        self.follow(now, None, wanted)
    }
}

#[test]
fn a_vu_that_gets_no_further_iteration_leaves_and_the_scenario_waits_for_it() {
    let (mut scenario, _) = Scenario::of(shared(2, 3), 2, false);
    assert_eq!(scenario.ended(0, secs(1)), [start_of(0, 2, secs(1))]);
    assert_eq!(scenario.ended(1, secs(2)), [leave_of(1)]);
    assert_eq!(scenario.left(1, secs(2)), []);
    assert_eq!(scenario.ended(0, secs(3)), [leave_of(0)]);
    assert_eq!(scenario.members.next_wake(), Some(secs(8)));
    assert_eq!(scenario.left(0, secs(4)), [Finished]);
    assert_eq!(scenario.members.next_wake(), None);
}

#[test]
fn one_that_takes_too_long_to_leave_is_stopped_and_waited_for() {
    let (mut scenario, _) = Scenario::of(per_vu(1, 1), 1, false);
    assert_eq!(scenario.ended(0, secs(1)), [leave_of(0)]);
    assert_eq!(scenario.woken(secs(6)), [cut_of(0)]);
    assert_eq!(scenario.woken(secs(7)), [], "told once");
    assert_eq!(scenario.left(0, secs(8)), [Finished]);
}

#[test]
fn nobody_takes_leave_longer_than_the_hard_end() {
    let (mut scenario, _) = Scenario::of(constant(1), 1, false);
    assert_eq!(scenario.woken(secs(10)), []);
    assert_eq!(scenario.ended(0, secs(13)), [leave_of(0)]);
    assert_eq!(scenario.members.next_wake(), Some(secs(15)));
}

#[test]
fn whose_iteration_was_cut_does_not_take_leave() {
    let (mut scenario, _) = Scenario::of(constant(1), 1, false);
    assert_eq!(scenario.woken(secs(10)), []);
    assert_eq!(scenario.woken(secs(15)), [cut_of(0)]);
    assert_eq!(scenario.ended(0, secs(15)), [Finished]);
}

#[test]
fn on_a_timetable_all_leave_when_nothing_starts_any_more() {
    let (mut scenario, first) = Scenario::of(arrival(2), 2, true);
    assert_eq!(first, [start_of(0, 0, Duration::ZERO)]);
    assert_eq!(scenario.ended(0, secs(0)), [], "it idles");
    assert_eq!(scenario.woken(secs(1)), [start_of(1, 1, secs(1))]);
    assert_eq!(scenario.ended(1, secs(1)), []);
    let mut all = Vec::new();
    for second in 2..=10 {
        all = scenario.woken(secs(second));
        if second == 2 {
            assert_eq!(all, [start_of(0, 2, secs(2))], "who waits longest");
        }
        if second < 10 {
            let Some(StartIteration { slot, .. }) = all.first() else {
                continue;
            };
            scenario.ended(slot.0, secs(second));
        }
    }
    assert_eq!(all, [start_of(0, 10, secs(10)), leave_of(1)]);
    assert_eq!(scenario.left(1, secs(10)), []);
    assert_eq!(scenario.ended(0, secs(11)), [leave_of(0)]);
    assert_eq!(scenario.left(0, secs(11)), [Finished]);
}

#[test]
fn one_that_is_wanted_again_while_it_leaves_starts_when_it_has_left() {
    let (mut scenario, _) =
        Scenario::of(ramping(&[(1, 2), (0, 1), (3, 1), (0, 2), (4, 2)]), 2, false);
    assert_eq!(scenario.ended(1, secs(1)), [leave_of(1)]);
    assert_eq!(scenario.woken(secs(4)), [], "its start waits");
    assert_eq!(scenario.left(1, secs(5)), [start_of(1, 2, secs(4))]);
    // It has not entered again.
    assert_eq!(scenario.ended(1, secs(9)), []);
}

#[test]
fn a_start_that_waited_past_the_regular_end_is_not_made() {
    let (mut scenario, _) =
        Scenario::of(ramping(&[(1, 2), (0, 1), (3, 1), (0, 2), (1, 2)]), 2, false);
    assert_eq!(scenario.ended(1, secs(1)), [leave_of(1)]);
    assert_eq!(scenario.woken(secs(4)), []);
    assert_eq!(scenario.woken(secs(5)), []);
    assert_eq!(scenario.left(1, secs(6)), []);
    assert_eq!(scenario.ended(0, secs(6)), [leave_of(0)]);
    assert_eq!(scenario.left(0, secs(6)), [Finished]);
}

#[test]
fn an_abort_cuts_who_idles_and_who_leaves() {
    let (mut scenario, _) = Scenario::of(arrival(2), 2, true);
    assert_eq!(scenario.stopped(secs(0)), [cut_of(0), cut_of(1)]);
    assert_eq!(scenario.ended(0, secs(0)), [Finished]);
    let (mut scenario, _) = Scenario::of(shared(1, 1), 1, false);
    assert_eq!(scenario.ended(0, secs(1)), [leave_of(0)]);
    assert_eq!(scenario.stopped(secs(2)), [cut_of(0)]);
    assert_eq!(scenario.left(0, secs(2)), [Finished]);
}

/// Says that a VU could not begin; whether none is left, and what follows.
fn gone(executor: &mut dyn Executor, slot: u32, now: Duration) -> (bool, Vec<Action>) {
    let mut out = Vec::new();
    let is_lost = executor.gone(VuSlot(slot), now, &mut out);
    (is_lost, out)
}

#[test]
fn what_a_vu_that_could_not_begin_was_to_run_is_another_ones_or_dropped() {
    let mut executor = shared(2, 3);
    started(&mut *executor);
    assert_eq!(gone(&mut *executor, 0, secs(1)), (false, vec![]));
    for (second, number) in [(2, 2), (3, 3)] {
        let start = start_of(1, number, secs(second));
        assert_eq!(ended(&mut *executor, 1, secs(second)), [start]);
    }
    assert_eq!(ended(&mut *executor, 1, secs(4)), [Finished]);
    let mut executor = per_vu(2, 3);
    started(&mut *executor);
    assert_eq!(gone(&mut *executor, 0, secs(1)), (false, vec![]));
    for second in [2, 3] {
        assert_eq!(ended(&mut *executor, 1, secs(second)).len(), 1);
    }
    let last = ended(&mut *executor, 1, secs(4));
    assert_eq!(last, [drop_of(3), Finished]);
}

#[test]
fn a_scenario_whose_vus_are_all_gone_ends() {
    let mut executor = constant(2);
    started(&mut *executor);
    assert_eq!(gone(&mut *executor, 1, secs(1)), (false, vec![]));
    assert_eq!(gone(&mut *executor, 0, secs(1)), (true, vec![Finished]));
    let mut executor = shared(1, 7);
    started(&mut *executor);
    let end = vec![drop_of(7), Finished];
    assert_eq!(gone(&mut *executor, 0, secs(1)), (true, end));
    let mut executor = ramping(&[(4, 2)]);
    started(&mut *executor);
    assert_eq!(gone(&mut *executor, 0, secs(1)), (false, vec![]));
    assert_eq!(ended(&mut *executor, 1, secs(2)).len(), 1);
    assert_eq!(gone(&mut *executor, 1, secs(3)), (true, vec![Finished]));
}

#[test]
fn a_timetable_without_vus_drops_what_is_left_of_it() {
    let mut executor = arrival(2);
    for slot in [0, 1] {
        assert_eq!(gone(&mut *executor, slot, secs(0)), (slot == 1, vec![]));
    }
    assert_eq!(started(&mut *executor), [drop_of(11), Finished]);
    let mut executor = arrival(2);
    assert_eq!(gone(&mut *executor, 0, secs(0)), (false, vec![]));
    assert_eq!(started(&mut *executor), [start_of(1, 0, secs(0))]);
    assert!(gone(&mut *executor, 1, secs(1)).0);
    let mut executor = arrival(1);
    started(&mut *executor);
    let (is_lost, actions) = gone(&mut *executor, 0, secs(1));
    assert!(is_lost && actions.last() == Some(&Finished), "{actions:?}");
    let dropped: u64 = actions
        .iter()
        .map(|one| if let Drop { count } = one { *count } else { 0 })
        .sum();
    assert_eq!(dropped, 11);
}

#[test]
fn a_scenario_can_be_ended_before_its_time_as_if_that_had_come() {
    let started = |mut executor: Box<dyn Executor>| {
        started(&mut *executor);
        executor
    };
    for mut executor in [
        started(shared(1, 5)),
        started(constant(1)),
        started(ramping(&[(9, 2)])),
        started(arrival(1)),
    ] {
        let mut out = Vec::new();
        executor.end(secs(2), &mut out);
        if executor.progress(secs(2)).active_vus == 2 {
            ended(&mut *executor, 1, secs(2));
        }
        assert_eq!(out, []);
        assert_eq!(executor.next_wake(), Some(secs(7)), "a graceful stop later");
        assert_eq!(ended(&mut *executor, 0, secs(3)), [Finished]);
    }
    let mut executor = started(constant(1));
    executor.end(secs(2), &mut Vec::new());
    assert_eq!(woken(&mut *executor, secs(7)), [cut_of(0)]);
}
