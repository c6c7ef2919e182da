//! Where samples go while a run lasts: files, pipes, standard output.
//!
//! An [`Output`] is opened before the run, so that a place which cannot be written ends it before its first
//! connection. Started, it is a thread that takes samples from its own bounded queue, encodes and writes
//! them; the VU thread only fills the queue and never waits for it. What is lost on the way is counted.
//! Knows nothing of scheduling and of what a sample is for.

mod csv;
mod dates;
mod definition;
mod format;
mod json;
mod number;
mod sink;
mod spec;
mod target;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::metrics::{Metric, MetricId, Series, SystemTags, TagSet};

use spec::Spec;

pub use spec::split;
pub use writer::{Output, Running};

/// What formats take from the options of the run.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which system tags samples carry: the columns of CSV.
    pub system_tags: SystemTags,
    /// The option `thresholds` as given: what JSON says of a metric.
    pub thresholds: Map<String, Value>,
}

/// What a series is.
#[derive(Clone, Debug)]
pub struct Described {
    /// Names its metric.
    pub id: MetricId,
    /// Its metric.
    pub metric: Metric,
    /// Its tags.
    pub tags: TagSet,
}

/// Tells what a series is; asked once for each while it is remembered.
pub type Describe = Arc<dyn Fn(Series) -> Described + Send + Sync>;

/// Why there can be no such output.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// Its type is none of ours.
    #[error("unknown output {name:?}: there are {}", spec::NAMES.join(" and "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// What follows its type makes no sense.
    #[error("invalid output {output:?}: {reason}")]
    Argument {
        /// All that was given.
        output: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It cannot be written.
    #[error("cannot write the output {output:?}: {reason}")]
    Target {
        /// All that was given.
        output: String,
        /// What the system says.
        reason: String,
    },
}

/// Opens what each text asks for (`json=samples.json`); files are made anew, and none if one text is wrong.
///
/// `env` gives the environment variables that CSV looks at.
pub fn open(
    texts: Vec<String>,
    env: &dyn Fn(&str) -> Option<String>,
    settings: &Settings,
) -> Result<Vec<Output>, OutputError> {
    let mut specs: Vec<Spec> = Vec::with_capacity(texts.len());
    for text in &texts {
        let spec = Spec::parse(text, env)?;
        if spec.path.is_some() && specs.iter().any(|other| other.path == spec.path) {
            return Err(OutputError::Argument {
                output: text.clone(),
                reason: "another output writes there".to_owned(),
            });
        }
        specs.push(spec);
    }
    let opened = texts.into_iter().zip(&specs);
    opened
        .map(|(text, spec)| Output::open(text, spec, settings))
        .collect()
}

/// What the system says of a failure, without the number that Rust adds.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
