//! Why there can be no such output, and how the system says that it cannot write.

use thiserror::Error;

use super::kinds;

/// Why there can be no such output.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutputError {
    /// Its type is none of ours.
    #[error("unknown output {name:?}: there are {}", kinds::listed())]
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

/// What the system says of a failure, without the number that Rust adds.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
