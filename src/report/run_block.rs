//! What a summary says of the run itself, beside its metrics: the block `run`.
//!
//! The one writer of it: what a run tells of itself and what a file tells of a run later are the same.

use serde_json::{Value, json};

use super::figures::number;
use super::{End, Ends, Failure, Failures, SummaryInput, Totals, breakdown, requests_by_name};
use crate::metrics::{MAX_SERIES, SeriesTable};
use crate::socket::ws::close;
use crate::verdict::Health;

/// What is known of a run beside its metrics.
#[derive(Debug)]
pub struct RunFacts<'a> {
    /// What went wrong, and how sessions ended.
    pub totals: &'a Totals,
    /// How the generator was.
    pub health: &'a Health,
    /// Certificates were not verified.
    pub is_unverified: bool,
    /// Iterations that were cut.
    pub interrupted: u64,
    /// The scenarios, if each of them is to have its figures.
    pub scenarios: Option<&'a [&'a str]>,
}

/// Arranges it.
pub fn run_block(input: &SummaryInput<'_>, facts: &RunFacts<'_>) -> Value {
    let reasons = facts.health.doubts();
    let mut warnings: Vec<String> = full(input, input.series);
    if facts.is_unverified {
        warnings.push(UNVERIFIED.into());
    }
    let scenarios = facts.scenarios;
    let parts = scenarios.map(|names| breakdown(input, names.iter().copied()));
    json!({
        "breakdown": parts,
        "requests": requests_by_name(input),
        "warnings": warnings,
        "trustworthy": reasons.is_empty(),
        "reasons": reasons,
        "connection_failures": listed(&facts.totals.refusals),
        "session_failures": listed(&facts.totals.breaks),
        "session_ends": ends(&facts.totals.ends),
        "iterations_interrupted": facts.interrupted,
    })
}

/// Metrics with more series than are told apart.
fn full(input: &SummaryInput<'_>, series: &SeriesTable) -> Vec<String> {
    let full = series.full().map(|metric| {
        let name = &input.registry.get(metric).name;
        format!(
            "metric {name} has more than {MAX_SERIES} time series: what goes beyond is counted \
             together, tagged __other__; keep ids out of tags, or set the tag `name`"
        )
    });
    full.collect()
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
            "first_at": number(failure.first_at),
            "last_at": number(failure.last_at),
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

const UNVERIFIED: &str =
    "TLS certificates were not verified: insecureSkipTLSVerify was on for at least one connection";
