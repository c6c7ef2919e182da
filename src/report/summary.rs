//! The end-of-test summary as data.
//!
//! What `handle_summary` receives and `Result.to_dict()` returns, in k6's schema: groups and checks, the
//! options that shape the text, the state of the run, and one entry per metric that has samples. A pure
//! function of what was recorded. Times are in milliseconds whatever `summaryTimeUnit` says: that unit, like
//! colour, is for whoever draws the text.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::figures::{described, entry, number, values};
use super::{CheckTree, Group, SummaryInput, parts};
use crate::metrics::{MetricId, Registry, Sink, TrendStat};

/// Arranges what was recorded. Metrics without samples are left out unless a threshold names them.
pub fn summary(input: &SummaryInput<'_>) -> Value {
    let stats: Vec<_> = input.trend_stats.iter().map(ToString::to_string).collect();
    let mut data = json!({
        "root_group": group(input.checks, input.checks.root()),
        "options": {
            "summaryTrendStats": stats,
            "summaryTimeUnit": input.time_unit.unwrap_or_default(),
            "noColor": input.terminal.no_color,
        },
        "state": {
            "isStdOutTTY": input.terminal.stdout_is_tty,
            "isStdErrTTY": input.terminal.stderr_is_tty,
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

#[cfg(test)]
mod tests;
