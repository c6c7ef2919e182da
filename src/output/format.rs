//! What every format does: lines for samples, in a buffer that is then written or lost.

use std::collections::HashMap;
use std::time::Duration;

use super::{Describe, Described};
use crate::metrics::{Metadata, Sample, Series};

/// A way to write samples as lines of text.
pub(super) trait Format: Send {
    /// Appends what stands in front of all samples, unless it stands there.
    fn begin(&mut self, _buffer: &mut Vec<u8>) {}

    /// Appends a sample that happened at `date`, and before it what it relies on.
    fn sample(
        &mut self,
        buffer: &mut Vec<u8>,
        sample: &Sample,
        date: Duration,
        describe: &Describe,
    );

    /// What was appended since the last call of this or of [`Format::lost`] has been written.
    fn written(&mut self);

    /// It has not: what later samples rely on is said again.
    fn lost(&mut self);
}

/// The two parts of a sample's line that are the same for all samples of its series.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// Up to what differs.
    pub(super) head: Vec<u8>,
    /// From what differs to the end of the line.
    pub(super) tail: Vec<u8>,
}

/// The ends of the series that were written lately.
#[derive(Debug, Default)]
pub(super) struct Known {
    ends: HashMap<Series, Ends>,
}

impl Known {
    /// The ends of a series, made by `make` unless they are known.
    pub(super) fn ends(
        &mut self,
        series: Series,
        describe: &Describe,
        make: impl FnOnce(&Described) -> Ends,
    ) -> &Ends {
        if self.ends.len() >= MOST_KNOWN && !self.ends.contains_key(&series) {
            self.ends.clear();
        }
        self.ends
            .entry(series)
            .or_insert_with(|| make(&describe(series)))
    }

    /// Forgets all of them, so that each is made again.
    pub(super) fn forget(&mut self) {
        self.ends.clear();
    }
}

/// Beyond that they are made again: tags may differ without end.
const MOST_KNOWN: usize = 10_000;

/// What is known of the VU of a sample, by its name in outputs.
pub(super) fn named(metadata: Metadata) -> impl Iterator<Item = (&'static str, u32)> {
    let iteration = metadata.iteration.map(|number| ("iter", number));
    iteration
        .into_iter()
        .chain(metadata.vu.map(|number| ("vu", number)))
}
