//! What options become when they are right; `bad_inputs` and `precedence` have the rest.

mod bad_inputs;
mod load;
mod precedence;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::metrics::SystemTag;

/// A tier from a JSON object.
fn tier(source: Source, values: Value) -> Tier {
    match values {
        Value::Object(values) => Tier { source, values },
        other => panic!("not an object: {other}"),
    }
}

fn parse_script(values: Value) -> Options {
    parse(&[tier(Source::Script, values)]).unwrap()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The run descriptions, by scenario name.
fn described(options: &Options) -> Vec<String> {
    let scenarios = options.scenarios.iter();
    scenarios
        .map(|scenario| format!("{}: {}", scenario.name, scenario.describe(&options.share)))
        .collect()
}

#[test]
fn nothing_given_is_k6s_defaults() {
    let options = parse(&[]).unwrap();
    assert_eq!(
        options.scenarios,
        [Scenario {
            name: "default".into(),
            start_time: Duration::ZERO,
            graceful_stop: secs(30),
            exec: "default".into(),
            vu_start: None,
            vu_stop: None,
            env: BTreeMap::new(),
            tags: BTreeMap::new(),
            executor: ExecutorConfig::PerVuIterations {
                vus: 1,
                iterations: 1,
                max_duration: secs(600)
            },
        }]
    );
    assert!(options.tags.is_empty() && options.warnings.is_empty());
    assert!(!options.tls.insecure_skip_verify && !options.throw);
    assert_eq!(options.system_tags, SystemTags::default());
    assert_eq!(options.user_agent, DEFAULT_USER_AGENT);
    assert_eq!(options.summary_trend_stats, TrendStat::default_stats());
    assert_eq!(options.summary_time_unit, None);
}

#[test]
fn shortcuts_become_one_scenario_named_default() {
    let cases = [
        (
            json!({}),
            "1 iterations for each of 1 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
        ),
        (
            json!({"vus": 5}),
            "5 iterations shared among 5 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
        ),
        (
            json!({"iterations": 7}),
            "7 iterations shared among 1 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
        ),
        (
            json!({"vus": 2, "iterations": 7, "duration": "5s"}),
            "7 iterations shared among 2 VUs (maxDuration: 5s, gracefulStop: 30s)",
        ),
        (
            json!({"duration": "30s", "vus": 10}),
            "10 looping VUs for 30s (gracefulStop: 30s)",
        ),
        (
            json!({"duration": 1500}),
            "1 looping VUs for 1.5s (gracefulStop: 30s)",
        ),
        (
            json!({"vus": null, "duration": "1m"}),
            "1 looping VUs for 1m0s (gracefulStop: 30s)",
        ),
    ];
    for (values, description) in cases {
        let options = parse_script(values.clone());
        assert_eq!(
            described(&options),
            [format!("default: {description}")],
            "{values}"
        );
        assert!(options.warnings.is_empty(), "{values}");
    }
}

#[test]
fn a_scenario_block_of_k6_moves_over_unchanged() {
    let options = parse_script(json!({"scenarios": {
        "zebra": {"executor": "constant-vus", "vus": 50, "duration": "1m30s",
                  "startTime": "10s", "gracefulStop": "0s", "exec": "chat",
                  "env": {"ROOM": "a"}, "tags": {"kind": "chat"}},
        "ant": {"executor": "shared-iterations", "vus": 2, "iterations": 10.0,
                "maxDuration": 60_000},
        "bee": {"executor": "per-vu-iterations"},
    }}));
    assert_eq!(
        described(&options),
        [
            "zebra: 50 looping VUs for 1m30s (exec: chat, startTime: 10s, gracefulStop: 0s)",
            "ant: 10 iterations shared among 2 VUs (maxDuration: 1m0s, gracefulStop: 30s)",
            "bee: 1 iterations for each of 1 VUs (maxDuration: 10m0s, gracefulStop: 30s)",
        ]
    );
    let zebra = &options.scenarios[0];
    assert_eq!(zebra.env["ROOM"], "a");
    assert_eq!(zebra.tags["kind"], "chat");
    assert_eq!(zebra.executor.name(), "constant-vus");
    assert_eq!(zebra.executor.vus(), 50);
}

#[test]
fn both_spellings_of_a_name_are_the_same_option() {
    for (name, standing) in names::OPTIONS {
        let seen = |key: &str| parse(&[tier(Source::Script, json!({key: "x"}))]).err();
        let blamed = |key: &str| seen(key).map(|error| (error.path == key, error.message));
        assert_eq!(
            blamed(name.snake),
            blamed(name.camel),
            "{name:?} {standing:?}"
        );
    }
    let snake = json!({"executor": "shared-iterations", "start_time": "1s", "graceful_stop": "2s",
                       "max_duration": "3s"});
    let camel = json!({"executor": "shared-iterations", "startTime": "1s", "gracefulStop": "2s",
                       "maxDuration": "3s"});
    let scenarios = |entry: Value| parse_script(json!({"scenarios": {"a": entry}})).scenarios;
    assert_eq!(scenarios(snake), scenarios(camel));
}

#[test]
fn no_name_is_listed_twice() {
    let names: Vec<_> = names::OPTIONS.iter().map(|(name, _)| name).collect();
    for (index, name) in names.iter().enumerate() {
        assert!(
            !names[..index]
                .iter()
                .any(|other| other.is(name.snake) || other.is(name.camel))
        );
    }
    assert!(
        names::EXECUTION
            .iter()
            .all(|key| names.iter().any(|name| name.snake == *key))
    );
}

#[test]
fn every_other_option_is_read() {
    let options = parse_script(json!({
        "tags": {"team": "chat"},
        "systemTags": ["url", "ip"],
        "userAgent": "me/1",
        "insecureSkipTLSVerify": true,
        "throw": true,
        "summaryTrendStats": ["avg", "p(99.9)"],
        "summaryTimeUnit": "ms",
    }));
    assert_eq!(options.tags["team"], "chat");
    assert!(options.system_tags.contains(SystemTag::Ip));
    assert!(!options.system_tags.contains(SystemTag::Group));
    assert_eq!(options.user_agent, "me/1");
    assert!(options.tls.insecure_skip_verify && options.throw);
    assert_eq!(
        options.summary_trend_stats,
        [TrendStat::Avg, TrendStat::P(99.9)]
    );
    assert_eq!(options.summary_time_unit.as_deref(), Some("ms"));
    assert!(options.warnings.is_empty());
}

#[test]
fn text_from_flags_and_variables_is_read_as_what_it_stands_for() {
    let by_flag = parse(&[tier(
        Source::Cli,
        json!({"vus": "3", "duration": "2s", "throw": "true", "tags": ["a=b", "c=d=e"],
               "system_tags": "url, ip", "summary_trend_stats": "min,max"}),
    )]);
    let by_variable = parse(&[tier(
        Source::Env,
        json!({"vus": "3", "duration": "2000", "throw": "1", "tags": "a:b,c:d=e",
               "system_tags": "url,ip", "summary_trend_stats": "min,max"}),
    )]);
    for options in [by_flag.unwrap(), by_variable.unwrap()] {
        let executor = ExecutorConfig::ConstantVus {
            vus: 3,
            duration: secs(2),
        };
        assert_eq!(options.scenarios[0].executor, executor);
        assert!(options.throw);
        assert_eq!(options.tags["a"], "b");
        assert_eq!(options.tags["c"], "d=e");
        assert_eq!(
            options.system_tags,
            SystemTags::parse(&["url", "ip"]).unwrap()
        );
        assert_eq!(
            options.summary_trend_stats,
            [TrendStat::Min, TrendStat::Max]
        );
    }
}

#[test]
fn limits_are_inclusive() {
    let options = parse_script(json!({"vus": 1_000_000, "duration": "3650d"}));
    assert_eq!(options.scenarios[0].executor.vus(), 1_000_000);
    let options = parse_script(json!({"duration": 1_000, "vus": 1}));
    let executor = ExecutorConfig::ConstantVus {
        vus: 1,
        duration: secs(1),
    };
    assert_eq!(options.scenarios[0].executor, executor);
}

#[test]
fn what_has_no_effect_is_said_and_what_asks_for_nothing_is_not() {
    let options = parse_script(json!({
        "batch": 20,
        "_stages": [], "//": "remarks",
        "whatever_it_is": 1,
        "stages": [], "paused": false, "hosts": {}, "minIterationDuration": "0s",
        "discardResponseBodies": false, "cloud": null,
    }));
    assert_eq!(
        options.warnings,
        [
            "unknown option '_stages' in the script options",
            "unknown option '//' in the script options",
            "unknown option 'whatever_it_is' in the script options",
            "option 'batch' has no effect: it acts on HTTP requests only",
        ]
    );
}

#[test]
fn vus_beside_scenarios_and_browser_options_have_no_effect() {
    let options = parse_script(json!({"vus": 3, "scenarios": {
        "ui": {"executor": "per-vu-iterations", "options": {"browser": {"type": "chromium"}}},
    }}));
    assert_eq!(options.scenarios[0].executor.vus(), 1);
    assert_eq!(
        options.warnings,
        [
            "option 'vus' has no effect: every scenario has its own",
            "option 'scenarios.ui.options' has no effect: no browsers here",
        ]
    );
}
