//! What came when, as the page reads it.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value, json};

use crate::report::history::History;
use crate::report::snapshot::Recording;

/// Metrics and series behind the first ones, which are known.
pub(super) fn names(recording: &Recording, known: (usize, usize)) -> (Vec<Value>, Vec<Value>) {
    let (registry, table) = recording.names();
    let metrics = registry.iter().skip(known.0).map(|(_, metric)| {
        let (name, kind, unit) = (&metric.name, metric.kind.as_str(), metric.unit.as_str());
        json!({"name": name, "kind": kind, "unit": unit})
    });
    let series = table.iter().skip(known.1).map(|(metric, tags)| {
        let tags: Map<String, Value> = tags.iter().map(|(k, v)| (k.into(), v.into())).collect();
        json!([metric.index(), tags])
    });
    (metrics.collect(), series.collect())
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
    pub(super) why: Option<String>,
}

/// The history of so many series in at most so many bytes: neighbouring intervals are merged until it fits, but for a few
/// dozen, without which there is no chart.
pub(super) fn fitting(history: &History, series: usize, room: usize) -> Fitting {
    let mut factor = 1;
    let mut following = [2, 5, 10].into_iter().cycle();
    loop {
        let merged = history.merged(factor);
        let data = deflated(&merged.block(series));
        let next = power_of_ten_below(factor) * following.next().unwrap_or(2);
        if data.len() <= room || history.count() / next < FEWEST {
            let why = why_merged(history, &merged).or_else(|| why_short(&merged));
            return Fitting {
                history: merged,
                data,
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
