//! Why bytes are not read, and the version of those that are.

use thiserror::Error;

use crate::metrics::ImpossibleParts;

/// Of the bytes. Another one is not read: what changes here changes it.
pub(super) const VERSION: u8 = 2;

/// Why bytes are no delta, or not one that may follow what was said before.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Another version of k6ws wrote it.
    #[error("it is of version {0} of the format, and this k6ws reads version {VERSION}")]
    Version(u8),
    /// It ends in the middle, or is something else.
    #[error("it is damaged: {0}")]
    Malformed(&'static str),
    /// Figures that cannot be.
    #[error("it is damaged: {0}")]
    Impossible(#[from] ImpossibleParts),
    /// Its options are not what options are.
    #[error("it is damaged: {0}")]
    Options(String),
    /// What the side of the script says is not what it says.
    #[error("the files are damaged: what the script's side says makes no sense ({0})")]
    Told(String),
    /// It has other thresholds than the one before it.
    #[error(
        "it is of another test: its thresholds or summary options are not those of the first file"
    )]
    OtherTest,
}
