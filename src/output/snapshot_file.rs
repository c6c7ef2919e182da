//! The output `snapshots=FILE`: what a run says of itself once a second, kept in a file.
//!
//! It is compressed and written by the thread that listens. Behind something that is lost the file ends, as one that
//! was cut.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::OutputError;
use super::error::reason;
use super::frames::{frame, mark};
use super::listener::{About, Listener};
use super::target::{Patience, Target};

/// A file that can be written, before the run.
#[derive(Debug)]
pub struct SnapshotFile {
    description: String,
    target: Target,
    patience: Arc<Patience>,
}

impl SnapshotFile {
    /// Makes the file anew. `text` is what was asked for.
    pub(super) fn open(text: &str, path: &str, description: String) -> Result<Self, OutputError> {
        let patience: Arc<Patience> = Arc::default();
        let target = Target::open(Path::new(path), patience.clone());
        let target = target.map_err(|error| OutputError::Target {
            output: text.to_owned(),
            reason: reason(&error),
        })?;
        Ok(Self {
            description,
            target,
            patience,
        })
    }

    /// Begins to write.
    pub fn start(self) -> io::Result<Listener> {
        let about = About {
            name: format!("output {}", self.description),
            description: Some(self.description),
            what_ends: "the file",
        };
        let (mut target, mut before) = (self.target, mark());
        Listener::patient(about, self.patience, move |said| {
            let written = frame(said).and_then(|frame| {
                target.write_all(before)?;
                target.write_all(&frame)
            });
            before = &[];
            match &written {
                Ok(()) => target.mark(),
                Err(_) => drop(target.go_back()),
            }
            written.map_err(|error| reason(&error))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::super::frames::{Frames, LARGEST};
    use super::super::tests::Folder;
    use super::*;
    use crate::clock::{self, Instant};

    fn writer(path: &str) -> Listener {
        let file = SnapshotFile::open("snapshots", path, format!("snapshots ({path})")).unwrap();
        file.start().unwrap()
    }

    fn soon() -> Instant {
        clock::now() + Duration::from_secs(30)
    }

    #[test]
    fn what_is_offered_is_in_the_file_in_order() {
        let folder = Folder::new();
        let path = folder.path("run.k6ws");
        let mut writer = writer(path.to_str().unwrap());
        for number in 0..50_u8 {
            writer.offer(&vec![number; 100].into());
        }
        writer.close();
        assert!(writer.wait(soon()));
        assert_eq!((writer.settle(), writer.trouble()), (0, None));
        let mut frames = Frames::new(File::open(path).unwrap()).unwrap();
        for number in 0..50_u8 {
            assert_eq!(frames.next().unwrap(), Some(vec![number; 100]));
        }
        assert_eq!(frames.next().unwrap(), None);
    }

    #[test]
    fn behind_what_is_lost_nothing_is_written() {
        let folder = Folder::new();
        let path = folder.path("run.k6ws");
        let mut writer = writer(path.to_str().unwrap());
        writer.offer(&vec![1].into());
        writer.offer(&vec![0; LARGEST + 1].into());
        writer.offer(&vec![2].into());
        writer.close();
        assert!(writer.wait(soon()));
        assert_eq!(writer.settle(), 2);
        assert!(
            writer
                .trouble()
                .is_some_and(|text| text.contains("more than 64 MiB to say"))
        );
        assert_eq!(writer.trouble(), None);
        let mut frames = Frames::new(File::open(path).unwrap()).unwrap();
        assert_eq!(frames.next().unwrap(), Some(vec![1]));
        assert_eq!(frames.next().unwrap(), None);
    }

    #[test]
    fn a_full_disk_is_told_and_ends_the_file() {
        // The system fails here with what a full disk fails with.
        let mut writer = writer("/dev/full");
        writer.offer(&vec![1].into());
        writer.offer(&vec![2].into());
        writer.close();
        assert!(writer.wait(soon()));
        assert_eq!(writer.settle(), 2);
        let text = writer.trouble().unwrap_or_default();
        assert!(text.contains("No space left on device"), "{text}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused_before_the_run() {
        let error = SnapshotFile::open("snapshots=/no/such/x", "/no/such/x", String::new());
        let text = error.unwrap_err().to_string();
        assert!(text.contains("No such file"), "{text}");
    }
}
