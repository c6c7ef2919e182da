//! The figures of requests by their name: how long each kind took, how many of it failed, and of what.
//!
//! Made of the series there are, by their tag `name`: nothing more is recorded for it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::SummaryInput;
use super::figures::entry;
use crate::metrics::{MetricId, Sink, builtin};

/// So many names are shown, those with the most requests.
const MOST: usize = 20;

const SHOWN: [MetricId; 4] = [
    builtin::WS_REQ_DURATION,
    builtin::WS_REQ_FAILED,
    builtin::TCP_REQ_DURATION,
    builtin::TCP_REQ_FAILED,
];

/// What is known of the requests of one name.
#[derive(Default)]
struct Asked<'a> {
    /// By the metrics of [`SHOWN`].
    sinks: [Option<Sink>; SHOWN.len()],
    /// How many failed, by metric and error.
    errors: BTreeMap<(usize, &'a str), u64>,
}

/// Parts of the metrics of requests, named as thresholds name them; of those that failed also the `errors`, with how many.
/// None where all requests have the same name and none failed: their figures are those of the whole.
pub fn requests_by_name(input: &SummaryInput<'_>) -> Value {
    let mut names: BTreeMap<&str, Asked<'_>> = BTreeMap::new();
    for (series, sink) in input.aggregate.iter() {
        let metric = input.series.metric(series);
        let Some(shown) = SHOWN.iter().position(|one| *one == metric) else {
            continue;
        };
        let tags = input.series.tags(series);
        let asked = names
            .entry(tags.get("name").unwrap_or_default())
            .or_default();
        if let (Sink::Rate { passes, .. }, Some(error)) = (sink, tags.get("error"))
            && *passes > 0
        {
            *asked.errors.entry((shown, error)).or_default() += passes;
        }
        asked.sinks[shown]
            .get_or_insert_with(|| Sink::new(sink.kind()))
            .merge_newer(sink);
    }
    let mut names: Vec<_> = names.into_iter().collect();
    if names.len() < 2 && names.iter().all(|(_, one)| one.errors.is_empty()) {
        return Value::Object(Map::new());
    }
    names.sort_by_key(|(_, one)| std::cmp::Reverse(one.made()));
    let mut parts = Map::new();
    for (name, one) in names.iter().take(MOST) {
        for (shown, sink) in one.sinks.iter().enumerate() {
            let Some(sink) = sink else {
                continue;
            };
            let metric = input.registry.get(SHOWN[shown]);
            let mut part = entry(metric, sink, input);
            let errors = one.errors.iter().filter(|((of, _), _)| *of == shown);
            let errors: Map<_, _> = errors
                .map(|((_, error), count)| ((*error).to_owned(), (*count).into()))
                .collect();
            if !errors.is_empty() {
                part["errors"] = Value::Object(errors);
            }
            parts.insert(format!("{}{{name:{name}}}", metric.name), part);
        }
    }
    Value::Object(parts)
}

impl Asked<'_> {
    /// How many requests have an outcome.
    fn made(&self) -> u64 {
        self.sinks.iter().flatten().map(outcomes).sum()
    }
}

fn outcomes(sink: &Sink) -> u64 {
    match sink {
        Sink::Rate { total, .. } => *total,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::metrics::{Aggregate, Registry, SeriesTable, TagSet, TrendStat};
    use crate::report::{CheckTree, TerminalState};

    /// Metric, name, value.
    type Sample<'a> = (MetricId, &'a str, f64);

    fn by_name(samples: &[Sample<'_>]) -> Value {
        let samples: Vec<_> = samples.iter().map(|one| (*one, None)).collect();
        by_name_and_error(&samples)
    }

    fn by_name_and_error(samples: &[(Sample<'_>, Option<&str>)]) -> Value {
        let registry = Registry::new();
        let (mut series, mut aggregate) = (SeriesTable::new(), Aggregate::new());
        for ((metric, name, value), error) in samples {
            let mut tags = TagSet::new().with("name", name).with("url", "ws://a");
            if let Some(error) = error {
                tags = tags.with("error", error);
            }
            let one = series.series(&registry, *metric, &tags);
            let mut sink = Sink::new(registry.get(*metric).kind);
            sink.add(*value);
            aggregate.merge(one, &sink);
        }
        requests_by_name(&SummaryInput {
            registry: &registry,
            series: &series,
            aggregate: &aggregate,
            checks: &CheckTree::default(),
            parts: &[],
            duration: Duration::from_secs(1),
            trend_stats: &[TrendStat::Max],
            time_unit: None,
            terminal: TerminalState {
                no_color: true,
                stdout_is_tty: false,
                stderr_is_tty: false,
            },
            setup_data: None,
        })
    }

    #[test]
    fn each_name_has_its_figures_and_one_alone_has_those_of_the_whole() {
        let say = [
            (builtin::WS_REQ_DURATION, "say", 5.0),
            (builtin::WS_REQ_FAILED, "say", 0.0),
            (builtin::WS_REQ_FAILED, "say", 1.0),
        ];
        assert_eq!(by_name(&say), Value::Object(Map::new()));
        let join = [
            (builtin::WS_REQ_DURATION, "join", 7.0),
            (builtin::WS_MSGS_SENT, "join", 1.0),
        ];
        let all = by_name(&[say.as_slice(), &join].concat());
        assert_eq!(all["ws_req_duration{name:say}"]["values"]["max"], 5);
        assert_eq!(all["ws_req_duration{name:join}"]["values"]["max"], 7);
        assert_eq!(all["ws_req_failed{name:say}"]["values"]["passes"], 1);
        assert_eq!(all.as_object().map(Map::len), Some(3));
    }

    #[test]
    fn what_failed_is_told_apart_by_its_error_though_there_is_one_name() {
        let outcome = |value, error| ((builtin::WS_REQ_FAILED, "say", value), error);
        let all = by_name_and_error(&[
            outcome(0.0, None),
            outcome(1.0, Some("timeout")),
            outcome(1.0, Some("timeout")),
            outcome(1.0, Some("closed")),
        ]);
        let failed = &all["ws_req_failed{name:say}"];
        assert_eq!(failed["values"]["passes"], 3);
        assert_eq!(failed["errors"], json!({"timeout": 2, "closed": 1}));
    }

    #[test]
    fn of_many_names_those_with_the_most_requests_are_shown() {
        let names: Vec<String> = (0..30).map(|number| format!("n{number}")).collect();
        let mut samples = Vec::new();
        for (number, name) in names.iter().enumerate() {
            samples.extend((0..=number).map(|_| (builtin::TCP_REQ_FAILED, &**name, 0.0)));
        }
        let all = by_name(&samples);
        assert_eq!(all.as_object().map(Map::len), Some(MOST));
        assert!(all.get("tcp_req_failed{name:n29}").is_some());
        assert!(all.get("tcp_req_failed{name:n9}").is_none());
    }
}
