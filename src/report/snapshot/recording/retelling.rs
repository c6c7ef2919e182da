//! How a recording is told: as the run itself told it, by the same lines.

use std::time::Duration;

use serde_json::Value;

use super::super::error::SnapshotError;
use super::Recording;
use crate::report::{
    RowsInput, RunFacts, SummaryInput, TerminalState, Told, View, complete, iso_date, rows,
    run_block, silent, summary,
};
use crate::verdict::{Health, Look};

impl Recording {
    /// Whether every instance said that nothing follows.
    pub fn is_whole(&self) -> bool {
        self.instances.iter().all(|one| one.is_over)
    }

    /// The run as it told itself: the data of its summary, whole, and what only the side of the script knew.
    pub fn retell(&mut self) -> Result<(Value, Told), SnapshotError> {
        let texts = self.instances.iter().map(|one| one.told.as_deref());
        let all = texts.map(|text| serde_json::from_str(text.unwrap_or("{}")));
        let all = all.collect::<Result<Vec<Told>, _>>();
        let all = all.map_err(|error| SnapshotError::Told(error.to_string()))?;
        let mut told = Told::merged(all);
        if told.generated_at.is_empty() {
            // It was never over: as far as it was told.
            told.generated_at = iso_date(self.until());
        }
        let View {
            no_color,
            stdout_is_tty,
            stderr_is_tty,
            ..
        } = told.view;
        let terminal = TerminalState {
            no_color,
            stdout_is_tty,
            stderr_is_tty,
        };
        let mut data = self.summary(terminal, told.view.mode == "full");
        complete(&mut data, &mut told);
        Ok((data, told))
    }

    /// Milliseconds since 1970 at which it was told last.
    pub fn until(&self) -> f64 {
        self.instances
            .iter()
            .fold(0.0, |until, one| until.max(one.until))
    }

    /// How long it lasted: of several, from the first start to the last end.
    pub fn duration(&self) -> Duration {
        if let [one] = &*self.instances {
            return Duration::from_nanos(one.test_time);
        }
        let started = self.instances.iter().filter(|one| one.clock_started > 0.0);
        let (mut from, mut until) = (f64::INFINITY, 0.0_f64);
        for one in started {
            from = from.min(one.clock_started);
            until = until.max(one.clock_started + one.test_time as f64 / 1e6);
        }
        Duration::try_from_secs_f64((until - from).max(0.0) / 1000.0).unwrap_or_default()
    }

    /// What happened, in the schema of `handle_summary`, as the run itself told it.
    pub fn summary(&mut self, terminal: TerminalState, is_full: bool) -> Value {
        let duration = self.duration();
        self.judge_again(duration);
        let (trend_stats, time_unit) = match &self.options {
            Some(options) => (
                &*options.summary_trend_stats,
                options.summary_time_unit.as_deref(),
            ),
            None => (&[][..], None),
        };
        let input = SummaryInput {
            registry: &self.registry,
            series: &self.series,
            aggregate: &self.totals.aggregate,
            checks: &self.totals.checks,
            parts: &self.judge.report(&self.totals.parts),
            duration,
            trend_stats,
            time_unit,
            terminal,
            setup_data: None,
        };
        let scenarios: Vec<&str> = self.scenarios.iter().map(String::as_str).collect();
        let health = self.instances.iter().map(|one| one.health);
        let mut data = summary(&input);
        data["run"] = run_block(
            &input,
            &RunFacts {
                totals: &self.totals,
                health: &health.fold(Health::default(), Health::and),
                is_unverified: self.instances.iter().any(|one| one.is_unverified),
                interrupted: self
                    .instances
                    .iter()
                    .fold(0, |sum, one| one.interrupted.saturating_add(sum)),
                scenarios: is_full.then_some(&*scenarios),
            },
        );
        data
    }

    /// Every metric without a sample, by name, as the summary would have it.
    pub fn silent_metrics(&self) -> Value {
        let stats = self
            .options
            .as_ref()
            .map(|options| &*options.summary_trend_stats);
        silent(&self.registry, stats.unwrap_or_default(), |id| {
            self.totals.aggregate.total(&self.series, id).is_none()
        })
    }

    /// Every series with its figures, and which of them belong to the parts of metrics that thresholds name.
    pub fn rows(&self) -> Value {
        let options = self.options.as_ref();
        let thresholds = options.map(|options| &*options.thresholds);
        let names = thresholds.unwrap_or_default().iter().map(|one| &*one.name);
        let stats = options.map(|options| &*options.summary_trend_stats);
        rows(&RowsInput {
            registry: &self.registry,
            series: &self.series,
            aggregate: &self.totals.aggregate,
            parts: &names.collect::<Vec<_>>(),
            duration: self.duration(),
            trend_stats: stats.unwrap_or_default(),
        })
    }

    fn judge_again(&mut self, duration: Duration) {
        // One that was cut off may not have judged what it told last.
        if let [one] = &*self.instances
            && one.is_over
        {
            self.judge.stand(&one.standings);
            return;
        }
        self.judge
            .look(&self.totals.parts, duration, Look::AllEnded);
        let standings: Vec<_> = self.instances.iter().map(|one| &*one.standings).collect();
        self.judge.stand_in_windows(&self.totals.parts, &standings);
    }
}
