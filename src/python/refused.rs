//! Requests that cannot be made: mistakes of the script, with what to do about them.

use pyo3::prelude::*;

use super::convert::error;
use crate::conversation::desk::Refused;

/// A request that cannot be made.
pub(super) fn refused(py: Python<'_>, why: Refused) -> PyErr {
    let (class, text, hint) = match why {
        Refused::NoKey => (
            "MissingKey",
            "the request has no key where the correlation looks for it",
            "give `key=`, or `match=` for this one",
        ),
        Refused::KeyTooLong => (
            "MissingKey",
            "the key of the request is longer than 1,024 bytes",
            "let the correlation take less of the message",
        ),
        Refused::DuplicateKey => (
            "DuplicateKey",
            "a request with this key is under way, or its late reply may still come",
            "give each request a key of its own",
        ),
        Refused::Unanswered => (
            "K6Error",
            "10,000 requests of this session timed out, and replies in order are for them first",
            "close it: its peer does not answer",
        ),
        Refused::NoCorrelation => (
            "K6Error",
            "nothing says how a reply is known",
            "open the session with `correlate=by(…)`, or give `match=` with the request",
        ),
    };
    error(py, class, text.into(), hint)
}
