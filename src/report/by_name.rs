//! The figures of requests by their name: how long each kind took, and how many of it failed.
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

/// Parts of the metrics of requests, named as thresholds name them; none where all requests have the same name, whose
/// figures are those of the whole.
pub fn requests_by_name(input: &SummaryInput<'_>) -> Value {
    let mut names: BTreeMap<&str, [Option<Sink>; SHOWN.len()]> = BTreeMap::new();
    for (series, sink) in input.aggregate.iter() {
        let metric = input.series.metric(series);
        let Some(shown) = SHOWN.iter().position(|one| *one == metric) else {
            continue;
        };
        let name = input.series.tags(series).get("name").unwrap_or_default();
        names.entry(name).or_default()[shown]
            .get_or_insert_with(|| Sink::new(sink.kind()))
            .merge_newer(sink);
    }
    let mut names: Vec<_> = names.into_iter().collect();
    if names.len() < 2 {
        return Value::Object(Map::new());
    }
    names.sort_by_key(|(_, sinks)| std::cmp::Reverse(requests(sinks)));
    let shown = names.iter().take(MOST).flat_map(|(name, sinks)| {
        SHOWN.iter().zip(sinks).filter_map(move |(metric, sink)| {
            let metric = input.registry.get(*metric);
            let part = format!("{}{{name:{name}}}", metric.name);
            Some((part, entry(metric, sink.as_ref()?, input)))
        })
    });
    Value::Object(shown.collect())
}

/// How many requests have an outcome.
fn requests(sinks: &[Option<Sink>]) -> u64 {
    let rates = sinks.iter().flatten().map(|sink| match sink {
        Sink::Rate { total, .. } => *total,
        _ => 0,
    });
    rates.sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::{Aggregate, Registry, SeriesTable, TagSet, TrendStat};
    use crate::report::{CheckTree, TerminalState};

    fn by_name(samples: &[(MetricId, &str, f64)]) -> Value {
        let registry = Registry::new();
        let (mut series, mut aggregate) = (SeriesTable::new(), Aggregate::new());
        for (metric, name, value) in samples {
            let tags = TagSet::new().with("name", name).with("url", "ws://a");
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
