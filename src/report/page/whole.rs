//! The page of a run that is over, for a file.

use serde_json::{Map, Value};

use super::history::{Names, fitting};
use super::parts::{State, changing, lasting, stages};
use crate::report::history::History;
use crate::report::snapshot::{Recording, SnapshotError};

/// What it is to have at most.
pub const MOST_BYTES: usize = 2_000_000;

/// All of it in at most so many bytes, as far as merging intervals goes.
pub fn whole(recording: &mut Recording, most_bytes: usize) -> Result<String, SnapshotError> {
    let state = if recording.is_whole() {
        State::Ended
    } else {
        State::Cut
    };
    let mut page = lasting(recording);
    page.append(&mut changing(recording, state)?);
    page.insert("troubles".into(), recording.troubles().into());
    page.insert("stages".into(), stages(recording));
    let mut names = Names::default();
    let mut history = names.next(recording).into_history();
    let taken = length(&history) + length(&page) + MARGIN;
    let nothing = History::within(0);
    let found = fitting(
        recording.history().unwrap_or(&nothing),
        names.series(),
        most_bytes.saturating_sub(taken),
    );
    for (name, value) in [
        ("interval_ms", found.history.interval_ms().into()),
        ("why", found.why.into()),
        ("count", found.history.count().into()),
        ("encoding", "deflate".into()),
        ("data", found.data.into()),
    ] {
        history.insert(name.into(), value);
    }
    page.insert("happened".into(), found.happened);
    page.insert("history".into(), history.into());
    Ok(Value::Object(page).to_string())
}

/// Of its text.
fn length(part: &Map<String, Value>) -> usize {
    serde_json::to_string(part).map_or(0, |text| text.len())
}

/// Bytes for what is counted in no other way.
const MARGIN: usize = 4_000;
