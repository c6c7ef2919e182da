//! Pages of runs that a test makes up: whole, live, too large.

mod day;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Live, MOST_BYTES, whole};
use crate::clock::{self, Instant};
use crate::metrics::{Recorder, Registry, Series, SeriesTable, TagSet, builtin};
use crate::report::snapshot::{Deltas, Facts, Now, Opening, Pieces, Planned, Recording};
use crate::report::{Failure, Totals};

/// A run of which each second is told.
struct Told {
    registry: Registry,
    table: SeriesTable,
    /// Those of [`Told::series`], which are asked for in their order.
    known: Vec<Series>,
    recorder: Recorder,
    totals: Totals,
    deltas: Deltas,
    began: Instant,
    seconds: u64,
    recording: Recording,
}

impl Told {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    /// With these options that shape verdict and summary.
    fn with(options: &Value) -> Self {
        let began = clock::now();
        let opening = Opening {
            at: 1e12,
            tool: "0.1.0".into(),
            options: options.to_string(),
            stages: vec![Planned {
                scenario: "default".into(),
                name: "3 VUs".into(),
                from: 0,
                to: 5_000,
            }],
            about: json!({"script": "s.py"}).to_string(),
            ..Opening::default()
        };
        Self {
            registry: Registry::new(),
            table: SeriesTable::new(),
            known: Vec::new(),
            recorder: Recorder::new(),
            totals: Totals {
                pieces: Some(Pieces::new(began)),
                ..Totals::default()
            },
            deltas: Deltas::new(opening),
            began,
            seconds: 0,
            recording: Recording::of(1).with_history(),
        }
    }

    fn series(&mut self, number: usize) -> Series {
        if let Some(known) = self.known.get(number) {
            return *known;
        }
        let metric = if number.is_multiple_of(10) {
            builtin::WS_REQ_DURATION
        } else {
            builtin::WS_REQS
        };
        let tags = TagSet::new().with("name", &format!("request {number}"));
        let new = self.table.series(&self.registry, metric, &tags);
        self.known.push(new);
        new
    }

    /// Another second, in `pieces` pieces, with a value of each series in each of them.
    fn second(&mut self, series: usize, pieces: u32, is_last: bool) {
        for piece in 1..=pieces {
            for number in 0..series {
                let one = self.series(number);
                let value = (number as u64 * 7919 + self.seconds * 31 + u64::from(piece)) % 9973;
                self.recorder.add(one, value as f64 / 7.0);
            }
            self.totals.take(&self.table, &mut self.recorder);
            let at = Duration::from_secs(self.seconds) + Duration::from_secs(1) * piece / pieces;
            if let Some(pieces) = &mut self.totals.pieces {
                pieces.cut(self.began + at);
            }
        }
        self.seconds += 1;
        let facts = Facts {
            is_last,
            ..Facts::default()
        };
        let now = Now {
            since_opening: self.seconds * 1_000_000_000,
            clock_started: 1e12 + 10.0,
            test_time: self.seconds * 1_000_000_000,
            scenarios_started: 1e12 + 250.0,
        };
        let said = self
            .deltas
            .next(&self.registry, &self.table, &mut self.totals, facts, now);
        self.recording.take(0, &said).unwrap();
    }

    fn page(&mut self) -> Value {
        let page = whole(&mut self.recording, MOST_BYTES).unwrap();
        assert!(page.len() <= MOST_BYTES, "{}", page.len());
        serde_json::from_str(&page).unwrap()
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The tags of a series, as a page reads them.
fn tags_of(history: &Value, series: usize) -> Vec<(&str, &str)> {
    let text = |number: &Value| {
        let number = usize::try_from(number.as_u64().unwrap()).unwrap();
        history["texts"][number].as_str().unwrap()
    };
    let numbers = history["series"][series].as_array().unwrap();
    let pairs = numbers[1..].chunks(2);
    pairs.map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

#[test]
fn a_page_has_what_its_contract_says() {
    let mut told = Told::new();
    told.second(20, 10, false);
    let cut = told.page();
    assert_eq!(cut["state"], "cut");
    told.second(20, 10, true);
    let page = told.page();
    for (name, wanted) in [
        ("format", json!(2)),
        ("tool", json!("k6ws 0.1.0")),
        ("state", json!("ended")),
        ("began", json!(1e12)),
        ("until", json!(1e12 + 2_000.0)),
        ("clock_started", json!(1e12 + 10.0)),
        ("troubles", json!([])),
        ("happened", json!([])),
    ] {
        assert_eq!(page[name], wanted, "{name}");
    }
    assert_eq!(page["stages"][0]["to_ms"], 5_250.0);
    assert_eq!(page["about"]["script"], "s.py");
    assert_eq!(page["about"]["source"], Value::Null);
    let history = &page["history"];
    assert_eq!(
        (&history["interval_ms"], &history["why"]),
        (&json!(100), &Value::Null)
    );
    assert!(history["count"].as_u64().unwrap() >= 20);
    assert_eq!(tags_of(history, 0), [("name", "request 0")]);
    assert_eq!(
        page["summary"]["metrics"]["ws_reqs"]["values"]["count"].as_f64(),
        {
            let total = told.totals.aggregate.total(&told.table, builtin::WS_REQS);
            let Some(crate::metrics::Sink::Counter { sum, .. }) = total else {
                panic!("it was counted")
            };
            Some(sum)
        }
    );
}

#[test]
fn a_page_that_is_too_large_has_longer_intervals_and_says_so() {
    let mut told = Told::new();
    for second in 0..300 {
        told.second(60, if second < 66 { 10 } else { 1 }, second == 299);
    }
    let fine = told.page();
    assert_eq!(
        (&fine["history"]["interval_ms"], &fine["history"]["count"]),
        (&json!(1_000), &json!(301))
    );
    let room = fine.to_string().len() * 2 / 3;
    let small = whole(&mut told.recording, room).unwrap();
    assert!(small.len() <= room);
    let small = parsed(&small);
    // Twice as long, or five times: what is deflated does not shrink evenly.
    let longer = small["history"]["interval_ms"].as_u64().unwrap() / 1_000;
    assert!([2, 5].contains(&longer), "{longer}");
    let why = small["history"]["why"].as_str().unwrap();
    assert!(
        why.contains("1 s") && why.contains(&format!("{longer} s")),
        "{why}"
    );
    // A chart remains, whatever that takes.
    let least = parsed(&whole(&mut told.recording, 10).unwrap());
    assert!(least["history"]["count"].as_u64().unwrap() >= 40);
    assert_eq!(small["summary"], fine["summary"]);
}

#[test]
fn seconds_tell_what_is_new_once_and_a_page_follows_where_intervals_got_longer() {
    let mut told = Told::new();
    let mut live = Live::new();
    told.second(5, 10, false);
    let first = parsed(&live.second(&mut told.recording).unwrap().unwrap());
    assert_eq!(first["history"]["series"].as_array().unwrap().len(), 5);
    assert_eq!(first["state"], "running");
    told.second(6, 10, false);
    let second = parsed(&live.second(&mut told.recording).unwrap().unwrap());
    assert_eq!(
        second["history"]["series"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(second["history"]["texts"], json!(["request 5"]));
    assert_eq!(second["history"]["metrics"], json!([]));
    let page = parsed(&Live::page(&mut told.recording).unwrap());
    assert_eq!(page["history"]["encoding"], "none");
    assert_eq!(page["summary"], second["summary"]);
    // Those who had the first page and the second know what this one says.
    let known = [&first, &second].map(|one| one["history"]["texts"].as_array().unwrap().clone());
    assert_eq!(page["history"]["texts"], json!(known.concat()));
    assert_eq!(page["history"]["series"][5], second["history"]["series"][0]);
    assert_eq!(tags_of(&page["history"], 5), [("name", "request 5")]);
    assert_eq!(page["history"]["count"], second["history"]["count"]);
    for _ in 0..63 {
        told.second(6, 10, false);
        assert!(live.second(&mut told.recording).unwrap().is_some());
    }
    told.second(6, 1, false);
    assert_eq!(live.second(&mut told.recording).unwrap(), None);
    told.second(6, 1, true);
    let last = parsed(&live.second(&mut told.recording).unwrap().unwrap());
    assert_eq!(
        (&last["state"], &last["history"]["interval_ms"]),
        (&json!("ended"), &json!(1_000))
    );
}

#[test]
fn who_keeps_no_history_has_a_page_without() {
    let mut told = Told::new();
    told.recording = Recording::of(1);
    told.second(3, 1, true);
    let page = told.page();
    assert_eq!(page["history"]["count"], 0);
    assert_eq!(page["summary"]["metrics"]["ws_reqs"]["type"], "counter");
    assert_eq!(Live::new().second(&mut told.recording).unwrap(), None);
}

#[test]
fn a_text_is_said_once_however_many_series_have_it() {
    let mut told = Told::new();
    let name = "n".repeat(100_000);
    for (key, number) in (0..40).map(|number| (format!("k{number}"), number)) {
        let tags = TagSet::new().with("name", &name).with(&key, "v");
        let one = told.table.series(&told.registry, builtin::WS_PING, &tags);
        told.recorder.add(one, f64::from(number));
    }
    told.second(1, 1, true);
    let page = told.page();
    let text = page.to_string();
    assert_eq!(text.matches(&name).count(), 1);
    assert!(text.len() < 150_000, "{}", text.len());
    let tags = tags_of(&page["history"], 39);
    assert!(tags == [("k39", "v"), ("name", &*name)]);
}

#[test]
fn while_a_run_goes_on_what_has_no_numbers_yet_fails_nothing_and_nothing_has_ended() {
    let thresholds =
        json!({"ws_reqs": ["count>1000000"], "ws_msgs_sent": ["count>1"], "ws_ping": ["avg<1"]});
    let mut told = Told::with(&json!({"thresholds": thresholds}));
    told.second(2, 1, false);
    let running = parsed(&Live::page(&mut told.recording).unwrap());
    let stands = |page: &Value| -> Vec<_> {
        let all = page["summary"]["thresholds"].as_array().unwrap().iter();
        let each = all.map(|one| {
            (
                one["metric"].to_string(),
                one["ok"] == true,
                one["no_data"] == true,
            )
        });
        each.collect()
    };
    let named = |name: &str| format!("\"{name}\"");
    let mut found = stands(&running);
    found.sort();
    assert_eq!(
        found,
        [
            (named("ws_msgs_sent"), true, true),
            (named("ws_ping"), true, true),
            (named("ws_reqs"), false, false),
        ]
    );
    for of in [
        &running["summary"]["exit_code"],
        &running["summary"]["passed"],
        &running["summary"]["run"]["exit_code"],
    ] {
        assert_eq!(of, &Value::Null);
    }
    // A file of it that ends here is one that was cut, and that is judged.
    let cut = told.page();
    assert!(stands(&cut).iter().all(|(_, is_ok, _)| !is_ok));
    assert_eq!(cut["summary"]["exit_code"], 99);
}

#[test]
fn what_happened_counts_for_the_size_of_a_page() {
    let mut told = Told::new();
    let happen = |told: &mut Told| {
        for status in 400..480 {
            let at = 1e12 + told.seconds as f64 * 1_000.0;
            let what = || Failure::new("refused".into(), "");
            told.totals
                .refusals
                .add("handshake_status", Some(status), at, what);
        }
    };
    for second in 0..300 {
        happen(&mut told);
        told.second(2, 1, second == 299);
    }
    let fine = told.page();
    let happened = |page: &Value| page["happened"].to_string().len();
    assert!(happened(&fine) > 150_000, "{}", happened(&fine));
    let room = fine.to_string().len() / 2;
    let small = whole(&mut told.recording, room).unwrap();
    assert!(small.len() <= room, "{} of {room}", small.len());
    let small = parsed(&small);
    assert!(small["history"]["interval_ms"].as_u64().unwrap() > 1_000);
    let counts = small["happened"][0]["counts"].as_array().unwrap();
    let sum: u64 = counts.iter().filter_map(|one| one[1].as_u64()).sum();
    assert_eq!(sum, 300);
}
