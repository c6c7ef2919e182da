//! `cargo bench --no-default-features --bench page [-- FILE.json | day]`: how large the page of an hour is, and what it
//! costs.
//!
//! 200 series, of which 20 are trends with 20 values a second, log-normal around 20 ms in whole nanoseconds; told once a
//! second. The limits of the design stand beside what is found; times inform, they never gate. With FILE the data of the
//! page is written there; with `day` a run of 24 h with 500 series is kept, 50 of them trends with a value a second.

mod made_up;

use std::error::Error;
use std::time::Duration;

use k6ws::clock;
use k6ws::report::history::History;
use k6ws::report::page::{Live, MOST_BYTES, whole};
use k6ws::report::snapshot::Recording;

use self::made_up::{MadeUp, median};

const SERIES: usize = 200;
const TRENDS: usize = 20;
const VALUES: usize = 20;
const SECONDS: u64 = 3_600;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds a word of its own.
    match std::env::args().nth(1).filter(|one| !one.starts_with('-')) {
        Some(word) if word == "day" => day(),
        path => hour(path.as_deref()),
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn hour(path: Option<&str>) -> Result<(), Box<dyn Error>> {
    let mut run = MadeUp::new(SERIES, TRENDS);
    let mut recording = Recording::of(1).with_history();
    let mut live = Live::new();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut said, mut taken, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let mut told_bytes = 0;
    for second in 1..=SECONDS {
        for (number, &one) in run.series.iter().enumerate() {
            if number < TRENDS {
                for _ in 0..VALUES {
                    run.recorder.add(one, chance.latency());
                }
            } else {
                let many = 1 + chance.below(40);
                run.recorder.add_many_at(one, 1.0, many, clock::now());
            }
        }
        let from = clock::now();
        run.add_up(Duration::from_secs(second));
        let snapshot = run.say(second, second == SECONDS);
        said.push(clock::now() - from);
        let from = clock::now();
        recording.take(0, &snapshot)?;
        taken.push(clock::now() - from);
        let from = clock::now();
        let event = live.second(&mut recording)?;
        told.push(clock::now() - from);
        told_bytes = event.map_or(told_bytes, |event| event.len());
    }
    let from = clock::now();
    let page = whole(&mut recording, MOST_BYTES)?;
    let made = clock::now() - from;
    let from = clock::now();
    let watched = Live::page(&mut recording)?;
    let shown = clock::now() - from;
    let data: serde_json::Value = serde_json::from_str(&page)?;
    println!(
        "{} min × {SERIES} series: a page of {:.2} MB (2.00 at most), intervals of {} ms, made in {} ms; live {:.1} MB \
         in {} ms",
        SECONDS / 60,
        page.len() as f64 / 1e6,
        data["history"]["interval_ms"],
        made.as_millis(),
        watched.len() as f64 / 1e6,
        shown.as_millis(),
    );
    println!(
        "a second is added up and said in {:.0} µs (1,000 at most), kept in {:.0} µs, and told to who looks on in \
         {:.0} µs, {told_bytes} bytes",
        median(said),
        median(taken),
        median(told),
    );
    if let Some(path) = path {
        std::fs::write(path, page)?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn day() -> Result<(), Box<dyn Error>> {
    let (series, trends, seconds) = (500, 50, 24 * 3_600);
    let mut run = MadeUp::new(series, trends);
    let mut recording = Recording::of(1).with_history();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut taken, mut most) = (Vec::new(), 0);
    for second in 1..=seconds {
        for &one in &run.series {
            run.recorder.add(one, chance.latency());
        }
        run.add_up(Duration::from_secs(second));
        let snapshot = run.say(second, second == seconds);
        let from = clock::now();
        recording.take(0, &snapshot)?;
        taken.push(clock::now() - from);
        most = most.max(recording.history().map_or(0, History::bytes));
    }
    let page = whole(&mut recording, MOST_BYTES)?;
    let data: serde_json::Value = serde_json::from_str(&page)?;
    println!(
        "24 h × {series} series: at most {:.1} MiB ({} at most), a second is kept in {:.0} µs; a page of {:.2} MB, \
         intervals of {} ms, why: {}",
        most as f64 / f64::from(1 << 20),
        History::MOST_BYTES >> 20,
        median(taken),
        page.len() as f64 / 1e6,
        data["history"]["interval_ms"],
        data["history"]["why"],
    );
    Ok(())
}

/// Numbers without a pattern, the same in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, most: u32) -> u32 {
        u32::try_from(self.next() % u64::from(most)).unwrap_or_default()
    }

    /// Milliseconds, in whole nanoseconds.
    fn latency(&mut self) -> f64 {
        let (one, other) = (self.share().max(1e-12), self.share());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos();
        ((normal * 0.5).exp() * 20e6).round() / 1e6
    }
}
