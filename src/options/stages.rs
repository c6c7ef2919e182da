//! A course in stages: each says how long it takes and where it leads.
//!
//! What a target counts (VUs, iterations per time unit) and what it may be is for the executor to say.
//! In JSON a stage is an object; on the command line and in a variable it is `10s:5`.

use std::time::Duration;

use serde_json::Value;

use super::block::Block;
use super::error::ConfigError;
use super::field::{Field, MAX_DURATION};
use super::names::STAGE;
use super::nearest::nearest;
use crate::units::format_duration;

/// One stage: the way, in a straight line, from where the last one ended to `target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// How long it takes; zero is a jump.
    pub duration: Duration,
    /// Where it leads: VUs, or iterations per time unit.
    pub target: u64,
}

/// The targets of stages, still to be judged: each beside its stage's duration.
pub(super) struct Targets {
    stages: Vec<(Duration, Field)>,
}

impl Targets {
    /// Stages whose targets are numbers of `what` from 0 to `most`.
    pub(super) fn read(
        self,
        what: &str,
        most: u64,
        judge: impl Fn(&Field, u64) -> Result<(), ConfigError>,
    ) -> Result<Vec<Stage>, ConfigError> {
        let stage = |(duration, field): (Duration, Field)| {
            let target = field.number(what, 0, most)?;
            judge(&field, target)?;
            Ok(Stage { duration, target })
        };
        self.stages.into_iter().map(stage).collect()
    }
}

/// Reads a list of stages, at least one, that take between them more than no time.
pub(super) fn stages(field: &Field) -> Result<Targets, ConfigError> {
    let entries = entries(field)?;
    if entries.is_empty() {
        return Err(field.refuse("expected at least one stage"));
    }
    if entries.len() > MOST_STAGES {
        return Err(field.refuse(format!("expected at most {MOST_STAGES} stages")));
    }
    let mut total = Duration::ZERO;
    let mut stages = Vec::with_capacity(entries.len());
    for entry in &entries {
        let (duration, target) = entry_parts(entry)?;
        let duration = duration.duration(Duration::ZERO)?;
        total += duration;
        stages.push((duration, target));
    }
    if total.is_zero() {
        return Err(field.refuse("all stages together take no time"));
    }
    if total > MAX_DURATION {
        let most = format_duration(MAX_DURATION);
        return Err(field.refuse(format!("all stages together take more than {most}")));
    }
    Ok(Targets { stages })
}

/// Each stage as it was given, with a path of its own.
fn entries(field: &Field) -> Result<Vec<Field>, ConfigError> {
    let items = match &field.value {
        Value::Array(items) => items.clone(),
        text @ Value::String(_) if field.source.is_textual() => vec![text.clone()],
        _ => return Err(field.refuse("expected a list of stages")),
    };
    let mut entries = Vec::new();
    for item in &items {
        let pieces = match item {
            Value::String(text) if field.source.is_textual() => {
                let pieces = text.split(',').map(str::trim);
                pieces
                    .filter(|piece| !piece.is_empty())
                    .map(Value::from)
                    .collect()
            }
            other => vec![other.clone()],
        };
        for piece in &pieces {
            entries.push(field.part(format!("{}[{}]", field.path, entries.len()), piece));
        }
    }
    Ok(entries)
}

/// The duration and the target of one stage.
fn entry_parts(entry: &Field) -> Result<(Field, Field), ConfigError> {
    let part = |name: &str, text: &str| {
        let path = format!("{}.{name}", entry.path);
        entry.part(path, &text.trim().into())
    };
    match &entry.value {
        Value::String(text) if entry.source.is_textual() => match text.split_once(':') {
            Some((duration, target)) => Ok((part("duration", duration), part("target", target))),
            None => Err(entry.refuse("expected DURATION:TARGET, such as 10s:5")),
        },
        Value::Object(values) => {
            let names: Vec<_> = STAGE.iter().collect();
            let mut block = Block::read(&entry.path, entry.source, values, &names)?;
            if let Some((key, unknown)) = block.unknown.first() {
                let guess = nearest(key, STAGE.iter().map(|name| name.snake));
                let hint = guess.map_or_else(
                    || "a stage has a duration and a target".to_owned(),
                    |name| format!("did you mean '{name}'?"),
                );
                return Err(unknown.refuse("unknown option of a stage").with_hint(hint));
            }
            let mut required = |name: &'static str| {
                block.known.remove(name).ok_or_else(|| {
                    let path = format!("{}.{name}", entry.path);
                    ConfigError::new(path, None, entry.source, "required, but not given")
                })
            };
            Ok((required("duration")?, required("target")?))
        }
        _ => Err(entry.refuse("expected an object with a duration and a target")),
    }
}

/// More than anyone draws by hand.
const MOST_STAGES: usize = 1_000;
