//! Why a connection cannot go on whose bytes are no frames, as everything that ends connections says it.

use crate::conversation::framing::FramingError;
use crate::socket::error::{Cause, Phase, SocketError};

/// The end of a connection whose peer sent this.
pub(super) fn broken(wrong: &FramingError) -> SocketError {
    let cause = match wrong {
        FramingError::TooLong { .. } => Cause::TooBig,
        FramingError::NotUtf8 { .. } => Cause::Utf8,
        FramingError::Unfinished { .. } => Cause::Eof,
        FramingError::TooShort { .. }
        | FramingError::EndlessVarint
        | FramingError::NoNumber { .. }
        | FramingError::NoLength { .. }
        | FramingError::NoTail { .. } => Cause::Framing,
    };
    SocketError::new(Phase::Session, cause, wrong.to_string()).with_hint(wrong.hint())
}
