//! The body of a refusal: the start of it that scripts see, and when it is known to have ended.
//!
//! HTTP has four ways to say where a body ends (RFC 9112 section 6.3), and servers that keep the connection open
//! use each of them. What cannot be known is not waited for long, and no wait is the server's time: the refusal
//! ends with the last byte that came.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::answer::Answer;
use crate::clock::{self, Instant};

/// Bytes of a refusal's body that are kept, as in k6.
const MAX_BODY: usize = 1024;
/// How long a body whose end was announced may take; the refusal itself is known by then.
const BODY_PATIENCE: Duration = Duration::from_secs(1);
/// How long to wait for more of a body that only the end of the connection ends.
const SILENCE: Duration = Duration::from_millis(100);

/// How it is known where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// There is none.
    Never,
    /// After so many bytes.
    After(usize),
    /// With the last of its chunks and what trails it.
    Chunks,
    /// With the connection.
    Stream,
}

impl Ends {
    fn of(answer: &Answer) -> Self {
        if matches!(answer.status, 100..200 | 204 | 304) {
            return Self::Never;
        }
        if let Some(codings) = answer.header("Transfer-Encoding") {
            let last = codings.rsplit(',').next().unwrap_or("").trim();
            return if last.eq_ignore_ascii_case("chunked") {
                Self::Chunks
            } else {
                Self::Stream
            };
        }
        let Some(lengths) = answer.header("Content-Length") else {
            return Self::Stream;
        };
        // Repeated ones that agree are one.
        let mut lengths = lengths.split(',').map(|one| one.trim().parse().ok());
        match lengths.next().flatten() {
            Some(length) if lengths.all(|other| other == Some(length)) => Self::After(length),
            _ => Self::Stream,
        }
    }
}

/// Reads what is wanted of a refusal's body behind `raw`, until `by` at the latest; tells the text, and when the
/// last byte came if any did. An error here changes nothing about the refusal.
pub(super) async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
    answer: &Answer,
    mut raw: Vec<u8>,
    by: Instant,
) -> (String, Option<Instant>) {
    let ends = Ends::of(answer);
    let by = by.min(clock::now() + BODY_PATIENCE);
    let mut last = None;
    while !is_enough(ends, &raw) {
        let until = match ends {
            Ends::Stream => by.min(clock::now() + SILENCE),
            _ => by,
        };
        match tokio::time::timeout_at(until, stream.read_buf(&mut raw)).await {
            Ok(Ok(read)) if read > 0 => last = Some(clock::now()),
            _ => break,
        }
    }
    let mut body = match ends {
        Ends::Never => Vec::new(),
        Ends::After(length) => {
            raw.truncate(length);
            raw
        }
        Ends::Chunks => chunks(&raw).0,
        Ends::Stream => raw,
    };
    body.truncate(MAX_BODY);
    (String::from_utf8_lossy(&body).into_owned(), last)
}

fn is_enough(ends: Ends, raw: &[u8]) -> bool {
    match ends {
        Ends::Never => true,
        Ends::After(length) => raw.len() >= length.min(MAX_BODY),
        Ends::Chunks => {
            let (body, is_over) = chunks(raw);
            // Sizes and trailers need room beside the body, but no end of it.
            is_over || body.len() >= MAX_BODY || raw.len() >= 4 * MAX_BODY
        }
        Ends::Stream => raw.len() >= MAX_BODY,
    }
}

/// What the chunks so far hold, and whether nothing follows them: the last one and its trailers are there, or
/// they make no sense.
fn chunks(raw: &[u8]) -> (Vec<u8>, bool) {
    let (mut body, mut rest) = (Vec::new(), raw);
    loop {
        let (used, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return (body, false),
            Err(_) => return (body, true),
        };
        rest = &rest[used..];
        if size == 0 {
            return (body, has_blank_line(rest));
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        body.extend_from_slice(&rest[..size.min(rest.len())]);
        match size.checked_add(2).and_then(|next| rest.get(next..)) {
            Some(next) => rest = next,
            None => return (body, false),
        }
    }
}

/// Whether the trailers, perhaps none, are over.
fn has_blank_line(trailers: &[u8]) -> bool {
    trailers.starts_with(b"\r\n")
        || trailers.starts_with(b"\n")
        || trailers.windows(4).any(|four| four == b"\r\n\r\n")
        || trailers.windows(2).any(|two| two == b"\n\n")
}

#[cfg(test)]
mod tests;
