//! The schema that scripts written for k6 rely on.

use super::*;
use crate::metrics::{Aggregate, Kind, Recorder, SeriesTable, TagSet, Threshold, Unit, builtin};
use crate::report::TerminalState;
use crate::verdict::{Judgement, PartOfMetric};

/// What a run leaves behind, filled value by value.
struct Run {
    registry: Registry,
    series: SeriesTable,
    recorder: Recorder,
    checks: CheckTree,
}

impl Run {
    fn new() -> Self {
        Self {
            registry: Registry::new(),
            series: SeriesTable::new(),
            recorder: Recorder::new(),
            checks: CheckTree::new(),
        }
    }

    fn add(&mut self, metric: MetricId, tags: &[(&str, &str)], values: &[f64]) {
        let tags = tags.iter().copied().collect::<TagSet>();
        let series = self.series.series(&self.registry, metric, &tags);
        for &value in values {
            self.recorder.add(series, value);
        }
    }

    fn summary(&mut self, change: impl FnOnce(&mut SummaryInput<'_>)) -> Value {
        self.summary_of(&TrendStat::default_stats(), change)
    }

    fn summary_of(
        &mut self,
        trend_stats: &[TrendStat],
        change: impl FnOnce(&mut SummaryInput<'_>),
    ) -> Value {
        self.summary_with(&[], trend_stats, change)
    }

    fn summary_with(
        &mut self,
        parts: &[PartOfMetric<'_>],
        trend_stats: &[TrendStat],
        change: impl FnOnce(&mut SummaryInput<'_>),
    ) -> Value {
        let mut aggregate = Aggregate::new();
        self.recorder.drain_into(&mut aggregate);
        let mut input = SummaryInput {
            registry: &self.registry,
            series: &self.series,
            aggregate: &aggregate,
            checks: &self.checks,
            parts,
            duration: Duration::from_millis(2_500),
            trend_stats,
            time_unit: None,
            terminal: TerminalState {
                no_color: false,
                stdout_is_tty: true,
                stderr_is_tty: false,
            },
            setup_data: None,
        };
        change(&mut input);
        summary(&input)
    }
}

#[test]
fn a_summary_has_the_schema_of_k6() {
    let mut run = Run::new();
    let mine = run
        .registry
        .register("my_trend", Kind::Trend, Unit::Default)
        .unwrap();
    run.add(mine, &[], &[1.0, 2.0, 3.0, 4.0]);
    run.add(builtin::DATA_SENT, &[("url", "a")], &[100.0]);
    run.add(builtin::DATA_SENT, &[("url", "b")], &[25.0]);
    run.add(builtin::VUS, &[], &[1.0, 3.0, 2.0]);
    run.add(builtin::CHECKS, &[("check", "even")], &[1.0, 0.0, 1.0, 1.0]);
    run.checks.record("::outer", "even", true);

    let outer = run.checks.groups_in(run.checks.root()).next().unwrap();
    let (root_id, outer_id) = (run.checks.root().id(), outer.id());
    let check_id = outer.checks()[0].id();
    let data = run.summary(|_| {});
    let want = json!({
        "root_group": {
            "name": "", "path": "", "id": root_id,
            "groups": [{
                "name": "outer", "path": "::outer", "id": outer_id,
                "groups": [],
                "checks": [{
                    "name": "even", "path": "::outer::even",
                    "id": check_id,
                    "passes": 1, "fails": 0,
                }],
            }],
            "checks": [],
        },
        "options": {
            "summaryTrendStats": ["avg", "min", "med", "max", "p(90)", "p(95)"],
            "summaryTimeUnit": "",
            "noColor": false,
        },
        "state": { "isStdOutTTY": true, "isStdErrTTY": false, "testRunDurationMs": 2500 },
        "metrics": {
            "vus": {
                "type": "gauge", "contains": "default",
                "values": { "value": 2, "min": 1, "max": 3 },
            },
            "checks": {
                "type": "rate", "contains": "default",
                "values": { "rate": 0.75, "passes": 3, "fails": 1 },
            },
            "data_sent": {
                "type": "counter", "contains": "data",
                "values": { "count": 125, "rate": 50 },
            },
            "my_trend": {
                "type": "trend", "contains": "default",
                "values": {
                    "avg": 2.5, "min": 1, "med": 2.5, "max": 4,
                    "p(90)": 3.0 + (4.0 - 3.0) * (0.9 * 3.0 - 2.0),
                    "p(95)": 3.0 + (4.0 - 3.0) * (0.95 * 3.0 - 2.0),
                },
            },
        },
    });
    // As text, so that the order of keys counts too.
    assert_eq!(format!("{data:#}"), format!("{want:#}"));
}

#[test]
fn metrics_without_samples_are_left_out() {
    let mut run = Run::new();
    run.registry
        .register("unused", Kind::Counter, Unit::Default)
        .unwrap();
    run.series
        .series(&run.registry, builtin::WS_SESSIONS, &TagSet::new());
    assert_eq!(run.summary(|_| {})["metrics"], json!({}));
}

#[test]
fn trend_figures_stand_in_the_order_asked_for() {
    let mut run = Run::new();
    run.add(builtin::WS_PING, &[], &[2.0, 6.0]);
    let stats = ["p(99.9)", "count", "avg"].map(|word| TrendStat::parse(word).unwrap());
    let data = run.summary_of(&stats, |_| {});
    let values = data["metrics"]["ws_ping"]["values"].as_object().unwrap();
    assert_eq!(
        values.keys().collect::<Vec<_>>(),
        ["p(99.9)", "count", "avg"]
    );
    assert_eq!((&values["count"], &values["avg"]), (&json!(2), &json!(4)));
}

#[test]
fn what_a_threshold_names_is_there_even_without_samples() {
    let mut run = Run::new();
    run.add(builtin::WS_PING, &[], &[2.0, 6.0]);
    let [max, rate] =
        ["max<5", "rate>0.9"].map(|expression| (expression, Threshold::parse(expression).unwrap()));
    let judgement = |(expression, threshold), is_ok, figure| Judgement {
        expression,
        threshold,
        is_ok,
        figure,
        is_undecided: false,
    };
    let (max, rate) = ((max.0, &max.1), (rate.0, &rate.1));
    let mut of_a = Sink::new(Kind::Trend);
    of_a.add(2.0);
    let no_checks = Sink::new(Kind::Rate);
    let parts = [
        PartOfMetric {
            name: " ws_ping ",
            metric: builtin::WS_PING,
            is_whole: true,
            is_shown: false,
            sink: &of_a,
            judgements: vec![judgement(max, false, Some(6.0))],
        },
        PartOfMetric {
            name: "ws_ping{scenario:a}",
            metric: builtin::WS_PING,
            is_whole: false,
            is_shown: false,
            sink: &of_a,
            judgements: vec![],
        },
        PartOfMetric {
            name: "checks{ kind:x }",
            metric: builtin::CHECKS,
            is_whole: false,
            is_shown: false,
            sink: &no_checks,
            judgements: vec![judgement(rate, false, None), judgement(rate, true, None)],
        },
    ];
    let stats = [TrendStat::Max];
    let data = run.summary_with(&parts, &stats, |_| {});
    let nothing = json!({"rate": null, "passes": 0, "fails": 0});
    assert_eq!(
        data["metrics"],
        json!({
            "checks": {"type": "rate", "contains": "default", "values": nothing},
            "checks{ kind:x }": {
                "type": "rate", "contains": "default", "values": nothing,
                "thresholds": {"rate>0.9": {
                    "ok": false, "value": null, "figure": "rate", "operator": ">", "limit": 0.9, "margin": null,
                    "unit": "", "window": "", "undecided": false,
                }},
            },
            "ws_ping": {
                "type": "trend", "contains": "time", "values": {"max": 6},
                "thresholds": {"max<5": {
                    "ok": false, "value": 6, "figure": "max", "operator": "<", "limit": 5, "margin": -1,
                    "unit": "ms", "window": "", "undecided": false,
                }},
            },
            "ws_ping{scenario:a}": {"type": "trend", "contains": "time", "values": {"max": 2}},
        })
    );
}

#[test]
fn what_the_text_needs_is_passed_on() {
    let mut run = Run::new();
    let data = run.summary(|input| {
        input.time_unit = Some("us");
        input.terminal.no_color = true;
        input.setup_data = Some(json!({ "token": [1, null] }));
    });
    assert_eq!(data["options"]["summaryTimeUnit"], "us");
    assert_eq!(data["options"]["noColor"], true);
    assert_eq!(data["setup_data"], json!({ "token": [1, null] }));
    assert!(run.summary(|_| {}).get("setup_data").is_none());
}

#[test]
fn a_test_that_took_no_time_has_rates_of_zero() {
    let mut run = Run::new();
    run.add(builtin::ITERATIONS, &[], &[1.0]);
    let data = run.summary(|input| input.duration = Duration::ZERO);
    assert_eq!(
        data["metrics"]["iterations"]["values"],
        json!({ "count": 1, "rate": 0 })
    );
}

#[test]
fn numbers_are_written_as_javascript_writes_them() {
    for (value, text) in [
        (40.0, "40"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (-2.0, "-2"),
        (1e300, "1e+300"),
        (f64::INFINITY, "null"),
    ] {
        assert_eq!(number(value).to_string(), text);
    }
}
