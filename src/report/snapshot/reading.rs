//! Files of snapshots: one, or those of several processes, which are merged.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::delta::Delta;
use super::error::SnapshotError;
use super::recording::Recording;
use crate::output::frames::{FrameError, Frames};

/// Why a file cannot be told.
#[derive(Debug, Error)]
#[error("cannot read {path:?}: {reason}")]
pub struct ReadError {
    path: PathBuf,
    reason: String,
}

impl ReadError {
    fn new(path: &Path, reason: &impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// A file, and what it says next.
struct Source<'a> {
    path: &'a Path,
    frames: Frames<BufReader<File>>,
    next: Option<Next>,
    opened: f64,
    is_cut: bool,
    is_last: bool,
    last: f64,
}

struct Next {
    /// Milliseconds since 1970 at which it was said.
    at: f64,
    delta: Delta,
    bytes: Vec<u8>,
    /// Where its pieces begin.
    pieces: usize,
}

/// Reads them all, and keeps what came when `with_history`. Each file whose end is missing is one of the troubles. Of several it does not matter which is named first.
pub fn read(paths: &[PathBuf], with_history: bool) -> Result<Recording, ReadError> {
    let mut sources = Vec::with_capacity(paths.len());
    for path in paths {
        let file = File::open(path);
        let file = file.map_err(|error| ReadError::new(path, &FrameError::from(error)))?;
        let frames =
            Frames::new(BufReader::new(file)).map_err(|error| ReadError::new(path, &error))?;
        let mut source = Source {
            path,
            frames,
            next: None,
            opened: 0.0,
            is_cut: false,
            is_last: false,
            last: 0.0,
        };
        source.advance()?;
        if source.next.is_none() {
            return Err(ReadError::new(path, &"it ends before it says anything"));
        }
        sources.push(source);
    }
    sources.sort_by(|one, other| {
        let by_time = one.opened.total_cmp(&other.opened);
        by_time.then_with(|| {
            let [one, other] = [one, other].map(|one| one.next.as_ref().map(|next| &next.bytes));
            one.cmp(&other)
        })
    });
    let mut recording = Recording::of(sources.len());
    if with_history {
        recording = recording.with_history();
    }
    for one in &sources {
        let opening = one
            .next
            .as_ref()
            .and_then(|next| next.delta.opening.as_ref());
        let shown = opening.map_or(Ok(()), |opening| recording.show(opening));
        shown.map_err(|error| ReadError::new(one.path, &error))?;
    }
    while let Some((index, said)) = earliest(&mut sources) {
        let path = sources[index].path;
        recording
            .take_decoded(index, said.delta, &said.bytes[said.pieces..])
            .map_err(|error| ReadError::new(path, &error))?;
        sources[index].advance()?;
    }
    for trouble in sources.iter().filter_map(Source::trouble) {
        recording.break_off(trouble);
    }
    Ok(recording)
}

/// Takes what was said first of all that is left.
fn earliest(sources: &mut [Source<'_>]) -> Option<(usize, Next)> {
    let waiting = sources.iter().enumerate();
    let times = waiting.filter_map(|(index, one)| Some((index, one.next.as_ref()?.at)));
    let (index, _) = times.min_by(|one, other| one.1.total_cmp(&other.1))?;
    sources[index].next.take().map(|said| (index, said))
}

impl Source<'_> {
    fn advance(&mut self) -> Result<(), ReadError> {
        let bytes = match self.frames.next() {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(()),
            Err(FrameError::Cut) => {
                self.is_cut = true;
                return Ok(());
            }
            Err(error) => return Err(ReadError::new(self.path, &error)),
        };
        let refused = |error: SnapshotError| ReadError::new(self.path, &error);
        let (delta, pieces) = Delta::decode(&bytes).map_err(refused)?;
        let pieces = bytes.len() - pieces.len();
        if let Some(opening) = &delta.opening {
            self.opened = opening.at;
        }
        self.is_last = delta.facts.is_last;
        self.last = delta.now.since_opening as f64 / 1e9;
        self.next = Some(Next {
            at: self.opened + delta.now.since_opening as f64 / 1e6,
            delta,
            bytes,
            pieces,
        });
        Ok(())
    }

    /// What is missing, if something is.
    fn trouble(&self) -> Option<String> {
        let how = if self.is_cut {
            "ends in the middle"
        } else if self.is_last {
            return None;
        } else {
            "has no end"
        };
        Some(format!(
            "{} {how}: the run was cut off, or the file was; this is what had been told after {:.1} s",
            self.path.display(),
            self.last
        ))
    }
}
