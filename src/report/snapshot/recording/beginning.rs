//! What is said first of all: the test, and of several files whether they are of the same one.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::delta::{Opening, Planned};
use super::super::error::SnapshotError;
use super::{MOST_METRICS, Recording};
use crate::options::{ConfigError, Source, Tier, parse};
use crate::verdict::judge_by;

impl Recording {
    /// Has what this opening shows shown as well, whichever file says it; before anything is taken.
    pub fn show(&mut self, opening: &Opening) -> Result<(), SnapshotError> {
        let shown = object(&opening.options)?.remove(SHOW);
        self.shown.extend(names(shown)?);
        Ok(())
    }

    pub(super) fn open(&mut self, opening: Option<Opening>) -> Result<(), SnapshotError> {
        let Some(opening) = opening else {
            let is_open = self.opening.is_some();
            return is_open
                .then_some(())
                .ok_or(SnapshotError::Malformed("its beginning is missing"));
        };
        if opening.scenarios.len() > MOST_METRICS {
            return Err(SnapshotError::Malformed("it has too many scenarios"));
        }
        // A part of a test has no scenario that it has nothing to do in.
        for name in &opening.scenarios {
            if !self.scenarios.contains(name) {
                self.scenarios.push(name.clone());
            }
        }
        let mut values = object(&opening.options)?;
        // What is shown decides nothing: each of several may show something else, and all of it was asked for before.
        let shown = values.remove(SHOW);
        if let Some(first) = &mut self.opening {
            let mut known = object(&first.options)?;
            known.remove(SHOW);
            if known != values {
                return Err(SnapshotError::OtherTest);
            }
            let is_new = |one: &Planned| {
                !first
                    .stages
                    .iter()
                    .any(|known| known.scenario == one.scenario)
            };
            let new: Vec<_> = opening.stages.into_iter().filter(is_new).collect();
            first.stages.extend(new);
            return Ok(());
        }
        let shown = self.shown.iter().cloned().chain(names(shown)?);
        let shown: BTreeSet<String> = shown.collect();
        if !shown.is_empty() {
            values.insert(SHOW.into(), json!(shown));
        }
        let source = Source::Script;
        let refused = |error: ConfigError| SnapshotError::Options(error.to_string());
        let options = parse(&[Tier { source, values }]).map_err(refused)?;
        let Self {
            registry,
            series,
            totals,
            judge,
            ..
        } = self;
        *judge = judge_by(&options, registry, series, &mut totals.parts).map_err(refused)?;
        self.options = Some(options);
        self.opening = Some(opening);
        Ok(())
    }
}

/// Options as a file has them.
fn object(options: &str) -> Result<Map<String, Value>, SnapshotError> {
    match serde_json::from_str(options) {
        Ok(Value::Object(values)) => Ok(values),
        _ => Err(SnapshotError::Malformed("its options are no JSON object")),
    }
}

/// Names of what is shown.
fn names(shown: Option<Value>) -> Result<Vec<String>, SnapshotError> {
    let wrong = |_| SnapshotError::Malformed("what it shows are no names");
    shown.map_or(Ok(Vec::new()), |shown| {
        serde_json::from_value(shown).map_err(wrong)
    })
}

/// The option that names what is shown.
const SHOW: &str = "show";
