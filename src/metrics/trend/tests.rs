//! What a trend promises, on values that look like latencies and on ones that do not.

#![allow(clippy::float_cmp, reason = "exact means equal to the last bit")]

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::*;

const PERCENTILES: [f64; 8] = [0.0, 1.0, 25.0, 50.0, 90.0, 95.0, 99.9, 100.0];

fn trend_of(values: &[f64]) -> Trend {
    let mut trend = Trend::new();
    for &value in values {
        trend.add(value);
    }
    trend
}

/// The definition, word for word.
fn naive_percentile(values: &[f64], p: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = p / 100.0 * (sorted.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a position"
    )]
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (position - position.floor())
}

fn assert_close(got: f64, want: f64, share: f64, what: &str) {
    assert!(
        (got - want).abs() <= want.abs() * share,
        "{what}: {got} instead of {want}"
    );
}

fn lognormal(rng: &mut StdRng) -> f64 {
    let uniform: f64 = rng.random_range(f64::EPSILON..1.0);
    let angle = rng.random_range(0.0..std::f64::consts::TAU);
    ((-2.0 * uniform.ln()).sqrt() * angle.cos() * 1.5 + 3.0).exp()
}

fn bimodal(rng: &mut StdRng) -> f64 {
    if rng.random_bool(0.8) {
        rng.random_range(0.2..0.4)
    } else {
        rng.random_range(900.0..1_100.0)
    }
}

#[test]
fn an_empty_trend_is_all_zeros_and_small() {
    let trend = Trend::new();
    assert_eq!((trend.count(), trend.sum(), trend.avg()), (0, 0.0, 0.0));
    assert_eq!(
        (trend.min(), trend.max(), trend.percentile(95.0)),
        (0.0, 0.0, 0.0)
    );
    assert!(size_of::<Trend>() <= 64);
}

#[test]
fn percentiles_interpolate_as_k6_does() {
    let trend = trend_of(&[30.0, 10.0, 40.0, 20.0]);
    assert_eq!(trend.percentile(50.0), 25.0);
    assert_eq!(
        trend.percentile(90.0),
        30.0 + (40.0 - 30.0) * (0.9 * 3.0 - 2.0)
    );
    assert_eq!(trend.percentile(0.0), 10.0);
    assert_eq!(trend.percentile(100.0), 40.0);
    assert_eq!(trend.percentile(250.0), 40.0);
    assert_eq!(trend_of(&[7.0]).percentile(95.0), 7.0);
}

#[test]
fn a_trend_is_exact_up_to_its_limit_and_folds_above_it() {
    let mut trend = trend_of(&vec![1.0; Trend::EXACT_LIMIT]);
    assert!(trend.is_exact());
    trend.add(3.0);
    assert!(!trend.is_exact());
    assert_eq!(trend.values.capacity(), 0);
    assert_eq!((trend.count(), trend.sum()), (10_001, 10_003.0));
    assert_eq!((trend.min(), trend.max()), (1.0, 3.0));
    assert_eq!((trend.percentile(0.0), trend.percentile(100.0)), (1.0, 3.0));
}

#[test]
fn a_folded_percentile_never_leaves_what_was_seen() {
    let trend = trend_of(&vec![0.123_456; 20_000]);
    for p in PERCENTILES {
        assert_eq!(trend.percentile(p), 0.123_456);
    }
}

#[test]
fn a_cleared_trend_is_as_new() {
    for n in [10, 20_000] {
        let mut trend = trend_of(&vec![5.0; n]);
        trend.clear();
        assert!(trend.is_exact());
        trend.add(-2.0);
        assert_eq!((trend.count(), trend.sum()), (1, -2.0));
        assert_eq!(
            (trend.min(), trend.max(), trend.percentile(50.0)),
            (-2.0, -2.0, -2.0)
        );
    }
}

#[test]
fn merging_with_an_empty_trend_changes_nothing() {
    for n in [3, 20_000] {
        let full = trend_of(&vec![4.0; n]);
        let mut left = full.clone();
        left.merge(&Trend::new());
        let mut right = Trend::new();
        right.merge(&full);
        for merged in [left, right] {
            assert_eq!((merged.count(), merged.sum()), (full.count(), full.sum()));
            assert_eq!((merged.min(), merged.max()), (4.0, 4.0));
            assert_eq!(merged.is_exact(), full.is_exact());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn exact_percentiles_equal_the_definition(
        values in prop::collection::vec(-1e9..1e9_f64, 1..400), p in 0.0..=100.0_f64,
    ) {
        let trend = trend_of(&values);
        for p in PERCENTILES.into_iter().chain([p]) {
            prop_assert_eq!(trend.percentile(p), naive_percentile(&values, p));
        }
        prop_assert_eq!(trend.sum(), values.iter().sum::<f64>());
        prop_assert_eq!(trend.avg(), values.iter().sum::<f64>() / values.len() as f64);
    }

    #[test]
    fn merging_in_any_order_equals_adding_all(
        seed: u64, sizes in prop::collection::vec(prop_oneof![0..60_usize, 2_000..12_000_usize], 1..5),
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut parts: Vec<Vec<f64>> = sizes
            .iter()
            .map(|&n| (0..n).map(|_| lognormal(&mut rng) - 5.0).collect())
            .collect();
        let whole = trend_of(&parts.concat());
        parts.shuffle(&mut rng);
        let merged = parts.iter().fold(Trend::new(), |mut merged, part| {
            merged.merge(&trend_of(part));
            merged
        });
        prop_assert_eq!(merged.count(), whole.count());
        prop_assert_eq!(merged.is_exact(), whole.is_exact());
        prop_assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
        prop_assert!((merged.sum() - whole.sum()).abs() <= 1e-6);
        for p in PERCENTILES {
            prop_assert_eq!(merged.percentile(p), whole.percentile(p));
        }
    }

    #[test]
    fn folded_percentiles_are_right_to_two_per_mille(seed: u64, negative: bool) {
        for name in ["lognormal", "bimodal"] {
            let source = if name == "bimodal" { bimodal } else { lognormal };
            let mut rng = StdRng::seed_from_u64(seed);
            let sign = if negative { -1.0 } else { 1.0 };
            let values: Vec<_> = (0..15_000).map(|_| sign * source(&mut rng)).collect();
            let trend = trend_of(&values);
            prop_assert!(!trend.is_exact());
            for p in PERCENTILES {
                let what = format!("{name} p({p}), seed {seed}");
                assert_close(trend.percentile(p), naive_percentile(&values, p), 0.002, &what);
            }
        }
    }
}
