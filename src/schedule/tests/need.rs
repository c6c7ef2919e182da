//! How many VUs a test needs at one time.

use serde_json::{Value, json};

use super::*;
use crate::options::{Source, Tier, parse};

fn need(scenarios: &Value, segment: Option<&str>) -> (u64, u64) {
    let Value::Object(values) = json!({"scenarios": scenarios, "executionSegment": segment}) else {
        unreachable!("it was written as an object");
    };
    let source = Source::Script;
    let options = parse(&[Tier { source, values }]).unwrap();
    let need = needed_vus(&options.scenarios, &options.share);
    (need.planned, need.maximum)
}

#[test]
fn scenarios_that_overlap_add_up() {
    let two = json!({
        "a": {"executor": "constant-vus", "vus": 3, "duration": "10s"},
        "b": {"executor": "per-vu-iterations", "vus": 4, "startTime": "5s"},
    });
    assert_eq!(need(&two, None), (7, 7));
}

#[test]
fn a_scenario_holds_its_vus_through_its_graceful_stop() {
    let after = |start: &str| {
        json!({
            "a": {"executor": "constant-vus", "vus": 3, "duration": "10s", "gracefulStop": "5s"},
            "b": {"executor": "constant-vus", "vus": 2, "duration": "10s", "startTime": start},
        })
    };
    assert_eq!(need(&after("14s"), None), (5, 5));
    assert_eq!(need(&after("15s"), None), (3, 3));
}

#[test]
fn arrival_rates_plan_fewer_than_they_may_need() {
    let rate = json!({"a": {"executor": "constant-arrival-rate", "rate": 9, "duration": "10s",
                            "preAllocatedVUs": 4, "maxVUs": 10},
                      "b": {"executor": "constant-vus", "vus": 2, "duration": "10s"}});
    assert_eq!(need(&rate, None), (6, 12));
    assert_eq!(need(&rate, Some("0:1/2")), (3, 6));
}

#[test]
fn a_ramp_holds_who_must_go_until_its_ramp_down_is_over() {
    let with = |start: &str, ramp_down: &str| {
        json!({
            "a": {"executor": "ramping-vus", "startVUs": 10, "gracefulRampDown": ramp_down,
                  "stages": [{"duration": "10s", "target": 0}, {"duration": "20s", "target": 5}]},
            "b": {"executor": "constant-vus", "vus": 9, "duration": "2s", "startTime": start,
                  "gracefulStop": "0s"},
        })
    };
    // At 10 s the ramp is at 0; with 3 s of grace the steps of 8 s, 9 s and 10 s still hold a VU each.
    assert_eq!(need(&with("10s", "0s"), None), (10, 10));
    assert_eq!(need(&with("10s", "3s"), None), (3 + 9, 3 + 9));
    // At 8 s two VUs loop, and those of the steps of 6 s, 7 s and 8 s are held.
    assert_eq!(need(&with("8s", "3s"), None), (5 + 9, 5 + 9));
    // At 14 s the first VU is wanted again, within 5 s of its step down: that is no VU more.
    assert_eq!(need(&with("13s", "5s"), None), (2 + 9, 2 + 9));
    assert_eq!(need(&with("28s", "5s"), None), (4 + 9, 4 + 9));
}

#[test]
fn nothing_needs_nothing() {
    let none = NeededVus {
        planned: 0,
        maximum: 0,
    };
    assert_eq!(needed_vus(&[], &Share::whole()), none);
}

#[test]
fn a_ramp_of_very_many_steps_counts_as_full_all_the_time() {
    let stages: Vec<_> = (0..100_u64)
        .map(|stage| json!({"duration": "1s", "target": stage % 2 * 1_000_000}))
        .collect();
    let two = json!({
        "a": {"executor": "ramping-vus", "startVUs": 0, "stages": stages},
        "b": {"executor": "constant-vus", "vus": 3, "duration": "1s", "startTime": "2m"},
    });
    assert_eq!(need(&two, None), (1_000_003, 1_000_003));
}
