//! The page of a run that goes on: whole, and what has changed since the second before.

use serde_json::Value;

use super::history::{Names, plain, why_short};
use super::parts::{State, changing, lasting, stages};
use crate::report::history::History;
use crate::report::snapshot::{Recording, SnapshotError};

/// What those who look on have been told.
///
/// A whole page fits to the seconds behind it if it is made between [`Live::second`] and what the recording takes next.
#[derive(Debug, Default)]
pub struct Live(Names);

impl Live {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What has changed since the last call; none where everybody needs the whole page, since intervals have become
    /// longer.
    pub fn second(&mut self, recording: &mut Recording) -> Result<Option<String>, SnapshotError> {
        let mut news = self.0.next(recording).into_history();
        let Some(history) = recording.history_mut() else {
            return Ok(None);
        };
        let happened = history.happened_lately();
        let Some(block) = history.changed(self.0.series()) else {
            return Ok(None);
        };
        news.insert("interval_ms".into(), history.interval_ms().into());
        news.insert("count".into(), history.count().into());
        news.insert("data".into(), plain(&block).into());
        let mut second = changing(recording, state(recording))?;
        second.insert("stages".into(), stages(recording));
        second.insert("happened".into(), happened.into());
        second.insert("history".into(), news.into());
        Ok(Some(Value::Object(second).to_string()))
    }

    /// All of it, as it is.
    pub fn page(recording: &mut Recording) -> Result<String, SnapshotError> {
        let mut page = lasting(recording);
        page.append(&mut changing(recording, state(recording))?);
        page.insert("troubles".into(), recording.troubles().into());
        page.insert("stages".into(), stages(recording));
        let mut names = Names::default();
        let mut told = names.next(recording).into_history();
        let nothing = History::within(0);
        let history = recording.history().unwrap_or(&nothing);
        page.insert("happened".into(), history.happened().into());
        let block = plain(&history.block(names.series()));
        for (name, value) in [
            ("interval_ms", history.interval_ms().into()),
            ("why", why_short(history).into()),
            ("count", history.count().into()),
            ("encoding", "none".into()),
            ("data", block.into()),
        ] {
            told.insert(name.into(), value);
        }
        page.insert("history".into(), told.into());
        Ok(Value::Object(page).to_string())
    }
}

fn state(recording: &Recording) -> State {
    if recording.is_whole() {
        State::Ended
    } else if recording.troubles().is_empty() {
        State::Running
    } else {
        State::Cut
    }
}
