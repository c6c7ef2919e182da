//! k6's CSV output: a header, then a record for each sample.
//!
//! The system tags that are on have a column each, whether or not a sample has the tag; all other tags share
//! `extra_tags` as `key=value&key=value`; `metadata` has the same form.

use std::time::Duration;

use super::dates::TimeFormat;
use super::format::{Ends, Format, Known, named};
use super::number::push_six_decimals;
use super::{Describe, Described};
use crate::metrics::{Sample, SystemTags};

/// Records of CSV.
#[derive(Debug)]
pub(super) struct Csv {
    columns: Vec<&'static str>,
    time_format: TimeFormat,
    known: Known,
    has_begun: bool,
    /// The header may still be lost.
    is_fresh: bool,
}

impl Csv {
    pub(super) fn new(system_tags: SystemTags, time_format: TimeFormat) -> Self {
        Self {
            columns: system_tags.tag_names(),
            time_format,
            known: Known::default(),
            has_begun: false,
            is_fresh: false,
        }
    }
}

impl Format for Csv {
    fn begin(&mut self, buffer: &mut Vec<u8>) {
        if self.has_begun {
            return;
        }
        (self.has_begun, self.is_fresh) = (true, true);
        buffer.extend_from_slice(b"metric_name,timestamp,metric_value,");
        for column in &self.columns {
            buffer.extend_from_slice(column.as_bytes());
            buffer.push(b',');
        }
        buffer.extend_from_slice(b"extra_tags,metadata\n");
    }

    fn sample(
        &mut self,
        buffer: &mut Vec<u8>,
        sample: &Sample,
        date: Duration,
        describe: &Describe,
    ) {
        self.begin(buffer);
        let columns = &self.columns;
        let ends = self
            .known
            .ends(sample.series, describe, |what| ends(what, columns));
        buffer.extend_from_slice(&ends.head);
        self.time_format.push(buffer, date);
        buffer.push(b',');
        push_six_decimals(buffer, sample.value);
        buffer.extend_from_slice(&ends.tail);
        for (position, (name, value)) in named(sample.metadata).enumerate() {
            let join = if position == 0 { "" } else { "&" };
            buffer.extend_from_slice(format!("{join}{name}={value}").as_bytes());
        }
        buffer.push(b'\n');
    }

    fn written(&mut self) {
        self.is_fresh = false;
    }

    fn lost(&mut self) {
        self.has_begun &= !self.is_fresh;
        self.is_fresh = false;
    }
}

fn ends(what: &Described, columns: &[&'static str]) -> Ends {
    let mut ends = Ends::default();
    push_cell(&mut ends.head, &what.metric.name);
    ends.head.push(b',');
    for column in columns {
        ends.tail.push(b',');
        push_cell(&mut ends.tail, what.tags.get(column).unwrap_or_default());
    }
    let others: Vec<String> = what
        .tags
        .iter()
        .filter(|(key, _)| !columns.contains(key))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    ends.tail.push(b',');
    push_cell(&mut ends.tail, &others.join("&"));
    ends.tail.push(b',');
    ends
}

/// Appends a cell, in quotes where a reader would misread it otherwise.
fn push_cell(buffer: &mut Vec<u8>, text: &str) {
    let is_plain = !text.contains([',', '"', '\r', '\n']) && !text.starts_with([' ', '\t']);
    if is_plain {
        buffer.extend_from_slice(text.as_bytes());
        return;
    }
    buffer.push(b'"');
    buffer.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    buffer.push(b'"');
}
