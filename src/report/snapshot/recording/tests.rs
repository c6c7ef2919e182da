//! Runs that are told, merged, cut and lied about: against the run's own totals, and against a model that keeps every
//! value.

mod beginning;
mod process;
mod same;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use self::process::{Act, METRICS, Process};
use super::super::Deltas;
use super::*;
use crate::metrics::{Kind, TrendStat, Unit};
use crate::report::View;
use crate::verdict::Standing;

/// What these processes said, added up second by second, those named first first.
fn told(processes: &[&Process]) -> Recording {
    let mut recording = Recording::of(processes.len());
    let longest = processes.iter().map(|one| one.said.len()).max();
    for second in 0..longest.unwrap_or_default() {
        for (instance, process) in processes.iter().enumerate() {
            if let Some(bytes) = process.said.get(second) {
                recording.take(instance, bytes).unwrap();
            }
        }
    }
    recording
}

fn full() -> View {
    View {
        mode: "full".into(),
        ..View::default()
    }
}

fn retold(processes: &[&Process]) -> Value {
    told(processes).summary(&full())
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let value = prop_oneof![
        Just(0.0),
        Just(1.0),
        0.0..1000.0_f64,
        (1..50_u32).prop_map(f64::from)
    ];
    let act = prop_oneof![
        12 => (0..METRICS.len(), 0..3_usize, value).prop_map(|(m, n, v)| Act::Record(m, n, v)),
        2 => (0..3_usize, 0..3_usize, any::<bool>()).prop_map(|(g, c, p)| Act::Check(g, c, p)),
        1 => (0..2_usize, 0..4_u16).prop_map(|(c, s)| Act::Refuse(c, s)),
        1 => (0..2_usize).prop_map(Act::Break),
        1 => (4000..4003_u16, any::<bool>()).prop_map(|(c, s)| Act::End(c, s)),
        1 => (0..3_usize).prop_map(Act::Raise),
        1 => Just(Act::Mark),
        1 => (0..300_u64).prop_map(Act::Late),
        1 => Just(Act::Trust),
        2 => Just(Act::Collect),
        1 => Just(Act::Say),
    ];
    proptest::collection::vec(act, 0..120)
}

/// Values by metric and name, all of them.
fn model(acts: &[&[Act]]) -> BTreeMap<(usize, usize), Vec<f64>> {
    let mut all: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for act in acts.iter().copied().flatten() {
        if let Act::Record(metric, name, value) = act {
            all.entry((*metric, *name)).or_default().push(*value);
        }
    }
    all
}

fn assert_is_model(recording: &Recording, acts: &[&[Act]]) {
    for ((metric, name), mut values) in model(acts) {
        let of_metric = recording.series.of_metric(METRICS[metric]).iter();
        let wanted = format!("n{name}");
        let mut found = of_metric
            .filter(|series| recording.series.tags(**series).get("name") == Some(&*wanted));
        let sink = recording
            .totals
            .aggregate
            .sink(*found.next().unwrap())
            .unwrap();
        let sum: f64 = values.iter().sum();
        values.sort_by(f64::total_cmp);
        let (min, max) = (values[0], values[values.len() - 1]);
        match sink {
            Sink::Counter { sum: told, samples } => {
                assert!((told - sum).abs() <= sum.abs() * 1e-12);
                assert_eq!(*samples, values.len() as u64);
            }
            Sink::Gauge {
                min: low,
                max: high,
                samples,
                ..
            } => assert_eq!((*low, *high, *samples), (min, max, values.len() as u64)),
            Sink::Rate { passes, total } => {
                let held = values.iter().filter(|one| **one != 0.0).count() as u64;
                assert_eq!((*passes, *total), (held, values.len() as u64));
            }
            Sink::Trend(trend) => {
                assert!((trend.sum() - sum).abs() <= sum.abs() * 1e-12);
                assert_eq!((trend.min(), trend.max()), (min, max));
                assert_eq!(trend.count(), values.len() as u64);
                assert!(trend.is_exact());
                let middle = values[(values.len() - 1) / 2];
                if values.len() % 2 == 1 {
                    assert_eq!(TrendStat::Med.of(trend).to_bits(), middle.to_bits());
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn processes_are_merged_in_any_order(one in acts(), two in acts(), three in acts()) {
        let processes = [&one, &two, &three].map(|acts| Process::run(1e12, acts));
        let [a, b, c] = &processes;
        let merged = told(&[a, b, c]);
        assert_is_model(&merged, &[&one, &two, &three]);
        for order in [[c, a, b], [b, c, a], [c, b, a]] {
            assert_is_model(&told(&order), &[&one, &two, &three]);
            let (again, first) = (retold(&order), retold(&[a, b, c]));
            let failures = |data: &Value| {
                let mut all = data["run"]["connection_failures"].as_array().unwrap().clone();
                all.sort_by_key(|one| (one["cause"].to_string(), one["status"].to_string()));
                all
            };
            prop_assert_eq!(failures(&again), failures(&first));
            prop_assert_eq!(&again["run"]["session_ends"], &first["run"]["session_ends"]);
            prop_assert_eq!(
                &again["run"]["iterations_interrupted"], &first["run"]["iterations_interrupted"]
            );
        }
    }

    #[test]
    fn whatever_is_read_is_told_or_refused(
        acts in acts(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let process = Process::run(1e12, &acts);
        let mut recording = Recording::of(1);
        for bytes in &process.said {
            let mut bytes = bytes.clone();
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            let cut = cut.index(bytes.len());
            prop_assert!(Recording::of(1).take(0, &bytes[..cut]).is_err());
            if recording.take(0, &bytes).is_err() {
                break;
            }
        }
        recording.summary(&full());
    }

    #[test]
    fn noise_is_refused(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut recording = Recording::of(1);
        let _ = recording.take(0, &[&[super::super::error::VERSION], &*noise].concat());
        recording.summary(&full());
    }
}

#[test]
fn how_many_vus_there_are_is_the_sum_at_the_same_time() {
    let vus = |counts: &[f64]| {
        let mut process = Process::new(1e12);
        for count in counts {
            let series = process
                .series
                .series(&process.registry, builtin::VUS, &TagSet::new());
            process.recorder.add(series, *count);
            process.act(&Act::Say);
        }
        process.say(true);
        process
    };
    let (one, two) = (vus(&[5.0, 7.0]), vus(&[10.0, 20.0]));
    let data = retold(&[&one, &two]);
    let wanted = json!({"value": 27, "min": 15, "max": 27});
    assert_eq!(data["metrics"]["vus"]["values"], wanted);
}

#[test]
fn thresholds_of_several_are_judged_over_all_numbers() {
    // Alone each has too few, and one of them is slow.
    let fast: Vec<Act> = (0..90).map(|_| Act::Record(3, 1, 10.0)).collect();
    let slow: Vec<Act> = (0..3).map(|_| Act::Record(3, 1, 800.0)).collect();
    let sent = [Act::Record(0, 0, 3.0)];
    let fast = Process::run(1e12, &[&fast[..], &sent].concat());
    let slow = Process::run(1e12 + 500.0, &[&slow[..], &sent].concat());
    let stands = |data: &Value, metric: &str, expression: &str| {
        data["metrics"][metric]["thresholds"][expression].clone()
    };
    let (part, p95) = ("ws_req_duration{name:n1}", "p(95)<500");
    assert_eq!(stands(&retold(&[&slow]), part, p95)["ok"], false);
    assert_eq!(
        stands(&retold(&[&fast]), "data_sent", "count>5")["ok"],
        false
    );
    let merged = retold(&[&fast, &slow]);
    let ok_and_value = |one: &Value| (one["ok"].clone(), one["value"].clone());
    let judged = stands(&merged, part, p95);
    assert_eq!(ok_and_value(&judged), (json!(true), json!(10)));
    let sent = stands(&merged, "data_sent", "count>5");
    assert_eq!(ok_and_value(&sent), (json!(true), json!(6)));
    assert_eq!(merged["state"]["testRunDurationMs"], 1500);
}

#[test]
fn files_of_two_tests_are_not_merged() {
    let (one, mut two) = (Process::run(1e12, &[]), Process::new(1e12));
    two.deltas = Deltas::new(Opening {
        options: "{}".into(),
        ..Opening::default()
    });
    two.say(true);
    let mut recording = Recording::of(2);
    recording.take(0, &one.said[0]).unwrap();
    assert_eq!(
        recording.take(1, &two.said[0]),
        Err(SnapshotError::OtherTest)
    );
}

#[test]
fn a_metric_of_the_script_comes_back_under_its_name() {
    let mut process = Process::new(1e12);
    let own = process
        .registry
        .register("ws_closes", Kind::Rate, Unit::Default)
        .unwrap();
    let series = process
        .series
        .series(&process.registry, own, &TagSet::new());
    process.recorder.add(series, 1.0);
    process.say(true);
    let data = retold(&[&process]);
    assert_eq!(data["metrics"]["ws_closes"]["type"], "rate");
    assert_eq!(data, process.summary());
}

#[test]
fn what_lies_is_refused_by_what_it_says() {
    let refused = |change: &dyn Fn(&mut Delta)| {
        let mut delta = Delta {
            opening: Some(Opening {
                options: "{}".into(),
                ..Opening::default()
            }),
            ..Delta::default()
        };
        change(&mut delta);
        let bytes = delta.encode(None);
        Recording::of(1).take(0, &bytes).unwrap_err().to_string()
    };
    let deep = "::a".repeat(DEEPEST + 1);
    for (change, said) in [
        (
            &(|delta: &mut Delta| delta.groups.push(deep.clone())) as &dyn Fn(&mut Delta),
            "without end",
        ),
        (
            &|delta| delta.series.push((7, Tags::default())),
            "no metric",
        ),
        (
            &|delta| delta.groups = vec![String::new(); 100_001],
            "makes no sense",
        ),
        (
            &|delta| delta.series = vec![(0, Tags(vec![(String::new(), String::new()); 101]))],
            "makes no sense",
        ),
        (
            &|delta| delta.facts.standings = vec![Standing::Open; 100_001],
            "makes no sense",
        ),
        (&|delta| delta.opening = None, "beginning is missing"),
        (&|delta| delta.now.clock_started = f64::NAN, "clock"),
        (
            &|delta| {
                let broken = Opening {
                    options: "[".into(),
                    ..Opening::default()
                };
                delta.opening = Some(broken);
            },
            "no JSON object",
        ),
        (
            &|delta| {
                let unknown = Opening {
                    options: r#"{"thresholds": {"no_such": ["count>1"]}}"#.into(),
                    ..Opening::default()
                };
                delta.opening = Some(unknown);
            },
            "no_such",
        ),
    ] {
        let error = refused(change);
        assert!(error.contains(said), "{error}");
    }
    let newer = Recording::of(1).take(0, &[9, 0]).unwrap_err();
    assert!(newer.to_string().contains("version 9"));
}
