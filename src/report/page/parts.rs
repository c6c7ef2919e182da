//! What the page shows beside the history.

use serde_json::{Map, Value, json};

use crate::report::document;
use crate::report::snapshot::{Recording, SnapshotError};

/// How far the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Ended,
    /// It will not go on, and never said that it was over.
    Cut,
}

/// What changes with every second.
pub(super) fn changing(
    recording: &mut Recording,
    state: State,
) -> Result<Map<String, Value>, SnapshotError> {
    let (data, told) = match state {
        State::Running => recording.retell_so_far()?,
        State::Ended | State::Cut => recording.retell()?,
    };
    let tool = recording.opening().map_or("", |opening| &*opening.tool);
    let mut summary = document(data, &told, tool);
    if state == State::Running {
        summary["exit_code"] = Value::Null;
        summary["passed"] = Value::Null;
        summary["run"]["exit_code"] = Value::Null;
    }
    let state = match state {
        State::Running => "running",
        State::Ended => "ended",
        State::Cut => "cut",
    };
    let mut parts = Map::new();
    parts.insert("state".into(), state.into());
    parts.insert("until".into(), recording.until().into());
    parts.insert("clock_started".into(), recording.started().0.into());
    parts.insert("scenarios".into(), json!(told.scenarios));
    parts.insert("summary".into(), summary);
    Ok(parts)
}

/// What does not.
pub(super) fn lasting(recording: &Recording) -> Map<String, Value> {
    let opening = recording.opening().cloned().unwrap_or_default();
    let mut about =
        json!({"script": "", "source": null, "options": {}, "environment": {}, "machine": {}});
    if let Ok(Value::Object(told)) = serde_json::from_str(&opening.about) {
        for (name, part) in told {
            about[name] = part;
        }
    }
    let mut parts = Map::new();
    parts.insert("format".into(), FORMAT.into());
    parts.insert("tool".into(), format!("k6ws {}", opening.tool).into());
    parts.insert("began".into(), opening.at.into());
    parts.insert("about".into(), about);
    parts
}

/// What was to be done when, in milliseconds since the opening; nothing while nothing has begun.
pub(super) fn stages(recording: &Recording) -> Value {
    let (_, started) = recording.started();
    let Some(opening) = recording.opening().filter(|_| started > 0.0) else {
        return json!([]);
    };
    let offset = started - opening.at;
    let stages = opening.stages.iter().map(|stage| {
        json!({
            "scenario": stage.scenario,
            "name": stage.name,
            "from_ms": stage.from as f64 + offset,
            "to_ms": stage.to as f64 + offset,
        })
    });
    stages.collect()
}

/// Of the JSON: what changes there changes it.
const FORMAT: u32 = 2;
