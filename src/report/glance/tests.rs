//! Glances at a few recorded numbers, and at many.

use super::*;
use crate::metrics::{TagSet, Threshold};
use crate::verdict::Judgement;

struct Measured {
    registry: Registry,
    series: SeriesTable,
    totals: Totals,
}

impl Measured {
    fn new(samples: &[(MetricId, &str, &str, f64)]) -> Self {
        let mut measured = Self {
            registry: Registry::new(),
            series: SeriesTable::new(),
            totals: Totals::default(),
        };
        for (metric, name, url, value) in samples {
            let tags = TagSet::new().with("name", name).with("url", url);
            let series = measured.series.series(&measured.registry, *metric, &tags);
            let mut sink = Sink::new(measured.registry.get(*metric).kind);
            sink.add(*value);
            measured.totals.add(&measured.series, series, &sink);
        }
        measured
    }

    fn glance(&self, parts: &[PartOfMetric<'_>]) -> Value {
        Glance {
            registry: &self.registry,
            series: &self.series,
            totals: &self.totals,
            parts,
            elapsed: Duration::from_secs(1),
            duration: Duration::from_secs(2),
            trend_stats: &[TrendStat::Max],
        }
        .to_json()
    }
}

#[test]
fn requests_are_counted_by_name_over_all_their_series() {
    let measured = Measured::new(&[
        (builtin::WS_REQ_DURATION, "say", "ws://a", 1.0),
        (builtin::WS_REQ_DURATION, "say", "ws://b", 9.0),
        (builtin::WS_REQ_FAILED, "say", "ws://a", 0.0),
        (builtin::WS_REQ_FAILED, "say", "ws://b", 1.0),
        (builtin::WS_REQ_FAILED, "join", "ws://b", 1.0),
        (builtin::TCP_REQ_FAILED, "say", "tcp", 0.0),
    ]);
    let seen = measured.glance(&[]);
    let row = |protocol: &str, name: &str, made, failed, p95: Option<f64>| json!({"protocol": protocol, "name": name, "made": made, "failed": failed, "p95_ms": p95});
    let rows = [
        row("ws", "say", 2, 1, Some(8.6)),
        row("ws", "join", 1, 1, None),
        row("tcp", "say", 1, 0, None),
    ];
    assert_eq!(seen["requests"], json!(rows));
    assert_eq!(seen["more_requests"], 0);
}

#[test]
fn of_many_names_and_failures_the_first_are_told() {
    let names: Vec<String> = (0..25).map(|number| format!("n{number}")).collect();
    let samples: Vec<_> = names
        .iter()
        .map(|name| (builtin::WS_REQ_FAILED, name.as_str(), "ws://a", 0.0))
        .collect();
    let mut measured = Measured::new(&samples);
    for status in 400..450 {
        measured
            .totals
            .refusals
            .add("handshake_status", Some(status), 1.0, || {
                Failure::new("bad handshake".into(), "it is closed")
            });
    }
    measured
        .totals
        .breaks
        .add("eof", None, 1.0, Failure::default);
    let seen = measured.glance(&[]);
    assert_eq!(seen["requests"].as_array().map(Vec::len), Some(MOST_NAMES));
    assert_eq!(seen["more_requests"], 5);
    let failures = seen["failures"].as_array().unwrap();
    assert_eq!(failures.len(), MOST_FAILURES + 1);
    assert_eq!(failures[0]["status"], 400);
    assert_eq!(failures[0]["hint"], "it is closed");
    assert_eq!(failures[MOST_FAILURES]["what"], "session");
}

#[test]
fn thresholds_and_what_is_to_be_shown_come_in_the_order_of_the_options() {
    let measured = Measured::new(&[]);
    let mut sink = Sink::new(measured.registry.get(builtin::WS_PING).kind);
    sink.add(7.0);
    let threshold = Threshold::parse("max<5").unwrap();
    let part = |is_shown, figure| PartOfMetric {
        name: "ws_ping{scenario:a}",
        metric: builtin::WS_PING,
        is_whole: false,
        is_shown,
        sink: &sink,
        judgements: vec![Judgement {
            expression: "max<5",
            threshold: &threshold,
            is_ok: false,
            figure,
            is_undecided: false,
        }],
    };
    let seen = measured.glance(&[part(true, Some(7.0)), part(false, None)]);
    assert_eq!(seen["thresholds"][0]["value"], 7);
    assert_eq!(seen["thresholds"][0]["unit"], "ms");
    assert_eq!(seen["thresholds"][0]["limit"], 5);
    assert_eq!(seen["thresholds"][1]["value"], Value::Null);
    let shown = json!([{
        "name": "ws_ping{scenario:a}", "type": "trend", "contains": "time", "values": {"max": 7},
    }]);
    assert_eq!(seen["shown"], shown);
}
