//! Which part of the test this process does: `executionSegment` and `executionSegmentSequence`.

use serde_json::Value;

use super::error::ConfigError;
use super::field::Field;
use super::merge::Merged;
use super::source::Source;
use crate::segment::{Segment, SegmentError, Sequence, Share};

/// The part of the test that this process does, as it was asked for and as it is dealt out.
pub(super) struct Part {
    pub(super) segment: Option<Segment>,
    pub(super) sequence: Option<Sequence>,
    pub(super) share: Share,
}

/// The part of this process: everything, unless the user says otherwise.
pub(super) fn part(merged: &Merged) -> Result<Part, ConfigError> {
    let is_empty = |value: &Value| match value {
        Value::String(text) => text.is_empty(),
        Value::Array(borders) => borders.is_empty(),
        _ => false,
    };
    let given = |name| merged.get(name).filter(|field| !is_empty(&field.value));
    let segment_field = given("execution_segment");
    let sequence_field = given("execution_segment_sequence");
    let segment = segment_field.map(read_segment).transpose()?;
    let sequence = sequence_field.map(read_sequence).transpose()?;
    let here = segment.unwrap_or(Segment::WHOLE);
    let share = match &sequence {
        Some(sequence) => Share::new(here, sequence),
        None => Share::new(here, &Sequence::around(here)),
    };
    let share = share.map_err(|error| match (segment_field, sequence_field) {
        (None, Some(field)) if matches!(error, SegmentError::NotInSequence { .. }) => field
            .refuse("needs an executionSegment")
            .with_hint("say which part is run here, such as executionSegment \"0:1/2\""),
        (Some(field), _) | (None, Some(field)) => field.refuse(error.to_string()),
        // Nobody gave anything: it cannot be wrong, but the error is whole all the same.
        (None, None) => {
            ConfigError::new("executionSegment", None, Source::Default, error.to_string())
        }
    })?;
    Ok(Part {
        segment,
        sequence,
        share,
    })
}

fn read_segment(field: &Field) -> Result<Segment, ConfigError> {
    Segment::parse(field.text()?).map_err(|error| field.refuse(error.to_string()))
}

fn read_sequence(field: &Field) -> Result<Sequence, ConfigError> {
    let borders = borders(field)?;
    let sequence = Sequence::parse(borders.iter().map(String::as_str));
    sequence.map_err(|error| field.refuse(error.to_string()))
}

/// The borders, given as a list or as one text with commas.
fn borders(field: &Field) -> Result<Vec<String>, ConfigError> {
    let words = match &field.value {
        Value::String(_) => vec![field.clone()],
        _ => field.words()?,
    };
    let mut borders = Vec::new();
    for word in &words {
        borders.extend(
            word.text()?
                .split(',')
                .map(|border| border.trim().to_owned()),
        );
    }
    Ok(borders)
}
