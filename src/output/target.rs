//! A place that bytes go to: a file, or something that somebody reads, such as a pipe.
//!
//! A file takes everything or fails, and then nothing of a failed write stays in it. A pipe may take nothing
//! for ever; so nothing is written to it before it has room, and waiting ends when [`Patience`] is spent.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;

/// Says, once and for all, that waiting for a slow reader must end.
#[derive(Debug, Default)]
pub(super) struct Patience {
    is_spent: Mutex<bool>,
    changed: Condvar,
}

impl Patience {
    /// Ends every wait.
    pub(super) fn spend(&self) {
        *self.state() = true;
        self.changed.notify_all();
    }

    /// Whether no wait may last any longer.
    pub(super) fn is_spent(&self) -> bool {
        *self.state()
    }

    /// Waits for `time`, unless it is spent before.
    fn wait(&self, time: Duration) {
        let state = self.state();
        drop(
            self.changed
                .wait_timeout_while(state, time, |is_spent| !*is_spent),
        );
    }

    fn state(&self) -> MutexGuard<'_, bool> {
        self.is_spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where an output writes.
#[derive(Debug)]
pub(super) struct Target {
    kind: Kind,
    patience: Arc<Patience>,
}

#[derive(Debug)]
enum Kind {
    /// A regular file; nothing is lost up to this position.
    Regular(File, u64),
    /// Something that is read by somebody.
    Stream(File),
    /// A named pipe that nobody has opened for reading yet.
    Unread(PathBuf),
}

impl Target {
    /// Standard output.
    pub(super) fn stdout(patience: Arc<Patience>) -> io::Result<Self> {
        let own = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdout(), 3)?;
        let kind = Kind::Stream(File::from(own));
        Ok(Self { kind, patience })
    }

    /// What is at `path`; a file is made anew. Does not wait for anybody to read.
    pub(super) fn open(path: &Path, patience: Arc<Patience>) -> io::Result<Self> {
        let is_fifo = path
            .metadata()
            .is_ok_and(|metadata| metadata.file_type().is_fifo());
        let kind = if is_fifo {
            match open_fifo(path)? {
                Some(file) => Kind::Stream(file),
                None => Kind::Unread(path.to_owned()),
            }
        } else {
            let file = File::create(path)?;
            if file.metadata()?.is_file() {
                Kind::Regular(file, 0)
            } else {
                Kind::Stream(file)
            }
        };
        Ok(Self { kind, patience })
    }

    /// What was written since the last call stays; a failed write goes back to here.
    pub(super) fn mark(&mut self) {
        if let Kind::Regular(file, mark) = &mut self.kind
            && let Ok(position) = file.stream_position()
        {
            *mark = position;
        }
    }

    /// Takes back what was written since the mark. Whether that worked, so that writing may go on.
    pub(super) fn go_back(&mut self) -> bool {
        let Kind::Regular(file, mark) = &mut self.kind else {
            return false;
        };
        let is_cut = file.set_len(*mark);
        is_cut.is_ok() && file.seek(SeekFrom::Start(*mark)).is_ok()
    }

    /// The open file, once it has room or a failure to tell.
    fn ready(&mut self) -> io::Result<&mut File> {
        while let Kind::Unread(path) = &self.kind {
            if let Some(file) = open_fifo(path)? {
                self.kind = Kind::Stream(file);
            } else if self.patience.is_spent() {
                return Err(nobody_reads());
            } else {
                self.patience.wait(LOOK_AGAIN);
            }
        }
        if let Kind::Stream(file) = &self.kind {
            let look_again = Timespec::try_from(LOOK_AGAIN).ok();
            loop {
                match poll(
                    &mut [PollFd::new(file, PollFlags::OUT)],
                    look_again.as_ref(),
                ) {
                    Ok(0) if self.patience.is_spent() => return Err(nobody_reads()),
                    Ok(0) | Err(Errno::INTR) => {}
                    Ok(_) => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        match &mut self.kind {
            Kind::Regular(file, _) | Kind::Stream(file) => Ok(file),
            Kind::Unread(_) => Err(nobody_reads()),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let is_regular = matches!(self.kind, Kind::Regular(..));
            let file = self.ready()?;
            let piece = if is_regular {
                bytes
            } else {
                &bytes[..bytes.len().min(SURE_TO_FIT)]
            };
            match file.write(piece) {
                // Another process took the room.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.patience.is_spent() {
                        return Err(nobody_reads());
                    }
                    self.patience.wait(LOOK_AGAIN);
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Nothing is kept back here.
        Ok(())
    }
}

/// Opens a named pipe without waiting for a reader; nothing if there is none.
fn open_fifo(path: &Path) -> io::Result<Option<File>> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let opened = OpenOptions::new()
        .write(true)
        .custom_flags(flags)
        .open(path);
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(Errno::NXIO.raw_os_error()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn nobody_reads() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "nobody reads it")
}

/// A pipe that has room takes this many bytes (`PIPE_BUF`).
const SURE_TO_FIT: usize = 4096;
/// How often a wait looks whether it may go on.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::tests::Folder;

    #[test]
    fn a_file_is_as_it_was_before_a_failed_write() {
        let folder = Folder::new();
        let path = folder.path("samples");
        let mut target = Target::open(&path, Arc::default()).unwrap();
        target.write_all(b"kept\n").unwrap();
        target.mark();
        target.write_all(b"half a li").unwrap();
        assert!(target.go_back());
        target.write_all(b"more\n").unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"kept\nmore\n");
    }

    #[test]
    fn a_named_pipe_without_reader_is_opened_and_given_up_when_patience_ends() {
        let folder = Folder::new();
        let path = folder.fifo("pipe");
        let patience: Arc<Patience> = Arc::default();
        let mut target = Target::open(&path, patience.clone()).unwrap();
        patience.spend();
        let error = target.write_all(b"x").unwrap_err();
        assert_eq!(error.to_string(), "nobody reads it");
        assert!(!target.go_back());
    }

    #[test]
    fn a_full_pipe_is_given_up_when_patience_ends() {
        let folder = Folder::new();
        let path = folder.fifo("pipe");
        let read = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = rustix::fs::open(&path, read, rustix::fs::Mode::empty()).unwrap();
        let patience: Arc<Patience> = Arc::default();
        let mut target = Target::open(&path, patience.clone()).unwrap();
        target.write_all(&[b'x'; SURE_TO_FIT]).unwrap();
        patience.spend();
        let error = target.write_all(&vec![b'x'; 1 << 21]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(reader);
        let error = target.write_all(b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }
}
