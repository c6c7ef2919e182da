//! What several processes know together, and how it is set around what the core says.

use super::*;

fn told(known: Value) -> Told {
    serde_json::from_value(known).unwrap()
}

#[test]
fn one_alone_knows_what_it_knows() {
    let one = told(json!({"exit_code": 99, "warnings": ["a", "a"]}));
    assert_eq!(Told::merged(vec![one.clone()]), one);
    assert_eq!(Told::merged(Vec::new()), Told::default());
}

#[test]
fn what_ended_one_of_them_ended_the_test_and_thresholds_are_judged_anew() {
    for (codes, code) in [
        ([0, 0], 0),
        ([0, 105], 105),
        ([99, 0], 0),
        ([255, 107], 107),
    ] {
        let all = codes.map(|code| told(json!({"exit_code": code})));
        assert_eq!(Told::merged(all.into()).exit_code, code);
    }
}

#[test]
fn exceptions_of_one_kind_are_added_up_and_marks_are_in_order() {
    let failed = |place: &str, first: f64, last: f64| {
        json!({"type": "ValueError", "message": format!("at {first}"), "where": place, "count": 2,
            "first_at": first, "last_at": last})
    };
    let both = Told::merged(vec![
        told(json!({
            "exceptions": [failed("s.py:1", 5.0, 9.0)],
            "marks": [{"name": "b", "time": 2.0}],
            "gap_ms": 1.0,
            "warnings": ["w"],
            "scenarios": [{"name": "one"}],
        })),
        told(json!({
            "exceptions": [failed("s.py:9", 1.0, 1.0), failed("s.py:1", 3.0, 7.0)],
            "marks": [{"name": "a", "time": 1.0}],
            "gap_ms": 3.0,
            "warnings": ["w", "v"],
            "held": "f (s.py:1) held it longest, for 9 ms",
            "scenarios": [{"name": "two"}, {"name": "one"}],
        })),
    ]);
    let mut first = failed("s.py:1", 3.0, 9.0);
    first["count"] = json!(4);
    let expected = told(json!({"exceptions": [first, failed("s.py:9", 1.0, 1.0)]}));
    assert_eq!(both.exceptions, expected.exceptions);
    assert_eq!(both.marks[0].name, "a");
    assert_eq!(
        (both.gap_ms, &*both.warnings),
        (3.0, &["w".to_owned(), "v".into()][..])
    );
    assert!(both.held.starts_with("f (s.py:1)"));
    assert_eq!(both.scenarios.len(), 2);
}

#[test]
fn sockets_left_open_are_added_up_by_the_line_that_opened_them() {
    let left = |place: &str, count: u64| json!({"where": place, "count": count});
    let both = Told::merged(vec![
        told(json!({"left_open": [left("a.py:1", 2)]})),
        told(json!({"left_open": [left("b.py:9", 1), left("a.py:1", 3)], "end_message": "gone"})),
    ]);
    let all = json!([left("a.py:1", 5), left("b.py:9", 1)]);
    assert_eq!((json!(both.left_open), &*both.end_message), (all, "gone"));
}

#[test]
fn iterations_of_a_scenario_are_those_of_all_processes() {
    let one =
        |complete| told(json!({"scenarios": [{"name": "s", "iterations": complete, "failed": 1}]}));
    let older = told(json!({"scenarios": [{"name": "s"}]}));
    let mut data = json!({"run": {}});
    Told::merged(vec![one(4), one(3), older]).set_into(&mut data);
    let wanted = json!([{"name": "s", "executor": "", "exec": "", "description": "",
        "iterations": 7, "failed": 2, "interrupted": 0, "dropped": 0}]);
    assert_eq!(data["run"]["scenarios"], wanted);
}

#[test]
fn of_exit_codes_what_ended_a_run_counts_most_and_what_was_not_written_least() {
    for (codes, code) in [
        ([0, 99, 0], 99),
        ([99, 105, 113], 105),
        ([113, 99, 112], 99),
        ([112, 113, 255], 113),
        ([112, 255, 0], 112),
    ] {
        assert_eq!(gravest(codes.into_iter()), code);
    }
}

#[test]
fn what_only_this_side_knows_is_set_around_what_the_core_says() {
    let mut data = json!({"run": {"reasons": ["busy"], "warnings": ["core"]}});
    let one = told(json!({
        "warnings": ["before"],
        "later_warnings": ["behind"],
        "held": "f held it",
        "gap_ms": 2500.0,
        "samples_lost": 7,
    }));
    one.set_into(&mut data);
    let run = &data["run"];
    assert_eq!(run["warnings"], json!(["before", "core", "behind"]));
    let reasons = run["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 3);
    assert_eq!(reasons[0], "busy; f held it");
    assert!(
        reasons[1]
            .as_str()
            .unwrap()
            .starts_with("nothing ran for 2.5 s")
    );
    assert_eq!(
        (&run["trustworthy"], &run["samples_lost"]),
        (&json!(false), &json!(7))
    );
    let mut quiet = json!({"run": {"reasons": [], "warnings": []}});
    Told::default().set_into(&mut quiet);
    assert_eq!(quiet["run"]["trustworthy"], true);
}

#[test]
fn dates_are_those_of_the_calendar() {
    assert_eq!(iso_date(1_735_689_600_025.0), "2025-01-01T00:00:00.025Z");
    assert_eq!(iso_date(f64::MAX), "");
}

#[test]
fn what_a_newer_file_has_beside_it_is_left_out_and_what_makes_no_sense_is_refused() {
    let newer = json!({
        "exceptions": [{"type": "ValueError", "count": 2, "colour": "red"}],
        "scenarios": [{"name": "s", "mood": 3}],
        "marks": [{"name": "m", "time": 1, "x": null}],
        "left_open": [{"where": "a.py:1", "count": 1, "x": []}],
        "more": 1,
    });
    let told = Told::read(&newer.to_string()).unwrap();
    let mut data = json!({"run": {}});
    told.set_into(&mut data);
    assert!(data["run"]["exceptions"][0].get("colour").is_none());
    assert_eq!(data["run"]["exceptions"][0]["trace"], "");
    assert!(data["run"]["scenarios"][0].get("mood").is_none());
    for wrong in [
        json!({"exceptions": [{"type": "ValueError", "count": "two"}]}),
        json!({"exceptions": [{"count": 2}]}),
        json!({"exceptions": {}}),
        json!({"scenarios": [{"executor": "shared-iterations"}]}),
        json!({"scenarios": [{"name": "s", "iterations": "many"}]}),
        json!({"marks": [{"name": "m"}]}),
        json!({"left_open": [{"where": 7, "count": 1}]}),
    ] {
        assert!(Told::read(&wrong.to_string()).is_err(), "{wrong}");
    }
}

#[test]
fn lines_of_the_script_in_exceptions_have_no_secrets() {
    let raised = json!({"exceptions": [{
        "type": "ValueError",
        "message": "no: wss://ann:s3cret@a.example/?token=s3cret",
        "trace": "  File \"a.py\", line 1\n    login(password='s3cret')\nValueError: no",
        "count": 1,
    }]});
    let told = Told::read(&raised.to_string()).unwrap();
    let [one] = &*told.exceptions else {
        panic!("there was one")
    };
    assert_eq!(one.message, "no: wss://***@a.example/?token=***");
    assert!(one.trace.contains("login(password='***')"), "{}", one.trace);
}
