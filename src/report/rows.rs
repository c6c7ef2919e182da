//! Every series with its figures: what a table of the run is made of.
//!
//! The figures that tables have are there whatever `summaryTrendStats` says, and so are those that it names.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::figures::{number, values};
use crate::metrics::{Aggregate, Metric, Registry, Selector, Series, SeriesTable, Sink, TrendStat};

/// What every table has of a trend.
const ALWAYS: [TrendStat; 8] = [
    TrendStat::Count,
    TrendStat::Avg,
    TrendStat::Min,
    TrendStat::Med,
    TrendStat::P(90.0),
    TrendStat::P(95.0),
    TrendStat::P(99.0),
    TrendStat::Max,
];

/// What was recorded, and what of it is wanted.
#[derive(Debug)]
pub struct RowsInput<'a> {
    /// Names, kinds and units of the metrics; also the order of the rows.
    pub registry: &'a Registry,
    /// Which series belong to a metric.
    pub series: &'a SeriesTable,
    /// What was recorded.
    pub aggregate: &'a Aggregate,
    /// The names of metrics and parts of metrics that the options name.
    pub parts: &'a [&'a str],
    /// How long the test ran; counters are divided by it.
    pub duration: Duration,
    /// The figures of a trend that the options name.
    pub trend_stats: &'a [TrendStat],
}

/// A row for each series that has samples, and for each part of a metric the numbers of its rows.
pub fn rows(input: &RowsInput<'_>) -> Value {
    let mut stats = input.trend_stats.to_vec();
    stats.extend(
        ALWAYS
            .iter()
            .filter(|stat| !input.trend_stats.contains(stat)),
    );
    let mut shown: Vec<Series> = Vec::new();
    let mut rows: Vec<Value> = Vec::new();
    for (id, metric) in input.registry.iter() {
        for series in input.series.of_metric(id) {
            if let Some(sink) = input.aggregate.sink(*series) {
                shown.push(*series);
                rows.push(row(input, &stats, metric, *series, sink));
            }
        }
    }
    let part = |name: &&str| {
        let selector = Selector::parse(name).ok()?;
        let metric = input.registry.find(&selector.metric)?;
        let is_of_it = |series: &Series| {
            input.series.metric(*series) == metric && selector.matches(input.series.tags(*series))
        };
        let numbers = shown.iter().enumerate().filter(|(_, one)| is_of_it(one));
        let numbers: Vec<usize> = numbers.map(|(number, _)| number).collect();
        Some(((*name).to_owned(), json!(numbers)))
    };
    let parts: Map<String, Value> = input.parts.iter().filter_map(part).collect();
    json!({"rows": rows, "parts": parts})
}

fn row(
    input: &RowsInput<'_>,
    stats: &[TrendStat],
    metric: &Metric,
    series: Series,
    sink: &Sink,
) -> Value {
    let tags = input.series.tags(series);
    let tags: Map<String, Value> = tags
        .iter()
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    let sum = match sink {
        Sink::Counter { sum, .. } => Some(*sum),
        Sink::Trend(trend) => Some(trend.sum()),
        Sink::Gauge { .. } | Sink::Rate { .. } => None,
    };
    json!({
        "metric": &*metric.name,
        "type": metric.kind.as_str(),
        "contains": metric.unit.as_str(),
        "tags": tags,
        "samples": samples(sink),
        "sum": sum.map(number),
        "values": values(sink, input.duration, stats),
    })
}

fn samples(sink: &Sink) -> u64 {
    match sink {
        Sink::Counter { samples, .. } | Sink::Gauge { samples, .. } => *samples,
        Sink::Rate { total, .. } => *total,
        Sink::Trend(trend) => trend.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{TagSet, builtin};

    #[test]
    fn each_series_is_a_row_and_parts_know_which_are_theirs() {
        let registry = Registry::new();
        let (mut series, mut aggregate) = (SeriesTable::new(), Aggregate::new());
        for (metric, name, all) in [
            (builtin::WS_PING, "a", &[1.0, 3.0][..]),
            (builtin::WS_PING, "b", &[7.0]),
            (builtin::DATA_SENT, "a", &[4.0, 0.5]),
        ] {
            let one = series.series(&registry, metric, &TagSet::new().with("name", name));
            let mut sink = Sink::new(registry.get(metric).kind);
            for value in all {
                sink.add(*value);
            }
            aggregate.merge(one, &sink);
        }
        let table = rows(&RowsInput {
            registry: &registry,
            series: &series,
            aggregate: &aggregate,
            parts: &["ws_ping{name:b}", "ws_ping", "ws_ping{name:nobody}"],
            duration: Duration::from_secs(2),
            trend_stats: &[TrendStat::P(10.0), TrendStat::Max],
        });
        let all = table["rows"].as_array().unwrap();
        let of = |metric: &str| -> Vec<(usize, &Value)> {
            let rows = all.iter().enumerate();
            rows.filter(|(_, row)| row["metric"] == metric).collect()
        };
        let (pings, sent) = (of("ws_ping"), of("data_sent"));
        assert_eq!((pings.len(), sent.len(), all.len()), (2, 1, 3));
        let first = pings[0].1;
        assert_eq!(first["tags"], json!({"name": "a"}));
        assert_eq!((&first["sum"], &first["samples"]), (&json!(4), &json!(2)));
        let figures: Vec<&String> = first["values"].as_object().unwrap().keys().collect();
        let wanted = [
            "p(10)", "max", "count", "avg", "min", "med", "p(90)", "p(95)", "p(99)",
        ];
        assert_eq!(figures, wanted);
        assert_eq!(sent[0].1["values"], json!({"count": 4.5, "rate": 2.25}));
        assert_eq!(sent[0].1["samples"], 2);
        let both: Vec<usize> = pings.iter().map(|(number, _)| *number).collect();
        let parts = &table["parts"];
        assert_eq!(parts["ws_ping{name:b}"], json!([both[1]]));
        assert_eq!(parts["ws_ping"], json!(both));
        assert_eq!(parts["ws_ping{name:nobody}"], json!([]));
    }
}
