//! k6's JSON output: one line of JSON for each sample, and one for each metric before its first sample.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::dates::TimeFormat;
use super::definition::push_definition;
use super::format::{Ends, Format, Known, named};
use super::number::push_shortest;
use super::{Describe, Described};
use crate::metrics::{Metadata, MetricId, Sample};

/// Lines of JSON.
#[derive(Debug)]
pub(super) struct Json {
    thresholds: Map<String, Value>,
    known: Known,
    /// Metrics whose definition was appended.
    defined: HashSet<MetricId>,
    /// Those of them whose definition may still be lost.
    fresh: Vec<MetricId>,
}

impl Json {
    pub(super) fn new(thresholds: Map<String, Value>) -> Self {
        Self {
            thresholds,
            known: Known::default(),
            defined: HashSet::new(),
            fresh: Vec::new(),
        }
    }
}

impl Format for Json {
    fn sample(
        &mut self,
        buffer: &mut Vec<u8>,
        sample: &Sample,
        date: Duration,
        describe: &Describe,
    ) {
        // The first sample of a metric is the first of its series, so it is not known.
        let Self {
            thresholds,
            known,
            defined,
            fresh,
        } = self;
        let ends = known.ends(sample.series, describe, |what| {
            if defined.insert(what.id) {
                fresh.push(what.id);
                push_definition(buffer, &what.metric, thresholds);
            }
            ends(what)
        });
        buffer.extend_from_slice(&ends.head);
        TimeFormat::Rfc3339Nano.push(buffer, date);
        buffer.extend_from_slice(br#"","value":"#);
        push_shortest(buffer, sample.value);
        buffer.extend_from_slice(&ends.tail);
        push_metadata(buffer, sample.metadata);
        buffer.extend_from_slice(b"}}\n");
    }

    fn written(&mut self) {
        self.fresh.clear();
    }

    fn lost(&mut self) {
        for metric in self.fresh.drain(..) {
            self.defined.remove(&metric);
        }
        self.known.forget();
    }
}

fn ends(what: &Described) -> Ends {
    let name = Value::from(&*what.metric.name);
    let tags: Map<String, Value> = what
        .tags
        .iter()
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    let tags = Value::Object(tags);
    Ends {
        head: format!(r#"{{"metric":{name},"type":"Point","data":{{"time":""#).into_bytes(),
        tail: format!(",\"tags\":{tags}").into_bytes(),
    }
}

/// Appends what is known of the VU, where there is something.
fn push_metadata(buffer: &mut Vec<u8>, metadata: Metadata) {
    let known: Map<String, Value> = named(metadata)
        .map(|(name, value)| (name.into(), value.to_string().into()))
        .collect();
    if !known.is_empty() {
        buffer.extend_from_slice(format!(",\"metadata\":{}", Value::Object(known)).as_bytes());
    }
}
