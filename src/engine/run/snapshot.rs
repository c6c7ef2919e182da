//! What a run can tell of itself, as data: the summary, single series, the progress.
//!
//! Arranging is `report`'s; this gathers what it needs from the recorders, the schedule and the VUs.

use serde_json::{Value, json};

use super::Run;
use super::state::ScenarioState;
use crate::engine::Runtime;
use crate::engine::measure::{End, Ends, Failure, Failures, milliseconds};
use crate::metrics::{MAX_SERIES, Selector, Sink, TrendStat, builtin};
use crate::options::{ExecutorConfig, Scenario};
use crate::report::{SummaryInput, breakdown, requests_by_name, silent, summary, values};
use crate::schedule::{ExecutorProgress, Phase};
use crate::socket::ws::close;

/// What the terminal is like, for the `state` and `options` parts of the summary.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminalState {
    /// Colour was refused.
    pub no_color: bool,
    /// Standard output is a terminal.
    pub stdout_is_tty: bool,
    /// Standard error is a terminal.
    pub stderr_is_tty: bool,
}

impl Run {
    /// What happened, in the schema of `handle_summary`; `is_full` adds every scenario and group.
    pub fn summary(&self, runtime: &Runtime, terminal: TerminalState, is_full: bool) -> Value {
        self.collect(runtime);
        // Not held together with what follows: elsewhere the state is locked first.
        let (duration, interrupted) = {
            let state = self.state();
            (state.test_time(), state.interrupted)
        };
        let catalog = self.metrics().catalog();
        let totals = self.metrics().totals();
        let judge = self.judge();
        let input = SummaryInput {
            registry: &catalog.registry,
            series: &catalog.series,
            aggregate: &totals.aggregate,
            checks: &totals.checks,
            parts: &judge.report(&totals.parts),
            duration,
            trend_stats: &self.options.summary_trend_stats,
            time_unit: self.options.summary_time_unit.as_deref(),
            no_color: terminal.no_color,
            stdout_is_tty: terminal.stdout_is_tty,
            stderr_is_tty: terminal.stderr_is_tty,
            setup_data: None,
        };
        let mut data = summary(&input);
        let reasons = self.doubts();
        let mut full: Vec<String> = catalog
            .series
            .full()
            .map(|metric| {
                let name = &catalog.registry.get(metric).name;
                format!(
                    "metric {name} has more than {MAX_SERIES} time series: what goes beyond is counted \
                     together, tagged __other__; keep ids out of tags, or set the tag `name`"
                )
            })
            .collect();
        if self.context.tls().is_unverified() {
            full.push(UNVERIFIED.into());
        }
        let names = self.options.scenarios.iter().map(|one| one.name.as_str());
        let parts = is_full.then(|| breakdown(&input, names));
        data["run"] = json!({
            "breakdown": parts,
            "requests": requests_by_name(&input),
            "warnings": full,
            "trustworthy": reasons.is_empty(),
            "reasons": reasons,
            "connection_failures": listed(&totals.refusals),
            "session_failures": listed(&totals.breaks),
            "session_ends": ends(&totals.ends),
            "iterations_interrupted": interrupted,
        });
        data
    }

    /// Every metric without a sample, by name, as the summary would have it.
    pub fn silent_metrics(&self) -> Value {
        let catalog = self.metrics().catalog();
        let totals = self.metrics().totals();
        silent(&catalog.registry, &self.options.summary_trend_stats, |id| {
            totals.aggregate.total(&catalog.series, id).is_none()
        })
    }

    /// Every series of a metric, or of a part of it: its tags and its values.
    pub fn series(&self, runtime: &Runtime, name: &str) -> Value {
        self.collect(runtime);
        let duration = self.state().test_time();
        let catalog = self.metrics().catalog();
        let totals = self.metrics().totals();
        let mut stats = self.options.summary_trend_stats.clone();
        stats.push(TrendStat::Count);
        let Ok(selector) = Selector::parse(name) else {
            return json!([]);
        };
        let Some(metric) = catalog.registry.find(&selector.metric) else {
            return json!([]);
        };
        let all = catalog
            .series
            .of_metric(metric)
            .iter()
            .filter(|series| selector.matches(catalog.series.tags(**series)))
            .filter_map(|series| {
                let sink = totals.aggregate.sink(*series)?;
                let tags: serde_json::Map<String, Value> = catalog
                    .series
                    .tags(*series)
                    .iter()
                    .map(|(k, v)| (k.into(), v.into()))
                    .collect();
                Some(json!({"tags": tags, "values": values(sink, duration, &stats)}))
            });
        Value::Array(all.collect())
    }

    /// How far the run is, for the progress display.
    pub fn progress(&self, runtime: &Runtime) -> Value {
        self.collect(runtime);
        // First, as everywhere.
        let state = self.state();
        let catalog = self.metrics().catalog();
        let totals = self.metrics().totals();
        let total = |metric| totals.aggregate.total(&catalog.series, metric);
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
        let errors = totals.refusals.total() + totals.breaks.total() + exceptions;
        let scenarios: Vec<Value> = state
            .progresses()
            .zip(&self.options.scenarios)
            .map(|((scenario, progress), options)| scenario_progress(scenario, &progress, options))
            .collect();
        let active: u32 = state
            .progresses()
            .map(|(_, progress)| progress.active_vus)
            .sum();
        json!({
            "elapsed_ms": milliseconds(state.elapsed()),
            "vus": active,
            "vus_max": state.pool.len(),
            "iterations": state.complete,
            "interrupted": state.interrupted,
            "scenarios": scenarios,
            "live": {
                "open": (count(builtin::WS_SESSIONS) - ended).max(0.0),
                "received": count(builtin::WS_MSGS_RECEIVED),
                "sent": count(builtin::WS_MSGS_SENT),
                "connect_p95_ms": connect_p95,
                "errors": errors,
            },
        })
    }

    pub(super) fn collect(&self, runtime: &Runtime) {
        runtime.drain_recorder(|driver| self.metrics().collect(driver));
    }
}

/// Failures as the summary lists them.
fn listed(failures: &Failures) -> Vec<Value> {
    let one = |(cause, status, failure): (&str, Option<u16>, &Failure)| {
        json!({
            "cause": cause,
            "status": status,
            "count": failure.count,
            "message": failure.first,
            "hint": failure.hint,
            "body": failure.body,
        })
    };
    failures.iter().map(one).collect()
}

/// How sessions ended, as the summary lists it; the last one stands for those that found no room.
fn ends(ends: &Ends) -> Vec<Value> {
    let others = (ends.others > 0).then(
        || json!({"code": null, "name": "", "by": null, "reason": null, "count": ends.others}),
    );
    let one = |(end, count): (&End, u64)| {
        json!({
            "code": end.code,
            "name": close::name(end.code).unwrap_or_default(),
            "by": end.by.as_str(),
            "reason": end.reason,
            "count": count,
        })
    };
    ends.iter().map(one).chain(others).collect()
}

fn scenario_progress(
    scenario: &ScenarioState,
    progress: &ExecutorProgress,
    options: &Scenario,
) -> Value {
    let phase = match progress.phase {
        Phase::Waiting => "waiting",
        Phase::Running => "running",
        Phase::GracefulStop => "graceful_stop",
        Phase::Done => "done",
    };
    let per_vu = match options.executor {
        ExecutorConfig::PerVuIterations { iterations, .. } => Some(iterations),
        _ => None,
    };
    json!({
        "name": options.name,
        "executor": options.executor.name(),
        "phase": phase,
        "active_vus": progress.active_vus,
        "vus": progress.max_vus,
        "elapsed_ms": milliseconds(progress.elapsed),
        "duration_ms": milliseconds(progress.regular_end),
        "started": match progress.total {
            // Where iterations are counted, the bar shows those that are done.
            Some(_) => progress.finished(),
            None => progress.started,
        },
        "total": progress.total,
        "per_vu": per_vu,
        "rate": progress.rate,
        "cut": scenario.is_cut,
    })
}

const UNVERIFIED: &str =
    "TLS certificates were not verified: insecureSkipTLSVerify was on for at least one connection";
