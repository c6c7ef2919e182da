//! A target, with or without compression in front of it.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::target::Target;

/// What a writer writes to.
#[derive(Debug)]
pub(super) enum Sink {
    /// As it comes.
    Plain(Target),
    /// Compressed; what was written is in the target after [`Sink::flush`] only.
    Gzip(Box<GzEncoder<Target>>),
}

impl Sink {
    /// Compresses, or not.
    pub(super) fn new(target: Target, is_gzip: bool) -> Self {
        if is_gzip {
            Self::Gzip(Box::new(GzEncoder::new(target, Compression::fast())))
        } else {
            Self::Plain(target)
        }
    }

    /// Writes all of these bytes. After a failure there is nothing of them in a file.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(target) => {
                target.write_all(bytes)?;
                target.mark();
                Ok(())
            }
            Self::Gzip(encoder) => encoder.write_all(bytes),
        }
    }

    /// Has everything that was written in the target.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }

    /// Writes what stands at the end.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(encoder) => encoder.finish().map(drop),
        }
    }

    /// Whether writing may be tried again after a failure: a compressed stream cannot go on behind a hole.
    pub(super) fn recover(&mut self) -> bool {
        match self {
            Self::Plain(target) => target.go_back(),
            Self::Gzip(_) => false,
        }
    }
}
