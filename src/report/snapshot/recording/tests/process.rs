//! A process that runs a test and says so; what it does is written by the test.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::super::{Deltas, Facts, Now, Opening, Pieces};
use crate::clock::{self, Instant};
use crate::metrics::{MetricId, Recorder, Registry, SeriesTable, TagSet, builtin};
use crate::options::{Options, Source, Tier, parse};
use crate::report::{Circumstances, Ender, Failure, Numbers, Told, Totals, View};
use crate::verdict::{Judge, Late, Look, judge_by};

/// What happens in a process.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A value of one of [`METRICS`], under one of three names.
    Record(usize, usize, f64),
    Check(usize, usize, bool),
    Refuse(usize, u16),
    /// A session breaks that was open.
    Break(usize),
    End(u16, bool),
    /// An iteration ends with an exception, of one of a few kinds.
    Raise(usize),
    Mark,
    /// A handler comes so many milliseconds late.
    Late(u64),
    /// Somebody does not look at certificates.
    Trust,
    /// What was recorded is added up, as before a look at thresholds.
    Collect,
    /// A second is over.
    Say,
}

pub(super) const METRICS: [MetricId; 4] = [
    builtin::DATA_SENT,
    builtin::WS_ACTIVE,
    builtin::CHECKS,
    builtin::WS_REQ_DURATION,
];
const GROUPS: [&str; 3] = ["", "::outer", "::outer::inner"];
pub(super) const THRESHOLDS: &str = r#"{
    "thresholds": {
        "ws_req_duration{name:n1}": ["p(95)<500", "max<900", "med<400 over 2s"],
        "ws_req_duration": ["avg>=0", "p(99)<990 over 3s"],
        "data_sent": ["count>5"],
        "data_sent{name:n2}": ["rate>=0 over 2s"],
        "ws_active{name:n0}": ["value>=1"],
        "checks": ["rate>0.5 over 4s"],
        "ws_ping": ["max<1"],
        "ws_active": []
    },
    "summaryTrendStats": ["avg", "min", "med", "p(95)", "max", "count"]
}"#;

pub(super) fn options() -> Options {
    let Ok(Value::Object(values)) = serde_json::from_str(THRESHOLDS) else {
        panic!("an object was written")
    };
    let source = Source::Script;
    parse(&[Tier { source, values }]).unwrap()
}

/// A process that runs a test and says so.
pub(super) struct Process {
    pub(super) registry: Registry,
    pub(super) series: SeriesTable,
    pub(super) recorder: Recorder,
    totals: Totals,
    pub(super) judge: Judge,
    pub(super) deltas: Deltas,
    facts: Facts,
    /// What only the side of the script knows.
    pub(super) told: Told,
    began: Instant,
    started: f64,
    seconds: u64,
    pub(super) said: Vec<Vec<u8>>,
}

impl Process {
    pub(super) fn new(started: f64) -> Self {
        let registry = Registry::new();
        let mut series = SeriesTable::new();
        let began = clock::now();
        let mut totals = Totals {
            pieces: Some(Pieces::new(began)),
            ..Totals::default()
        };
        let judge = judge_by(&options(), &registry, &mut series, &mut totals.parts).unwrap();
        let opening = Opening {
            at: started,
            tool: "0".into(),
            scenarios: vec!["default".into()],
            options: THRESHOLDS.into(),
            ..Opening::default()
        };
        Self {
            registry,
            series,
            recorder: Recorder::new(),
            totals,
            judge,
            deltas: Deltas::new(opening),
            facts: Facts::default(),
            told: Told {
                scenarios: vec![named(
                    json!({"name": "default", "executor": "shared-iterations"}),
                )],
                view: View {
                    mode: "full".into(),
                    ..View::default()
                },
                ..Told::default()
            },
            began,
            started,
            seconds: 0,
            said: Vec::new(),
        }
    }

    pub(super) fn act(&mut self, act: &Act) {
        match *act {
            Act::Record(metric, name, value) => {
                let name = format!("n{name}");
                let tags = TagSet::new().with("name", &name);
                let metric = METRICS[metric];
                let series = self.series.series(&self.registry, metric, &tags);
                self.recorder.add(series, value);
            }
            Act::Check(group, check, is_passed) => {
                let name = format!("check {check}");
                self.totals.checks.record(GROUPS[group], &name, is_passed);
            }
            Act::Refuse(cause, status) => {
                let cause = ["dns", "handshake_status"][cause];
                let status = (status > 0).then_some(status);
                let failure = || Failure::new(format!("{cause} {status:?}"), "hint");
                let at = self.date();
                self.totals.refusals.add(cause, status, at, failure);
                self.facts.interrupted += 1;
            }
            Act::Break(cause) => {
                let cause = ["closed_without_a_close", "protocol_error"][cause];
                let failure = || Failure {
                    body: "what came last".into(),
                    ..Failure::new(cause.into(), "")
                };
                let at = self.date();
                self.totals.breaks.add(cause, None, at, failure);
            }
            Act::Raise(kind) => {
                let at = self.date();
                let raised = json!({
                    "type": "ValueError", "where": format!("s.py:{kind}"), "count": 1 + self.seconds,
                    "message": "no", "first_at": at, "last_at": at,
                });
                self.told.exceptions.push(named(raised));
            }
            Act::Mark => {
                let mark = json!({"name": format!("mark {}", self.seconds), "time": self.date()});
                self.told.marks.push(named(mark));
            }
            Act::Late(ms) => {
                let worst = Duration::from_millis(ms).max(self.facts.health.events.worst);
                let late = self.facts.health.events.late + 10;
                let all = late * 3;
                self.facts.health.events = Late { all, late, worst };
                self.facts.health.most_cpu = 90.5;
                self.facts.health.busy_for += Duration::from_secs(5);
            }
            Act::Trust => self.facts.is_unverified = true,
            Act::End(code, is_server) => {
                let by = if is_server { Ender::Server } else { Ender::Us };
                self.totals.ends.add(code, by, format!("reason {code}"));
            }
            Act::Collect => self.collect(),
            Act::Say => self.say(false),
        }
    }

    fn collect(&mut self) {
        self.totals.take(&self.series, &mut self.recorder);
        if let Some(pieces) = &mut self.totals.pieces {
            pieces.cut(self.began + Duration::from_secs(self.seconds));
        }
    }

    pub(super) fn say(&mut self, is_last: bool) {
        self.collect();
        self.seconds += 1;
        self.totals.parts.advance(Duration::from_secs(1));
        let looks = if is_last {
            &[Look::ScenariosEnded, Look::AllEnded][..]
        } else {
            &[Look::Running]
        };
        for look in looks {
            let findings = self.judge.look(&self.totals.parts, self.elapsed(), *look);
            if is_last && !(findings.crossed.is_empty() && findings.without_data.is_empty()) {
                self.told.exit_code = 99;
            }
        }
        if is_last {
            self.told.generated_at = "2026-12-01T12:00:00Z".into();
        }
        let told = serde_json::to_string(&self.told).unwrap();
        let facts = Facts {
            standings: self.judge.standings(),
            told: Some(told),
            is_last,
            ..self.facts.clone()
        };
        let now = Now {
            since_opening: self.seconds * 1_000_000_000,
            clock_started: self.started,
            scenarios_started: self.started,
            test_time: self.seconds * 1_000_000_000,
        };
        let bytes = self
            .deltas
            .next(&self.registry, &self.series, &mut self.totals, facts, now);
        self.said.push(bytes);
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    pub(super) fn run(started: f64, acts: &[Act]) -> Self {
        let mut process = Self::new(started);
        for act in acts {
            process.act(act);
        }
        process.say(true);
        process
    }

    /// What it would say of itself.
    pub(super) fn summary(&self) -> Value {
        let options = options();
        let beside = Circumstances {
            health: self.facts.health,
            is_unverified: self.facts.is_unverified,
            interrupted: self.facts.interrupted,
            scenarios: &["default"],
        };
        self.numbers(&options).summary(&beside, &self.told.view)
    }

    /// What it added up itself.
    pub(super) fn numbers<'a>(&'a self, options: &'a Options) -> Numbers<'a> {
        Numbers {
            registry: &self.registry,
            series: &self.series,
            totals: &self.totals,
            judge: &self.judge,
            options: Some(options),
            duration: self.elapsed(),
        }
    }

    /// Milliseconds since 1970.
    fn date(&self) -> f64 {
        self.started + self.seconds as f64 * 1000.0
    }
}

fn named<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}
