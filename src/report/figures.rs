//! What is said of one metric: its kind, its unit and its figures.

use std::time::Duration;

use serde_json::{Value, json};

use super::SummaryInput;
use crate::metrics::{Metric, Sink, TrendStat};

/// What the summary says of a metric, or of a part of it.
pub(super) fn entry(metric: &Metric, sink: &Sink, input: &SummaryInput<'_>) -> Value {
    described(metric, &values(sink, input.duration, input.trend_stats))
}

pub(super) fn described(metric: &Metric, values: &Value) -> Value {
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
        (count / duration.as_secs_f64()).clamp(f64::MIN, f64::MAX)
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
