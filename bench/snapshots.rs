//! `cargo bench --no-default-features --bench snapshots`: what a snapshot costs, in the run and where it is merged.
//!
//! 500 series, of which 100 are trends with 200 values a second; each second is added up in ten pieces, as in the first
//! minute of a run. Times inform, they never gate; the limits of the design stand beside them.

mod made_up;

use std::error::Error;
use std::time::Duration;

use k6ws::clock;
use k6ws::report::snapshot::Recording;

use self::made_up::{MadeUp, median};

const SERIES: usize = 500;
const TRENDS: usize = 100;
const VALUES: usize = 200;
const PIECES: u32 = 10;
const SECONDS: u64 = 60;

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut run = MadeUp::new(SERIES, TRENDS);
    let mut recording = Recording::of(1);
    let (mut added, mut said, mut merged) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for second in 0..SECONDS {
        let mut adding = Duration::ZERO;
        for piece in 0..PIECES {
            for (number, &one) in run.series.iter().enumerate() {
                let values = if number < TRENDS {
                    VALUES / PIECES as usize
                } else {
                    1
                };
                for value in 0..values {
                    let value = (value * 7919 + piece as usize + number) % 997;
                    run.recorder.add(one, value as f64 / 7.0);
                }
            }
            let from = clock::now();
            run.add_up(Duration::from_secs(second) + Duration::from_secs(1) * (piece + 1) / PIECES);
            adding += clock::now() - from;
        }
        added.push(adding);
        let from = clock::now();
        let snapshot = run.say(second + 1, second + 1 == SECONDS);
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
