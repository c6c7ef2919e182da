//! Files of snapshots: a mark, then frames, each with its length, compressed and with a checksum.
//!
//! Knows nothing of what is in a frame. A frame is written in one piece, so what a process leaves that was killed is a
//! file whose last frame may be cut; whoever reads it has all before.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use thiserror::Error;

/// What every file begins with, the version of this framing last. No text begins like that, and a transfer that takes
/// a file for text shows.
const MARK: [u8; 8] = *b"\x89k6ws\r\n\x01";
/// The largest frame, compressed or not: a run that says so much in a second says it to nobody.
pub const LARGEST: usize = 64 << 20;

/// Why there is no further frame.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The file ends within a frame.
    #[error("it ends in the middle")]
    Cut,
    /// It is something else.
    #[error("it is no file of snapshots: k6ws run -o snapshots=FILE.k6ws writes one")]
    NotOurs,
    /// Another version of k6ws wrote it.
    #[error("it is of version {0} of these files, and this k6ws reads another one")]
    Version(u8),
    /// What is in it does not fit together.
    #[error("it is damaged behind byte {0}")]
    Damaged(u64),
    /// The system does not give it.
    #[error("{}", super::error::reason(.0))]
    Io(#[from] io::Error),
}

/// A frame as it stands in a file.
pub(super) fn frame(bytes: &[u8]) -> io::Result<Vec<u8>> {
    if bytes.len() > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "there is more to be said than a snapshot may have",
        ));
    }
    let mut encoder = ZlibEncoder::new(vec![0; 4], Compression::fast());
    encoder.write_all(bytes)?;
    let mut frame = encoder.finish()?;
    let length = u32::try_from(frame.len() - 4).map_err(io::Error::other)?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// What stands in front of the first one.
pub(super) fn mark() -> &'static [u8] {
    &MARK
}

/// The frames of a file, one after the other.
#[derive(Debug)]
pub struct Frames<R> {
    from: R,
    at: u64,
}

impl<R: Read> Frames<R> {
    /// Reads the mark.
    pub fn new(mut from: R) -> Result<Self, FrameError> {
        let mut mark = [0; MARK.len()];
        match from.read_exact(&mut mark) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(FrameError::NotOurs);
            }
            Err(error) => return Err(error.into()),
        }
        let (ours, version) = (&MARK[..7], mark[7]);
        if mark[..7] != *ours {
            return Err(FrameError::NotOurs);
        }
        if version != MARK[7] {
            return Err(FrameError::Version(version));
        }
        let at = MARK.len() as u64;
        Ok(Self { from, at })
    }

    /// What is in the next one; nothing at the end.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would go on behind a failure"
    )]
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let length = match self.up_to(4)? {
            length if length.is_empty() => return Ok(None),
            length => <[u8; 4]>::try_from(&*length).map_err(|_| FrameError::Cut)?,
        };
        let length = u32::from_le_bytes(length) as usize;
        if length > LARGEST {
            return Err(FrameError::Damaged(self.at));
        }
        let compressed = self.up_to(length)?;
        if compressed.len() < length {
            return Err(FrameError::Cut);
        }
        let mut bytes = Vec::new();
        let mut decoder = ZlibDecoder::new(&*compressed).take(LARGEST as u64 + 1);
        let is_whole = decoder.read_to_end(&mut bytes).is_ok();
        if !is_whole || bytes.len() > LARGEST {
            return Err(FrameError::Damaged(self.at));
        }
        self.at += length as u64 + 4;
        Ok(Some(bytes))
    }

    /// So many bytes, or those that are left. Takes no memory for what only a length promises.
    fn up_to(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut part = Read::by_ref(&mut self.from).take(length as u64);
        part.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(frames: &[&[u8]]) -> Vec<u8> {
        let mut file = mark().to_vec();
        for bytes in frames {
            file.extend(frame(bytes).unwrap());
        }
        file
    }

    fn read(file: &[u8]) -> Result<Vec<Vec<u8>>, FrameError> {
        let mut frames = Frames::new(file)?;
        let mut all = Vec::new();
        while let Some(bytes) = frames.next()? {
            all.push(bytes);
        }
        Ok(all)
    }

    #[test]
    fn frames_come_back_as_they_were() {
        let zeros = vec![0; 100_000];
        let file = file(&[b"one", b"", &zeros]);
        assert!(file.len() < 10_000, "{}", file.len());
        assert_eq!(read(&file).unwrap(), [b"one".to_vec(), Vec::new(), zeros]);
    }

    #[test]
    fn wherever_a_file_is_cut_what_is_before_is_read_and_the_cut_is_told() {
        let whole = file(&[b"first", b"second"]);
        let first = file(&[b"first"]).len();
        for end in 0..whole.len() {
            let mut said = Vec::new();
            let error = Frames::new(&whole[..end]).and_then(|mut frames| {
                while let Some(bytes) = frames.next()? {
                    said.push(bytes);
                }
                Ok(())
            });
            match error {
                Err(FrameError::NotOurs) => assert!(end < MARK.len()),
                Err(FrameError::Cut) => assert_eq!(said.len(), usize::from(end > first), "{end}"),
                Ok(()) => assert!(end == MARK.len() || end == first, "{end}"),
                Err(error) => panic!("{end}: {error}"),
            }
        }
    }

    #[test]
    fn whatever_is_turned_over_is_noticed() {
        let whole = file(&[b"what was said in the first second", b"and in the next"]);
        for at in MARK.len()..whole.len() {
            for bit in 0..8 {
                let mut file = whole.clone();
                file[at] ^= 1 << bit;
                // Two bits of a header of zlib say only how hard the compressor tried.
                let said = read(&file);
                assert!(
                    said.is_err() || said.is_ok_and(|said| said == read(&whole).unwrap()),
                    "byte {at}, bit {bit}"
                );
            }
        }
    }

    #[test]
    fn other_files_and_other_versions_are_named() {
        let error = |file: &[u8]| read(file).unwrap_err().to_string();
        assert!(error(b"{\"metrics\": {}}").contains("no file of snapshots"));
        let mut newer = file(&[b"one"]);
        newer[7] = 9;
        assert!(error(&newer).contains("version 9"), "{}", error(&newer));
    }

    #[test]
    fn a_length_that_lies_takes_no_memory() {
        let mut file = mark().to_vec();
        file.extend(u32::MAX.to_le_bytes());
        assert!(matches!(read(&file), Err(FrameError::Damaged(_))));
        // A little that becomes much.
        let bomb = vec![0; LARGEST + 1];
        assert!(frame(&bomb).is_err());
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&bomb).unwrap();
        let bomb = encoder.finish().unwrap();
        let mut file = mark().to_vec();
        file.extend(u32::try_from(bomb.len()).unwrap().to_le_bytes());
        file.extend(bomb);
        assert!(matches!(read(&file), Err(FrameError::Damaged(_))));
    }
}
