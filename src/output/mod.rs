//! Where samples go while a run lasts, and what it says of itself: files, pipes, standard output.
//!
//! An [`Output`] is opened before the run, so that a place which cannot be written ends it before its first
//! connection. Started, it is a thread that takes samples from its own bounded queue, encodes and writes
//! them; the VU thread only fills the queue and never waits for it. What is lost on the way is counted.
//! Knows nothing of scheduling and of what a sample is for.

mod csv;
mod dates;
mod definition;
mod described;
mod error;
mod format;
pub mod frames;
mod json;
mod kinds;
mod listener;
mod number;
mod sink;
mod snapshot_file;
mod spec;
mod target;
mod writer;

#[cfg(test)]
mod tests;

use spec::{FormatSpec, Spec};

pub use described::{Describe, Described, Settings};
pub use error::OutputError;
pub use listener::{About, Listener};
pub use snapshot_file::SnapshotFile;
pub use spec::split;
pub use writer::{Output, Running};

/// What can be written, before the run.
#[derive(Default)]
pub struct Opened {
    /// Outputs of single samples.
    pub samples: Vec<Output>,
    /// Files of what the run says of itself.
    pub snapshots: Vec<SnapshotFile>,
}

/// Opens what each text asks for (`json=samples.json`); files are made anew, and none if one text is wrong.
///
/// `env` gives the environment variables that CSV looks at.
pub fn open(
    texts: Vec<String>,
    env: &dyn Fn(&str) -> Option<String>,
    settings: &Settings,
) -> Result<Opened, OutputError> {
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
    let mut opened = Opened::default();
    for (text, spec) in texts.into_iter().zip(&specs) {
        match (spec.format, &spec.path) {
            (FormatSpec::Snapshots, Some(path)) => {
                let file = SnapshotFile::open(&text, path, spec.describe())?;
                opened.snapshots.push(file);
            }
            _ => opened.samples.push(Output::open(text, spec, settings)?),
        }
    }
    Ok(opened)
}
