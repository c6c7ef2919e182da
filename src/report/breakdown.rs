//! The figures of each scenario and of each group in it: what the full summary adds to the compact one.
//!
//! Made of the series there are, by their tags `scenario` and `group`: nothing more is recorded for it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::SummaryInput;
use super::figures::entry;
use crate::metrics::{MetricId, Series, Sink, builtin};

/// One scenario, or one group of it, with everything below it.
#[derive(Default)]
struct Part {
    metrics: BTreeMap<usize, (MetricId, Sink)>,
    /// Name, passes, fails, in order of first use.
    checks: Vec<(String, u64, u64)>,
    groups: Vec<(String, Part)>,
}

/// Everything by scenario (`""` outside any: setup and teardown), in the order of `names`, then by group, in order
/// of first use. A part in which nothing happened is left out.
pub fn breakdown<'a>(input: &SummaryInput<'_>, names: impl Iterator<Item = &'a str>) -> Value {
    let names = std::iter::once("").chain(names);
    let mut scenarios: Vec<(String, Part)> = names
        .map(|name| (name.to_owned(), Part::default()))
        .collect();
    for (series, sink) in input.aggregate.iter() {
        let tags = input.series.tags(series);
        let (scenario, group) = (tags.get("scenario"), tags.get("group"));
        if scenario.is_none() && group.is_none() {
            continue;
        }
        let mut part = inner(&mut scenarios, scenario.unwrap_or_default());
        part.add(input, series, sink, group.unwrap_or_default().is_empty());
        let mut path = group.unwrap_or_default().split("::").skip(1).peekable();
        while let Some(name) = path.next() {
            part = inner(&mut part.groups, name);
            part.add(input, series, sink, path.peek().is_none());
        }
    }
    parts_to_json(&scenarios, input)
}

/// The part of this name, made if need be.
fn inner<'a>(parts: &'a mut Vec<(String, Part)>, name: &str) -> &'a mut Part {
    let known = parts.iter().position(|(one, _)| one == name);
    let index = known.unwrap_or_else(|| {
        parts.push((name.to_owned(), Part::default()));
        parts.len() - 1
    });
    &mut parts[index].1
}

fn parts_to_json(parts: &[(String, Part)], input: &SummaryInput<'_>) -> Value {
    let parts = parts.iter().filter(|(_, part)| !part.is_silent());
    parts
        .map(|(name, part)| part.to_json(name, input))
        .collect()
}

impl Part {
    /// Whether nothing was counted but zeros: setup without any sockets, for one.
    fn is_silent(&self) -> bool {
        let is_zero = |sink: &Sink| matches!(sink, Sink::Counter { sum, .. } if *sum == 0.0);
        self.metrics.values().all(|(_, sink)| is_zero(sink))
            && self.groups.iter().all(|(_, part)| part.is_silent())
    }

    fn add(&mut self, input: &SummaryInput<'_>, series: Series, sink: &Sink, is_own: bool) {
        let metric = input.series.metric(series);
        let (_, total) = self
            .metrics
            .entry(metric.index())
            .or_insert_with(|| (metric, Sink::new(sink.kind())));
        total.merge_newer(sink);
        if let (true, true, Sink::Rate { passes, total }) =
            (is_own, metric == builtin::CHECKS, sink)
            && let Some(name) = input.series.tags(series).get("check")
        {
            let known = self.checks.iter().position(|(one, ..)| one == name);
            let index = known.unwrap_or_else(|| {
                self.checks.push((name.to_owned(), 0, 0));
                self.checks.len() - 1
            });
            let (_, passed, failed) = &mut self.checks[index];
            *passed += passes;
            *failed += total - passes;
        }
    }

    fn to_json(&self, name: &str, input: &SummaryInput<'_>) -> Value {
        let metrics: Map<String, Value> = self
            .metrics
            .values()
            .map(|(id, sink)| {
                let metric = input.registry.get(*id);
                (metric.name.to_string(), entry(metric, sink, input))
            })
            .collect();
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|(name, passes, fails)| json!({"name": name, "passes": passes, "fails": fails}))
            .collect();
        let groups = parts_to_json(&self.groups, input);
        json!({"name": name, "metrics": metrics, "checks": checks, "groups": groups})
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::{Aggregate, Kind, Registry, SeriesTable, TagSet, TrendStat};
    use crate::report::{CheckTree, TerminalState};

    #[test]
    fn figures_are_added_up_by_scenario_and_by_every_group_above() {
        let registry = Registry::new();
        let (mut series, mut aggregate) = (SeriesTable::new(), Aggregate::new());
        let mut record = |metric, scenario: &str, group: &str, check: &str, values: &[f64]| {
            let mut tags = TagSet::new().with("group", group);
            for (key, value) in [("scenario", scenario), ("check", check)] {
                if !value.is_empty() {
                    tags = tags.with(key, value);
                }
            }
            let one = series.series(&registry, metric, &tags);
            let mut sink = Sink::new(registry.get(metric).kind);
            for value in values {
                sink.add(*value);
            }
            aggregate.merge(one, &sink);
        };
        record(builtin::DATA_SENT, "", "::setup", "", &[5.0]);
        record(builtin::DATA_SENT, "", "::teardown", "", &[0.0]);
        record(builtin::ITERATIONS, "b", "", "", &[1.0]);
        record(builtin::ITERATIONS, "a", "", "", &[1.0, 1.0]);
        record(builtin::CHECKS, "a", "::in::deep", "ok", &[1.0, 0.0]);
        record(builtin::CHECKS, "a", "", "top", &[1.0]);
        assert_eq!(registry.get(builtin::CHECKS).kind, Kind::Rate);
        let stats = [TrendStat::Count];
        let checks = CheckTree::default();
        let input = SummaryInput {
            registry: &registry,
            series: &series,
            aggregate: &aggregate,
            checks: &checks,
            parts: &[],
            duration: Duration::from_secs(1),
            trend_stats: &stats,
            time_unit: None,
            terminal: TerminalState {
                no_color: true,
                stdout_is_tty: false,
                stderr_is_tty: false,
            },
            setup_data: None,
        };
        let all = breakdown(&input, ["a", "b", "idle"].into_iter());
        let names: Vec<_> = all
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, ["", "a", "b"]);
        assert_eq!(all[0]["groups"].as_array().unwrap().len(), 1);
        assert_eq!(all[0]["groups"][0]["name"], "setup");
        let a = &all[1];
        assert_eq!(a["metrics"]["iterations"]["values"]["count"], 2);
        assert_eq!(a["metrics"]["checks"]["values"]["passes"], 2);
        assert_eq!(
            a["checks"],
            json!([{"name": "top", "passes": 1, "fails": 0}])
        );
        let deep = &a["groups"][0]["groups"][0];
        assert_eq!(
            (&a["groups"][0]["name"], &deep["name"]),
            (&json!("in"), &json!("deep"))
        );
        assert_eq!(a["groups"][0]["checks"], json!([]));
        assert_eq!(
            deep["checks"],
            json!([{"name": "ok", "passes": 1, "fails": 1}])
        );
        assert_eq!(all[2]["metrics"]["iterations"]["values"]["count"], 1);
    }
}
