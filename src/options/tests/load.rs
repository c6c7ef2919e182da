//! How much is run: ramps, rates and segments, and how they are described.

use serde_json::json;

use super::*;
use crate::options::Stage;

fn scenario(entry: &Value) -> Scenario {
    let mut options = parse_script(json!({"scenarios": {"a": entry}}));
    assert!(options.warnings.is_empty());
    options.scenarios.remove(0)
}

fn stage(seconds: u64, target: u64) -> Stage {
    Stage {
        duration: secs(seconds),
        target,
    }
}

#[test]
fn ramping_vus_have_k6s_defaults() {
    let entry = json!({"executor": "ramping-vus", "stages": [
        {"duration": "10s", "target": 5}, {"target": 0, "duration": 2_000},
    ]});
    let executor = scenario(&entry).executor;
    assert_eq!(
        executor,
        ExecutorConfig::RampingVus {
            start_vus: 1,
            stages: vec![stage(10, 5), stage(2, 0)],
            graceful_ramp_down: secs(30),
        }
    );
    assert_eq!((executor.vus(), executor.planned_vus()), (5, 5));
    assert_eq!(executor.regular_end(), secs(12));
}

#[test]
fn arrival_rates_have_k6s_defaults() {
    let entry = json!({"executor": "constant-arrival-rate", "rate": 30, "duration": "5s",
                       "preAllocatedVUs": 4});
    assert_eq!(
        scenario(&entry).executor,
        ExecutorConfig::ConstantArrivalRate {
            rate: 30,
            time_unit: secs(1),
            duration: secs(5),
            pre_allocated_vus: 4,
            max_vus: 4,
        }
    );
    let entry = json!({"executor": "ramping-arrival-rate", "preAllocatedVUs": 0, "maxVUs": 9,
                       "timeUnit": "1m", "stages": [{"duration": "10s", "target": 120}]});
    let executor = scenario(&entry).executor;
    assert_eq!(
        executor,
        ExecutorConfig::RampingArrivalRate {
            start_rate: 0,
            time_unit: secs(60),
            stages: vec![stage(10, 120)],
            pre_allocated_vus: 0,
            max_vus: 9,
        }
    );
    assert_eq!((executor.vus(), executor.planned_vus()), (9, 0));
}

#[test]
fn every_key_of_an_executor_has_two_spellings() {
    let camel = json!({"r": {"executor": "ramping-vus", "startVUs": 3, "gracefulRampDown": "1s",
                             "stages": [{"duration": "1s", "target": 1}]},
                       "c": {"executor": "constant-arrival-rate", "rate": 3, "timeUnit": "2s",
                             "duration": "3s", "preAllocatedVUs": 4, "maxVUs": 5},
                       "s": {"executor": "ramping-arrival-rate", "startRate": 3, "timeUnit": "2s",
                             "stages": [{"duration": "1s", "target": 1}],
                             "preAllocatedVUs": 4, "maxVUs": 5}});
    let snake = camel.to_string();
    let pairs = [
        ("startVUs", "start_vus"),
        ("gracefulRampDown", "graceful_ramp_down"),
        ("timeUnit", "time_unit"),
        ("preAllocatedVUs", "pre_allocated_vus"),
        ("maxVUs", "max_vus"),
        ("startRate", "start_rate"),
    ];
    let snake = pairs
        .iter()
        .fold(snake, |text, (camel, snake)| text.replace(camel, snake));
    let snake: Value = serde_json::from_str(&snake).unwrap();
    assert_ne!(camel, snake);
    let read = |scenarios| parse_script(json!({"scenarios": scenarios})).scenarios;
    assert_eq!(read(camel), read(snake));
}

#[test]
fn descriptions_are_in_k6s_words() {
    let ramp = json!([{"duration": "1s", "target": 20}, {"duration": "3s", "target": 5}]);
    let options = parse_script(json!({"scenarios": {
        "ramp": {"executor": "ramping-vus", "stages": ramp, "exec": "chat", "startTime": "5s"},
        "rate": {"executor": "constant-arrival-rate", "rate": 50, "duration": "2s",
                 "preAllocatedVUs": 1, "maxVUs": 3},
        "slow": {"executor": "constant-arrival-rate", "rate": 1, "timeUnit": "3s",
                 "duration": "1m", "preAllocatedVUs": 3},
        "swell": {"executor": "ramping-arrival-rate", "stages": ramp, "startRate": 50,
                  "preAllocatedVUs": 10, "maxVUs": 20, "gracefulStop": "1s"},
    }}));
    assert_eq!(
        described(&options),
        [
            "ramp: Up to 20 looping VUs for 4s over 2 stages (gracefulRampDown: 30s, exec: chat, \
             startTime: 5s, gracefulStop: 30s)",
            "rate: 50.00 iterations/s for 2s (maxVUs: 1-3, gracefulStop: 30s)",
            "slow: 0.33 iterations/s for 1m0s (maxVUs: 3, gracefulStop: 30s)",
            "swell: Up to 50.00 iterations/s for 4s over 2 stages (maxVUs: 10-20, gracefulStop: 1s)",
        ]
    );
}

#[test]
fn stages_at_the_top_are_a_scenario_named_default() {
    let stages = json!([{"duration": "10s", "target": 5}, {"duration": "1m", "target": 9}]);
    let described_as = |vus| {
        let ramp = "looping VUs for 1m10s over 2 stages (gracefulRampDown: 30s, gracefulStop: 30s)";
        [format!("default: Up to {vus} {ramp}")]
    };
    let alone = parse_script(json!({"stages": stages}));
    assert_eq!(described(&alone), described_as(9));
    let from_vus = parse_script(json!({"stages": stages, "vus": 20}));
    assert_eq!(described(&from_vus), described_as(20));
    let texts = [
        (Source::Cli, json!(["10s:5", "1m:9"])),
        (Source::Cli, json!(["10s:5,1m:9"])),
        (Source::Cli, json!("10s:5,1m:9")),
        (Source::Env, json!("10000:5, 1m:9")),
        (Source::Cli, stages),
    ];
    for (source, text) in texts {
        let options = parse(&[tier(source, json!({"stages": text}))]).unwrap();
        assert_eq!(options.scenarios, alone.scenarios, "{text}");
    }
}

#[test]
fn a_segment_is_read_in_every_form() {
    let forms = [
        json!({"executionSegment": "1/2:1"}),
        json!({"execution_segment": "50%:1"}),
        json!({"executionSegment": "0.5:1", "executionSegmentSequence": "0,1/2,1"}),
        json!({"executionSegment": "0.5:100%", "executionSegmentSequence": ["0", "0.5", "1"]}),
        json!({"executionSegment": "1/2:1", "execution_segment_sequence": "1/2,1"}),
    ];
    for form in forms {
        let mut with_load = form.clone();
        with_load["vus"] = json!(5);
        with_load["duration"] = json!("10s");
        let options = parse_script(with_load);
        assert_eq!(
            described(&options),
            ["default: 2 looping VUs for 10s (gracefulStop: 30s)"],
            "{form}"
        );
        assert!((options.share.size() - 0.5).abs() < 1e-9);
        assert!(options.warnings.is_empty());
    }
    for whole in [
        json!({}),
        json!({"executionSegment": ""}),
        json!({"executionSegment": "0:1"}),
        json!({"executionSegmentSequence": "0,1"}),
    ] {
        assert!(parse_script(whole.clone()).share.is_whole(), "{whole}");
    }
}

#[test]
fn descriptions_are_those_of_the_segment() {
    let options = parse_script(json!({"scenarios": {
        "shared": {"executor": "shared-iterations", "vus": 5, "iterations": 12},
        "each": {"executor": "per-vu-iterations", "vus": 5, "iterations": 12},
        "ramp": {"executor": "ramping-vus", "stages": [{"duration": "1s", "target": 9}]},
        "rate": {"executor": "constant-arrival-rate", "rate": 10, "duration": "1s",
                 "preAllocatedVUs": 10, "maxVUs": 20},
    }, "executionSegment": "0:1/2", "executionSegmentSequence": "0,1/2,3/4,1"}));
    assert_eq!(
        described(&options),
        [
            "shared: 7 iterations shared among 3 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
            "each: 12 iterations for each of 3 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
            "ramp: Up to 5 looping VUs for 1s over 1 stages (gracefulRampDown: 30s, gracefulStop: 30s)",
            "rate: 5.00 iterations/s for 1s (maxVUs: 5-10, gracefulStop: 30s)",
        ]
    );
}

#[test]
fn a_scenario_without_a_vu_in_the_segment_is_left_out() {
    let options = parse_script(json!({"scenarios": {
        "one": {"executor": "per-vu-iterations"},
        "two": {"executor": "per-vu-iterations", "vus": 2},
    }, "executionSegment": "1/2:1"}));
    assert_eq!(options.scenarios.len(), 1);
    assert_eq!(options.scenarios[0].name, "two");
    assert!(options.warnings.is_empty());

    let options = parse_script(json!({"executionSegment": "1/2:1"}));
    assert!(options.scenarios.is_empty());
    let warning = "nothing is run here: this execution segment has no VU";
    assert_eq!(options.warnings, [warning]);
}

#[test]
fn what_scripts_see_of_the_options_reads_back_as_the_same() {
    let stages = json!([{"duration": "1s", "target": 20}, {"duration": "0s", "target": 5}]);
    let options = parse_script(json!({"scenarios": {
        "ramp": {"executor": "ramping-vus", "stages": stages, "gracefulRampDown": "1.5s"},
        "rate": {"executor": "constant-arrival-rate", "rate": 50, "duration": "2s",
                 "timeUnit": "1m", "preAllocatedVUs": 1, "maxVUs": 3},
        "swell": {"executor": "ramping-arrival-rate", "stages": stages, "startRate": 50,
                  "preAllocatedVUs": 10, "maxVUs": 20},
    }, "executionSegment": "0:50%", "executionSegmentSequence": "1/2,1"}));
    let seen = options.to_json();
    assert_eq!(seen["executionSegment"], "0:1/2");
    assert_eq!(seen["executionSegmentSequence"], "0,1/2,1");
    let again = parse_script(json!({
        "scenarios": seen["scenarios"],
        "executionSegment": seen["executionSegment"],
        "executionSegmentSequence": seen["executionSegmentSequence"],
    }));
    assert_eq!(again.scenarios, options.scenarios);
    assert_eq!(again.share, options.share);
    assert_eq!(
        parse_script(json!({})).to_json()["executionSegment"],
        Value::Null
    );
}
