//! What came when, as the page reads it.

use std::collections::HashMap;
use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};

use crate::report::history::History;
use crate::report::snapshot::Recording;

/// Names that somebody knows of metrics, of series, and of the texts that their tags are made of.
#[derive(Debug, Default)]
pub(super) struct Names {
    metrics: usize,
    series: usize,
    texts: HashMap<String, usize>,
}

/// Names that are new, as the page reads them.
pub(super) struct NewNames {
    metrics: Vec<Value>,
    texts: Vec<Value>,
    /// The number of the metric, and then of each tag those of its two texts.
    series: Vec<Value>,
}

impl Names {
    /// So many series are known.
    pub(super) const fn series(&self) -> usize {
        self.series
    }

    /// Those that have come up since the last call, from now on known. A text has a number, so however many series have
    /// it, it is said once; numbers go by the order of the series, whenever they are asked for.
    pub(super) fn next(&mut self, recording: &Recording) -> NewNames {
        let (registry, table) = recording.names();
        let metrics = registry.iter().skip(self.metrics).map(|(_, metric)| {
            let (name, kind, unit) = (&metric.name, metric.kind.as_str(), metric.unit.as_str());
            json!({"name": name, "kind": kind, "unit": unit})
        });
        let metrics: Vec<Value> = metrics.collect();
        let (mut texts, mut series) = (Vec::new(), Vec::new());
        for (metric, tags) in table.iter().skip(self.series) {
            let mut numbers = vec![metric.index()];
            for text in tags.iter().flat_map(|(key, value)| [key, value]) {
                let known = self.texts.get(text).copied();
                numbers.push(known.unwrap_or_else(|| {
                    let number = self.texts.len();
                    self.texts.insert(text.into(), number);
                    texts.push(text.into());
                    number
                }));
            }
            series.push(json!(numbers));
        }
        self.metrics += metrics.len();
        self.series += series.len();
        NewNames {
            metrics,
            texts,
            series,
        }
    }
}

impl NewNames {
    /// The beginning of a history.
    pub(super) fn into_history(self) -> Map<String, Value> {
        let Self {
            metrics,
            texts,
            series,
        } = self;
        let all = [("metrics", metrics), ("texts", texts), ("series", series)];
        all.map(|(name, values)| (name.into(), values.into()))
            .into_iter()
            .collect()
    }
}

/// A block as text.
pub(super) fn plain(block: &[u8]) -> String {
    STANDARD.encode(block)
}

/// A history that fits.
pub(super) struct Fitting {
    pub(super) history: History,
    /// Its block, deflated, as text.
    pub(super) data: String,
    /// What happened in its intervals.
    pub(super) happened: Value,
    pub(super) why: Option<String>,
}

/// The history of so many series in at most so many bytes: neighbouring intervals are merged until it fits, but for a few
/// dozen, without which there is no chart.
pub(super) fn fitting(history: &History, series: usize, room: usize) -> Fitting {
    let mut factor = 1;
    let mut following = [2, 5, 10].into_iter().cycle();
    loop {
        let merged = history.merged(factor);
        let happened = Value::from(merged.happened());
        // What is written plainly is reckoned first: no need to deflate what does not fit anyhow.
        let left = room.checked_sub(happened.to_string().len());
        let next = power_of_ten_below(factor) * following.next().unwrap_or(2);
        let is_last = history.count() / next < FEWEST;
        let data = if left.is_some() || is_last {
            deflated(&merged.block(series))
        } else {
            String::new()
        };
        if left.is_some_and(|left| data.len() <= left) || is_last {
            let why = why_merged(history, &merged).or_else(|| why_short(&merged));
            return Fitting {
                history: merged,
                data,
                happened,
                why,
            };
        }
        factor = next;
    }
}

/// 1 of 1, 2, 5; 10 of 10, 20, 50.
fn power_of_ten_below(factor: u64) -> u64 {
    10_u64.pow(factor.max(1).ilog10())
}

/// Why intervals are longer than they were kept.
fn why_merged(kept: &History, merged: &History) -> Option<String> {
    let [before, after] = [kept, merged].map(|one| one.interval_ms() as f64 / 1_000.0);
    (before < after).then(|| {
        format!("intervals of {before} s were merged into {after} s, so that the page stays small")
    })
}

/// Why they were kept longer than the run alone would have them.
pub(super) fn why_short(history: &History) -> Option<String> {
    let length = history.interval_ms() as f64 / 1_000.0;
    history.is_short_of_memory().then(|| {
        format!("intervals were merged into {length} s, so that a run of so many series fits into memory")
    })
}

fn deflated(block: &[u8]) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(block).and_then(|()| encoder.finish());
    plain(&written.expect("a vector has room for everything"))
}

/// Fewer intervals are no chart.
const FEWEST: u64 = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Kind, Sink};

    #[test]
    fn intervals_that_are_longer_than_the_run_alone_would_have_them_are_explained() {
        let mut history = History::within(10_000);
        let mut one = Sink::new(Kind::Gauge);
        one.add(7.0);
        for tenth in 0..600 {
            history.add(0, tenth * 100_000, &one);
        }
        let found = fitting(&history, 1, usize::MAX);
        let why = found.why.unwrap();
        assert!(why.contains("1 s") && why.contains("memory"), "{why}");
        assert_eq!(found.history.interval_ms(), 1_000);
        // Later they are as long in any run.
        history.reach(90_000_000);
        assert_eq!(fitting(&history, 1, usize::MAX).why, None);
    }

    #[test]
    fn intervals_get_longer_by_two_five_and_ten() {
        let mut factor = 1;
        let mut following = [2, 5, 10].into_iter().cycle();
        let all = (0..7).map(|_| {
            factor = power_of_ten_below(factor) * following.next().unwrap();
            factor
        });
        assert_eq!(all.collect::<Vec<_>>(), [2, 5, 10, 20, 50, 100, 200]);
    }
}
