//! What holds and what does not, told second by second.

use serde_json::{Value, json};

use super::*;
use crate::metrics::{Registry, Series, SeriesTable, TagSet};
use crate::options::{Source, Tier, parse};

/// A run in which time passes when the test says so.
struct Test {
    registry: Registry,
    table: SeriesTable,
    parts: Submetrics,
    judge: Judge,
    elapsed: Duration,
}

impl Test {
    fn of(thresholds: &Value) -> Self {
        let Value::Object(values) = json!({ "thresholds": thresholds }) else {
            panic!("an object was written")
        };
        let source = Source::Script;
        let options = parse(&[Tier { source, values }]).unwrap();
        let mut test = Self {
            registry: Registry::new(),
            table: SeriesTable::new(),
            parts: Submetrics::default(),
            judge: Judge::default(),
            elapsed: Duration::ZERO,
        };
        for one in &options.thresholds {
            let metric = one.resolve(&test.registry).unwrap();
            let empty = Sink::new(test.registry.get(metric).kind);
            let part = test.parts.add(metric, one.selector.clone(), empty);
            let parts = &mut test.parts;
            test.judge.add(parts, part, one);
        }
        test
    }

    fn series(&mut self, metric: &str) -> Series {
        let metric = self.registry.find(metric).unwrap();
        self.table.series(&self.registry, metric, &TagSet::new())
    }

    /// Two seconds in which these values were recorded.
    fn two_seconds(&mut self, metric: &str, values: &[f64]) -> Findings {
        let series = self.series(metric);
        let mut sink = Sink::new(series.kind());
        for &value in values {
            sink.add(value);
        }
        self.parts.merge(&self.table, series, &sink);
        self.elapsed += Duration::from_secs(2);
        self.parts.advance(Duration::from_secs(2));
        self.look(Look::Running)
    }

    fn look(&mut self, look: Look) -> Findings {
        self.judge.look(&self.parts, self.elapsed, look)
    }

    fn end(&mut self) -> Findings {
        self.look(Look::ScenariosEnded);
        self.look(Look::AllEnded)
    }

    /// How the only threshold stands.
    fn stands(&self) -> (bool, Option<f64>) {
        let report = self.judge.report(&self.parts);
        let [Judgement { is_ok, figure, .. }] = &report[0].judgements[..] else {
            panic!("{report:?}")
        };
        (*is_ok, *figure)
    }
}

fn crossed(names: &[&str]) -> Findings {
    let crossed = names.iter().map(ToString::to_string).collect();
    Findings {
        crossed,
        ..Findings::default()
    }
}

#[test]
fn the_whole_run_so_far_is_judged_anew_and_may_recover() {
    let mut test = Test::of(&json!({"checks": ["rate>=0.75"], "ws_ping": ["max<10"]}));
    assert_eq!(test.two_seconds("checks", &[0.0]), crossed(&["checks"]));
    assert_eq!(
        test.two_seconds("ws_ping", &[11.0]),
        crossed(&["checks", "ws_ping"])
    );
    assert_eq!(
        test.two_seconds("checks", &[1.0, 1.0, 1.0]),
        crossed(&["ws_ping"])
    );
    assert_eq!(test.end(), crossed(&["ws_ping"]));
}

#[test]
fn the_rate_of_a_counter_is_per_second_of_the_test() {
    let mut test = Test::of(&json!({"iterations": ["rate>3"]}));
    assert_eq!(
        test.two_seconds("iterations", &[1.0; 8]),
        Findings::default()
    );
    assert_eq!(
        test.two_seconds("iterations", &[]),
        crossed(&["iterations"])
    );
    assert_eq!(test.stands(), (false, Some(2.0)));
}

#[test]
fn without_samples_nothing_is_judged_until_the_end_and_then_it_fails() {
    let all = json!({
        "checks": ["rate>0.9"], "ws_ping": ["p(95)<1"], "iterations{a:b}": ["count<3"], "vus": ["value<1"],
        "ws_connecting": ["avg<1 over 4s"],
        "data_sent{a:b}": [{"threshold": "count<3", "allowNoData": true}],
    });
    let mut test = Test::of(&all);
    for _ in 0..5 {
        assert_eq!(test.two_seconds("ws_sessions", &[1.0]), Findings::default());
    }
    let findings = test.end();
    assert!(findings.crossed.is_empty());
    let names = [
        "checks",
        "ws_ping",
        "iterations{a:b}",
        "vus",
        "ws_connecting",
    ];
    assert_eq!(findings.without_data, names);
    for part in test.judge.report(&test.parts) {
        let is_allowed = part.name == "data_sent{a:b}";
        let judgement = &part.judgements[0];
        assert_eq!(
            (judgement.is_ok, judgement.figure),
            (is_allowed, None),
            "{}",
            part.name
        );
    }
}

#[test]
fn a_counter_that_nobody_added_to_has_counted_nothing() {
    let mut test = Test::of(&json!({
        "dropped_iterations": ["count==0", "count<1 over 4s"], "iterations": ["count>0", "rate>1"],
    }));
    assert_eq!(test.two_seconds("ws_sessions", &[1.0]), Findings::default());
    let findings = test.end();
    assert_eq!(findings.crossed, ["iterations"]);
    assert_eq!(findings.without_data, [""; 0]);
    let figures: Vec<_> = test
        .judge
        .report(&test.parts)
        .iter()
        .flat_map(|part| part.judgements.iter().map(|one| (one.is_ok, one.figure)))
        .collect();
    let zero = Some(0.0);
    assert_eq!(
        figures,
        [(true, zero), (true, zero), (false, zero), (false, zero)]
    );
}

#[test]
fn a_failing_threshold_ends_the_run_once_its_delay_is_over() {
    let aborting = |delay| {
        let threshold = json!({
            "threshold": "count<3", "abortOnFail": true, "delayAbortEval": delay,
        });
        let mut test = Test::of(&json!({"iterations": [threshold], "vus": ["value<1"]}));
        test.two_seconds("vus", &[5.0]);
        (0..4)
            .map(|_| test.two_seconds("iterations", &[1.0, 1.0]).is_abort)
            .collect::<Vec<_>>()
    };
    assert_eq!(aborting("0s"), [false, true, true, true]);
    assert_eq!(aborting("5s"), [false, true, true, true]);
    assert_eq!(aborting("6s"), [false, false, true, true]);
    assert_eq!(aborting("7s"), [false, false, true, true]);
    assert_eq!(aborting("1m"), [false; 4]);
}

#[test]
fn a_threshold_without_abort_never_ends_the_run() {
    let mut test = Test::of(&json!({"iterations": ["count<1"]}));
    let findings = test.two_seconds("iterations", &[1.0]);
    assert!(!findings.is_abort);
    assert_eq!(findings.crossed, ["iterations"]);
}

#[test]
fn a_window_forgets_what_the_whole_run_remembers() {
    let mut test = Test::of(&json!({"ws_ping": ["max<10 over 4s"]}));
    assert_eq!(test.two_seconds("ws_ping", &[1.0]), Findings::default());
    assert_eq!(test.two_seconds("ws_ping", &[9.0]), Findings::default());
    assert_eq!(test.two_seconds("ws_ping", &[3.0]), Findings::default());
    assert_eq!(test.two_seconds("ws_ping", &[2.0]), Findings::default());
    assert_eq!(
        test.stands(),
        (true, Some(9.0)),
        "the worst window is shown"
    );
}

#[test]
fn a_window_in_which_it_does_not_hold_is_the_verdict() {
    let spike =
        json!([{"threshold": "avg<10 over 4s", "abortOnFail": true, "delayAbortEval": "7s"}]);
    let mut test = Test::of(&json!({"ws_ping": spike}));
    let mut aborts = Vec::new();
    for value in [1.0, 30.0, 28.0, 1.0, 1.0, 1.0] {
        aborts.push(test.two_seconds("ws_ping", &[value]).is_abort);
    }
    // At 8 s the window still averages 14.5; from 10 s on it holds again, and the failure stays.
    assert_eq!(aborts, [false, false, false, true, false, false]);
    assert_eq!(test.end(), crossed(&["ws_ping"]));
    assert_eq!(test.stands(), (false, Some(29.0)));
}

#[test]
fn windows_are_judged_when_they_are_full_and_a_short_run_is_one_window() {
    let mut test = Test::of(&json!({"ws_ping": ["avg<10 over 6s"]}));
    test.two_seconds("ws_ping", &[50.0]);
    assert_eq!(test.stands(), (false, None), "not judged yet");
    assert_eq!(test.end(), crossed(&["ws_ping"]));
    assert_eq!(test.stands(), (false, Some(50.0)));
}

#[test]
fn nothing_counted_in_a_window_is_a_count_of_zero() {
    let mut test =
        Test::of(&json!({"iterations": ["rate>1 over 4s"], "checks": ["rate>0.5 over 4s"]}));
    test.two_seconds("checks", &[1.0]);
    assert_eq!(
        test.two_seconds("iterations", &[1.0; 9]),
        Findings::default()
    );
    assert_eq!(test.two_seconds("iterations", &[]), Findings::default());
    assert_eq!(
        test.two_seconds("iterations", &[]),
        crossed(&["iterations"])
    );
}

#[test]
fn teardown_is_in_no_window() {
    let mut test = Test::of(&json!({"ws_ping": ["max<10 over 2s"]}));
    test.two_seconds("ws_ping", &[1.0]);
    test.look(Look::ScenariosEnded);
    let series = test.series("ws_ping");
    let mut late = Sink::new(series.kind());
    late.add(99.0);
    test.parts.merge(&test.table, series, &late);
    assert_eq!(test.look(Look::AllEnded), Findings::default());
    assert_eq!(test.stands(), (true, Some(1.0)));
}

#[test]
fn windows_of_several_processes_stand_as_far_as_that_follows_from_each() {
    let (met, crossed) = (Standing::Met, Standing::Crossed);
    let (open, undecided) = (Standing::Open, Standing::Undecided);
    for (metric, threshold, told, wanted) in [
        ("ws_ping", "p(95)<10", vec![met(3.0), met(7.0)], met(7.0)),
        ("ws_ping", "avg>10", vec![met(30.0), met(70.0)], met(30.0)),
        // Beside the other's values it may have held.
        (
            "ws_ping",
            "p(95)<10",
            vec![met(3.0), crossed(11.0)],
            undecided,
        ),
        (
            "ws_ping",
            "p(95)<10",
            vec![crossed(12.0), crossed(11.0)],
            undecided,
        ),
        // One value that is too large is too large beside any others.
        (
            "ws_ping",
            "max<10",
            vec![met(3.0), crossed(11.0)],
            crossed(11.0),
        ),
        (
            "ws_ping",
            "min>=10",
            vec![crossed(3.0), crossed(2.0), met(10.0)],
            crossed(2.0),
        ),
        (
            "ws_ping",
            "min<10",
            vec![crossed(13.0), met(3.0)],
            undecided,
        ),
        // Each has sent too little; both together may not have.
        (
            "data_sent",
            "count>10",
            vec![crossed(6.0), crossed(7.0)],
            undecided,
        ),
        ("data_sent", "rate<10", vec![met(6.0), met(7.0)], undecided),
        ("checks", "rate>0.5", vec![met(0.6), met(1.0)], met(0.6)),
        ("checks", "rate!=0.5", vec![met(0.4), met(0.6)], undecided),
        (
            "data_sent",
            "count>10",
            vec![open, crossed(7.0), open],
            crossed(7.0),
        ),
        ("ws_ping", "p(95)<10", vec![crossed(12.0)], crossed(12.0)),
        ("ws_ping", "p(95)<10", vec![open, open], open),
    ] {
        let mut test = Test::of(&json!({metric: [format!("{threshold} over 4s")]}));
        let told: Vec<_> = told.into_iter().map(|one| [one]).collect();
        let told: Vec<_> = told.iter().map(<[Standing; 1]>::as_slice).collect();
        test.judge.stand_in_windows(&test.parts, &told);
        assert_eq!(test.judge.standings(), [wanted], "{threshold} {told:?}");
        let report = test.judge.report(&test.parts);
        let judgement = &report[0].judgements[0];
        assert_eq!(judgement.is_ok, matches!(wanted, Standing::Met(_)));
        assert_eq!(judgement.is_undecided, wanted == Standing::Undecided);
    }
}

#[test]
fn parts_without_conditions_are_reported_and_never_judged() {
    let mut test = Test::of(&json!({"ws_ping{scenario:a}": []}));
    assert!(!test.judge.has_criteria());
    assert_eq!(test.end(), Findings::default());
    let report = test.judge.report(&test.parts);
    assert_eq!(
        (report[0].name, report[0].is_whole),
        ("ws_ping{scenario:a}", false)
    );
}
