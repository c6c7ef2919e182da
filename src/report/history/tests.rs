//! Windows against the sinks that the same values make, whatever the resolution, the order and the series.

use proptest::prelude::*;

use super::{History, What};
use crate::metrics::{Kind, Sink, TrendStat};

const KINDS: [Kind; 4] = [Kind::Counter, Kind::Gauge, Kind::Rate, Kind::Trend];
const SECOND: u64 = 1_000_000;

fn sink(kind: Kind, values: &[f64]) -> Sink {
    let mut sink = Sink::new(kind);
    for value in values {
        sink.add(*value);
    }
    sink
}

/// Everything of a sink, a trend in buckets; sums are rounded to what can be told of a float.
fn told(sink: &Sink) -> String {
    let rounded = |sum: f64| format!("{sum:.9e}");
    match sink {
        Sink::Counter { sum, samples } => format!("{} {samples}", rounded(*sum)),
        Sink::Trend(trend) => {
            let crate::metrics::SinkParts::Buckets {
                sum,
                min,
                max,
                zeros,
                negative,
                positive,
            } = sink.parts(true)
            else {
                panic!("it was to be in buckets")
            };
            let sum = rounded(sum);
            let count = trend.count();
            format!("{count} {sum} {min:?} {max:?} {zeros} {negative:?} {positive:?}")
        }
        other => format!("{other:?}"),
    }
}

/// What came when: series, time in milliseconds, values.
type Pieces = Vec<(usize, u32, Vec<f64>)>;

fn pieces() -> impl Strategy<Value = Pieces> {
    let value = prop_oneof![
        Just(0.0),
        -1e3..1e3_f64,
        (1..90_000_000_u32).prop_map(|nanoseconds| f64::from(nanoseconds) / 1e6),
    ];
    let values = proptest::collection::vec(value, 1..6);
    proptest::collection::vec((0..4_usize, 0..200_000_u32, values), 1..60)
}

fn history(pieces: &Pieces) -> History {
    let mut history = History::within(History::MOST_BYTES);
    for (series, at, values) in pieces {
        history.add(
            *series,
            u64::from(*at) * 1_000,
            &sink(KINDS[*series], values),
        );
    }
    history
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_window_is_the_merge_of_its_values(mut pieces in pieces(), factor in 1..7_u64, from in 0..30_u32, length in 1..200_u32) {
        // One process tells things in their order; only a gauge would care.
        pieces.sort_by_key(|piece| piece.1);
        let history = history(&pieces).merged(factor);
        let long = u32::try_from(history.interval_ms()).unwrap();
        for (series, kind) in KINDS.into_iter().enumerate() {
            let inside = pieces.iter().filter(|(of, at, _)| {
                *of == series && (from..from + length).contains(&(at / long))
            });
            let values: Vec<f64> = inside.flat_map(|piece| piece.2.clone()).collect();
            let found = history.window(series, from, from + length);
            prop_assert_eq!(found.is_some(), !values.is_empty());
            if let Some(found) = found {
                prop_assert_eq!(told(&found), told(&sink(kind, &values)));
            }
        }
        prop_assert!(history.count() > u64::from(pieces.iter().map(|one| one.1).max().unwrap() / long));
    }

    #[test]
    fn the_percentiles_of_a_window_are_those_of_a_folded_trend(values in proptest::collection::vec(0.001..1e5_f64, 1..400)) {
        let mut history = History::within(History::MOST_BYTES);
        for (at, value) in (0_u64..).zip(&values) {
            history.add(0, at * 40_000, &sink(Kind::Trend, &[*value]));
        }
        let folded = Sink::from_parts(sink(Kind::Trend, &values).parts(true)).unwrap();
        let found = history.window(0, 0, u32::MAX).unwrap();
        let (Sink::Trend(found), Sink::Trend(folded)) = (&found, &folded) else {
            panic!("both are trends")
        };
        for figure in ["min", "med", "p(90)", "p(99.9)", "max"] {
            let stat = TrendStat::parse(figure).unwrap();
            prop_assert_eq!(stat.of(found).to_bits(), stat.of(folded).to_bits());
        }
    }

    #[test]
    fn the_order_of_several_processes_changes_no_count(pieces in pieces(), rotation in 0..60_usize) {
        let mut other = pieces.clone();
        let rotation = rotation % other.len();
        other.rotate_left(rotation);
        let (one, other) = (history(&pieces), history(&other));
        for series in [0, 2, 3] {
            for interval in 0..u32::try_from(one.count()).unwrap() {
                let [one, other] = [&one, &other].map(|of| of.window(series, interval, interval + 1));
                prop_assert_eq!(one.as_ref().map(told), other.as_ref().map(told));
            }
        }
    }
}

#[test]
fn a_short_run_has_ten_intervals_a_second_and_a_long_one_hardly_more_than_an_hour_of_seconds() {
    let mut history = History::within(History::MOST_BYTES);
    for tenth in 0..20 {
        history.add(0, tenth * 100_000 + 50_000, &sink(Kind::Counter, &[1.0]));
    }
    assert_eq!((history.interval_ms(), history.count()), (100, 20));
    for second in 2..24 * 3600 {
        history.add(0, second * SECOND + 500_000, &sink(Kind::Counter, &[1.0]));
        assert!(history.count() <= 3_960);
    }
    assert_eq!((history.interval_ms(), history.count()), (60_000, 24 * 60));
    let whole = history.window(0, 0, u32::MAX).unwrap();
    assert_eq!(
        told(&whole),
        told(&sink(Kind::Counter, &vec![1.0; 20 + 86_398]))
    );
    let minute = history.window(0, 700, 701).unwrap();
    assert_eq!(told(&minute), told(&sink(Kind::Counter, &[1.0; 60])));
}

#[test]
fn memory_is_bounded_by_longer_intervals() {
    let mut history = History::within(200_000);
    let values: Vec<f64> = (0..50).map(|n| f64::from(n) * 1.7 + 1.0).collect();
    for second in 0..600 {
        for series in 0..10 {
            history.add(series, second * SECOND + 1, &sink(Kind::Trend, &values));
        }
    }
    assert!(history.is_short_of_memory());
    assert!(history.interval_ms() >= 10_000, "{}", history.interval_ms());
    let Some(Sink::Trend(whole)) = history.window(9, 0, u32::MAX) else {
        panic!("it is a trend")
    };
    assert_eq!(whole.count(), 50 * 600);
}

#[test]
fn a_day_of_500_series_is_kept_in_64_mib() {
    let mut history = History::within(History::MOST_BYTES);
    let trend: Vec<f64> = (0..5).map(|n| f64::from(n) * 20.0 + 1.0).collect();
    let (counter, trend) = (sink(Kind::Counter, &[3.0]), sink(Kind::Trend, &trend));
    let (mut most, mut was_short) = (0, 0);
    for second in 0..86_400 {
        // Something in every interval while they are shortest; from then on it is far below.
        let every = match second {
            0..3_960 => 1,
            3_960..39_600 => 40,
            _ => 240,
        };
        if second % every != 0 {
            continue;
        }
        for series in 0..500 {
            let sink = if series % 10 == 0 { &trend } else { &counter };
            history.add(series, second * SECOND + 500_000, sink);
        }
        assert!(history.bytes() <= History::MOST_BYTES, "{second}");
        most = most.max(history.bytes());
        was_short = was_short.max(u64::from(history.is_short_of_memory()) * second);
    }
    history.reach(86_399 * SECOND);
    // In its first hour it had to.
    assert!(most > History::MOST_BYTES * 9 / 10, "{most}");
    assert!((3_000..3_960).contains(&was_short), "{was_short}");
    assert!(!history.is_short_of_memory());
    assert_eq!((history.interval_ms(), history.count()), (60_000, 1_440));
    for (series, values) in [(1, 3_960 + 891 + 195), (10, 5 * (3_960 + 891 + 195))] {
        let whole = match history.window(series, 0, u32::MAX) {
            Some(Sink::Counter { samples, .. }) => samples,
            Some(Sink::Trend(trend)) => trend.count(),
            other => panic!("{other:?}"),
        };
        assert_eq!(whole, values, "{series}");
    }
}

#[test]
fn ten_thousand_series_fit() {
    let mut history = History::within(History::MOST_BYTES);
    for second in 0..30 {
        for series in 0..10_000 {
            history.add(series, second * SECOND, &sink(Kind::Counter, &[2.0]));
        }
    }
    assert!(!history.is_short_of_memory());
    assert_eq!(history.count(), 291);
    let last = history.window(9_999, 0, u32::MAX).unwrap();
    assert_eq!(told(&last), told(&sink(Kind::Counter, &[2.0; 30])));
}

#[test]
fn what_changed_is_told_once_and_all_of_it_when_intervals_get_longer() {
    let mut history = History::within(History::MOST_BYTES);
    history.add(0, 50_000, &sink(Kind::Rate, &[1.0]));
    history.add(1, 50_000, &sink(Kind::Counter, &[7.0]));
    // One interval, no distance, its columns.
    assert_eq!(history.changed(2).unwrap(), [1, 0, 1, 1, 1, 0, 0, 14, 1]);
    assert_eq!(history.changed(3).unwrap(), [0, 0, 0]);
    history.add(0, 150_000, &sink(Kind::Rate, &[0.0]));
    assert_eq!(history.changed(2).unwrap(), [1, 1, 0, 1, 0]);
    // A process that is behind adds to what was told: from there on it is told again.
    history.add(0, 60_000, &sink(Kind::Rate, &[0.0]));
    assert_eq!(history.changed(1).unwrap(), [2, 0, 1, 1, 0, 2, 1]);
    history.add(0, 67 * SECOND, &sink(Kind::Rate, &[1.0]));
    assert_eq!(history.changed(2), None);
    assert_eq!(history.changed(2).unwrap(), [0, 0]);
    assert_eq!(history.interval_ms(), 1_000);
}

#[test]
fn what_happened_is_counted_by_interval_and_kinds_have_an_end() {
    let mut history = History::within(History::MOST_BYTES);
    let dns = || What::Refusal {
        cause: "dns".into(),
        status: None,
    };
    history.happen(dns(), 10_000, 2);
    history.happen(dns(), 20_000, 1);
    history.happen(dns(), 950_000, 5);
    assert_eq!(
        history.happened()[0]["counts"],
        serde_json::json!([[0, 3], [9, 5]])
    );
    assert_eq!(history.happened_lately().len(), 1);
    assert_eq!(history.happened_lately().len(), 0);
    for number in 0..3_000_u32 {
        let cause = format!("cause {number}");
        history.happen(
            What::Break {
                cause,
                status: None,
            },
            SECOND,
            1,
        );
    }
    assert!(history.happened().len() <= 1_003);
    let counts = history.happened();
    let sum: u64 = counts
        .iter()
        .flat_map(|one| one["counts"].as_array().unwrap())
        .map(|count| count[1].as_u64().unwrap())
        .sum();
    assert_eq!(sum, 3_008);
    // Merged with the rest.
    history.reach(70 * SECOND);
    let dns = history
        .happened()
        .into_iter()
        .find(|one| one["cause"] == "dns");
    assert_eq!(dns.unwrap()["counts"], serde_json::json!([[0, 8]]));
}

#[test]
fn times_without_end_only_make_intervals_longer() {
    let mut history = History::within(1_000);
    history.add(0, u64::MAX, &sink(Kind::Gauge, &[3.0]));
    history.add(0, 0, &sink(Kind::Gauge, &[4.0]));
    assert!(history.count() <= 11_089);
    let whole = history.window(0, 0, u32::MAX).unwrap();
    assert_eq!(told(&whole), told(&sink(Kind::Gauge, &[4.0, 3.0])));
}
