//! What threshold expressions mean, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::metrics::Trend;

fn parsed(text: &str) -> Threshold {
    Threshold::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn the_grammar_takes_every_spelling_and_prints_one() {
    for (written, printed) in [
        ("p(95)<200", "p(95)<200"),
        ("  p(99.9)  <=  1e3 ", "p(99.9)<=1000"),
        ("p( 0 )>+.5", "p(0)>0.5"),
        ("avg>=-5.", "avg>=-5"),
        ("min>1", "min>1"),
        ("med<1E-2", "med<0.01"),
        ("max!=3", "max!=3"),
        ("rate==1", "rate==1"),
        ("rate===0.25", "rate==0.25"),
        ("count<inf", "count<inf"),
        ("value > -1.5e+2", "value>-150"),
        ("p(95)<200 over 30s", "p(95)<200 over 30s"),
        ("p(95)<200over1m30s", "p(95)<200 over 1m30s"),
        ("rate > 0.9  over  2s ", "rate>0.9 over 2s"),
    ] {
        assert_eq!(parsed(written).to_string(), printed, "{written}");
    }
}

#[test]
fn what_is_no_threshold_is_refused_with_what_to_write() {
    for (written, message, hint) in [
        ("", "it compares with nothing", EXAMPLES),
        ("p(95)", "it compares with nothing", EXAMPLES),
        ("p(95)<", "it compares with nothing", EXAMPLES),
        ("<200", "it names no figure", EXAMPLES),
        ("p95<200", "there is no figure 'p95'", "write p(95)"),
        (
            "p(101)<1",
            "there is no figure 'p(101)'",
            "a percentile is from 0 to 100",
        ),
        (
            "median<1",
            "there is no figure 'median'",
            "figures are count, rate, value, avg, min, med, max and p(N)",
        ),
        (
            "rate=>1",
            "there is no operator '=>'",
            "operators are <=, <, >=, >, ==, === and !=",
        ),
        (
            "rate=1",
            "there is no operator '='",
            "operators are <=, <, >=, >, ==, === and !=",
        ),
        (
            "avg<200ms",
            "'200ms' is no number",
            "limits have no unit: times are in milliseconds, data in bytes",
        ),
        (
            "rate>95%",
            "'95%' is no number",
            "shares are from 0 to 1: write 0.95",
        ),
        ("rate>nan", "'nan' is no number", EXAMPLES),
        ("rate>1<2", "'1<2' is no number", EXAMPLES),
        (
            "avg<1 over",
            "'' is no duration",
            "write the window as in 'p(95)<200 over 30s'",
        ),
        (
            "avg<1 over 30",
            "'30' is no duration",
            "write the window as in 'p(95)<200 over 30s'",
        ),
        (
            "avg<1 over 1s",
            "a window of 1s is not possible",
            "windows are from 2s to 24h0m0s",
        ),
        (
            "avg<1 over 25h",
            "a window of 25h0m0s is not possible",
            "windows are from 2s to 24h0m0s",
        ),
    ] {
        let error = Threshold::parse(written).expect_err(written);
        assert_eq!(
            (error.message.as_str(), error.hint.as_str()),
            (message, hint),
            "{written}"
        );
    }
}

#[test]
fn each_kind_has_its_own_figures() {
    let kinds = [Kind::Counter, Kind::Gauge, Kind::Rate, Kind::Trend];
    for (text, suited) in [
        ("count<1", [true, false, false, false]),
        ("rate<1", [true, false, true, false]),
        ("value<1", [false, true, false, false]),
        ("avg<1", [false, false, false, true]),
        ("p(5)<1", [false, false, false, true]),
    ] {
        let threshold = parsed(text);
        assert_eq!(
            kinds.map(|kind| threshold.suits(kind).is_ok()),
            suited,
            "{text}"
        );
    }
    let error = parsed("count<1").suits(Kind::Trend).unwrap_err();
    assert_eq!(error.message, "a trend has no figure 'count'");
    assert_eq!(
        error.hint,
        "thresholds of a trend use avg, min, med, max, p(N)"
    );
}

#[test]
fn operators_compare_as_they_are_written() {
    for (operator, below, same, above) in [
        ("<=", true, true, false),
        ("<", true, false, false),
        (">=", false, true, true),
        (">", false, false, true),
        ("===", false, true, false),
        ("==", false, true, false),
        ("!=", true, false, true),
    ] {
        let threshold = parsed(&format!("avg{operator}5"));
        let met = [4.0, 5.0, 6.0].map(|figure| threshold.is_met_by(figure));
        assert_eq!(met, [below, same, above], "{operator}");
    }
}

#[test]
fn figures_are_taken_from_sinks_of_their_kind() {
    let mut trend = Trend::new();
    for value in [1.0, 2.0, 6.0] {
        trend.add(value);
    }
    let counter = Sink::Counter {
        sum: 6.0,
        samples: 2,
    };
    let rate = Sink::Rate {
        passes: 1,
        total: 4,
    };
    let gauge = Sink::Gauge {
        value: 3.0,
        min: 1.0,
        max: 5.0,
        samples: 2,
    };
    let trend = Sink::Trend(trend);
    let figure = |text, sink| parsed(text).method.of(sink, Duration::from_secs(4));
    assert_eq!(figure("count<1", &counter), Some(6.0));
    assert_eq!(figure("rate<1", &counter), Some(1.5));
    assert_eq!(figure("rate<1", &rate), Some(0.25));
    assert_eq!(figure("value<1", &gauge), Some(3.0));
    assert_eq!(figure("p(75)<1", &trend), Some(4.0));
    assert_eq!(figure("p(75)<1", &rate), None);
}

#[test]
fn nothing_counted_is_a_count_and_nothing_else_has_a_figure() {
    let figure = |text: &str, kind| parsed(text).method.of(&Sink::new(kind), Duration::ZERO);
    assert_eq!(figure("count<1", Kind::Counter), Some(0.0));
    assert_eq!(figure("rate<1", Kind::Counter), Some(0.0));
    assert_eq!(figure("rate<1", Kind::Rate), None);
    assert_eq!(figure("value<1", Kind::Gauge), None);
    assert_eq!(figure("avg<1", Kind::Trend), None);
}

#[test]
fn the_worse_of_two_figures_is_the_one_nearer_to_failing() {
    for (text, older, newer, worse) in [
        ("avg<5", 3.0, 9.0, 9.0),
        ("avg<=5", 9.0, 3.0, 9.0),
        ("avg>5", 3.0, 9.0, 3.0),
        ("avg>=5", 9.0, 3.0, 3.0),
        ("avg==5", 4.0, 5.0, 4.0),
        ("avg==5", 5.0, 4.0, 4.0),
        ("avg!=5", 1.0, 2.0, 2.0),
    ] {
        let took = parsed(text).worse(older, newer);
        assert!((took - worse).abs() < f64::EPSILON, "{text}: {took}");
    }
}

#[test]
fn a_margin_is_positive_on_the_right_side_of_the_limit() {
    let margin = |text: &str, figure| Threshold::parse(text).unwrap().margin(figure);
    assert_eq!(margin("p(95)<200", 150.0), Some(50.0));
    assert_eq!(margin("p(95)<=200", 250.0), Some(-50.0));
    assert_eq!(margin("rate>0.5", 0.75), Some(0.25));
    assert_eq!(margin("count>=8", 6.0), Some(-2.0));
    assert_eq!(margin("value==1", 3.0), None);
}

fn any_method() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Count),
        Just(Method::Rate),
        Just(Method::Value),
        Just(Method::Stat(TrendStat::Avg)),
        Just(Method::Stat(TrendStat::Med)),
        (0.0..=100.0).prop_map(|p| Method::Stat(TrendStat::P(p))),
    ]
}

fn any_operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::LessOrEqual,
        Operator::Less,
        Operator::GreaterOrEqual,
        Operator::Greater,
        Operator::Equal,
        Operator::NotEqual,
    ])
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(
        method in any_method(),
        operator in any_operator(),
        limit in prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::NEGATIVE,
        window in prop::option::of(2_000_u64..86_400_000),
    ) {
        let window = window.map(Duration::from_millis);
        let threshold = Threshold { method, operator, limit, window };
        prop_assert_eq!(Threshold::parse(&threshold.to_string()), Ok(threshold));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "[a-z0-9()<>=!. %é]{0,24}") {
        if let Ok(threshold) = Threshold::parse(&text) {
            prop_assert_eq!(Threshold::parse(&threshold.to_string()), Ok(threshold));
        }
    }
}
