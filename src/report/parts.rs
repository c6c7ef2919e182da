//! The entries of metrics that somebody named in a threshold.
//!
//! They are in the summary even without samples: who asks for a metric is told that there was none.

use serde_json::{Map, Value, json};

use super::SummaryInput;
use super::figures::{entry, number};
use crate::metrics::{MetricId, Sink};
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
            judge(&mut metrics[name], judgement);
        }
    }
}

/// Adds k6's `thresholds: {expression: {ok}}`, and the `value` that was compared: `null` without data.
fn judge(entry: &mut Value, judgement: &Judgement<'_>) {
    let stands = &mut entry["thresholds"][judgement.expression];
    let is_ok = judgement.is_ok && stands["ok"] != false;
    *stands = json!({"ok": is_ok, "value": judgement.figure.map(number)});
}
