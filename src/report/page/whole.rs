//! The page of a run that is over, for a file.

use serde_json::{Value, json};

use super::history::{fitting, names};
use super::parts::{State, changing, lasting, stages};
use crate::report::history::History;
use crate::report::snapshot::{Recording, SnapshotError};

/// What it is to have at most.
pub const MOST_BYTES: usize = 2_000_000;

/// All of it in at most so many bytes, as far as merging intervals goes. What is missing of the files that it was told
/// by is said in `troubles`.
pub fn whole(
    recording: &mut Recording,
    troubles: &[String],
    most_bytes: usize,
) -> Result<String, SnapshotError> {
    let state = if recording.is_whole() {
        State::Ended
    } else {
        State::Cut
    };
    let mut page = lasting(recording);
    page.append(&mut changing(recording, state)?);
    page.insert("troubles".into(), troubles.into());
    page.insert("stages".into(), stages(recording));
    let (metrics, series) = names(recording, (0, 0));
    let mut history = json!({"metrics": metrics, "series": series, "encoding": "deflate"});
    let taken = history.to_string().len() + Value::Object(page.clone()).to_string().len() + MARGIN;
    let nothing = History::within(0);
    let found = fitting(
        recording.history().unwrap_or(&nothing),
        series.len(),
        most_bytes.saturating_sub(taken),
    );
    history["interval_ms"] = found.history.interval_ms().into();
    history["count"] = found.history.count().into();
    history["why"] = found.why.into();
    history["data"] = found.data.into();
    page.insert("happened".into(), found.history.happened().into());
    page.insert("history".into(), history);
    Ok(Value::Object(page).to_string())
}

/// Bytes for what is counted in no other way.
const MARGIN: usize = 4_000;
