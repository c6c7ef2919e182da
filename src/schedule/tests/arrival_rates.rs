//! Starts on a timetable: their exact instants, who takes them, and which are dropped.

use proptest::prelude::*;

use super::*;
use crate::options::Stage;
use crate::schedule::arrival_rate::Timetable;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn constant_rate(rate: u64, duration: Duration, vus: (u32, u32)) -> Box<dyn Executor> {
    let config = ExecutorConfig::ConstantArrivalRate {
        rate,
        time_unit: secs(1),
        duration,
        pre_allocated_vus: vus.0,
        max_vus: vus.1,
    };
    executor(&config, secs(5), &Share::whole())
}

fn stage(seconds: u64, target: u64) -> Stage {
    Stage {
        duration: secs(seconds),
        target,
    }
}

fn instants(timetable: &impl Timetable) -> Vec<Duration> {
    (0..timetable.starts()).map(|n| timetable.nth(n)).collect()
}

#[test]
fn ten_per_second_for_two_seconds_are_twenty_one_starts() {
    let timetable = ConstantRate::new(10, secs(1), secs(2));
    let expected: Vec<_> = (0..=20).map(|n| millis(100 * n)).collect();
    assert_eq!(instants(&timetable), expected);
}

#[test]
fn rounding_does_not_accumulate() {
    let timetable = ConstantRate::new(3, secs(1), secs(3_600));
    assert_eq!(timetable.nth(1), Duration::from_nanos(333_333_334));
    assert_eq!(timetable.nth(3 * 3_599), secs(3_599));
    assert_eq!(timetable.starts(), 3 * 3_600 + 1);
    // A rate whose last start would lie behind the end by less than a nanosecond.
    assert_eq!(
        ConstantRate::new(1, Duration::from_nanos(3), secs(1)).starts(),
        333_333_334
    );
}

#[test]
fn a_ramp_starts_when_the_area_under_it_reaches_the_next_number() {
    // From 0 to 10 per second in 5 s: the area after t seconds is t².
    let timetable = RampingRate::new(0, secs(1), &[stage(5, 10)]);
    assert_eq!(timetable.starts(), 25);
    let squares: Vec<_> = [1, 4, 9, 16, 25].map(|n| timetable.nth(n - 1)).into();
    assert_eq!(squares, [1, 2, 3, 4, 5].map(secs));
    assert_eq!(timetable.nth(1), Duration::from_nanos(1_414_213_563));

    // The same downwards, mirrored in time.
    let down = RampingRate::new(10, secs(1), &[stage(5, 0)]);
    assert_eq!(down.starts(), 25);
    assert_eq!(
        [24, 21, 16, 9].map(|n| down.nth(n - 1)),
        [4, 3, 2, 1].map(secs)
    );
    assert_eq!(down.nth(24), secs(5));
}

#[test]
fn stages_follow_each_other_and_jump() {
    // 2 in the first second, a jump, 4 in the next one, a rest, then one every half second.
    let stages = [
        stage(1, 2),
        stage(0, 4),
        stage(1, 4),
        stage(0, 0),
        stage(7, 0),
        stage(0, 2),
    ];
    let timetable = RampingRate::new(2, secs(1), &[&stages[..], &[stage(1, 2)]].concat());
    let expected = [500, 1_000, 1_250, 1_500, 1_750, 2_000, 9_500, 10_000].map(millis);
    assert_eq!(instants(&timetable), expected);
    let rates = [0, 1, 2, 9, 11].map(|at| Some(timetable.rate(secs(at))));
    assert_eq!(rates, [2.0, 4.0, 0.0, 2.0, 2.0].map(Some));
    let halfway = RampingRate::new(0, secs(60), &[stage(10, 120)]);
    assert!((halfway.rate(secs(5)) - 1.0).abs() < 1e-9);
}

#[test]
fn a_start_wakes_the_executor_and_is_due_when_planned() {
    let mut executor = constant_rate(10, secs(1), (2, 2));
    assert_eq!(started(&mut *executor), vec![start_of(0, 0, millis(0))]);
    assert_eq!(executor.next_wake(), Some(millis(100)));
    assert_eq!(woken(&mut *executor, millis(99)), vec![]);
    assert_eq!(
        woken(&mut *executor, millis(103)),
        vec![start_of(1, 1, millis(100))]
    );
    assert_eq!(executor.next_wake(), Some(millis(200)));
}

#[test]
fn late_starts_come_at_once_and_at_the_end_too() {
    let mut executor = constant_rate(10, secs(1), (20, 20));
    started(&mut *executor);
    let burst = woken(&mut *executor, millis(1_001));
    let expected: Vec<_> = (1..=10_u32)
        .map(|n| start_of(n, n.into(), millis(100 * u64::from(n))))
        .collect();
    assert_eq!(burst, expected);
    assert_eq!(executor.progress(secs(2)).phase, Phase::GracefulStop);
    assert_eq!(executor.next_wake(), Some(secs(6)));
}

#[test]
fn a_start_without_a_free_vu_is_dropped_not_delayed() {
    let mut executor = constant_rate(10, secs(10), (1, 1));
    started(&mut *executor);
    assert_eq!(woken(&mut *executor, millis(350)), vec![Drop { count: 3 }]);
    assert_eq!(ended(&mut *executor, 0, millis(390)), vec![]);
    assert_eq!(
        woken(&mut *executor, millis(500)),
        vec![start_of(0, 1, millis(400)), Drop { count: 1 }]
    );
}

#[test]
fn what_was_due_while_the_vu_was_busy_is_dropped_even_if_we_look_late() {
    let mut executor = constant_rate(10, secs(10), (1, 1));
    started(&mut *executor);
    assert_eq!(
        ended(&mut *executor, 0, millis(250)),
        vec![Drop { count: 2 }]
    );
}

#[test]
fn fifty_per_second_with_three_vus_of_half_a_second_do_twelve_and_drop_the_rest() {
    let mut executor = constant_rate(50, secs(2), (1, 3));
    let mut ends: Vec<(Duration, u32)> = Vec::new();
    let (mut starts, mut dropped, mut now) = (0, 0, Duration::ZERO);
    let mut actions = started(&mut *executor);
    loop {
        for action in actions {
            match action {
                StartIteration { slot, .. } => {
                    starts += 1;
                    ends.push((now + millis(500), slot.0));
                }
                Drop { count } => dropped += count,
                Finished => {
                    assert_eq!((starts, dropped), (12, 89));
                    return;
                }
                other => panic!("{other:?} at {now:?}"),
            }
        }
        let next = executor.next_wake().unwrap();
        actions = match ends.first().copied() {
            Some((end, slot)) if end <= next => {
                now = end;
                ends.remove(0);
                ended(&mut *executor, slot, now)
            }
            _ => {
                now = next;
                woken(&mut *executor, now)
            }
        };
    }
}

#[test]
fn idle_vus_are_used_in_turn_and_new_ones_only_when_none_is_left() {
    let mut executor = constant_rate(10, secs(10), (2, 4));
    assert_eq!((executor.planned_vus(), executor.vus()), (2, 4));
    started(&mut *executor);
    ended(&mut *executor, 0, millis(50));
    let slots = |actions: Vec<Action>| -> Vec<u32> {
        let slot = |action| match action {
            StartIteration { slot, .. } => slot.0,
            other => panic!("{other:?}"),
        };
        actions.into_iter().map(slot).collect()
    };
    // VU 1 waited longer than VU 0; then as many new ones as are needed, at once.
    assert_eq!(slots(woken(&mut *executor, millis(400))), [1, 0, 2, 3]);
    assert_eq!(executor.progress(millis(400)).initialised_vus, 4);
    assert_eq!(woken(&mut *executor, millis(500)), vec![Drop { count: 1 }]);
}

#[test]
fn starts_missed_beyond_the_hard_end_are_dropped() {
    let mut executor = constant_rate(1, secs(2), (9, 9));
    started(&mut *executor);
    assert_eq!(
        woken(&mut *executor, secs(60)),
        vec![Drop { count: 2 }, cut_of(0)]
    );
    assert_eq!(ended(&mut *executor, 0, secs(60)), vec![Finished]);
}

#[test]
fn without_a_graceful_stop_a_start_on_the_end_was_never_promised() {
    let config = ExecutorConfig::ConstantArrivalRate {
        rate: 1,
        time_unit: secs(1),
        duration: secs(2),
        pre_allocated_vus: 2,
        max_vus: 2,
    };
    let mut executor = executor(&config, Duration::ZERO, &Share::whole());
    started(&mut *executor);
    woken(&mut *executor, secs(1));
    assert_eq!(woken(&mut *executor, secs(2)), vec![cut_of(0), cut_of(1)]);
}

#[test]
fn an_idle_scenario_lasts_to_its_regular_end() {
    let mut executor = constant_rate(1, millis(2_500), (1, 1));
    started(&mut *executor);
    for second in 1..=2 {
        ended(&mut *executor, 0, millis(second * 1_000 - 500));
        woken(&mut *executor, secs(second));
    }
    assert_eq!(ended(&mut *executor, 0, millis(2_100)), vec![]);
    assert_eq!(executor.next_wake(), Some(millis(2_500)));
    assert_eq!(woken(&mut *executor, millis(2_500)), vec![Finished]);
    assert_eq!(executor.next_wake(), None);
}

#[test]
fn an_abort_starts_nothing_and_drops_nothing() {
    let mut executor = constant_rate(10, secs(10), (3, 3));
    started(&mut *executor);
    assert_eq!(stopped(&mut *executor, secs(5)), vec![cut_of(0)]);
    assert_eq!(executor.next_wake(), None);
    assert_eq!(woken(&mut *executor, secs(6)), vec![]);
    assert_eq!(ended(&mut *executor, 0, secs(6)), vec![Finished]);
}

#[test]
fn progress_tells_the_rate_that_is_planned_now() {
    let config = ExecutorConfig::RampingArrivalRate {
        start_rate: 0,
        time_unit: secs(1),
        stages: vec![stage(10, 100)],
        pre_allocated_vus: 2,
        max_vus: 10,
    };
    let mut executor = executor(&config, secs(5), &Share::whole());
    assert_eq!(started(&mut *executor), vec![]);
    let progress = executor.progress(secs(3));
    assert_eq!(progress.rate, Some(30.0));
    assert_eq!((progress.initialised_vus, progress.max_vus), (2, 10));
    assert_eq!((progress.active_vus, progress.total), (0, None));
}

/// Rates and durations as people write them, jumps and rests included.
fn courses() -> impl Strategy<Value = (u64, Vec<Stage>)> {
    let rate = prop_oneof![Just(0_u64), 1_u64..20, 100_u64..5_000];
    let millis = prop_oneof![Just(0_u64), 1_u64..200, 1_000_u64..5_000];
    let stage = (millis, rate.clone()).prop_map(|(millis, target)| Stage {
        duration: Duration::from_millis(millis),
        target,
    });
    (rate, prop::collection::vec(stage, 1..5))
}

/// Starts that the area under a course has reached by a time, by adding up thin slices of it.
fn reached(start_rate: u64, stages: &[Stage], at: Duration) -> f64 {
    let (mut area, mut from, mut left) = (0.0, start_rate as f64, at.as_secs_f64());
    for stage in stages {
        let (duration, to) = (stage.duration.as_secs_f64(), stage.target as f64);
        let part = left.min(duration);
        if part > 0.0 {
            let then = from + (to - from) * part / duration;
            area += f64::midpoint(from, then) * part;
        }
        left -= part;
        from = to;
    }
    area
}

proptest! {
    #[test]
    fn every_start_of_a_ramp_is_where_the_area_says((start_rate, stages) in courses()) {
        let timetable = RampingRate::new(start_rate, secs(1), &stages);
        let end: Duration = stages.iter().map(|stage| stage.duration).sum();
        let mut last = Duration::ZERO;
        for n in 0..timetable.starts() {
            let at = timetable.nth(n);
            prop_assert!(last <= at && at <= end, "start {} at {:?} after {:?}", n, at, last);
            let area = reached(start_rate, &stages, at);
            // A nanosecond more or less, times the highest rate, and the digits of this sum.
            prop_assert!((area - (n + 1) as f64).abs() < 2e-5, "start {} at {}", n, area);
            last = at;
        }
        let total = reached(start_rate, &stages, end);
        prop_assert!((timetable.starts() as f64 - total).abs() < 1.0 + 1e-6);
    }

    #[test]
    fn every_start_of_a_constant_rate_is_the_first_nanosecond_that_is_due(
        rate in 1_u64..100_000, unit in 1_u64..10_000, duration in 1_000_u64..10_000,
        n in 0_u64..1_000_000,
    ) {
        let (unit, duration) = (millis(unit), millis(duration));
        let timetable = ConstantRate::new(rate, unit, duration);
        let n = n % timetable.starts();
        let at = timetable.nth(n).as_nanos();
        let planned = u128::from(n) * unit.as_nanos();
        prop_assert!(at * u128::from(rate) >= planned);
        prop_assert!(at == 0 || (at - 1) * u128::from(rate) < planned);
        prop_assert!(timetable.nth(timetable.starts() - 1) <= duration);
        prop_assert!(timetable.nth(timetable.starts()) > duration);
    }
}
