//! How `thresholds` is read, and when its metrics are looked up.

use serde_json::{Value, json};

use super::*;
use crate::metrics::{Kind, Registry, Unit, builtin};
use crate::options::{Options, Source, Tier, parse};

fn parsed(values: Value) -> Result<Options, ConfigError> {
    let Value::Object(values) = values else {
        panic!("not an object: {values}")
    };
    let source = Source::Script;
    parse(&[Tier { source, values }])
}

fn thresholds(values: &Value) -> Vec<MetricThresholds> {
    parsed(json!({"thresholds": values})).unwrap().thresholds
}

#[test]
fn an_expression_may_stand_alone_or_with_what_follows_from_it() {
    let all = thresholds(&json!({
        "ws_ping{scenario:a}": ["p(95) < 200", {
            "threshold": "avg<100 over 30s", "abortOnFail": true, "delayAbortEval": "1m", "allowNoData": true,
        }],
        "checks": [{"threshold": "rate>0.9", "abort_on_fail": true, "delay_abort_eval": 1500,
                    "allow_no_data": true}],
        "data_sent": [],
        "ws_paused": null,
    }));
    let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ws_ping{scenario:a}", "checks", "data_sent"]);
    let plain = &all[0].criteria[0];
    assert_eq!(
        (plain.expression.as_str(), plain.delay_abort_eval),
        ("p(95) < 200", Duration::ZERO)
    );
    assert!(!plain.abort_on_fail && !plain.allow_no_data);
    let full = &all[0].criteria[1];
    assert_eq!(full.threshold.to_string(), "avg<100 over 30s");
    assert_eq!(full.delay_abort_eval, Duration::from_secs(60));
    assert!(full.abort_on_fail && full.allow_no_data);
    let snake = &all[1].criteria[0];
    assert_eq!(snake.delay_abort_eval, Duration::from_millis(1500));
    assert!(snake.abort_on_fail && snake.allow_no_data);
    assert!(all[2].criteria.is_empty());
}

#[test]
fn metrics_are_found_when_the_script_has_declared_its_own() {
    let mut registry = Registry::new();
    let own = registry
        .register("errs", Kind::Rate, Unit::Default)
        .unwrap();
    let all = thresholds(&json!({"errs{a:b}": ["rate<0.1"], "ws_ping": ["p(95)<1"]}));
    assert_eq!(all[0].resolve(&registry), Ok(own));
    assert_eq!(all[1].resolve(&registry), Ok(builtin::WS_PING));
}

#[test]
fn what_no_metric_can_answer_is_blamed_on_the_option_as_written() {
    for (values, said, hint) in [
        (
            json!({"ws_pings{a:b}": ["avg<1"]}),
            "invalid option 'thresholds.ws_pings{a:b}' = [\"avg<1\"] (from the script options): \
             there is no metric 'ws_pings'",
            "did you mean 'ws_ping'?",
        ),
        (
            json!({"my_own": []}),
            "invalid option 'thresholds.my_own' = [] (from the script options): \
             there is no metric 'my_own'",
            "a metric is built in, or declared in the body of the script",
        ),
        (
            json!({"ws_ping": ["avg<1", "rate>0.9"]}),
            "invalid option 'thresholds.ws_ping[1]' = \"rate>0.9\" (from the script options): \
             a trend has no figure 'rate'",
            "thresholds of a trend use avg, min, med, max, p(N)",
        ),
        (
            json!({"checks": [{"threshold": "count>1"}]}),
            "invalid option 'thresholds.checks[0].threshold' = \"count>1\" (from the script options): \
             a rate has no figure 'count'",
            "thresholds of a rate use rate",
        ),
    ] {
        let error = thresholds(&values)[0]
            .resolve(&Registry::new())
            .unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.hint.as_deref()),
            (said, Some(hint))
        );
    }
}

#[test]
fn selecting_by_metadata_is_remarked_on() {
    let options = parsed(json!({"thresholds": {"ws_ping{vu:1,scenario:a,iter!=2}": []}})).unwrap();
    let about: Vec<_> = options
        .warnings
        .iter()
        .map(|warning| warning.split(", which").next().unwrap())
        .collect();
    assert_eq!(
        about,
        [
            "option 'thresholds.ws_ping{vu:1,scenario:a,iter!=2}' selects by 'vu'",
            "option 'thresholds.ws_ping{vu:1,scenario:a,iter!=2}' selects by 'iter'",
        ]
    );
}

#[test]
fn without_thresholds_the_parts_stay_and_nothing_is_refused() {
    let options = parsed(json!({
        "noThresholds": true,
        "thresholds": {"checks{a:b}": ["rate>0.9"], "ws_ping": ["p95<1"]},
    }));
    let options = options.unwrap();
    assert!(options.no_thresholds);
    assert_eq!(options.thresholds.len(), 1);
    assert!(options.thresholds[0].criteria.is_empty());
    assert_eq!(
        options.warnings,
        [
            "invalid option 'thresholds.ws_ping[0]' = \"p95<1\" (from the script options): \
          there is no figure 'p95'"
        ]
    );
}
