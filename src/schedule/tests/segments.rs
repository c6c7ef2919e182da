//! Several processes with a segment each do together what one does alone.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::interleavings::{World, configs};
use super::*;
use crate::options::Stage;
use crate::segment::Sequence;

pub(super) fn shares(borders: &str) -> Vec<Share> {
    let sequence = Sequence::parse(borders.split(',')).unwrap();
    let segments = sequence.segments();
    segments
        .map(|segment| Share::new(segment, &sequence).unwrap())
        .collect()
}

fn starts(actions: &[Action]) -> Vec<(u32, u64, u64, u128)> {
    let start = |action: &Action| match *action {
        StartIteration {
            slot,
            number,
            number_in_test,
            due,
        } => Some((slot.0, number, number_in_test, due.as_millis())),
        _ => None,
    };
    actions.iter().filter_map(start).collect()
}

#[test]
fn shared_iterations_are_split_as_the_vus_are() {
    let config = ExecutorConfig::SharedIterations {
        vus: 5,
        iterations: 12,
        max_duration: secs(10),
    };
    let executors = shares("0,1/2,3/4,1").into_iter().map(|share| {
        let executor = executor(&config, secs(5), &share);
        (executor.vus(), executor.progress(secs(0)).total)
    });
    let expected = [(3, Some(7)), (1, Some(3)), (1, Some(2))];
    assert_eq!(executors.collect::<Vec<_>>(), expected);
}

#[test]
fn each_process_fires_its_own_stripe_of_the_timetable() {
    let config = ExecutorConfig::ConstantArrivalRate {
        rate: 10,
        time_unit: secs(1),
        duration: secs(1),
        pre_allocated_vus: 20,
        max_vus: 40,
    };
    let mut fired = shares("0,1/2,3/4,1").into_iter().map(|share| {
        let mut executor = executor(&config, secs(5), &share);
        let mut actions = started(&mut *executor);
        actions.extend(woken(&mut *executor, secs(1)));
        assert!((executor.progress(secs(1)).rate.unwrap() - 10.0 * share.size()).abs() < 1e-9);
        (executor.planned_vus(), executor.vus(), starts(&actions))
    });
    let (planned, most, half) = fired.next().unwrap();
    assert_eq!((planned, most), (10, 20));
    let expected: Vec<_> = (0..6)
        .map(|n: u32| (n, n.into(), u64::from(2 * n), u128::from(200 * n)))
        .collect();
    assert_eq!(half, expected);
    let (_, _, quarter) = fired.next().unwrap();
    assert_eq!(quarter, [(0, 0, 1, 100), (1, 1, 5, 500), (2, 2, 9, 900)]);
}

#[test]
fn each_step_of_a_ramp_belongs_to_one_process() {
    let config = ExecutorConfig::RampingVus {
        start_vus: 1,
        stages: vec![Stage {
            duration: secs(4),
            target: 5,
        }],
        graceful_ramp_down: secs(1),
    };
    let just_before_the_end = Duration::from_millis(3_999);
    let fired = shares("0,1/2,3/4,1").into_iter().map(|share| {
        let mut executor = executor(&config, secs(5), &share);
        let mut actions = started(&mut *executor);
        actions.extend(woken(&mut *executor, just_before_the_end));
        starts(&actions)
    });
    let expected = vec![
        vec![(0, 0, 0, 0), (1, 1, 2, 2_000)],
        vec![(0, 0, 1, 1_000)],
        vec![(0, 0, 3, 3_000)],
    ];
    assert_eq!(fired.collect::<Vec<_>>(), expected);
}

#[test]
fn a_part_without_a_vu_finishes_at_once_and_does_nothing() {
    let config = ExecutorConfig::PerVuIterations {
        vus: 1,
        iterations: 3,
        max_duration: secs(10),
    };
    let second = &shares("0,1/2,1")[1];
    let mut executor = executor(&config, secs(5), second);
    assert_eq!(executor.vus(), 0);
    assert_eq!(started(&mut *executor), vec![Finished]);
}

const SEQUENCES: [&str; 5] = [
    "0,1",
    "0,1/2,3/4,1",
    "0,1/3,2/3,1",
    "0,1/7,1/5,1",
    "0,0.1,0.2,0.3,1",
];

proptest! {
    #[test]
    fn parts_add_up_to_the_whole_and_numbers_are_unique(
        config in configs(),
        sequence in prop::sample::select(&SEQUENCES[..]),
    ) {
        let mut alone = World::new(&config, secs(5), &Share::whole());
        let promised = alone.executor.progress(secs(0)).total;
        let has_timetable = alone.executor.progress(secs(0)).rate.is_some();
        alone.play(&[]);
        alone.play_out();
        let starts = alone.started + alone.dropped;

        let (mut vus, mut planned, mut own_starts) = (0, 0, 0);
        let mut own_promised = promised.map(|_| 0);
        let mut numbers = BTreeSet::new();
        for share in shares(sequence) {
            let mut world = World::new(&config, secs(5), &share);
            vus += world.executor.vus();
            planned += world.executor.planned_vus();
            let total = world.executor.progress(secs(0)).total;
            own_promised = own_promised.zip(total).map(|(sum, own)| sum + own);
            if world.executor.vus() == 0 {
                // Such a scenario is left out, and with it what would be dropped for want of a VU.
                own_starts += share.of(starts);
                continue;
            }
            world.play(&[]);
            world.play_out();
            own_starts += world.started + world.dropped;
            for number in &world.numbers {
                prop_assert!(numbers.insert(*number), "{} twice", number);
            }
        }
        prop_assert_eq!(vus, config.vus());
        prop_assert_eq!(planned, config.planned_vus());
        prop_assert_eq!(own_promised, promised);
        if let Some(promised) = promised && numbers.len() as u64 == promised {
            prop_assert_eq!(numbers.last().copied(), promised.checked_sub(1));
        }
        if has_timetable {
            prop_assert_eq!(own_starts, starts);
        }
    }
}
