//! What is told of a run is the same to the letter, whoever added it up: the process itself, or who heard its bytes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::process::{self, Act, Process};
use super::{acts, assert_is_model, told};
use crate::report::{Numbers, Told, document};

/// All that is told of a run, to the letter: its document, its tables, and what who watches it sees.
fn everything(data: Value, told: &Told, numbers: &Numbers<'_>) -> String {
    let seen = numbers.glance(numbers.duration);
    let tables = [numbers.rows(), numbers.silent_metrics()];
    json!([document(data, told, "0"), tables, seen]).to_string()
}

/// What the process itself says, and what is made of what it has said.
fn both_ways(process: &Process) -> (String, String) {
    let mut data = process.summary();
    process.told.set_into(&mut data);
    let options = process::options();
    let itself = everything(data, &process.told, &process.numbers(&options));
    let mut recording = told(&[process]);
    let (data, told) = recording.retell().unwrap();
    (itself, everything(data, &told, &recording.numbers()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_run_is_told_again_to_the_digit(acts in acts()) {
        let process = Process::run(1e12, &acts);
        let (itself, retold) = both_ways(&process);
        prop_assert_eq!(itself, retold);
        assert_is_model(&told(&[&process]), &[&acts]);
    }
}

#[test]
fn what_is_told_of_a_run_is_told_of_its_bytes_and_there_is_something_of_everything() {
    let mut acts = Vec::new();
    for second in 0..8 {
        for (metric, name) in [(0, 0), (0, 2), (1, 0), (1, 1), (2, 0), (3, 0), (3, 1)] {
            acts.push(Act::Record(metric, name, f64::from(second * 7 % 5) / 3.0));
        }
        // Slow for two seconds: the whole recovers, the window has seen it.
        let slow = if matches!(second, 3 | 4) { 700.0 } else { 5.0 };
        acts.extend((0..20).map(|_| Act::Record(3, 1, slow)));
        acts.push(Act::Check(2, 0, second % 2 == 0));
        acts.extend([Act::Collect, Act::Say]);
    }
    acts.extend([Act::Refuse(1, 3), Act::Refuse(1, 2), Act::Refuse(0, 0)]);
    acts.extend([Act::Break(1), Act::End(4001, true), Act::Raise(1)]);
    acts.extend([Act::Mark, Act::Late(80), Act::Trust, Act::Say, Act::Mark]);
    let mut process = Process::run(1e12, &acts);
    let (itself, retold) = both_ways(&process);
    assert_eq!(itself, retold);
    let told: Value = serde_json::from_str(&retold).unwrap();
    let document = &told[0];
    for (place, count) in [
        ("/run/connection_failures", 3),
        ("/run/session_failures", 1),
        ("/run/session_ends", 1),
        ("/run/exceptions", 1),
        ("/run/marks", 2),
        ("/run/reasons", 1),
        ("/run/warnings", 1),
        ("/root_group/groups/0/groups/0/checks", 1),
        ("/scenarios", 1),
        ("/thresholds", 10),
    ] {
        let found = document.pointer(place).and_then(Value::as_array);
        assert_eq!(found.map(Vec::len), Some(count), "{place}");
    }
    let stands: Vec<_> = document["thresholds"].as_array().unwrap().iter().collect();
    let windowed = stands
        .iter()
        .find(|one| one["expression"] == "med<400 over 2s");
    assert_eq!(windowed.unwrap()["value"], 700);
    assert!(stands.iter().any(|one| one["no_data"] == true));
    assert!(stands.iter().any(|one| one["ok"] == true));
    assert_eq!(document["exit_code"], 99);
    assert_eq!(told[2]["failures"].as_array().map(Vec::len), Some(4));
    // More kinds than are told apart, all in one second.
    process = Process::new(1e12);
    for number in 0..250 {
        process.act(&Act::Refuse(1, 400 + number));
        process.act(&Act::End(3000 + number, true));
    }
    process.say(true);
    let (itself, retold) = both_ways(&process);
    assert_eq!(itself, retold);
}

#[test]
fn long_trends_are_told_in_buckets_and_stay_the_same() {
    let mut process = Process::new(1e12);
    let values: Vec<f64> = (0..25_000).map(|n| f64::from(n % 997) + 0.25).collect();
    for chunk in values.chunks(1_000) {
        for value in chunk {
            process.act(&Act::Record(3, 1, *value));
        }
        process.act(&Act::Say);
    }
    process.say(true);
    let (itself, retold) = both_ways(&process);
    assert_eq!(itself, retold);
    // 1,000 values in 8 bytes each, or in buckets.
    let [early, late] = [&process.said[3], &process.said[20]].map(Vec::len);
    assert!(early > 8_000 && late < 3_000, "{early} {late}");
}
