//! The page of a run that goes on: whole, and what has changed since the second before.

use serde_json::{Value, json};

use super::history::{names, plain, why_short};
use super::parts::{State, changing, lasting, stages};
use crate::report::history::History;
use crate::report::snapshot::{Recording, SnapshotError};

/// What those who look on have been told.
///
/// A whole page fits to the seconds behind it if it is made between [`Live::second`] and what the recording takes next.
#[derive(Debug, Default)]
pub struct Live {
    metrics: usize,
    series: usize,
}

impl Live {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What has changed since the last call; none where everybody needs the whole page, since intervals have become
    /// longer.
    pub fn second(&mut self, recording: &mut Recording) -> Result<Option<String>, SnapshotError> {
        let (metrics, series) = names(recording, (self.metrics, self.series));
        self.metrics += metrics.len();
        self.series += series.len();
        let Some(history) = recording.history_mut() else {
            return Ok(None);
        };
        let happened = history.happened_lately();
        let Some(block) = history.changed(self.series) else {
            return Ok(None);
        };
        let (interval_ms, count) = (history.interval_ms(), history.count());
        let mut second = changing(recording, state(recording))?;
        second.insert("stages".into(), stages(recording));
        second.insert("happened".into(), happened.into());
        let history = json!({
            "interval_ms": interval_ms,
            "count": count,
            "metrics": metrics,
            "series": series,
            "data": plain(&block),
        });
        second.insert("history".into(), history);
        Ok(Some(Value::Object(second).to_string()))
    }

    /// All of it, as it is.
    pub fn page(recording: &mut Recording) -> Result<String, SnapshotError> {
        let mut page = lasting(recording);
        page.append(&mut changing(recording, state(recording))?);
        page.insert("troubles".into(), json!([]));
        page.insert("stages".into(), stages(recording));
        let (metrics, series) = names(recording, (0, 0));
        let nothing = History::within(0);
        let history = recording.history().unwrap_or(&nothing);
        page.insert("happened".into(), history.happened().into());
        let block = history.block(series.len());
        let history = json!({
            "interval_ms": history.interval_ms(),
            "why": why_short(history),
            "count": history.count(),
            "metrics": metrics,
            "series": series,
            "encoding": "none",
            "data": plain(&block),
        });
        page.insert("history".into(), history);
        Ok(Value::Object(page).to_string())
    }
}

fn state(recording: &Recording) -> State {
    if recording.is_whole() {
        State::Ended
    } else {
        State::Running
    }
}
