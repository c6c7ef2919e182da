//! What the page is held against: values, the buckets that they fall into, and percentiles of these.
//!
//! The page computes windows itself, in another language (`src/page/numbers`), and must have the same numbers to the last
//! bit. Its tests read the file that this test keeps true.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::Trend;

const KEPT: &str = include_str!("vectors.json");
const PERCENTILES: [f64; 9] = [0.0, 1.0, 25.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0];

#[test]
fn the_page_is_held_against_what_a_trend_says() {
    let cases = [
        ("one value", vec![12.5]),
        ("two values", vec![1.0, 1.0_f64.next_up()]),
        (
            "latencies",
            some(300, |rng| {
                (rng.random_range(-1.0..1.0_f64) * 3.0 + 2.0).exp()
            }),
        ),
        (
            "whole numbers",
            some(200, |rng| f64::from(rng.random_range(0..40))),
        ),
        ("both signs", some(200, |rng| rng.random_range(-50.0..50.0))),
        (
            "all sizes",
            some(200, |rng| rng.random_range(-300.0..300.0_f64).exp2()),
        ),
        (
            "powers of two",
            (-40..40).map(|power| 2.0_f64.powi(power)).collect(),
        ),
        ("next to nothing", vec![0.0, 1e-310, 1e-307, 1e-300, 3.0]),
        ("the largest", vec![f64::MAX / 2.0, f64::MAX / 4.0, 1e300]),
    ];
    let all: Vec<Value> = cases
        .iter()
        .map(|(name, values)| case(name, values))
        .collect();
    let text = serde_json::to_string(&all)
        .expect("numbers are finite")
        .replace("},{", "},\n{")
        + "\n";
    assert_eq!(
        text, KEPT,
        "put the left side into vectors.json, if it is right"
    );
}

fn some(count: usize, value: impl Fn(&mut StdRng) -> f64) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(14);
    (0..count).map(|_| value(&mut rng)).collect()
}

fn case(name: &str, values: &[f64]) -> Value {
    let mut trend = Trend::new();
    for &value in values {
        trend.add(value);
    }
    trend.fold();
    let histogram = trend.histogram();
    let (negative, zeros, positive) = histogram.counts();
    json!({
        "name": name,
        "values": values,
        "sum": trend.sum(),
        "min": trend.min(),
        "max": trend.max(),
        "negative": negative.collect::<Vec<_>>(),
        "zeros": zeros,
        "positive": positive.collect::<Vec<_>>(),
        "percentiles": PERCENTILES.map(|p| (p, trend.percentile(p))),
    })
}
