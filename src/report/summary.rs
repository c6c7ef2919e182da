//! The end-of-test summary as data.
//!
//! What `handle_summary` receives and `Result.to_dict()` returns, in k6's schema: groups and checks, the
//! options that shape the text, the state of the run, and one entry per metric that has samples. A pure
//! function of what was recorded. Times are in milliseconds whatever `summaryTimeUnit` says: that unit, like
//! colour, is for whoever draws the text.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::parts::{self, PartOfMetric};
use super::{CheckTree, Group};
use crate::metrics::{Aggregate, Metric, MetricId, Registry, SeriesTable, Sink, TrendStat};

/// Everything a summary is made of.
#[derive(Debug)]
pub struct SummaryInput<'a> {
    /// Names, kinds and units of the metrics; also their order.
    pub registry: &'a Registry,
    /// Which series belong to a metric.
    pub series: &'a SeriesTable,
    /// What was recorded.
    pub aggregate: &'a Aggregate,
    /// Which checks were made, and where.
    pub checks: &'a CheckTree,
    /// The metrics and parts of metrics that thresholds name.
    pub parts: &'a [PartOfMetric<'a>],
    /// How long the test ran; counters are divided by it.
    pub duration: Duration,
    /// The figures of a trend, in the order wanted.
    pub trend_stats: &'a [TrendStat],
    /// `summaryTimeUnit` (`s`, `ms`, `us`), passed on; `None` lets the text choose.
    pub time_unit: Option<&'a str>,
    /// `--no-color`, passed on.
    pub no_color: bool,
    /// Whether standard output is a terminal, passed on.
    pub stdout_is_tty: bool,
    /// Whether standard error is a terminal, passed on.
    pub stderr_is_tty: bool,
    /// What `setup` returned; without it the key is absent.
    pub setup_data: Option<Value>,
}

/// Arranges what was recorded. Metrics without samples are left out unless a threshold names them.
pub fn summary(input: &SummaryInput<'_>) -> Value {
    let stats: Vec<_> = input.trend_stats.iter().map(ToString::to_string).collect();
    let mut data = json!({
        "root_group": group(input.checks, input.checks.root()),
        "options": {
            "summaryTrendStats": stats,
            "summaryTimeUnit": input.time_unit.unwrap_or_default(),
            "noColor": input.no_color,
        },
        "state": {
            "isStdOutTTY": input.stdout_is_tty,
            "isStdErrTTY": input.stderr_is_tty,
            "testRunDurationMs": number(input.duration.as_secs_f64() * 1_000.0),
        },
        "metrics": metrics(input),
    });
    if let Some(setup_data) = &input.setup_data {
        data["setup_data"] = setup_data.clone();
    }
    data
}

fn group(tree: &CheckTree, of: &Group) -> Value {
    let groups: Vec<_> = tree.groups_in(of).map(|inner| group(tree, inner)).collect();
    let checks: Vec<_> = of
        .checks()
        .iter()
        .map(|check| {
            json!({
                "name": check.name,
                "path": check.path,
                "id": check.id(),
                "passes": check.passes,
                "fails": check.fails,
            })
        })
        .collect();
    json!({
        "name": of.name(),
        "path": of.path(),
        "id": of.id(),
        "groups": groups,
        "checks": checks,
    })
}

fn metrics(input: &SummaryInput<'_>) -> Map<String, Value> {
    let mut metrics = Map::new();
    for (id, metric) in input.registry.iter() {
        if let Some(total) = input.aggregate.total(input.series, id) {
            metrics.insert(metric.name.to_string(), entry(metric, &total, input));
        }
        parts::insert(&mut metrics, input, id);
    }
    metrics
}

/// What the summary says of a metric, or of a part of it.
pub(super) fn entry(metric: &Metric, sink: &Sink, input: &SummaryInput<'_>) -> Value {
    described(metric, &values(sink, input.duration, input.trend_stats))
}

/// The metrics for which `is_silent` holds, with what is said of them: counts of 0, and no figures.
pub fn silent(
    registry: &Registry,
    trend_stats: &[TrendStat],
    is_silent: impl Fn(MetricId) -> bool,
) -> Value {
    let all = registry.iter().filter(|(id, _)| is_silent(*id));
    let named = all.map(|(_, metric)| {
        let nothing = values(&Sink::new(metric.kind), Duration::ZERO, trend_stats);
        (metric.name.to_string(), described(metric, &nothing))
    });
    Value::Object(named.collect())
}

fn described(metric: &Metric, values: &Value) -> Value {
    json!({
        "type": metric.kind.as_str(),
        "contains": metric.unit.as_str(),
        "values": values,
    })
}

/// The figures of one sink, named as k6 names them; counters are divided by `duration`.
///
/// Without samples there are no figures but counts: a 0 would be one that somebody measured.
pub fn values(sink: &Sink, duration: Duration, trend_stats: &[TrendStat]) -> Value {
    match sink {
        Sink::Counter { sum, .. } => {
            json!({ "count": number(*sum), "rate": number(per_second(*sum, duration)) })
        }
        Sink::Gauge { samples: 0, .. } => json!({ "value": null, "min": null, "max": null }),
        Sink::Gauge {
            value, min, max, ..
        } => {
            json!({ "value": number(*value), "min": number(*min), "max": number(*max) })
        }
        Sink::Rate { passes, total } => json!({
            "rate": (*total > 0).then(|| number(share(*passes, *total))),
            "passes": passes,
            "fails": total - passes,
        }),
        Sink::Trend(trend) => {
            let has_figure = |stat: &TrendStat| trend.count() > 0 || *stat == TrendStat::Count;
            let figure = |stat: &TrendStat| {
                let figure = has_figure(stat).then(|| number(stat.of(trend)));
                (stat.to_string(), figure.into())
            };
            Value::Object(trend_stats.iter().map(figure).collect())
        }
    }
}

/// A test that took no time had no rate.
fn per_second(count: f64, duration: Duration) -> f64 {
    if duration.is_zero() {
        0.0
    } else {
        count / duration.as_secs_f64()
    }
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// A number as JSON from JavaScript has it: whole numbers without a fraction, infinities as `null`.
pub(super) fn number(value: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within the 53 bits of a float"
    )]
    if value.fract() == 0.0 && value.abs() < LARGEST_WHOLE {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

const LARGEST_WHOLE: f64 = (1_u64 << 53) as f64;

#[cfg(test)]
mod tests;
