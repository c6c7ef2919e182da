//! The numbers of a delta: what every series brought, piece by piece.
//!
//! A piece is what was added up at once. So it says when that was, and whoever reads pieces in their order does the
//! same additions as the run itself. It is encoded where it is added up: no sink is copied.

use super::error::SnapshotError;
use crate::clock::Instant;
use crate::metrics::{Series, Sink, SinkParts};

/// What gathers until it is told.
#[derive(Debug)]
pub struct Pieces {
    began: Instant,
    bytes: Vec<u8>,
    count: u32,
    /// The piece that is being added up.
    open: Vec<u8>,
    sinks: u32,
}

impl Pieces {
    /// Nothing, from now on.
    pub fn new(began: Instant) -> Self {
        Self {
            began,
            bytes: Vec::new(),
            count: 0,
            open: Vec::new(),
            sinks: 0,
        }
    }

    /// This was added to a series, whose total is in buckets if `is_folded`.
    pub fn add(&mut self, series: Series, recorded: &Sink, is_folded: bool) {
        if recorded.is_empty() {
            return;
        }
        append(
            &mut self.open,
            &(series.index() as u64, recorded.parts(is_folded)),
        );
        self.sinks += 1;
    }

    /// What was added since the last call was added at this time.
    pub fn cut(&mut self, now: Instant) {
        if self.sinks == 0 {
            return;
        }
        let until = now.saturating_duration_since(self.began).as_micros();
        let until = u64::try_from(until).unwrap_or(u64::MAX);
        append(&mut self.bytes, &(until, self.sinks));
        self.bytes.append(&mut self.open);
        self.count += 1;
        self.sinks = 0;
    }

    /// Appends all of them, and has none then.
    pub(super) fn move_to(&mut self, bytes: &mut Vec<u8>) {
        append(bytes, &self.count);
        bytes.append(&mut self.bytes);
        self.count = 0;
    }
}

/// Appends the bytes of a value.
pub(super) fn append(bytes: &mut Vec<u8>, value: &impl serde::Serialize) {
    let extended = postcard::to_extend(value, std::mem::take(bytes));
    *bytes = extended.expect("a vector has room for everything");
}

/// Gives each sink in these bytes to `take`, with the number of its series and the microseconds at which it was added.
pub(super) fn each(
    bytes: &[u8],
    mut take: impl FnMut(u64, u64, Sink) -> Result<(), SnapshotError>,
) -> Result<(), SnapshotError> {
    let (pieces, mut rest): (u32, _) = next(bytes)?;
    for _ in 0..pieces {
        let ((until, sinks), behind): ((u64, u32), _) = next(rest)?;
        rest = behind;
        for _ in 0..sinks {
            let ((series, parts), behind): ((u64, SinkParts<'_>), _) = next(rest)?;
            rest = behind;
            take(until, series, Sink::from_parts(parts)?)?;
        }
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(SnapshotError::Malformed("there is more behind its end"))
    }
}

fn next<'de, T: serde::Deserialize<'de>>(
    bytes: &'de [u8],
) -> Result<(T, &'de [u8]), SnapshotError> {
    postcard::take_from_bytes(bytes)
        .map_err(|_| SnapshotError::Malformed("its numbers end too early or make no sense"))
}
