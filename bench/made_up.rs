//! A run that never was, which is told second by second: what it records is up to the benchmark.

use std::time::Duration;

use k6ws::clock::{self, Instant};
use k6ws::metrics::{Recorder, Registry, Series, SeriesTable, TagSet, builtin};
use k6ws::report::Totals;
use k6ws::report::snapshot::{Deltas, Facts, Now, Opening, Pieces};

/// A run of so many series, the first of them trends, the others counters.
pub(super) struct MadeUp {
    pub(super) series: Vec<Series>,
    pub(super) recorder: Recorder,
    registry: Registry,
    table: SeriesTable,
    totals: Totals,
    deltas: Deltas,
    began: Instant,
}

impl MadeUp {
    pub(super) fn new(series: usize, trends: usize) -> Self {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let series = (0..series).map(|number| {
            let tags = TagSet::new()
                .with("name", &format!("request {number}"))
                .with("scenario", "default");
            let metric = if number < trends {
                builtin::WS_REQ_DURATION
            } else {
                builtin::WS_REQS
            };
            table.series(&registry, metric, &tags)
        });
        let series = series.collect();
        let began = clock::now();
        let opening = Opening {
            at: OPENED,
            tool: env!("CARGO_PKG_VERSION").into(),
            options: "{}".into(),
            ..Opening::default()
        };
        Self {
            series,
            recorder: Recorder::new(),
            registry,
            table,
            totals: Totals {
                pieces: Some(Pieces::new(began)),
                ..Totals::default()
            },
            deltas: Deltas::new(opening),
            began,
        }
    }

    /// Adds up what was recorded, as so long after the beginning.
    pub(super) fn add_up(&mut self, at: Duration) {
        self.totals.take(&self.table, &mut self.recorder);
        if let Some(pieces) = &mut self.totals.pieces {
            pieces.cut(self.began + at);
        }
    }

    /// What it says of itself when so many seconds are over.
    pub(super) fn say(&mut self, seconds: u64, is_last: bool) -> Vec<u8> {
        let now = Now {
            since_opening: seconds * 1_000_000_000,
            clock_started: OPENED + 10.0,
            test_time: seconds * 1_000_000_000,
            scenarios_started: OPENED + 20.0,
        };
        let facts = Facts {
            is_last,
            ..Facts::default()
        };
        self.deltas
            .next(&self.registry, &self.table, &mut self.totals, facts, now)
    }
}

/// Of many times the one in the middle, in microseconds.
pub(super) fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// Milliseconds since 1970.
const OPENED: f64 = 1_796_127_000_000.0;
