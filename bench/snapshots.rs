//! `cargo bench --no-default-features --bench snapshots`: what a snapshot costs, in the run and where it is merged.
//!
//! 500 series, of which 100 are trends with 200 values a second; each second is added up in ten pieces, as in the first
//! minute of a run. Times inform, they never gate; the limits of the design stand beside them.

use std::error::Error;
use std::time::Duration;

use k6ws::clock;
use k6ws::metrics::{Recorder, Registry, Series, SeriesTable, TagSet, builtin};
use k6ws::report::Totals;
use k6ws::report::snapshot::{Deltas, Facts, Now, Opening, Pieces, Recording};

const SERIES: usize = 500;
const TRENDS: usize = 100;
const VALUES: usize = 200;
const PIECES: usize = 10;
const SECONDS: u64 = 60;

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let registry = Registry::new();
    let mut table = SeriesTable::new();
    let series: Vec<Series> = (0..SERIES)
        .map(|number| {
            let tags = TagSet::new()
                .with("name", &format!("request {number}"))
                .with("scenario", "default");
            let metric = if number < TRENDS {
                builtin::WS_REQ_DURATION
            } else {
                builtin::WS_REQS
            };
            table.series(&registry, metric, &tags)
        })
        .collect();
    let began = clock::now();
    let mut recorder = Recorder::new();
    let mut totals = Totals {
        pieces: Some(Pieces::new(began)),
        ..Totals::default()
    };
    let mut deltas = Deltas::new(Opening {
        options: "{}".into(),
        ..Opening::default()
    });
    let mut recording = Recording::of(1);
    let (mut added, mut said, mut merged) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for second in 0..SECONDS {
        let mut adding = Duration::ZERO;
        for piece in 0..PIECES {
            for (number, &one) in series.iter().enumerate() {
                let values = if number < TRENDS { VALUES / PIECES } else { 1 };
                for value in 0..values {
                    recorder.add(one, ((value * 7919 + piece + number) % 997) as f64 / 7.0);
                }
            }
            let from = clock::now();
            totals.take(&table, &mut recorder);
            if let Some(pieces) = &mut totals.pieces {
                pieces.cut(clock::now());
            }
            adding += clock::now() - from;
        }
        added.push(adding);
        let from = clock::now();
        let now = Now {
            since_opening: second * 1_000_000_000,
            ..Now::default()
        };
        let snapshot = deltas.next(&registry, &table, &mut totals, Facts::default(), now);
        said.push(clock::now() - from);
        bytes += snapshot.len();
        let from = clock::now();
        recording.take(0, &snapshot)?;
        merged.push(clock::now() - from);
    }
    let each = bytes / said.len();
    println!(
        "{SERIES} series: a second is added up in {:.0} µs and said in {:.0} µs (together at most 1,000 wanted), \
         and merged in {:.0} µs; {} bytes",
        median(added),
        median(said),
        median(merged),
        each
    );
    Ok(())
}

/// In microseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}
