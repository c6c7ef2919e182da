//! The numbers that somebody who watches a run wants to see: thresholds, requests by name, failures.
//!
//! A few figures of much, so that a terminal has room for them. Looking changes nothing: thresholds are judged
//! elsewhere, in their own time.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::figures::{described, number, values};
use super::parts::stands;
use super::{Failure, Failures, Totals};
use crate::metrics::{MetricId, Registry, SeriesTable, Sink, TrendStat, builtin};
use crate::verdict::PartOfMetric;

/// Names of requests that are told apart, those with the most requests.
const MOST_NAMES: usize = 20;
/// Kinds of failures that are told, of connections and of sessions each: later ones are in the summary.
const MOST_FAILURES: usize = 20;

/// Protocol, duration, outcome.
const REQUESTS: [(&str, MetricId, MetricId); 2] = [
    ("ws", builtin::WS_REQ_DURATION, builtin::WS_REQ_FAILED),
    ("tcp", builtin::TCP_REQ_DURATION, builtin::TCP_REQ_FAILED),
];

/// What is looked at.
#[derive(Debug)]
pub struct Glance<'a> {
    /// Names and kinds of the metrics.
    pub registry: &'a Registry,
    /// Which series belong to a metric.
    pub series: &'a SeriesTable,
    /// What was recorded.
    pub totals: &'a Totals,
    /// Metrics that thresholds name, or that are to be shown.
    pub parts: &'a [PartOfMetric<'a>],
    /// Since the scenarios began.
    pub elapsed: Duration,
    /// How long the test has run; counters are divided by it.
    pub duration: Duration,
    /// The figures of a trend.
    pub trend_stats: &'a [TrendStat],
}

impl Glance<'_> {
    /// Arranges it.
    pub fn to_json(&self) -> Value {
        let (requests, more) = self.requests();
        let failures = told("connection", &self.totals.refusals);
        let failures: Vec<Value> = failures
            .chain(told("session", &self.totals.breaks))
            .collect();
        json!({
            "elapsed_ms": self.elapsed.as_secs_f64() * 1000.0,
            "thresholds": self.thresholds(),
            "shown": self.shown(),
            "requests": requests,
            "more_requests": more,
            "failures": failures,
        })
    }

    /// Every threshold, in the order of the options; without a value where there is no data yet.
    fn thresholds(&self) -> Vec<Value> {
        let all = self.parts.iter().flat_map(|part| {
            let metric = self.registry.get(part.metric);
            part.judgements.iter().map(move |one| {
                let mut stands = stands(metric, one);
                stands["metric"] = part.name.into();
                stands["expression"] = one.expression.into();
                stands
            })
        });
        all.collect()
    }

    fn shown(&self) -> Vec<Value> {
        let shown = self.parts.iter().filter(|part| part.is_shown);
        let entry = |part: &PartOfMetric<'_>| {
            let figures = values(part.sink, self.duration, self.trend_stats);
            let mut entry = described(self.registry.get(part.metric), &figures);
            entry["name"] = part.name.into();
            entry
        };
        shown.map(entry).collect()
    }

    /// Requests by protocol and name, the most frequent first, and how many names there are beside those.
    fn requests(&self) -> (Vec<Value>, usize) {
        let mut names: BTreeMap<(usize, &str), Asked<'_>> = BTreeMap::new();
        for (protocol, (_, duration, outcome)) in REQUESTS.iter().enumerate() {
            for metric in [*duration, *outcome] {
                for series in self.series.of_metric(metric) {
                    let Some(sink) = self.totals.aggregate.sink(*series) else {
                        continue;
                    };
                    let name = self.series.tags(*series).get("name").unwrap_or_default();
                    names.entry((protocol, name)).or_default().add(sink);
                }
            }
        }
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_by_key(|(_, asked)| std::cmp::Reverse(asked.made));
        let told = names
            .iter()
            .take(MOST_NAMES)
            .map(|((protocol, name), one)| {
                json!({
                    "protocol": REQUESTS[*protocol].0,
                    "name": name,
                    "made": one.made,
                    "failed": one.failed,
                    "p95_ms": one.percentile(95.0).map(number),
                })
            });
        (told.collect(), names.len().saturating_sub(MOST_NAMES))
    }
}

/// Requests of one name.
#[derive(Default)]
struct Asked<'a> {
    made: u64,
    failed: u64,
    durations: Vec<&'a Sink>,
}

impl<'a> Asked<'a> {
    fn add(&mut self, sink: &'a Sink) {
        match sink {
            Sink::Rate { passes, total } => {
                self.made += total;
                self.failed += passes;
            }
            _ => self.durations.push(sink),
        }
    }

    fn percentile(&self, p: f64) -> Option<f64> {
        let (first, others) = self.durations.split_first()?;
        let all;
        let whole = if others.is_empty() {
            first
        } else {
            all = others.iter().fold((*first).clone(), |mut all, one| {
                all.merge_newer(one);
                all
            });
            &all
        };
        match whole {
            Sink::Trend(trend) if trend.count() > 0 => Some(trend.percentile(p)),
            _ => None,
        }
    }
}

/// The first of each kind, as the summary tells it.
fn told<'a>(what: &'a str, failures: &'a Failures) -> impl Iterator<Item = Value> + use<'a> {
    let one = move |(cause, status, failure): (&str, Option<u16>, &Failure)| {
        json!({
            "what": what,
            "cause": cause,
            "status": status,
            "message": failure.first,
            "hint": failure.hint,
            "body": failure.body,
        })
    };
    failures.iter().take(MOST_FAILURES).map(one)
}

#[cfg(test)]
mod tests;
