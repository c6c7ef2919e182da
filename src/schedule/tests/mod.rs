//! The promises of the executors: examples here, any interleaving in `interleavings`.
//!
//! Time is a number handed in, so every test is exact.

mod arrival_rates;
mod gathering;
mod interleavings;
mod members;
mod need;
mod ramping_vus;
mod segments;

use super::Action::{Drop, Finished, HardStop, StartIteration};
use super::*;

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn shared(vus: u32, iterations: u64) -> Box<dyn Executor> {
    let config = ExecutorConfig::SharedIterations {
        vus,
        iterations,
        max_duration: secs(10),
    };
    executor(&config, secs(5), &Share::whole())
}

fn per_vu(vus: u32, iterations: u64) -> Box<dyn Executor> {
    let config = ExecutorConfig::PerVuIterations {
        vus,
        iterations,
        max_duration: secs(10),
    };
    executor(&config, secs(5), &Share::whole())
}

fn constant(vus: u32) -> Box<dyn Executor> {
    executor(
        &ExecutorConfig::ConstantVus {
            vus,
            duration: secs(10),
        },
        secs(5),
        &Share::whole(),
    )
}

/// A start in a test that is run by one process, so that both numbers are the same.
fn start_of(slot: u32, number: u64, due: Duration) -> Action {
    StartIteration {
        slot: VuSlot(slot),
        number,
        number_in_test: number,
        due,
    }
}

fn cut_of(slot: u32) -> Action {
    HardStop { slot: VuSlot(slot) }
}

fn started(executor: &mut dyn Executor) -> Vec<Action> {
    let mut out = Vec::new();
    executor.start(&mut out);
    out
}

fn ended(executor: &mut dyn Executor, slot: u32, now: Duration) -> Vec<Action> {
    let mut out = Vec::new();
    executor.iteration_ended(VuSlot(slot), now, &mut out);
    out
}

fn woken(executor: &mut dyn Executor, now: Duration) -> Vec<Action> {
    let mut out = Vec::new();
    executor.wake(now, &mut out);
    out
}

fn stopped(executor: &mut dyn Executor, now: Duration) -> Vec<Action> {
    let mut out = Vec::new();
    executor.stop(now, &mut out);
    out
}

#[test]
fn all_vus_start_at_offset_zero_in_slot_order() {
    let at_once = |slot: u32| start_of(slot, slot.into(), Duration::ZERO);
    let promised = vec![at_once(0), at_once(1), at_once(2)];
    assert_eq!(started(&mut *shared(3, 5)), promised);
    assert_eq!(started(&mut *per_vu(3, 1)), promised);
    assert_eq!(started(&mut *constant(3)), promised);
}

#[test]
fn shared_iterations_go_to_whoever_is_free() {
    let mut executor = shared(2, 4);
    started(&mut *executor);
    assert_eq!(
        ended(&mut *executor, 1, secs(1)),
        vec![start_of(1, 2, secs(1))]
    );
    assert_eq!(
        ended(&mut *executor, 1, secs(2)),
        vec![start_of(1, 3, secs(2))]
    );
    assert_eq!(ended(&mut *executor, 1, secs(3)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(4)), vec![Finished]);
    assert_eq!(executor.next_wake(), None);
}

#[test]
fn shared_iterations_drop_the_rest_as_one_number() {
    let mut executor = shared(2, 7);
    started(&mut *executor);
    ended(&mut *executor, 0, secs(1));
    assert_eq!(woken(&mut *executor, secs(10)), vec![Drop { count: 4 }]);
}

#[test]
fn per_vu_iterations_do_not_help_a_slow_vu() {
    let mut executor = per_vu(2, 2);
    started(&mut *executor);
    assert_eq!(
        ended(&mut *executor, 1, secs(1)),
        vec![start_of(1, 2, secs(1))]
    );
    assert_eq!(ended(&mut *executor, 1, secs(2)), vec![]);
    assert_eq!(
        ended(&mut *executor, 0, secs(3)),
        vec![start_of(0, 3, secs(3))]
    );
    assert_eq!(ended(&mut *executor, 0, secs(4)), vec![Finished]);
}

#[test]
fn per_vu_iterations_drop_one_number_per_unfinished_vu() {
    let mut executor = per_vu(3, 3);
    started(&mut *executor);
    for second in 1..=3 {
        ended(&mut *executor, 1, secs(second));
    }
    ended(&mut *executor, 2, secs(4));
    assert_eq!(
        woken(&mut *executor, secs(10)),
        vec![Drop { count: 2 }, Drop { count: 1 }]
    );
}

#[test]
fn constant_vus_loop_until_the_regular_end_and_drop_nothing() {
    let mut executor = constant(1);
    started(&mut *executor);
    let just_before = secs(10).checked_sub(Duration::from_nanos(1)).unwrap();
    assert_eq!(
        ended(&mut *executor, 0, just_before),
        vec![start_of(0, 1, just_before)]
    );
    assert_eq!(woken(&mut *executor, secs(10)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(11)), vec![Finished]);
}

#[test]
fn an_end_at_the_regular_end_starts_nothing_even_before_the_wake() {
    let mut executor = shared(1, 3);
    started(&mut *executor);
    assert_eq!(
        ended(&mut *executor, 0, secs(10)),
        vec![Drop { count: 2 }, Finished]
    );
    assert_eq!(woken(&mut *executor, secs(10)), vec![]);
}

#[test]
fn running_iterations_get_the_graceful_stop_and_then_one_hard_stop_each() {
    let mut executor = constant(3);
    started(&mut *executor);
    assert_eq!(executor.next_wake(), Some(secs(10)));
    woken(&mut *executor, secs(10));
    assert_eq!(executor.next_wake(), Some(secs(15)));
    assert_eq!(ended(&mut *executor, 1, secs(14)), vec![]);
    assert_eq!(woken(&mut *executor, secs(15)), vec![cut_of(0), cut_of(2)]);
    assert_eq!(executor.next_wake(), None);
    assert_eq!(woken(&mut *executor, secs(16)), vec![]);
    assert_eq!(ended(&mut *executor, 2, secs(16)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(17)), vec![Finished]);
}

#[test]
fn a_late_wake_acts_on_both_ends() {
    let mut executor = shared(1, 2);
    started(&mut *executor);
    assert_eq!(
        woken(&mut *executor, secs(60)),
        vec![Drop { count: 1 }, cut_of(0)]
    );
}

#[test]
fn no_graceful_stop_cuts_at_the_regular_end() {
    let config = ExecutorConfig::ConstantVus {
        vus: 1,
        duration: secs(10),
    };
    let mut executor = executor(&config, Duration::ZERO, &Share::whole());
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(10)), vec![cut_of(0)]);
}

#[test]
fn an_early_wake_is_harmless() {
    let mut executor = shared(1, 2);
    assert_eq!(woken(&mut *executor, secs(20)), vec![]);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(9)), vec![]);
    assert_eq!(executor.next_wake(), Some(secs(10)));
}

#[test]
fn an_interrupted_iteration_is_not_dropped() {
    let mut executor = shared(2, 2);
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, secs(15)), vec![cut_of(0), cut_of(1)]);
}

#[test]
fn an_abort_cuts_at_once_and_drops_nothing() {
    let mut executor = shared(2, 10);
    started(&mut *executor);
    assert_eq!(stopped(&mut *executor, secs(3)), vec![cut_of(0), cut_of(1)]);
    assert_eq!(executor.next_wake(), None);
    assert_eq!(ended(&mut *executor, 0, secs(3)), vec![]);
    assert_eq!(ended(&mut *executor, 1, secs(3)), vec![Finished]);
    assert_eq!(stopped(&mut *executor, secs(4)), vec![]);
}

#[test]
fn an_abort_in_the_graceful_stop_cuts_once() {
    let mut executor = constant(1);
    started(&mut *executor);
    woken(&mut *executor, secs(10));
    assert_eq!(stopped(&mut *executor, secs(11)), vec![cut_of(0)]);
    assert_eq!(stopped(&mut *executor, secs(12)), vec![]);
    assert_eq!(woken(&mut *executor, secs(15)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(15)), vec![Finished]);
}

#[test]
fn an_abort_before_the_start_finishes_and_nothing_starts_later() {
    let mut executor = constant(2);
    assert_eq!(stopped(&mut *executor, Duration::ZERO), vec![Finished]);
    assert_eq!(started(&mut *executor), vec![]);
    assert_eq!(stopped(&mut *executor, secs(1)), vec![]);
}

#[test]
fn an_end_nobody_waits_for_is_ignored() {
    let mut executor = shared(1, 2);
    assert_eq!(ended(&mut *executor, 0, Duration::ZERO), vec![]);
    started(&mut *executor);
    assert_eq!(ended(&mut *executor, 7, secs(1)), vec![]);
    ended(&mut *executor, 0, secs(1));
    assert_eq!(ended(&mut *executor, 0, secs(2)), vec![Finished]);
    assert_eq!(ended(&mut *executor, 0, secs(3)), vec![]);
}

#[test]
fn progress_follows_the_scenario_and_stands_still_at_its_end() {
    let mut executor = per_vu(2, 2);
    let mut expected = ExecutorProgress {
        active_vus: 0,
        initialised_vus: 2,
        max_vus: 2,
        started: 0,
        total: Some(4),
        rate: None,
        elapsed: Duration::ZERO,
        regular_end: secs(10),
        phase: Phase::Waiting,
    };
    assert_eq!(executor.progress(secs(3)), expected);
    started(&mut *executor);
    expected.active_vus = 2;
    expected.started = 2;
    expected.elapsed = secs(3);
    expected.phase = Phase::Running;
    assert_eq!(executor.progress(secs(3)), expected);
    ended(&mut *executor, 0, secs(4));
    ended(&mut *executor, 0, secs(5));
    expected.active_vus = 1;
    expected.started = 3;
    expected.elapsed = secs(6);
    assert_eq!(executor.progress(secs(6)), expected);
    woken(&mut *executor, secs(10));
    expected.elapsed = secs(10);
    expected.phase = Phase::GracefulStop;
    assert_eq!(executor.progress(secs(12)), expected);
    ended(&mut *executor, 1, secs(13));
    expected.active_vus = 0;
    expected.phase = Phase::Done;
    assert_eq!(executor.progress(secs(20)), expected);
}

#[test]
fn a_scenario_done_early_keeps_the_time_it_took() {
    let mut executor = shared(1, 1);
    started(&mut *executor);
    ended(&mut *executor, 0, secs(2));
    assert_eq!(executor.progress(secs(9)).elapsed, secs(2));
}

#[test]
fn constant_vus_promise_no_number_of_iterations() {
    assert_eq!(constant(4).progress(Duration::ZERO).total, None);
    assert_eq!(constant(4).vus(), 4);
}
