//! A process that runs a test and says so; what it does is written by the test.

use std::time::Duration;

use serde_json::Value;

use super::super::super::{Deltas, Facts, Now, Opening, Pieces};
use crate::clock::{self, Instant};
use crate::metrics::{MetricId, Recorder, Registry, SeriesTable, TagSet, builtin};
use crate::options::{Options, Source, Tier, parse};
use crate::report::{
    Ender, Failure, RunFacts, SummaryInput, TerminalState, Totals, run_block, summary,
};
use crate::verdict::{Judge, Look, judge_by};

/// What happens in a process.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A value of one of [`METRICS`], under one of three names.
    Record(usize, usize, f64),
    Check(usize, usize, bool),
    Refuse(usize, u16),
    End(u16, bool),
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
const THRESHOLDS: &str = r#"{
    "thresholds": {
        "ws_req_duration{name:n1}": ["p(95)<500", "max<900"],
        "data_sent": ["count>5"],
        "checks": ["rate>0.5 over 4s"]
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
    judge: Judge,
    pub(super) deltas: Deltas,
    facts: Facts,
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
                let at = self.started + self.seconds as f64 * 1000.0;
                self.totals.refusals.add(cause, status, at, || {
                    Failure::new(format!("{cause} {status:?}"), "hint")
                });
                self.facts.interrupted += 1;
            }
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
        let look = if is_last {
            Look::AllEnded
        } else {
            Look::Running
        };
        self.judge.look(&self.totals.parts, self.elapsed(), look);
        let facts = Facts {
            standings: self.judge.standings(),
            told: Some(format!("{{\"at\": {}}}", self.seconds / 3)),
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
        let input = SummaryInput {
            registry: &self.registry,
            series: &self.series,
            aggregate: &self.totals.aggregate,
            checks: &self.totals.checks,
            parts: &self.judge.report(&self.totals.parts),
            duration: self.elapsed(),
            trend_stats: &options.summary_trend_stats,
            time_unit: None,
            terminal: TerminalState::default(),
            setup_data: None,
        };
        let mut data = summary(&input);
        data["run"] = run_block(
            &input,
            &RunFacts {
                totals: &self.totals,
                health: &self.facts.health,
                is_unverified: false,
                interrupted: self.facts.interrupted,
                scenarios: Some(&["default"]),
            },
        );
        data
    }
}
