//! Starts that follow each other fast gather on a grid of a millisecond; none is early, lost or made twice.

use super::*;
use crate::options::Stage;

const MS: Duration = Duration::from_millis(1);

/// What a scenario did whose iterations take no time and that is woken as it asks for, late by `late`.
#[derive(Default)]
struct Course {
    /// When each was due, and when it was made.
    starts: Vec<(Duration, Duration)>,
    wakes: u64,
    dropped: u64,
}

fn constant(rate: u64, seconds: u64, vus: u32, graceful_stop: Duration) -> Box<dyn Executor> {
    let config = ExecutorConfig::ConstantArrivalRate {
        rate,
        time_unit: secs(1),
        duration: secs(seconds),
        pre_allocated_vus: vus,
        max_vus: vus,
    };
    executor(&config, graceful_stop, &Share::whole())
}

fn ramp(targets: &[u64], vus: u32) -> Box<dyn Executor> {
    let stage = |&target| Stage {
        duration: secs(1),
        target,
    };
    let config = ExecutorConfig::RampingArrivalRate {
        start_rate: 0,
        time_unit: secs(1),
        stages: targets.iter().map(stage).collect(),
        pre_allocated_vus: vus,
        max_vus: vus,
    };
    executor(&config, secs(5), &Share::whole())
}

fn followed(mut executor: Box<dyn Executor>, late: Duration) -> Course {
    let mut course = Course::default();
    let mut now = Duration::ZERO;
    let mut actions = started(&mut *executor);
    loop {
        for action in std::mem::take(&mut actions) {
            match action {
                StartIteration { slot, due, .. } => {
                    course.starts.push((due, now));
                    executor.iteration_ended(slot, now, &mut actions);
                }
                Drop { count } => course.dropped += count,
                Finished => return course,
                other => panic!("{other:?} at {now:?}"),
            }
        }
        if actions.is_empty() {
            now = now.max(executor.next_wake().unwrap() + late);
            course.wakes += 1;
            actions = woken(&mut *executor, now);
        }
    }
}

impl Course {
    /// The latest start; none may be early.
    fn latest(&self) -> Duration {
        let late = |(due, made): &(Duration, Duration)| made.checked_sub(*due).unwrap();
        self.starts.iter().map(late).max().unwrap()
    }
}

#[test]
fn up_to_a_thousand_in_a_second_each_start_has_a_wake_of_its_own() {
    for rate in [1, 10, 999, 1_000] {
        let course = followed(constant(rate, 2, 100, secs(5)), Duration::ZERO);
        assert_eq!(course.starts.len() as u64, 2 * rate + 1);
        assert_eq!(course.latest(), Duration::ZERO, "{rate}");
    }
}

#[test]
fn beyond_it_they_gather_for_less_than_a_millisecond() {
    let course = followed(constant(10_000, 2, 100, secs(5)), Duration::ZERO);
    let due: Vec<_> = course.starts.iter().map(|(due, _)| *due).collect();
    let planned = |n: u32| Duration::from_micros(100) * n;
    assert_eq!(due, (0..=20_000).map(planned).collect::<Vec<_>>());
    assert_eq!(course.latest(), Duration::from_micros(900));
    assert_eq!(course.dropped, 0);
    // One for each millisecond but the last, whose ten starts come one by one.
    assert_eq!(course.wakes, 1_999 + 10);
}

#[test]
fn no_start_of_the_last_millisecond_is_dropped_for_having_gathered() {
    let graceful_stop = Duration::ZERO;
    let course = followed(constant(10_000, 1, 100, graceful_stop), Duration::ZERO);
    // The one on the end itself was never promised.
    assert_eq!((course.starts.len(), course.dropped), (10_000, 0));
}

#[test]
fn vus_that_are_few_are_not_needed_at_once() {
    for vus in 1..=30 {
        for late in [Duration::ZERO, Duration::from_micros(60)] {
            // With one VU, what falls due while the thread wakes finds none, as ever.
            let late = if vus == 1 { Duration::ZERO } else { late };
            let course = followed(constant(10_000, 1, vus, secs(5)), late);
            assert_eq!((course.starts.len(), course.dropped), (10_001, 0), "{vus}");
            assert!(course.latest() < MS + late);
            assert!(vus > 3 || course.wakes >= 10_000, "{vus}: {}", course.wakes);
        }
    }
}

#[test]
fn a_ramp_gathers_while_it_is_fast() {
    let course = followed(ramp(&[2_000, 2_000, 0], 100), Duration::ZERO);
    assert_eq!((course.starts.len(), course.dropped), (4_000, 0));
    assert!(course.latest() < MS);
    for (due, made) in &course.starts {
        let is_slow = *due <= secs(1) / 2 || *due >= secs(5) / 2;
        assert!(!is_slow || made == due, "{due:?} {made:?}");
        assert!(is_slow || *made == *due || made.subsec_nanos() % 1_000_000 == 0);
    }
    assert!(course.wakes < 2_600, "{}", course.wakes);
}

#[test]
fn a_part_gathers_if_its_own_starts_are_many() {
    let config = ExecutorConfig::ConstantArrivalRate {
        rate: 3_000,
        time_unit: secs(1),
        duration: secs(1),
        pre_allocated_vus: 100,
        max_vus: 100,
    };
    let shares = super::segments::shares("0,1/4,1");
    let parts = shares.iter().map(|share| {
        let course = followed(executor(&config, secs(5), share), Duration::ZERO);
        (course.starts.len(), course.latest() > Duration::ZERO)
    });
    assert_eq!(parts.collect::<Vec<_>>(), [(750, false), (2_251, true)]);
}
