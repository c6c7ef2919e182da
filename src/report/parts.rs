//! The entries of metrics that somebody named in a threshold.
//!
//! They are in the summary even without samples: who asks for a metric is told that there was none.

use serde_json::{Map, Value, json};

use super::SummaryInput;
use super::figures::{entry, number};
use crate::metrics::{Kind, Method, Metric, MetricId, Sink, TrendStat, Unit};
use crate::units::format_duration;
use crate::verdict::Judgement;

/// The entries of the parts of one metric, and the thresholds on all of it in the metric's own entry.
pub(super) fn insert(metrics: &mut Map<String, Value>, input: &SummaryInput<'_>, id: MetricId) {
    let parts = || input.parts.iter().filter(|part| part.metric == id);
    if parts().next().is_none() {
        return;
    }
    let metric = input.registry.get(id);
    if !metrics.contains_key(&*metric.name) {
        let nothing = Sink::new(metric.kind);
        metrics.insert(metric.name.to_string(), entry(metric, &nothing, input));
    }
    for part in parts() {
        if !part.is_whole {
            metrics.insert(part.name.into(), entry(metric, part.sink, input));
        }
        let name = if part.is_whole {
            &*metric.name
        } else {
            part.name
        };
        for judgement in &part.judgements {
            judge(&mut metrics[name], metric, judgement);
        }
    }
}

/// Adds k6's `thresholds: {expression: {ok}}`, and what that is made of.
fn judge(entry: &mut Value, metric: &Metric, judgement: &Judgement<'_>) {
    let known = &mut entry["thresholds"][judgement.expression];
    let has_failed = known["ok"] == false;
    *known = stands(metric, judgement);
    if has_failed {
        known["ok"] = false.into();
    }
}

/// How a threshold stands: the `value` that was compared, `null` without data, with which limit, and by how much it
/// holds.
pub(super) fn stands(metric: &Metric, judgement: &Judgement<'_>) -> Value {
    let threshold = judgement.threshold;
    let margin = judgement.figure.and_then(|figure| threshold.margin(figure));
    json!({
        "ok": judgement.is_ok,
        "value": judgement.figure.map(number),
        "figure": threshold.method.to_string(),
        "operator": threshold.operator.to_string(),
        "limit": number(threshold.limit),
        "margin": margin.map(number),
        "unit": unit(metric, threshold.method),
        "window": threshold.window.map(format_duration).unwrap_or_default(),
        "undecided": judgement.is_undecided,
    })
}

/// What a figure is measured in; nothing for plain numbers and shares.
fn unit(metric: &Metric, figure: Method) -> &'static str {
    match (metric.kind, figure, metric.unit) {
        (Kind::Rate, ..) | (Kind::Trend, Method::Stat(TrendStat::Count), _) => "",
        (Kind::Counter, Method::Rate, Unit::Data) => "bytes/s",
        (Kind::Counter, Method::Rate, Unit::Time) => "ms/s",
        (Kind::Counter, Method::Rate, Unit::Default) => "1/s",
        (_, _, Unit::Time) => "ms",
        (_, _, Unit::Data) => "bytes",
        (_, _, Unit::Default) => "",
    }
}
