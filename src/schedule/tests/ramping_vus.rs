//! VUs that come and go on a ramp: the instants, the order, and the grace of those that go.

use super::*;
use crate::options::Stage;

const GRACE: Duration = Duration::from_secs(3);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn stages(stages: &[(u64, u64)]) -> Vec<Stage> {
    let stage = |(seconds, target): &(u64, u64)| Stage {
        duration: secs(*seconds),
        target: *target,
    };
    stages.iter().map(stage).collect()
}

fn ramp_of(start_vus: u32, course: &[(u64, u64)], ramp_down: Duration) -> Box<dyn Executor> {
    let config = ExecutorConfig::RampingVus {
        start_vus,
        stages: stages(course),
        graceful_ramp_down: ramp_down,
    };
    executor(&config, secs(5), &Share::whole())
}

/// The steps of a ramp: in milliseconds, the VU, and whether it comes.
fn steps(start_vus: u32, course: &[(u64, u64)]) -> Vec<(u128, u32, bool)> {
    let ramp = Ramp::new(start_vus, &stages(course), &Share::whole());
    ramp.map(|step| (step.at.as_millis(), step.slot.0, step.is_up))
        .collect()
}

#[test]
fn steps_are_spread_evenly_over_a_stage_and_the_last_one_ends_it() {
    assert_eq!(
        steps(1, &[(4, 5), (2, 3)]),
        [
            (1_000, 1, true),
            (2_000, 2, true),
            (3_000, 3, true),
            (4_000, 4, true),
            (5_000, 4, false),
            (6_000, 3, false),
        ]
    );
    // A stage that goes nowhere takes its time, one of no time is a jump.
    assert_eq!(
        steps(0, &[(0, 2), (7, 2), (0, 1)]),
        [(0, 0, true), (0, 1, true), (7_000, 1, false)]
    );
    let ramp = Ramp::new(0, &stages(&[(1, 3)]), &Share::whole());
    let nanos: Vec<_> = ramp.map(|step| step.at.as_nanos()).collect();
    assert_eq!(nanos, [333_333_334, 666_666_667, 1_000_000_000]);
}

#[test]
fn vus_start_in_slot_order_and_loop() {
    let mut executor = ramp_of(1, &[(2, 3), (8, 3)], GRACE);
    assert_eq!(executor.vus(), 3);
    assert_eq!(executor.planned_vus(), 3);
    assert_eq!(
        started(&mut *executor),
        vec![start_of(0, 0, Duration::ZERO)]
    );
    assert_eq!(executor.next_wake(), Some(secs(1)));
    assert_eq!(
        woken(&mut *executor, millis(1_002)),
        vec![start_of(1, 1, secs(1))]
    );
    assert_eq!(
        ended(&mut *executor, 0, millis(1_500)),
        vec![start_of(0, 2, millis(1_500))]
    );
    assert_eq!(
        woken(&mut *executor, secs(2)),
        vec![start_of(2, 3, secs(2))]
    );
    assert_eq!(executor.progress(secs(2)).active_vus, 3);
    assert_eq!(executor.next_wake(), Some(secs(10)));
}

#[test]
fn a_jump_starts_all_at_once() {
    let mut executor = ramp_of(0, &[(0, 3), (5, 3)], GRACE);
    let all: Vec<_> = (0..3)
        .map(|slot| start_of(slot, slot.into(), secs(0)))
        .collect();
    assert_eq!(started(&mut *executor), all);
}

#[test]
fn the_last_one_that_came_goes_first_and_gets_the_ramp_down() {
    let mut executor = ramp_of(2, &[(2, 0), (8, 0)], GRACE);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(1)), vec![]);
    assert_eq!(woken(&mut *executor, secs(2)), vec![]);
    // VU 1 ends in time and rests; VU 0 does not, and is cut three seconds after its step.
    assert_eq!(ended(&mut *executor, 1, secs(3)), vec![]);
    assert_eq!(executor.next_wake(), Some(secs(5)));
    assert_eq!(woken(&mut *executor, secs(5)), vec![cut_of(0)]);
    assert_eq!(ended(&mut *executor, 0, secs(5)), vec![]);
    // Nobody is left, but the scenario is not over.
    assert_eq!(executor.next_wake(), Some(secs(10)));
    assert_eq!(woken(&mut *executor, secs(10)), vec![Finished]);
}

#[test]
fn no_ramp_down_cuts_at_the_step() {
    let mut executor = ramp_of(2, &[(2, 0), (8, 0)], Duration::ZERO);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(1)), vec![cut_of(1)]);
    assert_eq!(woken(&mut *executor, secs(2)), vec![cut_of(0)]);
}

#[test]
fn a_vu_in_its_ramp_down_is_taken_back_when_the_ramp_turns_up() {
    let mut executor = ramp_of(2, &[(2, 1), (2, 2), (6, 2)], GRACE);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(2)), vec![]);
    // Step up at 4 s, before the grace of the step at 2 s is over: it goes on with what it does.
    assert_eq!(woken(&mut *executor, secs(4)), vec![]);
    assert_eq!(executor.next_wake(), Some(secs(10)));
    assert_eq!(
        ended(&mut *executor, 1, secs(6)),
        vec![start_of(1, 2, secs(6))]
    );
}

#[test]
fn the_reserved_vu_starts_again_if_its_iteration_had_ended() {
    let mut executor = ramp_of(2, &[(2, 1), (2, 2), (6, 2)], GRACE);
    started(&mut *executor);
    woken(&mut *executor, secs(2));
    assert_eq!(ended(&mut *executor, 1, secs(3)), vec![]);
    assert_eq!(
        woken(&mut *executor, secs(4)),
        vec![start_of(1, 2, secs(4))]
    );
}

#[test]
fn a_vu_that_was_cut_starts_again_once_it_has_ended() {
    let mut executor = ramp_of(2, &[(2, 1), (2, 2), (6, 2)], secs(1));
    started(&mut *executor);
    woken(&mut *executor, secs(2));
    assert_eq!(woken(&mut *executor, secs(3)), vec![cut_of(1)]);
    assert_eq!(woken(&mut *executor, secs(4)), vec![]);
    assert_eq!(
        ended(&mut *executor, 1, millis(4_100)),
        vec![start_of(1, 2, millis(4_100))]
    );
}

#[test]
fn the_last_of_several_that_go_is_the_first_to_be_taken_back() {
    let mut executor = ramp_of(4, &[(2, 2), (2, 4), (6, 4)], GRACE);
    started(&mut *executor);
    // 3 goes at 1 s, 2 at 2 s; 2 is back at 3 s, 3 would be at 4 s, as its grace ends: it stays.
    assert_eq!(woken(&mut *executor, secs(2)), vec![]);
    assert_eq!(woken(&mut *executor, secs(3)), vec![]);
    assert_eq!(executor.next_wake(), Some(secs(4)));
    assert_eq!(woken(&mut *executor, secs(4)), vec![]);
    assert_eq!(executor.progress(secs(4)).active_vus, 4);
}

#[test]
fn a_late_call_starts_only_those_that_are_still_wanted() {
    let mut executor = ramp_of(0, &[(2, 4), (2, 1), (6, 1)], GRACE);
    started(&mut *executor);
    assert_eq!(
        woken(&mut *executor, secs(5)),
        vec![start_of(0, 0, millis(500))]
    );
}

#[test]
fn no_grace_reaches_past_the_hard_end() {
    // The step down at 9 s would have until 39 s; the scenario ends at 10 s + 5 s.
    let mut executor = ramp_of(2, &[(8, 2), (2, 0)], secs(30));
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(9)), vec![]);
    assert_eq!(woken(&mut *executor, secs(10)), vec![]);
    assert_eq!(executor.progress(secs(10)).phase, Phase::GracefulStop);
    assert_eq!(executor.next_wake(), Some(secs(15)));
    assert_eq!(woken(&mut *executor, secs(15)), vec![cut_of(1), cut_of(0)]);
    assert_eq!(executor.next_wake(), None);
    assert_eq!(ended(&mut *executor, 1, secs(15)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(15)), vec![Finished]);
}

#[test]
fn those_that_stay_to_the_end_get_the_graceful_stop() {
    let mut executor = ramp_of(1, &[(10, 1)], Duration::ZERO);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(10)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(12)), vec![Finished]);
}

#[test]
fn a_step_up_on_the_end_starts_nothing() {
    let mut executor = ramp_of(1, &[(2, 2)], GRACE);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(2)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(2)), vec![Finished]);
}

#[test]
fn an_abort_cuts_each_once_and_ends_it() {
    let mut executor = ramp_of(2, &[(2, 0), (8, 0)], millis(500));
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, millis(1_500)), vec![cut_of(1)]);
    assert_eq!(stopped(&mut *executor, secs(2)), vec![cut_of(0)]);
    assert_eq!(executor.next_wake(), None);
    assert_eq!(woken(&mut *executor, secs(3)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(3)), vec![]);
    assert_eq!(ended(&mut *executor, 1, secs(3)), vec![Finished]);
}

#[test]
fn an_early_wake_before_the_start_is_harmless() {
    let mut executor = ramp_of(2, &[(2, 4)], GRACE);
    assert_eq!(woken(&mut *executor, secs(20)), vec![]);
    assert_eq!(executor.next_wake(), None);
    assert_eq!(started(&mut *executor).len(), 2);
}
