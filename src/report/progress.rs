//! How far a run is, for the display of its progress: numbers and a time, no run.

use std::time::Duration;

use serde_json::{Value, json};

use super::Totals;
use crate::metrics::{SeriesTable, Sink, builtin};

/// How far a run is.
#[derive(Debug)]
pub struct Progress<'a> {
    /// Since the scenarios began.
    pub elapsed: Duration,
    /// VUs at work.
    pub vus: u32,
    /// VUs initialised so far.
    pub vus_max: usize,
    /// Iterations that have finished.
    pub iterations: u64,
    /// Iterations that were cut.
    pub interrupted: u64,
    /// In the order of the options.
    pub scenarios: Vec<ScenarioProgress<'a>>,
}

/// How far a scenario is.
#[derive(Debug)]
pub struct ScenarioProgress<'a> {
    /// What the user calls it.
    pub name: &'a str,
    /// Its executor, as options name it.
    pub executor: &'a str,
    /// `waiting`, `running`, `graceful_stop` or `done`.
    pub phase: &'a str,
    /// VUs at work.
    pub active_vus: u32,
    /// VUs it may have.
    pub max_vus: u32,
    /// Since it began.
    pub elapsed: Duration,
    /// How long it starts iterations.
    pub duration: Duration,
    /// Iterations that count for the bar.
    pub started: u64,
    /// How many there will be, where that is known.
    pub total: Option<u64>,
    /// How many each VU makes, where that is what the options say.
    pub per_vu: Option<u64>,
    /// Iterations it should start in a second just now, where it paces them.
    pub rate: Option<f64>,
    /// Some of its iterations were cut.
    pub is_cut: bool,
}

/// Arranges it, with the chief numbers so far.
pub fn progress(progress: &Progress<'_>, series: &SeriesTable, totals: &Totals) -> Value {
    let total = |metric| totals.aggregate.total(series, metric);
    let count = |metric| match total(metric) {
        Some(Sink::Counter { sum, .. }) => sum,
        _ => 0.0,
    };
    let connect_p95 = match total(builtin::WS_CONNECTING) {
        Some(Sink::Trend(trend)) => Some(trend.percentile(95.0)),
        _ => None,
    };
    let ended = match total(builtin::WS_SESSION_DURATION) {
        Some(Sink::Trend(trend)) => trend.count() as f64,
        _ => 0.0,
    };
    let exceptions = match total(builtin::ITERATION_FAILED) {
        Some(Sink::Rate { passes, .. }) => passes,
        _ => 0,
    };
    let scenarios: Vec<Value> = progress.scenarios.iter().map(scenario).collect();
    json!({
        "elapsed_ms": milliseconds(progress.elapsed),
        "vus": progress.vus,
        "vus_max": progress.vus_max,
        "iterations": progress.iterations,
        "interrupted": progress.interrupted,
        "scenarios": scenarios,
        "live": {
            "open": (count(builtin::WS_SESSIONS) - ended).max(0.0),
            "received": count(builtin::WS_MSGS_RECEIVED),
            "sent": count(builtin::WS_MSGS_SENT),
            "connect_p95_ms": connect_p95,
            "errors": totals.refusals.total() + totals.breaks.total() + exceptions,
        },
    })
}

fn scenario(one: &ScenarioProgress<'_>) -> Value {
    json!({
        "name": one.name,
        "executor": one.executor,
        "phase": one.phase,
        "active_vus": one.active_vus,
        "vus": one.max_vus,
        "elapsed_ms": milliseconds(one.elapsed),
        "duration_ms": milliseconds(one.duration),
        "started": one.started,
        "total": one.total,
        "per_vu": one.per_vu,
        "rate": one.rate,
        "cut": one.is_cut,
    })
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
