//! Of which test several files are, and what they are where their end is missing.

use serde_json::{Value, json};

use super::super::super::delta::Planned;
use super::super::super::{Delta, Deltas, Opening};
use super::super::Recording;
use super::process::{self, Act, Process};
use super::told;
use crate::verdict::Judge;

#[test]
fn what_parts_of_a_test_do_and_show_is_together_what_the_test_does_and_shows() {
    let part = |scenario: &str, shown: Value| {
        let mut options: Value = serde_json::from_str(process::THRESHOLDS).unwrap();
        options["show"] = shown;
        let mut process = Process::new(1e12);
        process.deltas = Deltas::new(Opening {
            at: 1e12,
            options: options.to_string(),
            scenarios: vec![scenario.into()],
            stages: vec![Planned {
                scenario: scenario.into(),
                name: "2 VUs".into(),
                from: 0,
                to: 1,
            }],
            ..Opening::default()
        });
        process.say(true);
        process
    };
    let parts = [
        part("a", json!(["ws_ping"])),
        part("b", json!(["ws_msgs_sent{name:x}"])),
        part("a", json!([])),
    ];
    let mut recording = Recording::of(3);
    for one in &parts {
        let (delta, _) = Delta::decode(&one.said[0]).unwrap();
        recording.show(&delta.opening.unwrap()).unwrap();
    }
    for (instance, one) in parts.iter().enumerate() {
        recording.take(instance, &one.said[0]).unwrap();
    }
    let stages = &recording.opening().unwrap().stages;
    let scenarios: Vec<&str> = stages.iter().map(|one| &*one.scenario).collect();
    assert_eq!(scenarios, ["a", "b"]);
    let data = recording.summary(&super::full());
    for shown in ["ws_ping", "ws_msgs_sent{name:x}"] {
        assert!(data["metrics"].get(shown).is_some(), "{shown}");
    }
}

#[test]
fn one_that_was_cut_is_no_success() {
    let mut process = Process::new(1e12);
    process.act(&Act::Say);
    let mut recording = told(&[&process]);
    let (_, told) = recording.retell().unwrap();
    // Thresholds without data are crossed, which counts more.
    assert_eq!(told.exit_code, 99);
    let opening = Opening {
        options: "{}".into(),
        ..Opening::default()
    };
    process.deltas = Deltas::new(opening);
    process.judge = Judge::default();
    process.told.exit_code = 0;
    process.said.clear();
    process.act(&Act::Say);
    let mut recording = super::told(&[&process]);
    let (data, told) = recording.retell().unwrap();
    assert_eq!(
        (told.exit_code, &data["run"]["exit_code"]),
        (255, &json!(255))
    );
    process.say(true);
    let mut recording = super::told(&[&process]);
    assert_eq!(recording.retell().unwrap().1.exit_code, 0);
    recording.break_off("the disk is full".into());
    assert_eq!(recording.retell().unwrap().1.exit_code, 255);
}
